"""What the desk does: open, own, decide. The only writer of how an intake is reviewed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from practice.audit import record
from practice.booking import actions as booking
from practice.booking.eligibility import Chosen, note_accepted
from practice.consents import actions as consents
from practice.consents.documents import Document
from practice.couples import find_partner
from practice.errors import NotFound
from practice.intake.desk import desk_hours
from practice.intake.models import Intake
from practice.intake.queries import SENT, lock_intake
from practice.intake.questions import BOOKER
from practice.notify.messages import Kind
from practice.payments import reviews
from practice.people import Person
from practice.review.corrections import find_unseen
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
from practice.review.endings import as_seen, find_reviewed, is_latest, keeps_time, refund_for
from practice.review.given_away import FROM
from practice.review.glass_actions import takes_over
from practice.review.lifecycle import Stage, Step, may_take
from practice.review.messages import LookDue
from practice.review.queries import find_deciders, was_looked_at
from practice.review.seeing import find_sight, find_sight_of, roles_of, ties_to, under
from practice.review.sight import (
    Rule,
    Sight,
    answers_for,
    clears,
    decides,
    reads_private_of,
    sight_of,
)
from practice.review.steps import stage_of
from practice.review.targets import red_targets_of
from practice.staff.duty import actions as duty
from practice.staff.duty.queries import find_owner_for
from practice.staff.models import StaffAccount
from practice.work import Work

PRIVATE = "private"
CORRECTING = "correct"  # one page of what everybody reads, without what is new on the others
# Pages that exist only for some of those who see the intake.
NEEDS: dict[str, Rule] = {
    PRIVATE: reads_private_of,
    CORRECTING: lambda _, ties: answers_for(ties),
    **dict.fromkeys(("accept", "ask", "call", "decline", "refer", "withdrawn"), decides),
    "flag": clears,
}


def open_intake(work: Work, account: StaffAccount, found: str, page: str) -> Sight | None:
    """Note in the audit log that somebody opens a page of an intake, and say how much they see.

    None means that the page does not exist for them, which is noted too. `page` names what they asked for.

    :raises NotFound: when there is no such intake for anybody.
    """
    intake = _get(work, found)
    roles, ties = roles_of(account), ties_to(account, intake.person_id)
    sight = sight_of(roles, ties=ties)
    allowed = sight is not None and (page not in NEEDS or NEEDS[page](roles, ties))
    # The intake, its notice, the log: in the order in which deciding locks them.
    news = page != CORRECTING and (not was_looked_at(intake) or bool(find_unseen([intake])))
    if allowed and clears(roles, ties) and news:
        work.session.execute(update(Intake).where(Intake.id == intake.id).values(looked_at=work.now))
    if allowed and page == PRIVATE and clears(roles, ties):
        duty.mark_read(work, account.actor, intake.reference)
    partner = find_partner(intake.person_id)
    if allowed and partner is not None and page != PRIVATE:  # the page says who comes with them
        record(
            work, account.actor, "couple_viewed", partner.reference, {"page": "partner", **under(account, [partner.id])}
        )
    said = {"page": page, **under(account, [intake.person_id])}
    record(work, account.actor, "intake_viewed" if allowed else "intake_refused", intake.reference, said)
    return sight if allowed else None


def mark_read(work: Work, account: StaffAccount, found: str) -> None:
    """Stop an urgent notice from calling, without opening what it is about.

    :raises NotFound: when this account doesn't decide, or there is no such intake.
    """
    duty.mark_read(work, account.actor, lock_request(work, account, found).reference)


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
    """Make a request one's own, and begin to review it. `seen` is the owner whom the page showed, empty for none.

    :raises DecidedMeanwhile: when it is somebody else's now.
    :raises NotFound: when this account can't make it its own.
    """
    intake = _give(work, account, found, account, seen=seen)
    if may_take(stage_of(intake), Step.TAKE):
        take_step(work, intake, account.actor, Step.TAKE)
        record(work, account.actor, "review_begun", intake.reference)


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
    record(work, account.actor, "pulse_viewed", intake.reference, under(account, [intake.person_id]))
    partner = find_partner(intake.person_id)
    if partner is None or find_sight_of(account, partner.id) is not Sight.CLINICAL:
        return [intake.person]
    record(work, account.actor, "pulse_viewed", partner.reference, under(account, [partner.id]))
    return [intake.person, partner]


def note_list_viewed(work: Work, account: StaffAccount, which: str, count: int) -> None:
    """Note in the audit log that somebody read a list of clients."""
    record(work, account.actor, "list_viewed", which, {"count": count})


def accept(work: Work, account: StaffAccount, found: str, *, seen: str, chosen: Chosen | None = None) -> None:
    """Take the request: what its cards have authorised is taken, and then its sessions stand.

    `seen` is what the reviewer read (steps.mark_of), `chosen` what they may book from now on; None: all they asked for.
    Where no time is kept for them yet, a letter tells them that they can choose one. Of an invited partner it says that
    their answers were read: they book nothing by them, and nothing follows.

    :raises DecidedMeanwhile: when it stands otherwise now; also where it is accepted, and nothing is chosen otherwise.
    :raises TooLateToAccept: when a time of it has begun, or can't be charged any more.
    """
    intake = lock_request(work, account, found)
    refuse_unless_read(intake, Step.ACCEPT, seen)
    if not _may_accept(intake, chosen):
        raise DecidedMeanwhile
    row = take_step(work, intake, account.actor, Step.ACCEPT, _told(chosen))
    if is_latest(intake):
        note_accepted(work, intake.person_id, chosen)
        for one in find_reviewed(intake):
            reviews.approve(work, booking.lock(work, one.reference), account.actor)
        if not keeps_time(intake):
            write_to_client(work, intake, Kind.READY_TO_BOOK, row)
    record(work, account.actor, "intake_accepted", intake.reference, {"narrowed": int(chosen is not None)})


def decline(work: Work, account: StaffAccount, found: str, *, seen: str, ending: str) -> None:
    """Decline the request: its bookings end, all that was paid goes back, and nothing can be booked by it any more.

    `seen` is what the reviewer read (steps.mark_of), `ending` the bookings, as endings.as_seen() writes them.

    :raises DecidedMeanwhile: when it stands otherwise now, or other bookings would end.
    """
    intake = lock_request(work, account, found)
    refuse_unless_read(intake, Step.DECLINE, seen)
    take_step(work, intake, account.actor, Step.DECLINE)
    record(work, account.actor, "intake_declined", intake.reference, end_with_refund(work, intake, ending))


def end_with_refund(work: Work, intake: Intake, ending: str) -> dict[str, str | int]:
    """End a request's bookings with all that was paid going back; how many, and the sums by currency, for the log.

    :raises DecidedMeanwhile: when others would end than `ending` says.
    """
    close(work, intake)
    bookings = lock_ending(work, intake)
    if as_seen(bookings) != ending:
        raise DecidedMeanwhile
    refunds = refund_for(bookings)
    for one in bookings:
        booking.decline(work, one)
    return {"bookings": len(bookings), **{f"refund_{paid.currency}": paid.minor_units for paid in refunds}}


def note_paper(work: Work, account: StaffAccount, found: str, document: Document) -> None:
    """Note that the person of an intake signed a document on paper; of a partner it says nothing.

    :raises NotFound: when this account doesn't see the intake.
    :raises WordsChanged: when the document has other words by now.
    """
    intake = _get(work, found)
    if find_sight(account, intake) is None:
        raise NotFound
    consents.note_paper(work, intake.person, document, account.actor)


def _give(work: Work, account: StaffAccount, found: str, whose: StaffAccount, *, seen: str) -> Intake:
    if whose is account:
        intake = lock_sent(work, found)
        if not takes_over(account, intake):
            raise NotFound
    else:
        intake = lock_request(work, account, found)
    if (intake.owner or "") != seen:
        raise DecidedMeanwhile
    if intake.owner != whose.actor:
        intake.owner = whose.actor
        work.session.flush()
        record(work, account.actor, "request_given", intake.reference, {"to": whose.actor, FROM: seen})
    return intake


def _get(work: Work, found: str) -> Intake:
    intake = work.session.scalars(select(Intake).where(Intake.reference == found, SENT)).one_or_none()
    if intake is None:
        raise NotFound
    return intake


def _may_accept(intake: Intake, chosen: Chosen | None) -> bool:
    if chosen is None:
        return stage_of(intake) is not Stage.ACCEPTED  # a plain yes once more would leave what was chosen before
    return intake.audience == BOOKER


def _told(chosen: Chosen | None) -> dict[str, list[int]] | None:
    if chosen is None:
        return None
    return {"therapists": sorted(chosen.therapist_ids), "offerings": sorted(chosen.offering_ids)}
