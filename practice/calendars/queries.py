"""What calendars read: feeds and their entries, and open times."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, or_, select

from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.booking.openings import open_times_of
from practice.booking.parts import Part
from practice.booking.timetable import Asked, ask, path_of
from practice.calendars import ics
from practice.calendars.appointments import BUSY, SESSION, desk_url, for_therapist, written_as
from practice.calendars.ics import OpenTime
from practice.calendars.models import NAMING, Detail, Feed, FeedEntry, FeedRevision, MailedObject
from practice.calendars.naming import NAMED, words_with_names
from practice.database import db, reading
from practice.errors import NotFound
from practice.languages import DEFAULT, N_
from practice.profile import profile
from practice.spans import Span
from practice.speaking import TherapistLanguage, language_of_therapist, speaking, therapist_language
from practice.speaking import gettext as _
from practice.tokens import token_hash

CANCELLED_SHOWN = timedelta(days=30)  # past the session's own time
DAY = timedelta(days=1)
PRACTICE_NAME = "All sessions"  # and what that feed says is English: nobody knows who reads it
CALENDAR_NAMES = {
    Detail.BUSY: BUSY,
    Detail.SESSION: N_("Sessions"),
    Detail.INITIALS: N_("Sessions"),
    Detail.FIRST_NAMES: N_("Sessions"),
}
EVERYBODY = (
    select(Therapist.id, Therapist.name, FeedRevision.revision, FeedRevision.changed_at)
    .join(FeedRevision, FeedRevision.therapist_id == Therapist.id)
    .order_by(Therapist.id)
)


@dataclass(frozen=True)
class FeedState:
    """All that is known of a feed before it is built. `therapists`: the names, by id, where it is of everybody."""

    feed_id: int
    therapist_id: int | None
    detail: Detail
    zone: str
    changed_at: datetime
    last_fetched_at: datetime | None
    language: str
    shown_from: datetime  # cancelled sessions that ended before it are left out
    etag: str
    therapists: Mapping[int, str] = field(default_factory=dict)


def calendar_name(detail: Detail, therapist_id: int | None) -> str:
    """What calendars call such a feed, in the language of its therapist."""
    if therapist_id is None:
        return PRACTICE_NAME
    with speaking(language_of_therapist(therapist_id)):
        return _(CALENDAR_NAMES[detail])


@lru_cache
def standing_feed(language_of: TherapistLanguage) -> Select[*tuple[Any, ...]]:
    """All that one has to know to say that a feed is unchanged, in one statement."""
    return (
        select(
            Feed.id,
            Feed.therapist_id,
            Feed.detail,
            Feed.names_revision,
            Feed.last_fetched_at,
            Feed.created_at,
            Therapist.zone,
            FeedRevision.revision,
            FeedRevision.changed_at,
            language_of(Feed.therapist_id).label("language"),
        )
        .outerjoin(Therapist, Therapist.id == Feed.therapist_id)
        .outerjoin(FeedRevision, FeedRevision.therapist_id == Feed.therapist_id)
        .where(Feed.token_hash == bindparam("token"))
    )


def get_feed(token: str, *, now: datetime, base_url: str) -> FeedState:
    """The feed of this secret address.

    :raises NotFound: for one that never was, or that was ended: the two look alike.
    """
    # Columns, as it is asked for often and changes rarely: an object costs several times as much.
    with reading() as connection:
        found = connection.execute(standing_feed(therapist_language()), {"token": token_hash(token)}).one_or_none()
        if found is None:
            raise NotFound
        rows = connection.execute(EVERYBODY).all() if found.therapist_id is None else ()
    # Whole days: what drops out with time does so once a day, so that the tag says it too.
    shown_from = datetime.combine((now - CANCELLED_SHOWN).date(), datetime.min.time(), UTC)
    zone, changed_at, revisions = found.zone, found.changed_at, found.revision
    therapists: dict[int, str] = {}
    language = found.language or DEFAULT
    if found.therapist_id is None:
        zone, revisions = profile().zone, tuple(tuple(row)[:3] for row in rows)
        changed_at = max((row.changed_at for row in rows), default=found.created_at)
        therapists = {row.id: row.name for row in rows}
    parts = (
        found.therapist_id,
        str(found.detail),
        found.names_revision,
        revisions,
        zone,
        shown_from.isoformat(),
        written_as(base_url),
        words_of(language),
    )
    return FeedState(
        feed_id=found.id,
        therapist_id=found.therapist_id,
        detail=found.detail,
        zone=zone,
        changed_at=changed_at,
        last_fetched_at=found.last_fetched_at,
        language=language,
        shown_from=shown_from,
        etag=hashlib.sha256(repr(parts).encode()).hexdigest()[:32],
        therapists=therapists,
    )


def build_feed(state: FeedState, *, base_url: str) -> bytes:
    """The feed's bytes: the same for the same tag."""
    with speaking(state.language):
        return _build_feed(state, base_url)


def _build_feed(state: FeedState, base_url: str) -> bytes:
    shown = or_(FeedEntry.cancelled.is_(False), FeedEntry.ends_at >= state.shown_from)
    if state.therapist_id is not None:
        shown &= FeedEntry.therapist_id == state.therapist_id
    entries = (
        select(FeedEntry.booking_id, FeedEntry.therapist_id, FeedEntry.written_as, FeedEntry.fragment)
        .where(shown)
        .order_by(FeedEntry.starts_at, FeedEntry.booking_id)
    )
    rows = db.session.connection().execute(entries).all()
    form = written_as(base_url)
    stale = [row.booking_id for row in rows if row.written_as != form]
    rewritten = _rewrite(stale, base_url) if stale else {}
    fragments = [rewritten.get(booking_id, fragment) for booking_id, _, _, fragment in rows]
    word = _(BUSY if state.detail is Detail.BUSY else SESSION)
    words = [word] * len(rows)
    if state.therapist_id is None:
        whose = {one: f"{word} – {name}" for one, name in state.therapists.items()}  # who is no client
        words = [whose.get(row.therapist_id, word) for row in rows]
    elif state.detail in NAMING:
        names = words_with_names(shown, state.detail)
        words = [names.get(row.booking_id, word) for row in rows]
    elif state.detail is Detail.BUSY:
        # Whoever shares a calendar that is merely busy need not tell where that comes from.
        link = ics.url_line(desk_url(base_url))
        fragments = [fragment.replace(link, b"", 1) for fragment in fragments]
    fragments = _saying(fragments, words)
    name = PRACTICE_NAME if state.therapist_id is None else _(CALENDAR_NAMES[state.detail])
    return ics.feed(fragments, name=name, zone=state.zone)


@lru_cache
def words_of(language: str) -> tuple[str, ...]:
    """What feeds say in a language, for their tags: it may change with a release."""
    with speaking(language):
        return tuple(_(words) for words in (SESSION, BUSY, NAMED, *CALENDAR_NAMES.values()))


def _saying(fragments: list[bytes], words: list[str]) -> list[bytes]:
    """The same VEVENTs, each under other words than "Session". Many say the same, and its line is written once."""
    stored = ics.summary_line(SESSION)
    lines = {said: ics.summary_line(said) for said in set(words)}
    return [fragment.replace(stored, lines[said], 1) for fragment, said in zip(fragments, words, strict=True)]


def find_feeds(therapist: Therapist | None) -> list[Feed]:
    """The feeds of one therapist or, for None, those of everybody's sessions, by name."""
    whose = Feed.therapist_id.is_(None) if therapist is None else Feed.therapist_id == therapist.id
    return list(db.session.scalars(select(Feed).where(whose).order_by(Feed.name, Feed.id)))


def get_own_feed(reference: str, therapist: Therapist | None, *, everybodys: bool) -> Feed:
    """A feed of this therapist or, where those may be seen too, of everybody's sessions.

    :raises NotFound: for any other.
    """
    feed = db.session.scalars(select(Feed).where(Feed.reference == reference)).one_or_none()
    if feed is None:
        raise NotFound
    allowed = everybodys if feed.therapist_id is None else therapist is not None and feed.therapist_id == therapist.id
    if not allowed:
        raise NotFound
    return feed


def find_mailed(booking_id: int, recipient: str) -> list[MailedObject]:
    """The objects that letters about a booking brought to this recipient, by address, the first one first."""
    found = select(MailedObject).where(MailedObject.booking_id == booking_id, MailedObject.recipient == recipient)
    return list(db.session.scalars(found.order_by(MailedObject.id)))


@dataclass(frozen=True)
class OpenTimes:
    """The open times of one offering, by one therapist or by anybody who is free, over its whole horizon."""

    asked: Asked
    within: Span
    spans: tuple[Span, ...]
    base_url: str

    def address(self, start: datetime | None = None) -> str:
        """The page on which these times are booked, with one of them chosen."""
        return self.base_url + path_of(self.asked, start)


def find_open_times(
    slug: str, offering: str | None, language: str | None, *, now: datetime, base_url: str
) -> OpenTimes:
    """What can be booked from now on, of the offering asked for or else of the first, by whoever speaks the language.

    :raises NotFound: for a therapist, an offering or a language that isn't there.
    """
    asked = ask(slug, offering, language)
    horizon = max(offer.horizon_days for offer in asked.offers)
    # Every therapist's own dates: where one begins a day earlier or later, more is looked at.
    today = now.astimezone(UTC).date()
    looked = open_times_of(asked.offers, first=today - DAY, last=today + (horizon + 2) * DAY, now=now)
    by_start = {span.start: span for _, spans in looked for span in spans}
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return OpenTimes(
        asked=asked,
        within=Span(hour, hour + (horizon + 2) * DAY),
        spans=tuple(by_start[start] for start in sorted(by_start)),
        base_url=base_url,
    )


def within_part(found: OpenTimes, part: Part, zone: str | None) -> OpenTimes:
    """Those of one part of the week, as clocks of a zone show it; of the one who has these times where none is named.

    Not by what is remembered of whoever asks: open times are the same for everybody.
    """
    at_home = profile().zone if found.asked.is_anybody else found.asked.offer.zone
    local = ZoneInfo(zone or at_home)
    return replace(found, spans=tuple(span for span in found.spans if part.has(span.start.astimezone(local))))


def write_open_times(found: OpenTimes) -> bytes:
    """Open times as events, each with the page on which that very time is booked; named in the language spoken."""
    horizon = timedelta(days=found.asked.offer.horizon_days)
    return ics.open_times(
        (
            OpenTime(
                uid=f"{_slot_id(found, span)}@times",
                span=span,
                stamp=span.start - horizon,  # when it came into view, which never changes
                url=found.address(span.start),
            )
            for span in found.spans
        ),
        name=_("Open times"),
        summary=_("Open time"),
    )


def write_free_busy(found: OpenTimes) -> bytes:
    """The same times as free periods."""
    start = found.within.start
    return ics.free_busy(
        found.spans, uid=f"{_slot_id(found)}@times", within=found.within, stamp=start, url=found.address()
    )


def _slot_id(found: OpenTimes, span: Span | None = None) -> str:
    """The same for the same time of the same offering, however often it opens and is taken again."""
    start = span.start.isoformat() if span is not None else ""
    asked = found.asked
    return hashlib.sha256(f"{asked.slug}\n{asked.offer.offering_slug}\n{start}".encode()).hexdigest()[:32]


def _rewrite(booking_ids: list[int], base_url: str) -> dict[int, bytes]:
    """After a change of our code or address, entries are written anew for the reader until their next revision."""
    bookings = db.session.scalars(select(Booking).where(Booking.id.in_(booking_ids)))
    return {booking.id: ics.fragment(for_therapist(booking, base_url)) for booking in bookings}
