"""What therapists did to sessions in their own calendars: a question each, and nothing changes until its answer."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.audit import record
from practice.booking.claims import SlotTaken
from practice.booking.explaining import Claimed, find_claimed
from practice.booking.holding import NotOffered
from practice.booking.lifecycle import State
from practice.booking.moving import TooLateToMove
from practice.booking.offers.queries import offer_by_ids
from practice.calendars.caldav import keeping
from practice.calendars.caldav.actions import close_question
from practice.calendars.caldav.models import Answer, CalendarQuestion, Kind
from practice.calendars.caldav.queries import find_question, list_open_questions
from practice.clock import clock
from practice.errors import Conflict, NotFound
from practice.languages import N_
from practice.people import takes_mail
from practice.schedule import actions, queries
from practice.schedule.actions import ChangedMeanwhile, Moving
from practice.schedule.forms import AnswerForm
from practice.speaking import gettext as _
from practice.staff.models import ROLES, StaffAccount
from practice.staff.queries import signed_in
from practice.work import Work, begin_work

bp = Blueprint("calendar_questions", __name__, url_prefix="/calendar")


class AnsweredMeanwhile(Conflict):
    """Somebody answered it, or the session changed."""

    title = N_("This question is answered by now")
    way_out = N_("Look at the session as it stands. Nothing that you sent was done.")


@bp.get("/")
@staff(*ROLES)
def questions() -> ResponseReturnValue:
    account = signed_in()
    found = _open_for(account)
    page = render_template(
        "schedule/calendar_questions.html",
        questions=[(one, queries.first_name(one.booking.person)) for one in found],
        zone=queries.own_zone(account),
    )
    with begin_work() as work:
        actions.note_list_viewed(work, signed_in(), "calendar_questions", len(found))
    return page


@bp.get("/<reference>")
@staff(*ROLES)
def question(reference: str) -> ResponseReturnValue:
    return _page(reference)


@bp.post("/<reference>")
@staff(*ROLES)
def answer(reference: str) -> ResponseReturnValue:
    asked, form = _opened(reference), AnswerForm()
    if not form.validate_on_submit():
        return _page(reference), 422
    try:
        with begin_work() as work:
            if form.answer.data == "move":
                _move(work, reference, form)
            else:
                _put_back(work, reference, form)
    except SlotTaken as lost:
        return _page(reference, lost=lost, in_the_way=_in_the_way(asked)), 409
    except (ChangedMeanwhile, AnsweredMeanwhile, NotOffered, TooLateToMove) as lost:
        return _page(reference, lost=lost), 409
    if form.answer.data == "move":
        told = takes_mail(asked.booking.person)
        who = _("The client is told.") if told else _("They want no mail: tell them yourself.")
        flash(f"{_('It has its new time.')} {who}")
    else:
        flash(_("It is being put back in the calendar. Nobody is told, since nothing changed."))
    return redirect(url_for("schedule.sessions.session", reference=asked.booking.reference))


def _move(work: Work, reference: str, form: AnswerForm) -> None:
    """Give the session the time that was seen.

    :raises ChangedMeanwhile: when the session, or the time in the calendar, isn't any more what the page said.
    """
    asked = _unanswered(work, reference)
    booking = asked.booking
    offer = offer_by_ids(booking.therapist_id, booking.offering_id)
    if asked.seen_starts_at is None or offer is None or asked.seen_starts_at.isoformat() != form.at.data:
        raise ChangedMeanwhile
    account = signed_in()
    close_question(work, asked, Answer.MOVED, account.actor)
    actions.move(work, account, booking.reference, Moving(form.seen.data or "", offer, asked.seen_starts_at))


def _put_back(work: Work, reference: str, form: AnswerForm) -> None:
    """Have the object written again as the session stands.

    :raises ChangedMeanwhile: when the session doesn't stand any more as the page said.
    """
    asked = _unanswered(work, reference)
    if queries.as_seen(asked.booking) != form.seen.data:
        raise ChangedMeanwhile
    account = signed_in()
    keeping.put_back(work, asked, account.actor)
    record(work, account.actor, "calendar_put_back", asked.booking.reference)


def _unanswered(work: Work, reference: str) -> CalendarQuestion:
    """The question, locked. Raises AnsweredMeanwhile."""
    found = find_question(reference)
    if found is None or not queries.may_see(signed_in(), found.booking):
        raise NotFound
    locked = keeping.open_question(work, found.booking_id)
    if locked is None or locked.reference != reference:
        raise AnsweredMeanwhile
    return locked


def _open_for(account: StaffAccount) -> list[CalendarQuestion]:
    return list_open_questions([one.id for one in queries.therapists_of(account)])


def _opened(reference: str) -> CalendarQuestion:
    """The question, once the audit log has that somebody opens its session, whether they may or not.

    :raises NotFound: when they may not; the note of their try stays.
    """
    found = find_question(reference) if reference.isprintable() else None
    if found is None:
        raise NotFound
    with begin_work() as work:
        allowed = actions.open_session(work, signed_in(), found.booking.reference)
    found = find_question(reference)
    if found is None or not allowed:
        raise NotFound
    return found


def _page(reference: str, lost: Conflict | None = None, in_the_way: list[Claimed] | None = None) -> str:
    asked = _opened(reference)
    booking, now = asked.booking, clock().now()
    offer = offer_by_ids(booking.therapist_id, booking.offering_id)
    stands = booking.state is State.CONFIRMED
    other_start = asked.seen_starts_at is not None and asked.seen_starts_at != booking.starts_at
    return render_template(
        "schedule/calendar_question.html",
        asked=asked,
        booking=booking,
        name=queries.first_name(booking.person),
        mail=takes_mail(booking.person),
        zone=booking.therapist.zone,
        deleted=asked.kind is Kind.DELETED,
        answered=asked.answered_at is not None or not stands,
        may_move=stands and other_start and offer is not None and (asked.seen_starts_at or now) > now,
        stands=queries.as_seen(booking),
        lost=lost,
        in_the_way=in_the_way or [],
    )


def _in_the_way(asked: CalendarQuestion) -> list[Claimed]:
    offer = offer_by_ids(asked.booking.therapist_id, asked.booking.offering_id)
    if offer is None or asked.seen_starts_at is None:
        return []
    resources = [offer.resource_id, *(room.resource_id for room in offer.rooms or ())]
    there = find_claimed(resources, offer.rules.blocked(asked.seen_starts_at))
    found = {one.reference: one for those in there.values() for one in those}
    found.pop(asked.booking.reference, None)
    return list(found.values())
