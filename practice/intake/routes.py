"""Intake's pages: from Schedule a session to the open times. Slugs and titles say nothing of what is asked."""

from __future__ import annotations

import math

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from practice.access import by_token, client, public
from practice.booking.lifecycle import UNPAID
from practice.booking.offers.queries import find_offerings
from practice.booking.prices.queries import own_prices
from practice.booking.visitor import ZONE_KEY, client_zone
from practice.clock import clock
from practice.errors import NotFound
from practice.intake import actions, queries, retention
from practice.intake.documents import help_lines
from practice.intake.forms import LinkForm, PlainForm, QuestionForm, ReturnForm, choose_code_form, page_form
from practice.intake.models import Intake
from practice.intake.queries import Draft
from practice.intake.questions import PARTNER, Page, Questionnaire
from practice.intake.safety import is_crisis
from practice.intake.steps import BOOK, Stop, early_stop, licence_stop, open_page
from practice.intake.tries import owner_of_link, typed_address, wrong_code
from practice.limits import limiter
from practice.people import Person, code_fits, current_person, hash_code, sign_out_client
from practice.profile import profile
from practice.work import begin_work

bp = Blueprint("intake", __name__)

ALL_MINUTES = 5  # what the pages before booking take most people
STOP_PAGES = {Stop.UNDER_18: "stops.youth", Stop.LATER: "stops.later", Stop.NO_LICENCE: "stops.places"}


@bp.get("/schedule")
@public
def schedule() -> ResponseReturnValue:
    return schedule_page(LinkForm(formdata=None))


def schedule_page(form: LinkForm) -> str:
    """What comes next, what it costs and how private it is; start, or go on."""
    now, person = clock().now(), current_person()
    draft, own = _open_draft(), own_prices(person.id if person is not None else None, now)
    return render_template(
        "intake/schedule.html",
        own=own,
        offerings=find_offerings(),
        first_times=queries.find_first_times(now, own),
        zone=client_zone(),
        resume=_place_of(draft) if draft.intake is not None else None,
        kept_until=draft.intake.saved_at + queries.INTAKE_LIFE if draft.intake is not None else None,
        sent=person is not None and queries.may_book(person, now),
        booking=queries.find_current_booking(person),
        at_home=person is not None,
        days_kept=queries.INTAKE_LIFE.days,
        form=form,
    )


@bp.route("/intake/part-<int:number>", methods=["GET", "POST"])
@public
def part(number: int) -> ResponseReturnValue:
    draft = _open_draft()
    if draft.intake is not None and draft.intake.audience == PARTNER:
        return redirect(_place_of(draft))
    page = _page(draft.questionnaire, number)
    if draft.intake is None and number != 1:
        return _nothing_open()
    has_code = draft.intake is not None and draft.intake.person.code_hash is not None
    form = page_form(draft.questionnaire, page, draft.answers, has_code=has_code)
    stop = early_stop(form.answers()) if request.method == "POST" and number == 1 else None
    if stop is not None:
        return _stop(stop, draft.intake)
    if not form.validate_on_submit():
        return _part_page(draft, page, form), 422 if form.is_submitted() else 200
    answers = form.answers()
    stop = licence_stop(answers, queries.find_licensed_regions())
    if stop is None or draft.intake is not None:
        _save(draft.intake, page, form)
    if stop is not None:
        return _stop(stop, None)
    if page == draft.questionnaire.pages(BOOK)[-1]:
        return redirect(url_for("intake.support"))
    return redirect(_place_of(_open_draft()))


@bp.get("/intake/support")
@public
def support() -> ResponseReturnValue:
    draft = _open_draft()
    if draft.intake is None:
        return _nothing_open()
    return render_template("intake/support.html", lines=help_lines(_region(draft)))


@bp.get("/intake/next")
@public
def alone() -> ResponseReturnValue:
    draft = _open_draft()
    if draft.intake is None:
        return _nothing_open()
    if not is_crisis(draft.answers):
        return redirect(url_for("intake.check"))
    return render_template(
        "intake/alone.html",
        lines=help_lines(_region(draft)),
        complete=open_page(draft.questionnaire, draft.answers) is None,
    )


@bp.route("/intake/check", methods=["GET", "POST"])
@public
def check() -> ResponseReturnValue:
    draft = _open_draft()
    if draft.intake is None or draft.intake.audience == PARTNER:
        return _nothing_open()
    if open_page(draft.questionnaire, draft.answers) is not None:
        return redirect(_place_of(draft))
    if PlainForm().validate_on_submit():
        try:
            with begin_work() as work:
                actions.submit(work, draft.intake.reference)
        except actions.Incomplete:  # a therapist's license ended meanwhile: the first page says what that means
            return redirect(url_for("stops.places"))
        return redirect(_home_of_sent(draft.intake.person))
    return render_template(
        "intake/check.html",
        pages=draft.questionnaire.pages(BOOK),
        shown=draft.questionnaire.shown(draft.answers),
        answers=draft.answers,
        questionnaire=draft.questionnaire,
    )


@bp.get("/intake/times")
@client
def times() -> ResponseReturnValue:
    person = current_person()
    if person is None or queries.find_submitted(person) is None:
        return redirect(url_for("intake.schedule"))
    now = clock().now()
    return render_template(
        "intake/times.html",
        fitting=queries.find_fitting(person, now),
        may_book=queries.may_book(person, now),
        zone=client_zone(),
    )


@bp.post("/intake/close")
@public
def close() -> ResponseReturnValue:
    with begin_work() as work:
        sign_out_client(work)
    return redirect(url_for("intake.schedule"))


@bp.post("/intake/link")
@public
@limiter.limit("20 per hour")
@limiter.limit("4 per hour", key_func=typed_address)
def link() -> ResponseReturnValue:
    form = LinkForm()
    if not form.validate_on_submit():
        return schedule_page(form), 422
    with begin_work() as work:
        actions.ask_for_link(work, form.email.data or "")
    return redirect(url_for("intake.link_sent"))


@bp.get("/intake/link")
@public
def link_sent() -> ResponseReturnValue:
    return render_template("intake/link_sent.html")


@bp.route("/return/<token>", methods=["GET", "POST"])
@by_token
@limiter.limit("5 per 15 minutes; 20 per day", key_func=owner_of_link, methods=["POST"], deduct_when=wrong_code)
@limiter.limit("60 per hour", methods=["POST"], deduct_when=wrong_code)
def come_back(token: str) -> ResponseReturnValue:
    link = queries.get_return_link(token)
    if link.person.code_hash is None:
        return _choose_code(token)
    form = ReturnForm()
    if form.validate_on_submit() and not code_fits(link.person, form.code.data or ""):
        form.code.errors = [*form.code.errors, "That isn’t the code that goes with this link. Check it and try again."]
    if not form.is_submitted() or form.errors:
        return render_template("intake/return.html", form=form, token=token), 422 if form.is_submitted() else 200
    with begin_work() as work:
        target = actions.come_back(work, token)
    return redirect(_home_of(target))


def _choose_code(token: str) -> ResponseReturnValue:
    """Somebody whom the practice entered comes for the first time: there is no code yet, and nothing that it guards."""
    form = choose_code_form()
    if not form.validate_on_submit():
        return render_template("intake/choose_code.html", form=form, token=token), 422 if form.is_submitted() else 200
    chosen = hash_code(form.code.data or "")  # slow on purpose, so before the work
    with begin_work() as work:
        actions.choose_code(work, token, chosen)
        target = actions.come_back(work, token)
    return redirect(_home_of(target))


def _open_draft() -> Draft:
    return queries.open_draft(current_person(), clock().now())


def _page(questionnaire: Questionnaire, number: int) -> Page:
    for page in questionnaire.pages(BOOK):
        if page.number == number:
            return page
    raise NotFound


def _part_page(draft: Draft, page: Page, form: QuestionForm) -> str:
    total = len(draft.questionnaire.pages(BOOK))
    return render_template(
        "intake/part.html",
        page=page,
        form=form,
        asked={field.name: field for field in page.fields},
        total=total,
        minutes=math.ceil(ALL_MINUTES * (total - page.number + 1) / total),
    )


def _save(intake: Intake | None, page: Page, form: QuestionForm) -> None:
    code = form["code"].data if "code" in form else ""
    code_hash = hash_code(code) if code else None  # slow on purpose, so before the work
    zone = session.get(ZONE_KEY) or profile().zone
    answers, person = form.answers(), current_person()
    with begin_work() as work:
        if intake is None:
            intake = actions.start_draft(work, person, zone)
        actions.save_page(work, intake.reference, page, answers, code_hash)


def _stop(stop: Stop, draft: Intake | None) -> ResponseReturnValue:
    if stop is Stop.UNDER_18 and draft is not None:
        reference, actor = draft.reference, f"client:{draft.person.reference}"
        with begin_work() as work:
            sign_out_client(work)
            retention.erase_draft(work, reference, actor)
    return redirect(url_for(STOP_PAGES[stop]))


def _nothing_open() -> ResponseReturnValue:
    if queries.find_submitted(current_person()) is not None:
        return redirect(url_for("intake.times"))
    if request.method == "POST":
        raise actions.OpenTooLong
    return redirect(url_for("intake.schedule"))


def _place_of(draft: Draft) -> str:
    if draft.intake is not None and draft.intake.audience == PARTNER:  # asked before the session, on pages of its own
        return url_for("intake.more", number=1) if "intake.more" in current_app.view_functions else "/you"
    page = open_page(draft.questionnaire, draft.answers)
    return url_for("intake.part", number=page.number) if page is not None else url_for("intake.check")


def _region(draft: Draft) -> str:
    return str(draft.answers.get("session_location") or profile().help_region)


def _home_of_sent(person: Person) -> str:
    """The time that is kept for them already, or those that are open to them."""
    booking = queries.find_current_booking(person)
    if booking is not None and booking.state in UNPAID:
        return url_for("booking.booking", reference=booking.reference)
    return _first_times_of(person)


def _first_times_of(person: Person) -> str:
    """The times of the only therapist who fits, or the page that shows them all."""
    fitting = queries.find_fitting(person, clock().now())
    if len(fitting) != 1:
        return url_for("intake.times")
    return url_for("booking.times", slug=fitting[0].therapist.slug, offering=fitting[0].offer.offering_slug)


def _home_of(target: str | None) -> str:
    person = current_person()
    draft = _open_draft()
    if target is not None and target.startswith("b_"):
        return url_for("booking.booking", reference=target)
    if draft.intake is not None:
        return _place_of(draft)
    booking = queries.find_current_booking(person)
    if booking is not None:
        return url_for("booking.booking", reference=booking.reference)
    return url_for("intake.times" if queries.find_submitted(person) is not None else "intake.schedule")
