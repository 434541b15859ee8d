"""Booking's pages: therapists, open times, the client's own bookings."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from flask import Blueprint, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from practice.access import client, public
from practice.booking import actions, holding, openings, queries
from practice.booking.claims import SlotTaken
from practice.booking.forms import CancelForm, HoldForm
from practice.booking.offers import queries as offers
from practice.booking.offers.queries import Offer
from practice.booking.showing import shown_times
from practice.clock import clock
from practice.errors import Conflict, NotFound, Refused
from practice.people import current_person, current_visitor, takes_mail
from practice.profile import profile
from practice.sealing import blind_index
from practice.spans import Span
from practice.work import begin_work

bp = Blueprint("booking", __name__)

DAYS_SHOWN = 14
HOUR = timedelta(hours=1)
NEAREST_SHOWN = 3
ZONE_KEY = "zone"


class ShownTimes(NamedTuple):
    """The open times of some days, as the client reads them: on dates of `zone`."""

    zone: str
    first: date
    last: date
    spans: list[Span]
    earlier: date | None  # where the days before begin; None when there are none
    soonest: Span | None  # of all that are open, on these days or later


@bp.get("/therapists/<slug>")
@public
def therapist(slug: str) -> ResponseReturnValue:
    shown = offers.get_therapist(slug)
    choices = [offers.get_offer(slug, offering.slug) for offering in offers.public_offerings(shown)]
    earliest = openings.earliest_times(choices, now=clock().now(), count=1)
    return render_template(
        "booking/therapist.html",
        therapist=shown,
        offerings=offers.public_offerings(shown),
        next_time=earliest[0] if earliest else None,
        zone=client_zone(),
    )


@bp.get("/times/<slug>")
@public
def times(slug: str) -> ResponseReturnValue:
    return times_page(*_asked_offer(slug, request.args.get("offering") or None))


@bp.get("/times/<slug>.json")
@public
def times_json(slug: str) -> ResponseReturnValue:
    offer, _ = _asked_offer(slug, request.args.get("offering") or None)
    found = _open_times(offer)
    return jsonify(
        zone=found.zone,
        first=found.first.isoformat(),
        last=found.last.isoformat(),
        times=[
            {
                "start": span.start.astimezone(ZoneInfo(found.zone)).isoformat(),
                "end": span.end.astimezone(ZoneInfo(found.zone)).isoformat(),
            }
            for span in found.spans
        ],
    )


@bp.post("/bookings")
@public
def hold() -> ResponseReturnValue:
    form = HoldForm()
    if not form.validate_on_submit():
        return _times_page_again(form), 422
    offer = offers.get_offer(form.therapist.data or "", form.offering.data or "")
    visitor = current_visitor()
    if visitor is None:
        return redirect(url_for("intake.schedule"))
    try:
        with begin_work() as work:
            reference = holding.hold_slot(work, visitor.person_id, offer, form.starts_at, address_mark())
    except (SlotTaken, holding.NotOffered) as lost:
        return _times_page_again(form, lost=lost), 409
    except holding.NotEligible:
        return redirect(url_for("intake.schedule"))
    return redirect(url_for("booking.booking", reference=reference))


@bp.get("/bookings/<reference>")
@client
def booking(reference: str) -> ResponseReturnValue:
    shown = queries.get_own_booking(reference, current_person())
    return render_template(
        "booking/booking.html",
        booking=shown,
        zone=client_zone(),
        now=clock().now(),
        letters=takes_mail(shown.person),
    )


@bp.route("/bookings/<reference>/cancel", methods=["GET", "POST"])
@client
def cancel(reference: str) -> ResponseReturnValue:
    form = CancelForm()
    shown = queries.get_own_booking(reference, current_person())
    now = clock().now()
    if form.validate_on_submit():
        with begin_work() as work:
            actions.cancel_as_shown(work, actions.lock(work, reference), form.shown.data or "")
        return redirect(url_for("booking.booking", reference=reference))
    page = render_template(
        "booking/cancel.html",
        booking=shown,
        form=form,
        zone=client_zone(),
        terms=queries.terms_now(shown, now),
        kind=queries.cancellation_terms(shown, now).kind,
        refund=queries.refund_now(shown, now),
    )
    return page, 422 if form.is_submitted() else 200


def times_page(offer: Offer, choices: list[Offer], form: HoldForm | None = None, lost: Conflict | None = None) -> str:
    """The open times of one offer, of all `choices` with that therapist; after a lost time, the nearest ones first."""
    visitor = current_visitor()
    around = form.starts_at if form is not None and lost is not None else None
    found = _open_times(offer, around)
    nearest: list[Span] = []
    if around is not None:
        nearest = sorted(sorted(found.spans, key=lambda span: abs(span.start - around))[:NEAREST_SHOWN])
    return render_template(
        "booking/times.html",
        offer=offer,
        offers=choices,
        times=found,
        days=shown_times((span.start for span in found.spans), found.zone),
        free_hours=offer.cancellation.notice // HOUR,
        may_book=visitor is not None and queries.may_book(visitor.person_id, offer, clock().now()),
        started=visitor is not None,
        form=form,
        lost=lost,
        nearest=nearest,
    )


def _times_page_again(form: HoldForm, lost: Conflict | None = None) -> str:
    return times_page(*_asked_offer(form.therapist.data or "", form.offering.data or ""), form, lost)


def client_zone() -> str:
    """The zone that this visitor reads times in: asked for, remembered, their own, or the practice's.

    :raises Refused: when the zone asked for doesn't exist.
    """
    asked = request.args.get(ZONE_KEY)
    if asked:
        if asked not in available_timezones():
            raise Refused("That time zone isn’t known. Choose one from the list.")
        session[ZONE_KEY] = asked
        return asked
    remembered = session.get(ZONE_KEY)
    if isinstance(remembered, str):
        return remembered
    visitor = current_visitor()
    return visitor.zone if visitor is not None else profile().zone


def address_mark() -> str:
    """A keyed mark of the visitor's address: it tells two from one, and says nothing of either."""
    return blind_index(f"address {request.remote_addr}").hex()


def _asked_offer(therapist_slug: str, offering_slug: str | None) -> tuple[Offer, list[Offer]]:
    """The one that is asked for, or the first, and all that clients can book with this therapist."""
    choices = offers.public_offers_by(therapist_slug)
    if offering_slug is None:
        return choices[0], choices
    for offer in choices:
        if offer.offering_slug == offering_slug:
            return offer, choices
    raise NotFound


def _open_times(offer: Offer, around: datetime | None = None) -> ShownTimes:
    zone = client_zone()
    now, local = clock().now(), ZoneInfo(zone)
    today = now.astimezone(local).date()
    first = _asked_date(today)
    if around is not None:
        first = around.astimezone(local).date() - timedelta(days=DAYS_SHOWN // 2)
    first = max(first, today)
    last = first + timedelta(days=DAYS_SHOWN - 1)
    # A client's day can begin on the therapist's day before, and end on the day after.
    one = timedelta(days=1)
    spans = openings.open_times(offer, first=first - one, last=last + one, now=now)
    shown = [span for span in spans if first <= span.start.astimezone(local).date() <= last]
    if shown and first == today:
        soonest: Span | None = spans[0]
    else:
        soonest = next((span for span, _ in openings.earliest_times([offer], now=now, count=1)), None)
    earlier = max(first - timedelta(days=DAYS_SHOWN), today) if first > today else None
    return ShownTimes(zone, first, last, shown, earlier, soonest)


def _asked_date(default: date) -> date:
    asked = request.args.get("from")
    if not asked:
        return default
    try:
        wanted = date.fromisoformat(asked)
    except ValueError:
        raise Refused("That date can’t be read. Write it as 2026-03-31, or use the links on the page.") from None
    return min(wanted, default + timedelta(days=366))
