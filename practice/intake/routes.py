"""Intake's pages: from Schedule a session to the open times. Slugs and titles say nothing of what is asked."""

from __future__ import annotations

import math

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from practice.access import by_token, client, findable, public
from practice.booking.offers.queries import find_offerings
from practice.booking.prices.queries import own_prices
from practice.booking.visitor import ZONE_KEY, client_zone
from practice.clock import clock
from practice.errors import NotFound
from practice.intake import actions, queries, retention
from practice.intake.agreeing import asks_privately, first_for, gate
from practice.intake.desk import desk_hours
from practice.intake.fitting import find_first_times, find_fitting
from practice.intake.forms import PlainForm, QuestionForm, choose_code_form, page_form
from practice.intake.lines import lines_for
from practice.intake.models import Intake
from practice.intake.queries import Draft
from practice.intake.questions import Page, Questionnaire
from practice.intake.return_codes import first_return_code, show_return_code, shown_return_code
from practice.intake.return_forms import LinkForm, ReturnCodeForm, ReturnForm
from practice.intake.safety import is_crisis
from practice.intake.steps import BOOK, Stop, early_stop, licence_stop, open_page
from practice.intake.tries import owner_of_link, typed_address, wrong_code
from practice.intake.ways import code_asked, home_of, home_of_sent, place_of
from practice.limits import limiter
from practice.people import code_fits, current_person, hash_code, sign_out_client
from practice.profile import profile
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("intake", __name__)

ALL_MINUTES = 5  # what the pages before booking take most people
STOP_PAGES = {Stop.UNDER_18: "stops.youth", Stop.LATER: "stops.later", Stop.NO_LICENCE: "stops.places"}


@bp.get("/schedule")
@public
@findable
def schedule() -> ResponseReturnValue:
    return schedule_page(LinkForm(formdata=None), ReturnCodeForm(formdata=None))


def schedule_page(form: LinkForm, return_form: ReturnCodeForm) -> str:
    """What comes next, what it costs and how private it is; start, or go on."""
    now, person = clock().now(), current_person()
    draft, own = _open_draft(), own_prices(person.id if person is not None else None, now)
    return render_template(
        "intake/schedule.html",
        own=own,
        offerings=find_offerings(),
        first_times=find_first_times(now, own),
        zone=client_zone(),
        resume=place_of(draft) if draft.intake is not None else None,
        kept_until=draft.intake.saved_at + queries.INTAKE_LIFE if draft.intake is not None else None,
        sent=person is not None and queries.may_book(person, now),
        booking=queries.find_current_booking(person),
        at_home=person is not None,
        days_kept=queries.INTAKE_LIFE.days,
        form=form,
        return_form=return_form,
    )


@bp.route("/intake/part-<int:number>", methods=["GET", "POST"])
@public
def part(number: int) -> ResponseReturnValue:
    draft = _open_draft()
    page = _page(draft.questionnaire, number)
    if draft.intake is None and number != 1:
        return _nothing_open()
    if asks_privately(page) and (first := first_for(current_person())) is not None:
        return first
    person = current_person()
    form = page_form(draft.questionnaire, page, draft.answers, code_asked(person), queries.settled_reach(person))
    stop = early_stop(form.answers()) if form.is_submitted() and number == 1 else None
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
    return redirect(place_of(_open_draft()))


@bp.get("/intake/support")
@public
def support() -> ResponseReturnValue:
    draft = _open_draft()
    if draft.intake is None:
        return _nothing_open()
    return render_template(
        "intake/support.html",
        lines=lines_for(_region(draft)),
        go_on=url_for("intake.alone"),
        back=url_for("intake.part", number=1),
    )


@bp.get("/intake/next")
@public
def alone() -> ResponseReturnValue:
    draft = _open_draft()
    if draft.intake is None:
        return _nothing_open()
    if not is_crisis(draft.answers):
        return redirect(url_for("intake.check"))
    now = clock().now()
    return render_template(
        "intake/alone.html",
        lines=lines_for(_region(draft)),
        check=url_for("intake.check"),
        go_on=url_for("intake.check"),
        times=None,
        hours=desk_hours(now),
        now=now,
        zone=client_zone(),
        complete=open_page(draft.questionnaire, draft.answers, BOOK) is None,
    )


@bp.route("/intake/check", methods=["GET", "POST"])
@public
def check() -> ResponseReturnValue:
    draft = _open_draft()
    if draft.intake is None:
        return _nothing_open()
    if open_page(draft.questionnaire, draft.answers, BOOK) is not None:
        return redirect(place_of(draft))
    if (first := first_for(current_person())) is not None:
        return first
    if PlainForm().validate_on_submit():
        try:
            with begin_work() as work:
                actions.submit(work, draft.intake.reference)
        except actions.Incomplete:  # a therapist's license ended meanwhile: the first page says what that means
            return redirect(url_for("stops.places"))
        return redirect(home_of_sent(draft.intake.person))
    return render_template(
        "intake/check.html",
        pages=draft.questionnaire.pages(BOOK),
        shown=draft.questionnaire.shown(draft.answers),
        answers=draft.answers,
        questionnaire=draft.questionnaire,
        settled=queries.settled_reach(draft.intake.person),
    )


@bp.get("/intake/times")
@client
def times() -> ResponseReturnValue:
    person = current_person()
    if person is None or queries.find_request(person) is None:
        return redirect(url_for("intake.schedule"))
    if (first := gate(person)) is not None:
        return first
    now = clock().now()
    return render_template(
        "intake/times.html",
        fitting=find_fitting(person, now),
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
        return schedule_page(form, ReturnCodeForm(formdata=None)), 422
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
        form.code.errors = [
            *form.code.errors,
            _("That isn’t the code that goes with this link. Check it and try again."),
        ]
    if not form.is_submitted() or form.errors:
        return render_template("intake/return.html", form=form, token=token), 422 if form.is_submitted() else 200
    with begin_work() as work:
        target = actions.come_back(work, token)
    return redirect(home_of(target))


def _choose_code(token: str) -> ResponseReturnValue:
    """Somebody whom the practice entered comes for the first time: there is no code yet, and nothing that it guards."""
    form = choose_code_form()
    if not form.validate_on_submit():
        return render_template("intake/choose_code.html", form=form, token=token), 422 if form.is_submitted() else 200
    chosen = hash_code(form.code.data or "")  # slow on purpose, so before the work
    with begin_work() as work:
        actions.choose_code(work, token, chosen)
        target = actions.come_back(work, token)
    return redirect(home_of(target))


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
        total=total,
        return_code=shown_return_code(),
        minutes=math.ceil(ALL_MINUTES * (total - page.number + 1) / total),
    )


def _save(intake: Intake | None, page: Page, form: QuestionForm) -> None:
    code = form["code"].data if "code" in form else ""
    code_hash = hash_code(code) if code else None  # slow on purpose, so before the work
    zone = session.get(ZONE_KEY) or profile().zone
    answers, person, begins = form.answers(), current_person(), intake is None
    with begin_work() as work:
        if intake is None:
            intake = actions.start_draft(work, person, zone, current_language())
        actions.save_page(work, intake.reference, page, answers, code_hash)
        code = first_return_code(work, intake.person) if begins else None
    show_return_code(code)


def _stop(stop: Stop, draft: Intake | None) -> ResponseReturnValue:
    if stop is Stop.UNDER_18 and draft is not None:
        reference, actor = draft.reference, f"client:{draft.person.reference}"
        with begin_work() as work:
            sign_out_client(work)
            retention.erase_draft(work, reference, actor)
    return redirect(url_for(STOP_PAGES[stop]))


def _nothing_open() -> ResponseReturnValue:
    if queries.find_request(current_person()) is not None:
        return redirect(url_for("intake.times"))
    if request.method == "POST":
        raise actions.OpenTooLong
    return redirect(url_for("intake.schedule"))


def _region(draft: Draft) -> str:
    return str(draft.answers.get("session_location") or profile().help_region)
