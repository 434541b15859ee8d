"""What the desk does: open, own, decide, note. The only writer of review's table, and of how an intake is reviewed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update

from practice.audit import record
from practice.booking import actions as booking
from practice.booking.eligibility import Grant, grant_eligibility, note_accepted
from practice.consents import actions as consents
from practice.consents.documents import Document
from practice.couples import find_partner
from practice.errors import Conflict, NotFound, Refused
from practice.intake.desk import desk_hours
from practice.intake.models import Intake
from practice.intake.queries import SENT, lock_intake
from practice.payments import reviews
from practice.people import Person
from practice.review.corrections import find_unseen
from practice.review.endings import as_seen, find_reviewed, is_latest, list_ending, refund_for
from practice.review.messages import LookDue
from practice.review.models import IntakeNote
from practice.review.queries import find_deciders, was_looked_at
from practice.review.seeing import find_sight, find_sight_of, roles_of
from practice.review.sight import Sight, decides, reads_private
from practice.review.targets import red_targets_of
from practice.sealing import vault
from practice.staff.duty import actions as duty
from practice.staff.duty.queries import find_owner_for
from practice.staff.models import StaffAccount
from practice.tokens import reference
from practice.work import Work

NEW, ACCEPTED, DECLINED = "new", "accepted", "declined"
PRIVATE = "private"
CORRECTING = "correct"  # one page of what everybody reads, without what is new on the others


class DecidedMeanwhile(Conflict):
    """Somebody else decided, or paid, between the reading and the deciding."""

    title = "This request changed while you read it"
    way_out = "Look at it as it stands now. Nothing that you sent was done."


def open_intake(work: Work, account: StaffAccount, found: str, page: str) -> Sight | None:
    """Note in the audit log that somebody opens a page of an intake, and say how much they see.

    None means that the page does not exist for them, which is noted too. `page` names what they asked for.

    :raises NotFound: when there is no such intake for anybody.
    """
    intake = _get(work, found)
    sight = find_sight(account, intake)
    allowed = sight is not None and (page != PRIVATE or reads_private(roles_of(account)))
    # The intake, its notice, the log: in the order in which deciding locks them.
    news = page != CORRECTING and (not was_looked_at(intake) or bool(find_unseen([intake])))
    if allowed and reads_private(roles_of(account)) and news:
        work.session.execute(update(Intake).where(Intake.id == intake.id).values(looked_at=work.now))
    if allowed and page == PRIVATE:
        duty.mark_read(work, account.actor, intake.reference)
    partner = find_partner(intake.person_id)
    if allowed and partner is not None and page != PRIVATE:  # the page says who comes with them
        record(work, account.actor, "couple_viewed", partner.reference)
    record(work, account.actor, "intake_viewed" if allowed else "intake_refused", intake.reference, {"page": page})
    return sight if allowed else None


def mark_read(work: Work, account: StaffAccount, found: str) -> None:
    """Stop an urgent notice from calling, without opening what it is about.

    :raises NotFound: when this account doesn't decide, or there is no such intake.
    """
    duty.mark_read(work, account.actor, _lock(work, account, found).reference)


def give_to_duty(work: Work, found: str) -> None:
    """Give a new request to the clinician on duty; where several might be, nobody has it before one takes it.

    Every request is given, not the red alone: else its having an owner would tell whoever coordinates.
    """
    intake = lock_intake(found)
    whose = find_owner_for(work.now)
    if intake.owner is not None or whose is None:
        return
    intake.owner = whose.actor
    work.session.flush()
    record(work, "worker", "request_given", intake.reference, {"to": whose.actor})


def post_look_due(work: Work, found: str, moment: str, sent: datetime) -> None:
    """Have what came of a red request at `sent` called for, unless somebody looks on the business day on which it came.

    `moment`: its part, or a correction of it.
    """
    work.post(LookDue(found, moment), due=red_targets_of(sent, desk_hours(work.now)).look_by)


def take(work: Work, account: StaffAccount, found: str, *, seen: str) -> None:
    """Make a request one's own. `seen` is the owner whom the page showed, empty for none.

    :raises DecidedMeanwhile: when it is somebody else's now.
    """
    _give(work, account, found, account, seen=seen)


def hand_over(work: Work, account: StaffAccount, found: str, to: int, *, seen: str) -> None:
    """Make a request somebody else's: a clinician's or the owner's, by the number of the account.

    :raises DecidedMeanwhile: when it is somebody else's now.
    :raises NotFound: when there is nobody of this number who decides about requests.
    """
    whose = next((one for one in find_deciders() if one.id == to), None)
    if whose is None:
        raise NotFound
    _give(work, account, found, whose, seen=seen)


def open_pulse(work: Work, account: StaffAccount, found: str) -> list[Person]:
    """Note that somebody opens how it goes with whoever sent this intake; the people whose lines they see.

    That is this person, and the partner where this account sees what is clinical of the partner too. Nobody at all
    means that the page does not exist for them, which is noted too.

    :raises NotFound: when there is no such intake for anybody.
    """
    intake = _get(work, found)
    if find_sight(account, intake) is not Sight.CLINICAL:
        record(work, account.actor, "pulse_refused", intake.reference)
        return []
    record(work, account.actor, "pulse_viewed", intake.reference)
    partner = find_partner(intake.person_id)
    if partner is None or find_sight_of(account, partner.id) is not Sight.CLINICAL:
        return [intake.person]
    record(work, account.actor, "pulse_viewed", partner.reference)
    return [intake.person, partner]


def note_list_viewed(work: Work, account: StaffAccount, which: str, count: int) -> None:
    """Note in the audit log that somebody read a list of clients."""
    record(work, account.actor, "list_viewed", which, {"count": count})


def accept(work: Work, account: StaffAccount, found: str, *, seen: str) -> None:
    """Take the request: what its cards have authorised is taken, and then its sessions stand.

    `seen` is the state that the reviewer read.

    :raises DecidedMeanwhile: when it stands otherwise now.
    :raises TooLateToAccept: when a time of it has begun, or can't be charged any more.
    """
    intake = _lock(work, account, found)
    if seen != NEW or intake.review_state != NEW:
        raise DecidedMeanwhile
    _decide(work, account, intake, ACCEPTED)
    if is_latest(intake):
        note_accepted(work, intake.person_id)
        for one in find_reviewed(intake):
            reviews.approve(work, booking.lock(work, one.reference), account.actor)
    record(work, account.actor, "intake_accepted", intake.reference)


def decline(work: Work, account: StaffAccount, found: str, *, seen: str, ending: str) -> None:
    """Decline the request: its bookings end, all that was paid goes back, and nothing can be booked by it any more.

    `seen` is the state that the reviewer read, `ending` the bookings, as endings.as_seen() writes them.

    :raises DecidedMeanwhile: when it stands otherwise now, or other bookings would end.
    """
    intake = _lock(work, account, found)
    if intake.review_state != seen or intake.review_state == DECLINED:
        raise DecidedMeanwhile
    _decide(work, account, intake, DECLINED)
    # The leave to book first, then the bookings: in the order in which a client's own hold locks them.
    if is_latest(intake):
        grant_eligibility(work, intake.person, Grant(attendance=(), places=(), region=""))
        work.session.flush()
    bookings = [booking.lock(work, one.reference) for one in reversed(list_ending(intake))]  # in order of id
    if as_seen(bookings) != ending:
        raise DecidedMeanwhile
    refunds = refund_for(bookings)
    for one in bookings:
        booking.decline(work, one)
    record(
        work,
        account.actor,
        "intake_declined",
        intake.reference,
        {"bookings": len(bookings), **{f"refund_{paid.currency}": paid.minor_units for paid in refunds}},
    )


def add_note(work: Work, account: StaffAccount, found: str, text: str) -> IntakeNote | None:
    """Write a note, sealed with the key of the person it is about.

    None means that this account sees nothing clinical of the intake, which is noted in the audit log.

    :raises NotFound: when there is no such intake for anybody.
    """
    intake = _get(work, found)
    if find_sight(account, intake) is not Sight.CLINICAL:
        record(work, account.actor, "intake_refused", intake.reference, {"page": "note"})
        return None
    note = IntakeNote(
        reference=reference("n"), intake_id=intake.id, author_id=account.id, written_at=work.now, sealed=b""
    )
    note.sealed = vault().seal(intake.person_id, text, table="intake_note", row=note.reference, column="text")
    work.session.add(note)
    work.session.flush()
    record(work, account.actor, "note_written", intake.reference, {"note": note.reference})
    return note


def note_paper(work: Work, account: StaffAccount, found: str, document: Document) -> None:
    """Note that the person of an intake signed a document on paper; of a partner it says nothing.

    :raises NotFound: when this account doesn't see the intake.
    :raises WordsChanged: when the document has other words by now.
    """
    intake = _get(work, found)
    if find_sight(account, intake) is None:
        raise NotFound
    consents.note_paper(work, intake.person, document, account.actor)


def _give(work: Work, account: StaffAccount, found: str, whose: StaffAccount, *, seen: str) -> None:
    intake = _lock(work, account, found)
    if (intake.owner or "") != seen:
        raise DecidedMeanwhile
    intake.owner = whose.actor
    work.session.flush()
    record(work, account.actor, "request_given", intake.reference, {"to": whose.actor})


def forget_notes(work: Work, person_id: int) -> int:
    """Erase every note about somebody; how many."""
    theirs = select(Intake.id).where(Intake.person_id == person_id)
    gone = work.session.execute(delete(IntakeNote).where(IntakeNote.intake_id.in_(theirs)))
    return cast("CursorResult[Any]", gone).rowcount


def _get(work: Work, found: str) -> Intake:
    intake = work.session.scalars(select(Intake).where(Intake.reference == found, SENT)).one_or_none()
    if intake is None:
        raise NotFound
    return intake


def _lock(work: Work, account: StaffAccount, found: str) -> Intake:
    """The intake, locked: of two reviewers the second reads what the first has decided."""
    if not decides(roles_of(account)):
        raise NotFound
    intake = work.session.scalars(
        select(Intake)
        .where(Intake.reference == found, SENT)
        .with_for_update(of=Intake)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if intake is None:
        raise NotFound
    return intake


def _decide(work: Work, account: StaffAccount, intake: Intake, state: str) -> None:
    if state not in (ACCEPTED, DECLINED):
        raise Refused
    intake.review_state = state
    intake.decided_at = work.now
    intake.decided_by = account.actor
    work.session.flush()
