"""Referring out, and a request that its author takes back. Part of what changes a request."""

from __future__ import annotations

from collections.abc import Sequence

from practice.audit import record
from practice.booking import actions as booking
from practice.couples import lock_with_partner
from practice.errors import Conflict, NotFound
from practice.intake.models import Intake
from practice.languages import N_
from practice.notify.messages import Kind
from practice.people import Person
from practice.review.actions import end_with_refund
from practice.review.deciding import (
    DecidedMeanwhile,
    close,
    lock_ending,
    lock_request,
    lock_sent,
    refuse_unless_read,
    take_step,
    write_to_client,
)
from practice.review.endings import reckon, terms_seen
from practice.review.lifecycle import Step, may_take
from practice.review.own_request import is_newest, may_withdraw
from practice.review.referrals import find_offered
from practice.review.steps import mark_of, stage_of
from practice.staff.models import StaffAccount
from practice.work import Work


class ChangedForThem(Conflict):
    """A client takes back what stands otherwise by now."""

    title = N_("Something changed while you had this page open")
    way_out = N_("Nothing was taken back. Look at how it stands now.")


def refer_out(
    work: Work, account: StaffAccount, found: str, *, seen: str, ending: str, referrals: Sequence[str]
) -> None:
    """Name others who can help, and end the request as declining does, with all that was paid going back.

    `referrals` are references of the practice's list. A neutral letter leads the client to their page with the names.

    :raises DecidedMeanwhile: when it stands otherwise now, other bookings would end, or one of the list is gone.
    """
    intake = lock_request(work, account, found)
    refuse_unless_read(intake, Step.REFER_OUT, seen)
    offered = {one.reference for one in find_offered()}
    if not referrals or not set(referrals) <= offered or not is_newest(intake):
        raise DecidedMeanwhile
    row = take_step(work, intake, account.actor, Step.REFER_OUT, {"referrals": sorted(set(referrals))})
    ended = end_with_refund(work, intake, ending)
    write_to_client(work, intake, Kind.SOMETHING_WAITS, row)
    record(work, account.actor, "intake_referred_out", found, ended)


def withdraw(work: Work, person: Person, found: str, *, seen: str, ending: str) -> None:
    """The client takes their request back: what is booked by it ends by the usual policy, and no time can be booked.

    `seen` is steps.mark_of(), `ending` what endings.terms_seen() wrote, both as their page had them.

    :raises NotFound: when it isn't theirs.
    :raises ChangedForThem: when it can't be taken back any more, or other terms hold.
    """
    intake = lock_sent(work, found)
    if intake.person_id != person.id:
        raise NotFound
    unread = mark_of(intake) != seen or not may_take(stage_of(intake), Step.WITHDRAW)
    if unread or not is_newest(intake) or not may_withdraw(intake, work.now):
        raise ChangedForThem
    _withdraw(work, intake, f"client:{person.reference}", ending, ChangedForThem())


def note_withdrawn(work: Work, account: StaffAccount, found: str, *, seen: str, ending: str) -> None:
    """Staff note that a client took their request back; the same follows as when they do it themselves.

    :raises DecidedMeanwhile: when it stands otherwise now, or other terms hold.
    """
    intake = lock_request(work, account, found)
    refuse_unless_read(intake, Step.WITHDRAW, seen)
    _withdraw(work, intake, account.actor, ending, DecidedMeanwhile())


def _withdraw(work: Work, intake: Intake, actor: str, ending: str, lost: Conflict) -> None:
    take_step(work, intake, actor, Step.WITHDRAW)
    close(work, intake)
    bookings = lock_ending(work, intake)
    lock_with_partner(work, intake.person_id)  # nobody uses up the free late cancellation between reading and ending
    if terms_seen(reckon(bookings, work.now)) != ending:
        raise lost
    for one in bookings:
        booking.cancel(work, one)
    record(work, actor, "intake_withdrawn", intake.reference, {"bookings": len(bookings)})
