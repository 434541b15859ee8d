"""The pages of what is asked before the session: for whoever booked the rest, for an invited partner everything."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import public
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.errors import NotFound
from practice.intake import actions, completing, queries, retention
from practice.intake.agreeing import asks_privately, first_for
from practice.intake.desk import desk_hours
from practice.intake.forms import PlainForm, QuestionForm, page_form
from practice.intake.lane_form import LaneForm, lane_form
from practice.intake.lanes import LANES, default_lane, laned_fields
from practice.intake.lines import lines_for
from practice.intake.questions import JUST_FOR_YOU, PARTNERS_FIRST, SESSION, Page
from practice.intake.return_codes import first_return_code, show_return_code, shown_return_code
from practice.intake.session_part import (
    Progress,
    SessionPart,
    kept_until,
    minutes_left,
    open_session_part,
    read_progress,
)
from practice.intake.steps import Stop, early_stop, licence_stop
from practice.intake.ways import code_asked, place_of_part
from practice.people import current_person, hash_code, sign_out_client
from practice.profile import profile
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("more", __name__)


def with_open_part(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Give a page the open part of whoever is at home in this browser. This is the one door to every page of the part:
    whatever must come before its questions (a consent, say) can lead elsewhere from here.
    """

    @wraps(view)
    def opened(**named: int) -> ResponseReturnValue:
        part = open_session_part(current_person())
        return view(part, **named) if part is not None else _nothing_open()

    return opened


@bp.app_template_global("questions_open")
def questions_open() -> Progress | None:
    """For templates: how far this visitor is with the questions before the session; None when they are asked none."""
    return read_progress(current_person())


@bp.route("/intake/more-<int:number>", methods=["GET", "POST"])
@public
@with_open_part
def page(part: SessionPart, number: int) -> ResponseReturnValue:
    asked = next((one for one in part.questionnaire.pages(SESSION) if one.number == number), None)
    if asked is None:
        raise NotFound
    opening = part.pages[0]
    not_yet = opening.section.id == PARTNERS_FIRST[0] and asked != opening and part.next_page == opening
    if not_yet or asked not in part.pages:
        return redirect(place_of_part(part))
    if asks_privately(asked) and (first := first_for(part.intake.person)) is not None:
        return first
    person = part.intake.person
    form = page_form(part.questionnaire, asked, part.answers, code_asked(person), queries.settled_reach(person))
    laned = laned_fields(asked)
    lanes = lane_form(laned, profile().secrets_policy, queries.lanes_of(part.intake)) if laned else None
    stop = early_stop(form.answers()) if form.is_submitted() else None
    if stop is not None:
        return _stop(stop, part)
    # Both, so that somebody reads everything that is wrong at once.
    valid = [one.validate_on_submit() for one in (form, lanes) if one is not None]
    if not all(valid):
        return _question_page(part, asked, form, lanes), 422 if form.is_submitted() else 200
    _save(part, asked, form, lanes)
    if licence_stop(form.answers(), queries.find_licensed_regions()) is not None:
        return redirect(url_for("more.place"))
    if asked.section.id == JUST_FOR_YOU:
        return redirect(url_for("more.support"))
    return _go_on()


@bp.get("/intake/more")
@public
@with_open_part
def next_page(part: SessionPart) -> ResponseReturnValue:
    return redirect(place_of_part(part))


@bp.get("/intake/more/support")
@public
@with_open_part
def support(part: SessionPart) -> ResponseReturnValue:
    return render_template(
        "intake/support.html",
        lines=lines_for(_region(part)),
        go_on=url_for("more.alone"),
        back=url_for("more.page", number=_private_page(part)),
    )


@bp.get("/intake/more/next")
@public
@with_open_part
def alone(part: SessionPart) -> ResponseReturnValue:
    if not part.newly_in_crisis:
        return redirect(place_of_part(part))
    now = clock().now()
    return render_template(
        "intake/alone.html",
        lines=lines_for(_region(part)),
        check=url_for("more.check"),
        go_on=place_of_part(part),
        times=url_for("intake.times") if queries.may_book(part.intake.person, now) else None,
        complete=part.next_page is None,
        hours=desk_hours(now),
        now=now,
        zone=client_zone(),
    )


@bp.get("/intake/more/place")
@public
@with_open_part
def place(part: SessionPart) -> ResponseReturnValue:
    return render_template(
        "intake/more_place.html",
        places=queries.find_licence_names(),
        change=url_for("more.page", number=part.pages[0].number),
        go_on=place_of_part(part),
    )


@bp.get("/intake/more/later")
@public
def later() -> ResponseReturnValue:
    return render_template("intake/more_later.html", at_home=current_person() is not None)


@bp.route("/intake/more/check", methods=["GET", "POST"])
@public
@with_open_part
def check(part: SessionPart) -> ResponseReturnValue:
    if part.next_page is not None:
        return redirect(place_of_part(part))
    if (first := first_for(part.intake.person)) is not None:
        return first
    if PlainForm().validate_on_submit():
        try:
            with begin_work() as work:
                completing.complete(work, part.intake.reference)
        except actions.Incomplete:  # changed in another tab meanwhile
            return _go_on()
        show_return_code(None)
        flash(_("Thank you. Your answers are with us."))
        return redirect(url_for("portal.you"))
    return render_template(
        "intake/more_check.html",
        part=part,
        shown=part.questionnaire.shown(part.answers),
        settled=queries.settled_reach(part.intake.person),
        lanes=queries.lanes_of(part.intake),
        laned={one.number: laned_fields(one) for one in part.pages},
        words={lane: _(said) for lane, said in LANES.items()},
        default=default_lane(profile().secrets_policy),
    )


def _question_page(part: SessionPart, asked: Page, form: QuestionForm, lanes: LaneForm | None) -> str:
    numbers = [one.number for one in part.pages]
    done = numbers.index(asked.number)
    return render_template(
        "intake/more.html",
        part=part,
        page=asked,
        form=form,
        lanes=lanes,
        position=done + 1,
        total=len(numbers),
        minutes=minutes_left(part, done),
        back=url_for("more.page", number=numbers[done - 1]) if done else url_for("portal.you"),
        kept_until=kept_until(part.intake),
        zone=client_zone(),
        return_code=shown_return_code(),
    )


def _save(part: SessionPart, asked: Page, form: QuestionForm, lanes: LaneForm | None) -> None:
    code = form["code"].data if "code" in form else ""
    code_hash = hash_code(code) if code else None  # slow on purpose, so before the work
    answers, chosen = form.answers(), lanes.lanes() if lanes is not None else None
    begins = part.intake.more_saved_at is None
    with begin_work() as work:
        actions.save_page(work, part.intake.reference, asked, answers, code_hash, lanes=chosen)
        shown = first_return_code(work, part.intake.person) if begins else None
    show_return_code(shown)


def _stop(stop: Stop, part: SessionPart) -> ResponseReturnValue:
    if stop is Stop.LATER:
        return redirect(url_for("more.later"))
    reference, actor = part.intake.reference, f"client:{part.intake.person.reference}"
    with begin_work() as work:
        sign_out_client(work)
        retention.erase_draft(work, reference, actor)
    return redirect(url_for("stops.youth"))


def _go_on() -> ResponseReturnValue:
    """To what comes next by what is saved now."""
    part = open_session_part(current_person())
    return redirect(place_of_part(part)) if part is not None else _nothing_open()


def _nothing_open() -> ResponseReturnValue:
    person = current_person()
    if person is None and request.method == "POST":
        raise actions.OpenTooLong
    return redirect(url_for("portal.you" if person is not None else "intake.schedule"))


def _private_page(part: SessionPart) -> int:
    return next((one.number for one in part.pages if one.section.id == JUST_FOR_YOU), part.pages[0].number)


def _region(part: SessionPart) -> str:
    return str(part.answers.get("session_location") or profile().help_region)
