"""The client's pages about a time that is theirs already: another one instead, and yes to one without charge."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.booking import actions, moving, queries, timetable
from practice.booking.claims import SlotTaken
from practice.booking.coming_first import comes_first
from practice.booking.forms import MoveForm
from practice.booking.fresh_look import look_again
from practice.booking.holding import NotOffered
from practice.booking.models import Booking
from practice.booking.offers.queries import Offer, offer_by_ids
from practice.booking.prices.queries import own_prices
from practice.booking.showing import days_to_choose
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.errors import Conflict, Refused
from practice.people import current_person
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("moving", __name__)

NEAREST_SHOWN = 3
LONGEST_LOOK = timedelta(days=366)


@bp.route("/bookings/<reference>/move", methods=["GET", "POST"])
@client
def move(reference: str) -> ResponseReturnValue:
    booking = queries.get_own_booking(reference, current_person())
    offer = _offer_of(booking)
    form = MoveForm()
    if request.method == "GET" or offer is None:
        return _page(booking, offer, MoveForm(formdata=None))
    if not form.validate_on_submit():
        return _page(booking, offer, form), 422
    look_again({offer.therapist_id})
    try:
        with begin_work() as work:
            moving.move_as_client(work, reference, offer, form.starts_at, seen=int(form.seen.data or 0))
    except (SlotTaken, NotOffered, moving.MovedMeanwhile, moving.TooLateToMove, moving.LicenceEnded) as lost:
        return _page(queries.get_own_booking(reference, current_person()), offer, form, lost), 409
    flash(_("Your appointment has its new time."))
    return redirect(url_for("booking.booking", reference=reference))


@bp.post("/bookings/<reference>/confirm")
@client
def confirm(reference: str) -> ResponseReturnValue:
    person, page = current_person(), url_for("booking.booking", reference=reference)
    queries.get_own_booking(reference, person)
    if (first := comes_first(person, page)) is not None:
        return first
    with begin_work() as work:
        actions.confirm_free(work, actions.lock(work, reference))
    return redirect(page)


def _page(booking: Booking, offer: Offer | None, form: MoveForm, lost: Conflict | None = None) -> str:
    zone, now = client_zone(), clock().now()
    may_move = offer is not None and queries.may_move(booking, now)
    found = None
    if may_move and offer is not None:
        around = form.starts_at if lost is not None else None
        found = timetable.read_timetable([offer], zone=zone, now=now, wanted=_asked_date(zone, now), around=around)
    return render_template(
        "booking/move.html",
        booking=booking,
        offer=own_prices(booking.person_id, now).put_into([offer])[0] if offer is not None else None,
        may_move=may_move,
        times=found,
        days=days_to_choose((span.start for span in found.spans), zone) if found else [],
        nearest=timetable.nearest(found.spans, form.starts_at, NEAREST_SHOWN) if found and lost else [],
        form=form,
        lost=lost,
        zone=zone,
        now=now,
    )


def _offer_of(booking: Booking) -> Offer | None:
    """What it is an appointment of, while that is still offered."""
    return offer_by_ids(booking.therapist_id, booking.offering_id)


def _asked_date(zone: str, now: datetime) -> date | None:
    asked = request.args.get("from")
    if not asked:
        return None
    try:
        return min(date.fromisoformat(asked), now.astimezone(ZoneInfo(zone)).date() + LONGEST_LOOK)
    except ValueError:
        raise Refused(_("That date can’t be read. Write it as 2026-03-31, or use the links on the page.")) from None
