"""What calendars read: feeds and their entries, and open times."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import Offer, first_offer, get_offer
from practice.booking.openings import open_times
from practice.calendars import ics
from practice.calendars.appointments import FEED_NAME, OPEN_TIMES_NAME, for_therapist, written_as
from practice.calendars.ics import OpenTime
from practice.calendars.models import Feed, FeedEntry, FeedRevision
from practice.database import db
from practice.errors import NotFound
from practice.spans import Span
from practice.tokens import token_hash

CANCELLED_SHOWN = timedelta(days=30)  # past the session's own time
DAY = timedelta(days=1)


@dataclass(frozen=True)
class FeedState:
    """All that is known of a feed before it is built."""

    feed_id: int
    therapist_id: int
    zone: str
    changed_at: datetime
    last_fetched_at: datetime | None
    shown_from: datetime  # cancelled sessions that ended before it are left out
    etag: str


def get_feed(token: str, *, now: datetime, base_url: str) -> FeedState:
    """The feed of this secret address.

    :raises NotFound: for an unknown or revoked one: the two look alike.
    """
    found = db.session.execute(
        select(Feed, Therapist.zone, FeedRevision)
        .join(Therapist, Therapist.id == Feed.therapist_id)
        .join(FeedRevision, FeedRevision.therapist_id == Feed.therapist_id)
        .where(Feed.token_hash == token_hash(token), Feed.revoked_at.is_(None))
    ).one_or_none()
    if found is None:
        raise NotFound
    feed, zone, revision = found
    # Whole days: what drops out with time does so once a day, so that the tag says it too.
    shown_from = datetime.combine((now - CANCELLED_SHOWN).date(), datetime.min.time(), UTC)
    parts = (feed.therapist_id, revision.revision, zone, shown_from.isoformat(), written_as(base_url))
    return FeedState(
        feed_id=feed.id,
        therapist_id=feed.therapist_id,
        zone=zone,
        changed_at=revision.changed_at,
        last_fetched_at=feed.last_fetched_at,
        shown_from=shown_from,
        etag=hashlib.sha256(repr(parts).encode()).hexdigest()[:32],
    )


def build_feed(state: FeedState, *, base_url: str) -> bytes:
    """The feed's bytes: the same for the same revision."""
    rows = db.session.execute(
        select(FeedEntry.booking_id, FeedEntry.written_as, FeedEntry.fragment)
        .where(
            FeedEntry.therapist_id == state.therapist_id,
            or_(FeedEntry.cancelled.is_(False), FeedEntry.ends_at >= state.shown_from),
        )
        .order_by(FeedEntry.starts_at, FeedEntry.booking_id)
    ).all()
    form = written_as(base_url)
    stale = [row.booking_id for row in rows if row.written_as != form]
    rewritten = _rewrite(stale, base_url) if stale else {}
    fragments = (rewritten.get(row.booking_id, row.fragment) for row in rows)
    return ics.feed(fragments, name=FEED_NAME, zone=state.zone)


def find_open_feed(therapist_id: int) -> Feed | None:
    """The therapist's feed that isn't revoked."""
    return db.session.scalars(
        select(Feed).where(Feed.therapist_id == therapist_id, Feed.revoked_at.is_(None))
    ).one_or_none()


@dataclass(frozen=True)
class OpenTimes:
    """The open times of one offering over its whole horizon."""

    offer: Offer
    within: Span
    spans: tuple[Span, ...]
    base_url: str

    @property
    def address(self) -> str:
        """The page on which these times are booked."""
        return f"{self.base_url}/times/{self.offer.therapist_slug}?offering={self.offer.offering_slug}"


def find_open_times(therapist_slug: str, offering_slug: str | None, *, now: datetime, base_url: str) -> OpenTimes:
    """What can be booked from now on, of the offering asked for or else of the therapist's first.

    :raises NotFound: for a therapist or an offering that isn't there.
    """
    offer = get_offer(therapist_slug, offering_slug) if offering_slug else first_offer(therapist_slug)
    today = now.astimezone(ZoneInfo(offer.zone)).date()
    last = today + (offer.horizon_days + 1) * DAY
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return OpenTimes(
        offer=offer,
        within=Span(hour, hour + (offer.horizon_days + 2) * DAY),
        spans=tuple(open_times(offer, first=today, last=last, now=now)),
        base_url=base_url,
    )


def write_open_times(found: OpenTimes) -> bytes:
    """Open times as events, each with the page on which it is booked."""
    zone = ZoneInfo(found.offer.zone)
    horizon = timedelta(days=found.offer.horizon_days)
    return ics.open_times(
        (
            OpenTime(
                uid=f"{_slot_id(found, span)}@times",
                span=span,
                stamp=span.start - horizon,  # when it came into view, which never changes
                url=f"{found.address}&from={span.start.astimezone(zone).date().isoformat()}",
            )
            for span in found.spans
        ),
        name=OPEN_TIMES_NAME,
    )


def write_free_busy(found: OpenTimes) -> bytes:
    """The same times as free periods."""
    start = found.within.start
    return ics.free_busy(
        found.spans, uid=f"{_slot_id(found)}@times", within=found.within, stamp=start, url=found.address
    )


def _slot_id(found: OpenTimes, span: Span | None = None) -> str:
    """The same for the same time of the same offering, however often it opens and is taken again."""
    start = span.start.isoformat() if span is not None else ""
    return hashlib.sha256(f"{found.offer.therapist_slug}\n{found.offer.offering_slug}\n{start}".encode()).hexdigest()[
        :32
    ]


def _rewrite(booking_ids: list[int], base_url: str) -> dict[int, bytes]:
    """After a change of our code or address, entries are written anew for the reader until their next revision."""
    bookings = db.session.scalars(select(Booking).where(Booking.id.in_(booking_ids)))
    return {booking.id: ics.fragment(for_therapist(booking, base_url)) for booking in bookings}
