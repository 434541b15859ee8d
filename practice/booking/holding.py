"""How a time comes to be somebody's: a client's hold, a reservation by staff. Each runs in its caller's work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from practice.booking import licence
from practice.booking.actions import let_go, lock
from practice.booking.busy.queries import is_busy
from practice.booking.claims import SlotTaken
from practice.booking.lifecycle import State
from practice.booking.messages import TimeReserved
from practice.booking.models import Booking, Eligibility
from practice.booking.offers.models import FOR_TWO
from practice.booking.offers.queries import Offer
from practice.booking.openings import count_booked
from practice.booking.placing import Placed, lock_resources, place
from practice.booking.prices.queries import own_prices
from practice.booking.queries import (
    find_held,
    fits_visit,
    has_been_here,
    is_reviewed_first,
    least_booked_first,
    lock_eligibility,
)
from practice.booking.slots import judge_slots
from practice.couples import lock_couple
from practice.errors import Conflict, Refused
from practice.languages import N_
from practice.money import Money
from practice.spans import aligned
from practice.work import Work

HOLD_LIFE = timedelta(minutes=10)
MOST_HELD_FROM_ADDRESS = 8  # a family behind one address; more of them at once is somebody hoarding
MOST_HELD_OF_THERAPIST = 20  # unpaid at once; nobody's week is asked for so often within minutes
NEARLY = 2  # the therapist's holds are counted exactly, under a lock, from half the cap on


class NotOffered(Conflict):
    """The time was never open, or is not open any more."""

    title = N_("That time isn’t open")
    way_out = N_("Please choose one of the open times.")


class NotEligible(Refused):
    """The intake that says what this person may book is missing, has run out, or says something else."""

    title = N_("A few questions come first")
    way_out = N_("Start with the short intake, or choose a session that fits your answers.")


class NotLicensed(Refused):
    """The therapist may not see people where this person is."""

    title = N_("This therapist can’t see you where you are")
    way_out = N_("Choose somebody who is licensed where you will be during sessions.")


class OtherVisit(Refused):
    """A first session for somebody who has been here, or a follow-up for somebody who hasn't."""

    title = N_("This session is for another visit")
    way_out = N_(
        "Choose a session that says “first session” if you are new here, or a follow-up if you have been here."
    )


class JointSessionsRest(Conflict):
    """Nothing is booked for the two together at the moment."""

    title = N_("Joint sessions rest at the moment")
    way_out = N_("Time for you alone can be booked as always. Your page says what else you can do.")


class TooManyHeld(Conflict):
    """So many unpaid times are held already that one more would keep others out."""

    title = N_("Too many times are being kept just now")
    way_out = N_("Times that nobody pays for are free again after ten minutes. Please try again then, or call us.")


def hold_slot(work: Work, person_id: int, offer: Offer, start: datetime, held_from: str | None = None) -> str:
    """Hold an open time for a person while they pay; the reference of the booking.

    They pay what holds for them at this moment (prices/pricing.py), whatever a page said before: the next one shows it,
    before any payment. An earlier hold of theirs is let go in the same work. `held_from` is a keyed mark of the address
    that asks.

    :raises NotEligible: when their intake doesn't allow this offering.
    :raises NotLicensed: when the therapist isn't licensed where they are.
    :raises OtherVisit: when the offering is for first sessions and theirs isn't one, or the other way round.
    :raises JointSessionsRest: when it is for two, and either of them pauses.
    :raises TooManyHeld: when this address, or this therapist, has too many unpaid holds.
    :raises NotOffered: when the time is outside what is offered.
    :raises SlotTaken: when it is somebody else's.
    """
    return hold_with_any(work, person_id, [offer], start, held_from)


def hold_with_any(
    work: Work, person_id: int, offers: Sequence[Offer], start: datetime, held_from: str | None = None
) -> str:
    """The same with whoever of several therapists is free then, those with the fewest bookings first.

    `offers` are of one offering, by one therapist each. Raises what hold_slot() raises, of the last one tried.
    """
    eligibility = lock_eligibility(person_id)
    if eligibility is None:
        raise NotEligible
    fitting = _fitting(eligibility, offers, work.now)
    _refuse_resting(work, person_id, fitting[0])
    all_held = find_held(person_id, [offer.therapist_id for offer in fitting], held_from)
    for held in (one for one in all_held if one.person_id == person_id):
        same = any((held.therapist_id, held.offering_id) == (one.therapist_id, one.offering_id) for one in fitting)
        if same and held.starts_at == start and held.deadline_at > work.now:
            return str(held.reference)  # a double click, or back and again: the time is theirs already
        let_go(work, lock(work, held.reference))
    fitting = own_prices(person_id, work.now).put_into(fitting)
    _refuse_other_visit(person_id, fitting[0], work.now)
    others = [one for one in all_held if one.person_id != person_id]
    if held_from and sum(one.held_from == held_from for one in others) >= MOST_HELD_FROM_ADDRESS:
        raise TooManyHeld
    refusal: Conflict = NotOffered()
    for offer in least_booked_first(fitting, start) if len(fitting) > 1 else fitting:
        try:
            _refuse_hoarding(work, offer, held=sum(one.therapist_id == offer.therapist_id for one in others))
            return _hold(work, offer, start, eligibility, held_from)
        except (SlotTaken, NotOffered, TooManyHeld) as refused:
            refusal = refused
    raise refusal


def reserve(work: Work, person_id: int, offer: Offer, start: datetime, *, deadline: datetime, price: Money) -> str:
    """Keep a time for a person on the practice's own decision, until `deadline`; the reference of the booking.

    Staff are not bound by hours, notice, caps or the therapist's own calendars, only by the clock and by what is
    claimed. The client is told, and pays from their own page. A `price` of nothing needs no payment: they only say yes.

    :raises JointSessionsRest: when it is for two, and either of them pauses.
    :raises NotOffered: when the time is past, not on five minutes, or the deadline isn't between now and then.
    :raises SlotTaken: when it is somebody else's.
    """
    if not aligned(start) or not work.now < deadline <= start:
        raise NotOffered
    _refuse_resting(work, person_id, offer)
    _, named = place(work, Placed(person_id, offer, start, State.RESERVED, deadline, price))
    work.post(TimeReserved(named))
    return named


def _hold(work: Work, offer: Offer, start: datetime, who: Eligibility, held_from: str | None) -> str:
    refuse_unless_offered(offer, start, work.now)
    refuse_if_busy(work, offer, start)
    deadline = work.now + HOLD_LIFE
    reviewed = is_reviewed_first(accepted=who.accepted, price=offer.price)
    wanted = Placed(who.person_id, offer, start, State.HELD, deadline, offer.price, held_from, review_first=reviewed)
    _, named = place(work, wanted)
    return named


def refuse_unless_offered(offer: Offer, start: datetime, now: datetime, leaving: datetime | None = None) -> None:
    """Whether hours, rules and caps offer this start. Whether it is still free, claims and calendars decide.

    `leaving` is the start that a session which moves gives up: the caps don't count it.

    :raises NotOffered: when they don't.
    """
    zone = ZoneInfo(offer.zone)
    day = start.astimezone(zone).date()
    schedule, counts = offer.schedule(day, day), dict(count_booked(offer, day, day))
    if leaving is not None and (left := leaving.astimezone(zone).date()) in counts:
        counts[left] -= 1
    for verdict in judge_slots(schedule, offer.rules, [], now=now, first=day, last=day, booked_per_day=counts):
        if verdict.span.start == start:
            if verdict.refusal is not None:
                raise NotOffered
            return
    raise NotOffered


def refuse_if_busy(work: Work, offer: Offer, start: datetime) -> None:
    """Whether the therapist's own calendars leave this time free, as they were read last.

    :raises SlotTaken: when they don't.
    """
    if is_busy(work.session, offer.therapist_id, offer.rules.blocked(start)):
        raise SlotTaken


def _fitting(eligibility: Eligibility, offers: Sequence[Offer], now: datetime) -> list[Offer]:
    named = [offer for offer in offers if eligibility.names(offer.therapist_id, offer.offering_id)]
    kind = [offer for offer in named if eligibility.fits(offer.attendance, offer.place, now)]
    if not kind:
        raise NotEligible
    licensed = [offer for offer in kind if licence.fits([eligibility.region], offer.licence_places)]
    if not licensed:
        raise NotLicensed
    return licensed


def _refuse_other_visit(person_id: int, offer: Offer, now: datetime) -> None:
    if offer.visit != "any" and not fits_visit(offer.visit, been_here=has_been_here(person_id, now)):
        raise OtherVisit


def _refuse_resting(work: Work, person_id: int, offer: Offer) -> None:
    """A pause and a hold take turns: what the pause doesn't see, it can't end."""
    if offer.attendance == FOR_TWO:
        couple = lock_couple(work, person_id)
        if couple is not None and couple.resting_since is not None:
            raise JointSessionsRest


def _refuse_hoarding(work: Work, offer: Offer, *, held: int) -> None:
    """Refuse one more of a therapist's times where `held` are, about: near the cap, and under caps, they take turns."""
    capped = offer.rules.daily_cap is not None or offer.rules.weekly_cap is not None
    if capped or held * NEARLY >= MOST_HELD_OF_THERAPIST:
        lock_resources(work, [offer.resource_id])  # so that two can't both be the last one
        held = _held_of(work, offer)
    if held >= MOST_HELD_OF_THERAPIST:
        raise TooManyHeld


def _held_of(work: Work, offer: Offer) -> int:
    held = select(func.count()).where(Booking.state == State.HELD, Booking.therapist_id == offer.therapist_id)
    return work.session.connection().execute(held).scalar_one()
