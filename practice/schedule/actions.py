"""What staff change of the schedule. Each action checks whose it is, does it once, and is noted in the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from practice.audit import record
from practice.booking import actions as booking_actions
from practice.booking import blocks, calling_off, moving
from practice.booking.actions import StaffDecision, TermsChanged
from practice.booking.holding import NotLicensed, reserve
from practice.booking.lifecycle import UNPAID, State, Trigger
from practice.booking.models import Booking
from practice.booking.offers.queries import Offer
from practice.booking.policy import NOTHING, WHOLE, CancellationTerms, TermsKind
from practice.booking.prices.queries import own_prices
from practice.booking.waiting import actions as waiting_actions
from practice.booking.waiting.models import Wish, WishState
from practice.errors import Conflict, NotFound, Refused
from practice.languages import N_
from practice.money import Money
from practice.people import Contact, Person, add_person, save_contact
from practice.schedule.queries import (
    as_seen,
    find_visible_booking,
    get_known,
    get_visible_block,
    may_see,
    rule_says,
    sees_all,
)
from practice.schedule.waiting import get_wish
from practice.spans import Span
from practice.staff.models import StaffAccount
from practice.work import Work

MARKS = {"attended": Trigger.COMPLETE, "missed": Trigger.NO_SHOW}
MARKABLE = (State.CONFIRMED, State.ATTENDED, State.MISSED)


class ChangedMeanwhile(Conflict):
    """It doesn't stand any more as the page said."""

    title = N_("This changed while you read it")
    way_out = N_("Look at it as it stands now. Nothing that you sent was done.")


class ReasonNeeded(Refused):
    """Staff decide otherwise than the rule, and don't say why."""

    title = N_("Say why, since this differs from the rule")


class Decision(StrEnum):
    """What goes back of the fee when staff cancel."""

    RULE = "rule"
    ALL = "all"
    NOTHING = "nothing"


AS_IF_BY_CLIENT = (TermsKind.WAIVED, TermsKind.CHARGED)
"""What follows the client besides what goes back: their one waiver is used, or a fee may be due.

Of paid sessions alone, since of one without charge nobody says on whose account it is cancelled."""


@dataclass(frozen=True)
class Cancelling:
    """A cancellation by staff; `seen` and `rule` are what the page said, as as_seen() and rule_says() write it."""

    seen: str
    rule: str
    decision: Decision
    reason: str


@dataclass(frozen=True)
class Moving:
    """Another time for a session; `seen` is how it stood on the page."""

    seen: str
    offer: Offer
    start: datetime


@dataclass(frozen=True)
class Newcomer:
    """Somebody who has never been here; their letters speak `language`, and say times in `zone` (an IANA name)."""

    first_name: str
    email: str
    phone: str
    zone: str
    language: str


@dataclass(frozen=True)
class Reserving:
    """A time to keep for somebody: known by their reference, or new. `region` is where they will be.

    `price` is what staff ask for; None is what this client pays for it, by what was agreed or by the list.
    """

    offer: Offer
    start: datetime
    who: str | Newcomer
    region: str
    deadline: datetime
    price: Money | None


def note_list_viewed(work: Work, account: StaffAccount, which: str, count: int) -> None:
    """Note in the audit log that somebody read a list of clients."""
    record(work, account.actor, "list_viewed", which, {"count": count})


def open_session(work: Work, account: StaffAccount, reference: str) -> bool:
    """Note in the audit log that somebody opens a session, and say whether for them it exists."""
    allowed = find_visible_booking(account, reference) is not None
    record(work, account.actor, "session_viewed" if allowed else "session_refused", reference[:60])
    return allowed


def cancel(work: Work, account: StaffAccount, reference: str, wanted: Cancelling) -> None:
    """Cancel a session that stands, for the client, who is told.

    By the rule it is as if the client did it, the one free late cancellation included.

    :raises ChangedMeanwhile: when it, or what the rule says of it, isn't any more what the page said.
    :raises ReasonNeeded: when the decision differs from the rule, without a reason.
    """
    booking = _lock(work, account, reference, wanted.seen)
    try:
        terms = booking_actions.lock_terms(work, booking)
    except TermsChanged:
        raise ChangedMeanwhile from None
    if booking.state is not State.CONFIRMED or rule_says(terms) != wanted.rule:
        raise ChangedMeanwhile
    differs = _differs(wanted.decision, terms)
    if differs and not wanted.reason.strip():
        raise ReasonNeeded
    share = _shares(terms)[wanted.decision]
    if wanted.decision is Decision.RULE and terms.kind in AS_IF_BY_CLIENT and booking.price:
        booking_actions.cancel(work, booking)
    else:
        reason = wanted.reason.strip() if differs else ""
        booking_actions.cancel_by_staff(work, booking, StaffDecision(account.actor, share, reason))
    record(work, account.actor, "session_cancelled", reference, {"share": str(share), "by": wanted.decision})


def call_off(work: Work, account: StaffAccount, reference: str, seen: str) -> None:
    """End a session that the practice can't keep. Raises ChangedMeanwhile, or NothingToCallOff once it has begun."""
    calling_off.call_off_standing(work, _lock(work, account, reference, seen), account.actor)
    record(work, account.actor, "session_called_off", reference)


def let_go(work: Work, account: StaffAccount, reference: str, seen: str) -> None:
    """Give a time back that waits for a client; they are told.

    :raises ChangedMeanwhile: when it doesn't wait any more as the page said.
    """
    booking = _lock(work, account, reference, seen)
    if booking.state not in (*UNPAID, State.IN_REVIEW):
        raise ChangedMeanwhile
    if booking.state is State.IN_REVIEW:
        booking_actions.decline(work, booking)
    else:
        booking_actions.cancel_by_staff(work, booking, StaffDecision(account.actor, WHOLE))
    record(work, account.actor, "session_let_go", reference)


def move(work: Work, account: StaffAccount, reference: str, wanted: Moving) -> None:
    """Give a session another time. Asking for the one that it has changes nothing.

    :raises ChangedMeanwhile: when it doesn't stand any more as the page said.
    :raises NotOffered: when the time is past or not on five minutes.
    :raises SlotTaken: when something else has the time.
    """
    booking = _lock(work, account, reference, wanted.seen)
    if booking.state is not State.CONFIRMED:
        raise ChangedMeanwhile
    if booking.starts_at == wanted.start:
        return
    moving.move_as_staff(work, reference, wanted.offer, wanted.start)
    record(work, account.actor, "session_moved", reference)


def mark(work: Work, account: StaffAccount, reference: str, came: str, seen: str) -> None:
    """Note whether somebody came: `came` is one of MARKS. Noting otherwise later corrects it.

    :raises ChangedMeanwhile: when it doesn't stand any more as the page said.
    :raises TooEarly: before the session is over.
    """
    booking = _lock(work, account, reference, seen)
    if booking.state not in MARKABLE:
        raise ChangedMeanwhile
    booking_actions.mark(work, booking, MARKS[came])
    record(work, account.actor, "attendance_marked", reference, {"as": came})


def reserve_for(work: Work, account: StaffAccount, wanted: Reserving) -> str:
    """Keep a time for somebody until a deadline; the reference of the booking. They get a letter that leads to it.

    :raises NotLicensed: when the therapist may not see people where this one will be. Nobody is added then.
    :raises NotFound: when it isn't this account's to book, or not somebody whom it may know of.
    :raises JointSessionsRest: when it is for two, and either of them pauses.
    :raises NotOffered: when the time is past, not on five minutes, or the deadline isn't between now and then.
    :raises SlotTaken: when something else has the time.
    """
    if not may_book(account, wanted.offer):
        raise NotFound
    if wanted.region not in wanted.offer.licence_places:
        raise NotLicensed
    who = wanted.who
    person = _add(work, who) if isinstance(who, Newcomer) else get_known(account, who).person
    price = wanted.price
    if price is None:
        price = own_prices(person.id, work.now).of(wanted.offer.price, wanted.offer.offering_id)
    named = reserve(work, person.id, wanted.offer, wanted.start, deadline=wanted.deadline, price=price)
    record(work, account.actor, "time_reserved", named, {"price": price.minor_units})
    return named


def note_looked_up(work: Work, account: StaffAccount, count: int) -> None:
    """Note in the audit log that somebody asked who has an address, and how many were shown."""
    record(work, account.actor, "list_viewed", "clients_by_address", {"count": count})


def block(work: Work, account: StaffAccount, resource_id: int, span: Span) -> str:
    """Take time of a therapist or a room out; the reference of the block.

    :raises NotABlock: as blocks.block_time() does.
    :raises SlotTaken: when something has any of it.
    """
    named = blocks.block_time(work, resource_id, span).reference
    record(work, account.actor, "time_blocked", named)
    return named


def unblock(work: Work, account: StaffAccount, reference: str) -> None:
    """Give blocked time back.

    :raises NotFound: when there is none (any more), or it isn't this account's to see.
    """
    get_visible_block(account, reference)
    blocks.unblock_time(work, reference)
    record(work, account.actor, "time_unblocked", reference)


def withdraw(work: Work, account: StaffAccount, reference: str) -> None:
    """Take a wish off the waiting list. A time that is kept for it stays kept until its own answer.

    :raises NotFound: when there is none.
    :raises ChangedMeanwhile: when it doesn't count any more.
    """
    wish = work.session.get_one(Wish, get_wish(reference).id, with_for_update={"of": Wish}, populate_existing=True)
    if wish.state not in (WishState.WAITING, WishState.OFFERED):
        raise ChangedMeanwhile
    waiting_actions.withdraw_wish(work, wish)
    record(work, account.actor, "wish_withdrawn", reference)


def may_book(account: StaffAccount, offer: Offer) -> bool:
    """Whether this account books this therapist's time."""
    return sees_all(account) or offer.therapist_id == account.therapist_id


def _lock(work: Work, account: StaffAccount, reference: str, seen: str) -> Booking:
    """The booking, locked: of two at once the second reads what the first has done.

    :raises NotFound: when for this account there is none.
    :raises ChangedMeanwhile: when it stands otherwise than the page said.
    """
    booking = booking_actions.lock(work, reference)
    if not may_see(account, booking):
        raise NotFound
    if as_seen(booking) != seen:
        raise ChangedMeanwhile
    return booking


def _shares(terms: CancellationTerms) -> dict[Decision, Fraction]:
    return {Decision.RULE: terms.share, Decision.ALL: WHOLE, Decision.NOTHING: NOTHING}


def _differs(decision: Decision, terms: CancellationTerms) -> bool:
    """Waiving the fee without using up the client's one free late cancellation is not the rule either."""
    if decision is Decision.RULE:
        return False
    return _shares(terms)[decision] != terms.share or terms.kind is TermsKind.WAIVED


def _add(work: Work, newcomer: Newcomer) -> Person:
    person = add_person(work, newcomer.zone, newcomer.language)
    channels = ("email", "call") if newcomer.phone else ("email",)
    # Nobody asked who else reads their mail, so no calendar goes by it.
    contact = Contact(newcomer.first_name, newcomer.email, newcomer.phone, channels, calendar_by_mail=False)
    save_contact(person, contact)
    return person
