"""Which times and therapists fit somebody. Only what is not private plays a part."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from practice.booking.offers.models import FOR_TWO, Therapist
from practice.booking.offers.queries import Offer, find_offers, find_therapists
from practice.booking.openings import earliest_times
from practice.booking.prices.queries import OwnPrices, own_prices
from practice.booking.queries import FOLLOW_UP, find_choices, find_eligibility, find_last_therapist
from practice.intake.queries import codes_of, find_request
from practice.people import Person
from practice.spans import Span

EARLIEST_SHOWN = 3
NEVER = datetime.max.replace(tzinfo=UTC)


class Fitting(NamedTuple):
    """A therapist whom somebody may book, what they would most likely book, and the next open time for that.

    `call` is what the therapist offers everybody without charge, such as a first call, if anything.
    """

    therapist: Therapist
    offer: Offer
    next_time: Span | None
    call: Offer | None


def find_first_times(now: datetime, own: OwnPrices) -> list[tuple[Span, Offer]]:
    """The earliest open times of all, one offering for each therapist, so that three times are three times.

    They cost what `own` says.
    """
    chosen: dict[int, Offer] = {}
    for offer in find_offers().values():
        if offer.staff_only or offer.visit == FOLLOW_UP:
            continue
        known = chosen.get(offer.therapist_id)
        if known is None or _first_shown(offer) < _first_shown(known):
            chosen[offer.therapist_id] = offer
    return earliest_times(own.put_into(chosen.values()), now=now, count=EARLIEST_SHOWN)


def find_fitting(person: Person, now: datetime) -> list[Fitting]:
    """Whom this person may book: the therapist whom they saw last, then by the next open time.

    Only what is not private plays a part.
    """
    eligibility, sent = find_eligibility(person), find_request(person)
    if eligibility is None or sent is None:
        return []
    wish = str(codes_of(sent).get("format_pref", ""))
    by_therapist: dict[int, list[Offer]] = {}
    choices = find_choices(eligibility, now)
    calls = {offer.therapist_id: offer for offer in choices if not offer.price}
    for offer in own_prices(person.id, now).put_into(choices):
        by_therapist.setdefault(offer.therapist_id, []).append(offer)
    therapists = {therapist.id: therapist for therapist in find_therapists()}
    found = []
    for therapist_id, offers in by_therapist.items():
        nearest = min(offers, key=lambda offer: _distance(offer, wish, eligibility.attendance))
        earliest = earliest_times([nearest], now=now, count=1)
        call = calls.get(therapist_id)
        other = call if call is not None and call.offering_id != nearest.offering_id else None
        found.append(Fitting(therapists[therapist_id], nearest, earliest[0][0] if earliest else None, other))
    seen = find_last_therapist(person.id, now)
    return sorted(
        found,
        key=lambda fit: (fit.therapist.id != seen, fit.next_time.start if fit.next_time else NEVER, fit.therapist.name),
    )


def _first_shown(offer: Offer) -> tuple[bool, bool, int]:
    """What a newcomer most likely looks for: a couple's session, the least expensive one that is no mere call."""
    return offer.attendance != FOR_TWO, not offer.price, offer.price.minor_units


def _distance(offer: Offer, place: str, attendance: list[str]) -> tuple[int, bool, bool, int]:
    """How far an offering is from what was wished for: who comes, where, then the price; free calls come last."""
    elsewhere = place in {"video", "in_person"} and offer.place != place
    return attendance.index(offer.attendance), elsewhere, not offer.price, offer.price.minor_units
