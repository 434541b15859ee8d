"""What changes a feed. The only writer of the calendars' tables; each action runs in its caller's work."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.calendars import ics
from practice.calendars.appointments import for_therapist, status_of, written_as
from practice.calendars.ics import Status
from practice.calendars.models import Feed, FeedEntry, FeedRevision
from practice.database import add_if_absent
from practice.settings import settings
from practice.tokens import new_token, token_hash
from practice.work import Work

FETCHES_NOTED_EVERY = timedelta(hours=1)


def issue_feed(work: Work, therapist: Therapist) -> str:
    """Give the therapist's feed a new secret address; the token, which can't be had again.

    The address before it answers 404 from the commit on.
    """
    _lock_revision(work, therapist.id)
    work.session.execute(
        update(Feed).where(Feed.therapist_id == therapist.id, Feed.revoked_at.is_(None)).values(revoked_at=work.now)
    )
    token = new_token()
    work.session.add(Feed(therapist_id=therapist.id, token_hash=token_hash(token), created_at=work.now))
    work.session.flush()
    return token


def write_entry(work: Work, reference: str) -> None:
    """Bring the therapist's feed up to what the booking says now. Doing so twice changes nothing."""
    therapist_id = work.session.scalar(select(Booking.therapist_id).where(Booking.reference == reference))
    if therapist_id is None:
        return
    revision = _lock_revision(work, therapist_id)
    booking = work.session.scalars(
        select(Booking).where(Booking.reference == reference).execution_options(populate_existing=True)
    ).one()
    status = status_of(booking)
    if status is None:
        return
    base_url = settings().base_url
    fragment = ics.fragment(for_therapist(booking, base_url))
    entry = work.session.get(FeedEntry, booking.id, populate_existing=True)
    if entry is None:
        entry = FeedEntry(booking_id=booking.id, therapist_id=booking.therapist_id)
        work.session.add(entry)
    elif entry.fragment == fragment:
        return
    entry.starts_at = booking.starts_at
    entry.ends_at = booking.ends_at
    entry.cancelled = status is Status.CANCELLED
    entry.written_as = written_as(base_url)
    entry.fragment = fragment
    revision.revision += 1
    revision.changed_at = work.now


def note_fetch(work: Work, feed_id: int) -> None:
    """Note that some calendar asked for this feed."""
    work.session.execute(update(Feed).where(Feed.id == feed_id).values(last_fetched_at=work.now))


def _lock_revision(work: Work, therapist_id: int) -> FeedRevision:
    """The therapist's revision, locked: whoever changes a feed does so one after the other."""
    add_if_absent(work.session, FeedRevision, therapist_id=therapist_id, revision=0, changed_at=work.now)
    found = select(FeedRevision).where(FeedRevision.therapist_id == therapist_id).with_for_update()
    return work.session.scalars(found.execution_options(populate_existing=True)).one()
