"""What a page of open times shows: of one therapist, or of whoever of several is free. Only reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from practice.booking import openings, queries
from practice.booking.models import Eligibility
from practice.booking.offers.queries import Offer, find_offers, offers_of, public_offers_by
from practice.booking.parts import Part
from practice.booking.prices.queries import OwnPrices
from practice.errors import NotFound
from practice.spans import Span

ANYBODY = "any"  # in the place of a therapist's slug
DAY = timedelta(days=1)
DAYS_SHOWN = 14


@dataclass(frozen=True)
class Asked:
    """One offering, by one therapist or by anybody who has the language asked for.

    `offers` are those whose times count, of which `offer` is the first; `choices` are the other sessions to choose
    among; `languages` are all that somebody who offers this speaks.
    """

    slug: str
    offers: list[Offer]
    choices: list[Offer]
    language: str | None = None
    languages: tuple[str, ...] = ()

    @property
    def offer(self) -> Offer:
        return self.offers[0]

    @property
    def is_anybody(self) -> bool:
        """Whether it isn't about one therapist."""
        return self.slug == ANYBODY


@dataclass(frozen=True)
class Timetable:
    """The open times of some days, as the client reads them: on dates of `zone`, and of one part of the week or all.

    `counts` says how many there are on each date from `first` to `last`; `until` is the last date that can be booked.
    """

    zone: str
    first: date
    last: date
    spans: list[Span]
    counts: tuple[int, ...]
    earlier: date | None  # where the days before begin; None when there are none
    later: date | None  # where the days after begin; None when none of them can be booked yet
    until: date
    soonest: Span | None  # of all that are open, on these days or later
    part: Part | None = None

    @property
    def soonest_day(self) -> date | None:
        """The reader's date of the first time that is open."""
        return self.soonest.start.astimezone(ZoneInfo(self.zone)).date() if self.soonest is not None else None


def ask(slug: str, offering: str | None, language: str | None = None) -> Asked:
    """What somebody asks for by these slugs; without an offering, the least expensive session that costs anything.

    :raises NotFound: when there is none of these names, or not both together, or nobody speaks the language.
    """
    choices = _sessions_of_anybody() if slug == ANYBODY else public_offers_by(slug)
    named = [one for one in choices if offering is None or one.offering_slug == offering]
    chosen = next((one for one in named if one.price), named[0] if named else None)
    if chosen is None:
        raise NotFound
    if slug != ANYBODY:
        return Asked(slug, [chosen], choices)
    everybody = offers_of(chosen.offering_slug)
    speaking = [offer for offer in everybody if language is None or language in offer.languages]
    if not speaking:
        raise NotFound
    languages = sorted({spoken for offer in everybody for spoken in offer.languages})
    return Asked(slug, speaking, choices, language, tuple(languages))


def path_of(asked: Asked, start: datetime | None = None) -> str:
    """The address on our site at which these times are booked, with one of them chosen already."""
    chosen = start.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") if start is not None else None
    return address(asked.slug, offering=asked.offer.offering_slug, language=asked.language, start=chosen)


def address(slug: str, **named: str | None) -> str:
    """The address of a page of times on our site. What is none or empty isn't named in it."""
    return f"/times/{quote(slug)}?" + urlencode({name: value for name, value in named.items() if value})


def within_reach(asked: Asked, eligibility: Eligibility | None, now: datetime) -> Asked:
    """The same with only those therapists whom somebody may see; unchanged where that is nobody."""
    if eligibility is None or not asked.is_anybody:
        return asked
    theirs = [offer for offer in asked.offers if queries.may_book(eligibility, offer, now)]
    return Asked(asked.slug, theirs or asked.offers, asked.choices, asked.language, asked.languages)


def at_own_prices(asked: Asked, own: OwnPrices) -> Asked:
    """The same at what one visitor pays."""
    return replace(asked, offers=own.put_into(asked.offers), choices=own.put_into(asked.choices))


def who_could(offer: Offer, eligibility: Eligibility | None, now: datetime) -> list[Offer] | None:
    """By whom somebody could have the offering, where its own therapist isn't licensed where they are.

    None where that isn't what stands in their way.
    """
    if not queries.lacks_licence(eligibility, offer, now):
        return None
    return [one for one in offers_of(offer.offering_slug) if queries.may_book(eligibility, one, now)]


def read_timetable(
    offers: Sequence[Offer],
    *,
    zone: str,
    now: datetime,
    wanted: date | None = None,
    around: datetime | None = None,
    part: Part | None = None,
) -> Timetable:
    """The open times of a fortnight from a date (of `zone`), from today, or around an instant."""
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    first = wanted or today
    if around is not None:
        first = around.astimezone(local).date() - timedelta(days=DAYS_SHOWN // 2)
    first = max(first, today)
    last = first + timedelta(days=DAYS_SHOWN - 1)
    # A client's day can begin on the therapist's day before, and end on the day after.
    looked = openings.open_times_of(offers, first=first - DAY, last=last + DAY, now=now)
    by_start = {span.start: span for _, found in looked for span in found}
    shown: list[Span] = []
    counts: Counter[date] = Counter()
    for start in sorted(by_start):
        there = start.astimezone(local)
        if first <= there.date() <= last and (part is None or part.has(there)):
            shown.append(by_start[start])
            counts[there.date()] += 1
    until = (now + timedelta(days=max(offer.horizon_days for offer in offers))).astimezone(local).date()
    return Timetable(
        zone,
        first,
        last,
        shown,
        counts=tuple(counts[first + number * DAY] for number in range(DAYS_SHOWN)),
        earlier=max(first - timedelta(days=DAYS_SHOWN), today) if first > today else None,
        later=last + DAY if last < until else None,
        until=until,
        soonest=shown[0] if shown and first == today else _soonest(offers, part, zone=zone, now=now),
        part=part,
    )


def _soonest(offers: Sequence[Offer], part: Part | None, *, zone: str, now: datetime) -> Span | None:
    """The first of all their open times, or of those in that part of the week."""
    local = ZoneInfo(zone)

    def suits(span: Span) -> bool:
        return part is None or part.has(span.start.astimezone(local))

    return next((span for span, _ in openings.earliest_times(offers, now=now, count=1, suits=suits)), None)


def nearest(spans: Sequence[Span], start: datetime, count: int) -> list[Span]:
    """Of these times the nearest to one that was lost, in order."""
    return sorted(sorted(spans, key=lambda span: abs(span.start - start))[:count])


def _sessions_of_anybody() -> list[Offer]:
    """One offer for each offering that clients can book, the least expensive first."""
    found: dict[str, Offer] = {}
    for offer in find_offers().values():
        if not offer.staff_only:
            found.setdefault(offer.offering_slug, offer)
    if not found:
        raise NotFound
    return sorted(found.values(), key=lambda offer: (offer.price.minor_units, offer.offering_slug))
