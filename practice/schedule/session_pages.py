"""One session as staff see it: how it stands, and what they do with it. Each step says first what they had read."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.booking.actions import TooEarly
from practice.booking.calling_off import NothingToCallOff, may_be_called_off
from practice.booking.claims import SlotTaken
from practice.booking.explaining import Claimed, find_claimed
from practice.booking.holding import NotOffered
from practice.booking.lifecycle import UNPAID, State
from practice.booking.models import Booking
from practice.booking.offers.queries import offer_by_ids
from practice.booking.openings import open_times
from practice.clock import clock
from practice.errors import Conflict, NotFound
from practice.notify.letters import appointment_called_off
from practice.notify.readers import reader_of
from practice.people import takes_mail
from practice.schedule import actions, queries
from practice.schedule.actions import MARKABLE, Cancelling, ChangedMeanwhile, Decision, Moving, ReasonNeeded
from practice.schedule.forms import CancelForm, MarkForm, MoveForm, SeenForm, read_day
from practice.speaking import gettext as _
from practice.staff.models import COORDINATOR, OWNER, ROLES
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("sessions", __name__, url_prefix="/sessions")


@bp.get("/<reference>")
@staff(*ROLES)
def session(reference: str) -> ResponseReturnValue:
    return _page(reference)


@bp.post("/<reference>/cancel")
@staff(*ROLES)
def cancel(reference: str) -> ResponseReturnValue:
    _note_refusal(reference)
    form = CancelForm()
    if not form.validate_on_submit():
        return _page(reference, cancelling=form), 422
    wanted = Cancelling(
        form.seen.data or "", form.rule.data or "", Decision(form.decision.data), form.reason.data or ""
    )
    try:
        with begin_work() as work:
            actions.cancel(work, signed_in(), reference, wanted)
    except ReasonNeeded as needed:
        form.reason.errors = [f"{_(needed.title)}."]
        return _page(reference, cancelling=form), 422
    except ChangedMeanwhile as lost:
        return _page(reference, lost=lost), 409
    _say(_("Cancelled."), reference)
    return redirect(url_for(".session", reference=reference))


@bp.route("/<reference>/call-off", methods=["GET", "POST"])
@staff(*ROLES)
def call_off(reference: str) -> ResponseReturnValue:
    booking = _opened(reference)
    form = SeenForm()
    if form.validate_on_submit():
        try:
            with begin_work() as work:
                actions.call_off(work, signed_in(), reference, form.seen.data or "")
        except (ChangedMeanwhile, NothingToCallOff) as lost:
            return _page(reference, lost=lost), 409
        _say(_("Called off."), reference)
        return redirect(url_for(".session", reference=reference))
    if not may_be_called_off(booking, clock().now()):
        raise NotFound
    reader = reader_of(booking.person)
    page = render_template(
        "schedule/call_off.html",
        booking=booking,
        name=queries.first_name(booking.person),
        mail=takes_mail(booking.person),
        zone=booking.therapist.zone,
        letter=appointment_called_off(
            when=reader.when(booking.starts_at), address="", calendar=None, voice=reader.voice
        ),
        form=SeenForm(formdata=None, seen=queries.as_seen(booking)),
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/<reference>/let-go")
@staff(*ROLES)
def let_go(reference: str) -> ResponseReturnValue:
    _note_refusal(reference)
    form = SeenForm()
    if not form.validate_on_submit():
        return _page(reference), 422
    try:
        with begin_work() as work:
            actions.let_go(work, signed_in(), reference, form.seen.data or "")
    except ChangedMeanwhile as lost:
        return _page(reference, lost=lost), 409
    _say(_("Let go."), reference)
    return redirect(url_for(".session", reference=reference))


@bp.post("/<reference>/attendance")
@staff(*ROLES)
def attendance(reference: str) -> ResponseReturnValue:
    _note_refusal(reference)
    form = MarkForm()
    if not form.validate_on_submit():
        return _page(reference), 422
    try:
        with begin_work() as work:
            actions.mark(work, signed_in(), reference, form.came.data or "", form.seen.data or "")
    except (ChangedMeanwhile, TooEarly) as lost:
        return _page(reference, lost=lost), 409
    flash(_("Noted. You can correct it here."))
    return redirect(url_for(".session", reference=reference))


@bp.route("/<reference>/move", methods=["GET", "POST"])
@staff(*ROLES)
def move(reference: str) -> ResponseReturnValue:
    form = MoveForm()
    if not form.is_submitted():
        return _move_page(reference, form)
    booking = _opened(reference)
    offer = offer_by_ids(booking.therapist_id, booking.offering_id)
    if offer is None:
        return _move_page(reference, form), 409
    start = form.instant_in(offer.zone) if form.validate() else None
    if start is None:
        return _move_page(reference, form), 422
    try:
        with begin_work() as work:
            actions.move(work, signed_in(), reference, Moving(form.seen.data or "", offer, start))
    except SlotTaken as lost:
        resources = [offer.resource_id, *(room.resource_id for room in offer.rooms or ())]
        there = find_claimed(resources, offer.rules.blocked(start))
        found = {one.reference: one for those in there.values() for one in those if one.reference != reference}
        return _move_page(reference, form, lost=lost, in_the_way=list(found.values())), 409
    except (ChangedMeanwhile, NotOffered) as lost:
        return _move_page(reference, form, lost=lost), 409
    _say(_("It has its new time."), reference)
    return redirect(url_for(".session", reference=reference))


def _say(what: str, reference: str) -> None:
    """Say what staff just did, and who tells the client of it."""
    booking = queries.find_visible_booking(signed_in(), reference)
    told = booking is not None and takes_mail(booking.person)
    flash(f"{what} {_('The client is told.') if told else _('They want no mail: tell them yourself.')}")


def _note_refusal(reference: str) -> None:
    """Have the audit log keep the try of somebody for whom it doesn't exist; the action's own work would undo the note.

    :raises NotFound: when it doesn't exist for them.
    """
    if queries.find_visible_booking(signed_in(), reference) is None:
        _opened(reference)


def _opened(reference: str) -> Booking:
    """The booking, once the audit log has that somebody opens it, whether they may or not.

    :raises NotFound: when they may not; the note of their try stays.
    """
    with begin_work() as work:
        allowed = actions.open_session(work, signed_in(), reference)
    found = queries.find_visible_booking(signed_in(), reference) if allowed else None
    if found is None:
        raise NotFound
    return found


def _page(reference: str, cancelling: CancelForm | None = None, lost: Conflict | None = None) -> str:
    booking = _opened(reference)
    now = clock().now()
    seen = queries.read_session(signed_in(), booking, now)
    stands = queries.as_seen(booking)
    rule = queries.rule_says(seen.terms)
    if cancelling is None or not cancelling.errors:
        cancelling = CancelForm(formdata=None, seen=stands, rule=rule)
    return render_template(
        "schedule/session.html",
        seen=seen,
        booking=booking,
        zone=booking.therapist.zone,
        now=now,
        stands=stands,
        cancelling=cancelling,
        lost=lost,
        may_let_go=booking.state in (*UNPAID, State.IN_REVIEW),
        may_cancel=booking.state is State.CONFIRMED,
        may_call_off=may_be_called_off(booking, now),
        may_mark=booking.state in MARKABLE and booking.blocked_until <= now,
        prices_of=booking.person.reference if signed_in().is_any_of(OWNER, COORDINATOR) else None,
    )


def _move_page(
    reference: str, form: MoveForm, lost: Conflict | None = None, in_the_way: list[Claimed] | None = None
) -> str:
    booking, now = _opened(reference), clock().now()
    offer = offer_by_ids(booking.therapist_id, booking.offering_id)
    zone = booking.therapist.zone
    day = read_day(request.args.get("day")) or form.day.data or booking.starts_at.astimezone(ZoneInfo(zone)).date()
    day = max(day, now.astimezone(ZoneInfo(zone)).date())
    if not form.is_submitted():
        form.day.data = day
    return render_template(
        "schedule/move.html",
        booking=booking,
        name=queries.first_name(booking.person),
        zone=zone,
        day=day,
        open=open_times(offer, first=day, last=day, now=now) if offer is not None else [],
        offered=offer is not None and booking.state is State.CONFIRMED,
        stands=queries.as_seen(booking),
        form=form,
        lost=lost,
        in_the_way=in_the_way or [],
    )
