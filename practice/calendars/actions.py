"""What changes a feed. The only writer of the calendars' tables; each action runs in its caller's work."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update

from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.calendars import ics
from practice.calendars.appointments import Recipient, for_therapist, status_of, written_as
from practice.calendars.ics import Status
from practice.calendars.models import Detail, Feed, FeedEntry, FeedRevision, MailedObject
from practice.calendars.queries import find_feeds, find_mailed
from practice.database import add_if_absent
from practice.errors import Refused
from practice.languages import N_
from practice.sealing import blind_index
from practice.settings import settings
from practice.tokens import new_token, token_hash
from practice.tokens import reference as new_reference
from practice.work import Work

FETCHES_NOTED_EVERY = timedelta(hours=1)
MOST_FEEDS = 12


class TooManyFeeds(Refused):
    """Nobody has that many calendars; more addresses are more to lose."""

    title = N_("There are too many addresses already")
    way_out = N_("End one that no calendar reads any more, and add this one then.")


def add_feed(work: Work, therapist: Therapist | None, name: str, detail: Detail) -> tuple[Feed, str]:
    """A new feed of a therapist's sessions or, for None, of everybody's; with its token, which can't be had again.

    :raises TooManyFeeds: when there are as many as anybody needs.
    """
    if therapist is not None:
        _lock_revision(work, therapist.id)
    if len(find_feeds(therapist)) >= MOST_FEEDS:
        raise TooManyFeeds
    feed = Feed(
        reference=new_reference("fd"),
        therapist_id=therapist.id if therapist is not None else None,
        name=name,
        detail=detail,
        token_hash=b"",
        created_at=work.now,
    )
    token = _give_address(work, feed)
    work.session.add(feed)
    work.session.flush()
    return feed, token


def change_feed(work: Work, feed: Feed, name: str, detail: Detail) -> None:
    """Call it otherwise, or have it say more or less from now on. Its address stays."""
    feed.name, feed.detail = name, detail
    work.session.flush()


def renew_address(work: Work, feed: Feed) -> str:
    """Give a feed another secret address; the token, which can't be had again. The one before answers 404 at once."""
    token = _give_address(work, feed)
    work.session.flush()
    return token


def end_feed(work: Work, feed: Feed) -> None:
    """Have a feed's address answer 404 from the commit on."""
    work.session.delete(feed)
    work.session.flush()


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


def note_mailed(work: Work, booking: Booking, recipient: Recipient, sender: str) -> str:
    """Note that a letter brings this booking's object to somebody; the organizer that it must name.

    That is the sender, as MAIL_FROM has it, or whoever was when they got the first one.
    """
    index, person = blind_index(recipient.address), recipient.person
    theirs = find_mailed(booking.id, recipient.name)
    organizer = theirs[0].organizer if theirs else sender
    known = next((one for one in theirs if one.address_index == index), None)
    if known is not None:
        known.mailed_at, known.left_at = work.now, None
    else:
        work.session.add(
            MailedObject(
                booking_id=booking.id,
                recipient=recipient.name,
                person_id=person.id if person is not None else None,
                address_index=index,
                staff_address=recipient.address if person is None else None,
                organizer=organizer,
                mailed_at=work.now,
            )
        )
    work.session.flush()
    return organizer


def leave_addresses(work: Work, booking: Booking, recipient: str, address: str) -> list[MailedObject]:
    """Note that the object is taken out of the calendars of every other address it went to; those that weren't yet."""
    index = blind_index(address)
    left = [one for one in find_mailed(booking.id, recipient) if one.address_index != index and one.left_at is None]
    for one in left:
        one.left_at = work.now
    work.session.flush()
    return left


def forget_mailed(work: Work, person_id: int) -> None:
    """Forget to which addresses of somebody's calendar objects went."""
    work.session.execute(delete(MailedObject).where(MailedObject.person_id == person_id))


def _give_address(work: Work, feed: Feed) -> str:
    token = new_token()
    feed.token_hash, feed.created_at, feed.last_fetched_at = token_hash(token), work.now, None
    return token


def _lock_revision(work: Work, therapist_id: int) -> FeedRevision:
    """The therapist's revision, locked: whoever changes a feed does so one after the other."""
    add_if_absent(work.session, FeedRevision, therapist_id=therapist_id, revision=0, changed_at=work.now)
    found = select(FeedRevision).where(FeedRevision.therapist_id == therapist_id).with_for_update()
    return work.session.scalars(found.execution_options(populate_existing=True)).one()
