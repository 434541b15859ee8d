"""Booking's pages: therapists, open times, the client's own bookings."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import ValidationError

from practice.access import client, findable, public
from practice.booking import actions, attending, holding, openings, queries, timetable
from practice.booking.claims import SlotTaken
from practice.booking.forms import CancelForm, HoldForm, read_start
from practice.booking.fresh_look import look_again
from practice.booking.lifecycle import State
from practice.booking.offers import queries as offers
from practice.booking.parts import Part
from practice.booking.prices.queries import own_prices
from practice.booking.showing import days_to_choose, days_to_read, overview, zone_options
from practice.booking.timetable import Asked, Timetable
from practice.booking.visitor import address_mark, asked_part, client_zone
from practice.booking.waiting.queries import find_offer_of_booking
from practice.clock import clock
from practice.errors import Conflict, PracticeError, Refused
from practice.people import current_person, current_visitor, takes_mail
from practice.profile import profile
from practice.settings import settings
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("booking", __name__)

HOUR = timedelta(hours=1)
NEAREST_SHOWN = 3
FURTHEST = timedelta(days=366)  # from today, of what anybody asks for
NO_HOLD = (
    holding.NotOffered,
    holding.NotLicensed,
    holding.OtherVisit,
    holding.JointSessionsRest,
    holding.TooManyHeld,
)


@bp.get("/therapists/<slug>")
@public
@findable
def therapist(slug: str) -> ResponseReturnValue:
    shown = offers.get_therapist(slug)
    choices = [offers.get_offer(slug, offering.slug) for offering in offers.public_offerings(shown)]
    now, visitor = clock().now(), current_visitor()
    earliest = openings.earliest_times(choices, now=now, count=1)
    return render_template(
        "booking/therapist.html",
        therapist=shown,
        offers=own_prices(visitor.person_id if visitor is not None else None, now).put_into(choices),
        next_time=earliest[0] if earliest else None,
        zone=client_zone(),
    )


@bp.get("/times/<slug>")
@public
def times(slug: str) -> ResponseReturnValue:
    return times_page(_asked(slug), chosen=_asked_start())


@bp.get("/times/<slug>.json")
@public
def times_json(slug: str) -> ResponseReturnValue:
    asked = _asked(slug)
    reached = timetable.within_reach(asked, queries.read_eligibility(current_visitor()), clock().now())
    found = _timetable(reached, asked_part())
    zone = ZoneInfo(found.zone)
    return jsonify(
        zone=found.zone,
        first=found.first.isoformat(),
        last=found.last.isoformat(),
        times=[
            {
                "start": span.start.astimezone(zone).isoformat(),
                "end": span.end.astimezone(zone).isoformat(),
                "url": settings().base_url + timetable.path_of(asked, span.start),
            }
            for span in found.spans
        ],
    )


@bp.post("/bookings")
@public
def hold() -> ResponseReturnValue:
    form = HoldForm()
    asked = timetable.ask(form.therapist.data or "", form.offering.data or None, form.language.data or None)
    if not form.validate_on_submit():
        return times_page(asked, form), 422
    visitor = current_visitor()
    if visitor is None:
        return redirect(url_for("intake.schedule"))
    look_again({offer.therapist_id for offer in asked.offers})
    try:
        with begin_work() as work:
            reference = holding.hold_with_any(work, visitor.person_id, asked.offers, form.starts_at, address_mark())
    except (SlotTaken, *NO_HOLD) as lost:
        return times_page(asked, form, lost), 409 if isinstance(lost, Conflict) else 422
    except holding.NotEligible:
        return redirect(url_for("intake.schedule"))
    return redirect(url_for("booking.booking", reference=reference))


@bp.get("/bookings/<reference>")
@client
def booking(reference: str) -> ResponseReturnValue:
    person = current_person()
    shown = attending.get_attended_booking(reference, person)
    if person is None or shown.person_id != person.id:
        return render_template("booking/attending.html", booking=shown, zone=client_zone(), now=clock().now())
    return render_template(
        "booking/booking.html",
        booking=shown,
        zone=client_zone(),
        now=clock().now(),
        letters=takes_mail(shown.person),
        may_move=queries.may_move(shown, clock().now()),
        again=queries.find_kept_again(shown) if shown.state is State.EXPIRED else None,
        from_list=find_offer_of_booking(shown.id) is not None,
        withdrawal=queries.find_withdrawal(shown, clock().now()),
        waiver_left=queries.has_waiver_left(shown),
        agreed=queries.find_agreed_fees(shown),
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
        fee=queries.fee_now(shown, now),
        withdrawal=queries.find_withdrawal(shown, now),
    )
    return page, 422 if form.is_submitted() else 200


def times_page(
    asked: Asked, form: HoldForm | None = None, lost: PracticeError | None = None, chosen: datetime | None = None
) -> str:
    """The open times of what is asked for; first the one that was chosen elsewhere, or the nearest to a lost one."""
    visitor, now = current_visitor(), clock().now()
    eligibility = queries.read_eligibility(visitor)
    own = own_prices(visitor.person_id if visitor is not None else None, now)
    reached = timetable.at_own_prices(timetable.within_reach(asked, eligibility, now), own)
    around = form.starts_at if form is not None and lost is not None else chosen
    part = form.part if form is not None else None if chosen else asked_part()
    found = _timetable(reached, part, around)
    beyond = found.first > found.until
    if beyond:
        found = _timetable(reached, part, wanted=found.until - (found.last - found.first))
    may_book = queries.may_book(eligibility, reached.offer, now)
    last_seen = queries.find_last_therapist(visitor.person_id, now) if visitor and reached.is_anybody else None
    familiar = next((offer for offer in reached.offers if offer.therapist_id == last_seen), None)
    practice_zone = profile().zone if reached.is_anybody else reached.offer.zone
    return render_template(
        "booking/times.html",
        asked=reached,
        offer=reached.offer,
        times=found,
        address=partial(
            timetable.address,
            asked.slug,
            offering=reached.offer.offering_slug,
            language=asked.language,
            when=found.part,
        ),
        parts=list(Part),
        beyond=beyond,
        overview=overview(found.first, found.counts),
        days=(days_to_choose if may_book else days_to_read)((span.start for span in found.spans), found.zone),
        free_hours=reached.offer.cancellation.notice // HOUR,
        waived=reached.offer.late_waiver,
        may_book=may_book,
        who_could=timetable.who_could(reached.offer, eligibility, now),
        familiar=familiar,
        familiar_time=next(iter(openings.earliest_times([familiar], now=now, count=1)), None) if familiar else None,
        others=len(offers.offers_of(reached.offer.offering_slug)) > 1 and not reached.is_anybody,
        started=visitor is not None,
        practice_zone=practice_zone,
        zone_options=zone_options(found.zone, practice_zone),
        form=form,
        lost=lost,
        chosen=chosen,
        chosen_span=next((span for span in found.spans if span.start == chosen), None),
        nearest=timetable.nearest(found.spans, around, NEAREST_SHOWN) if around is not None else [],
    )


def _asked(slug: str) -> Asked:
    return timetable.ask(slug, request.args.get("offering") or None, request.args.get("language") or None)


def _timetable(
    asked: Asked, part: Part | None, around: datetime | None = None, wanted: date | None = None
) -> Timetable:
    """The open times of a fortnight: from `wanted`, else from the date in the address, or around an instant."""
    zone, now = client_zone(), clock().now()
    wanted = wanted or _asked_date(now.astimezone(ZoneInfo(zone)).date())
    return timetable.read_timetable(asked.offers, zone=zone, now=now, wanted=wanted, around=around, part=part)


def _asked_start() -> datetime | None:
    """The time that somebody chose elsewhere, such as in a calendar of open times; one that was never near is none."""
    asked = request.args.get("start")
    if not asked:
        return None
    try:
        chosen = read_start(asked)
    except ValidationError:
        raise Refused(_("That time can’t be read. Choose one of the times that are open.")) from None
    return chosen if abs(chosen - clock().now()) < FURTHEST else None


def _asked_date(default: date) -> date:
    asked = request.args.get("from")
    if not asked:
        return default
    try:
        wanted = date.fromisoformat(asked)
    except ValueError:
        raise Refused(_("That date can’t be read. Write it as 2026-03-31, or use the links on the page.")) from None
    return min(wanted, default + FURTHEST)
