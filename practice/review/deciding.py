"""What every step of a request does: lock, compare with what was read, move on, note. Part of actions.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select

from practice.audit import record
from practice.booking import actions as booking
from practice.booking.eligibility import Grant, grant_eligibility
from practice.booking.models import Booking
from practice.errors import Conflict, NotFound
from practice.intake.models import Intake
from practice.intake.queries import SENT
from practice.languages import N_
from practice.notify.messages import CLIENT, Kind, SendLetter
from practice.review.endings import is_latest, list_ending
from practice.review.lifecycle import OPEN, Step, next_stage
from practice.review.models import ReviewStep
from practice.review.seeing import roles_of, ties_to
from practice.review.sight import Rule, decides
from practice.review.steps import last_number, mark_of, may_go_on, seal_step, stage_of
from practice.staff.models import StaffAccount
from practice.tokens import reference as new_reference
from practice.work import Work


class DecidedMeanwhile(Conflict):
    """Somebody else decided, or paid, between the reading and the deciding."""

    title = N_("This request changed while you read it")
    way_out = N_("Look at it as it stands now. Nothing that you sent was done.")


def lock_request(work: Work, account: StaffAccount, found: str, may: Rule = decides) -> Intake:
    """The intake, locked: of two reviewers the second reads what the first has decided.

    :raises NotFound: when there is no such intake, or this account may not.
    """
    intake = lock_sent(work, found)
    if not may(roles_of(account), ties_to(account, intake.person_id)):
        raise NotFound
    return intake


def lock_sent(work: Work, found: str) -> Intake:
    """A sent intake, locked until the work ends, as the database has it now.

    :raises NotFound: when there is none.
    """
    intake = work.session.scalars(
        select(Intake)
        .where(Intake.reference == found, SENT)
        .with_for_update(of=Intake)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if intake is None:
        raise NotFound
    return intake


def refuse_unless_read(intake: Intake, step: Step, seen: str) -> None:
    """
    :raises DecidedMeanwhile: when it stands otherwise than `seen` (steps.mark_of) says, or so that it can't go on so.
    """
    if mark_of(intake) != seen or not may_go_on(intake, step):
        raise DecidedMeanwhile


def take_step(work: Work, intake: Intake, actor: str, step: Step, told: Mapping[str, Any] | None = None) -> ReviewStep:
    """Move a locked request on, and keep with it what belongs to the step, sealed.

    :raises NoSuchStep: when the table doesn't have it; the caller has asked before.
    """
    stage = next_stage(stage_of(intake), step)
    row = ReviewStep(
        reference=new_reference("rs"),
        intake_id=intake.id,
        number=last_number(intake) + 1,
        step=step.value,
        stage=stage.value,
        taken_at=work.now,
        taken_by=actor,
    )
    row.sealed = seal_step(intake, row, told) if told is not None else None
    work.session.add(row)
    intake.review_state = stage.value
    if stage not in OPEN:
        intake.decided_at, intake.decided_by = work.now, actor
    work.session.flush()
    return row


def close(work: Work, intake: Intake) -> None:
    """Nothing can be booked by this request any more; of an older one nothing follows."""
    if is_latest(intake):
        grant_eligibility(work, intake.person, Grant(attendance=(), places=(), region=""))
        work.session.flush()


def lock_ending(work: Work, intake: Intake) -> list[Booking]:
    """The bookings that end with a request, locked in order of id. After close(), as a client's own hold locks them."""
    return [booking.lock(work, one.reference) for one in list_ending(intake, work.now)]


def write_to_client(work: Work, intake: Intake, letter: Kind, row: ReviewStep) -> None:
    """Have a neutral letter sent to whoever sent this request, if they allow mail."""
    since = work.now.isoformat()
    work.post(SendLetter(letter.value, intake.person.reference, CLIENT, row.reference, since=since))


def own_it(work: Work, intake: Intake, account: StaffAccount) -> None:
    """Whoever begins something with a request that nobody has, has it: the answer comes to them."""
    if intake.owner is None:
        intake.owner = account.actor
        record(work, account.actor, "request_given", intake.reference, {"to": account.actor})


def forget_steps(work: Work, person_id: int) -> None:
    """Erase every step of somebody's requests: what they were asked, and what they answered."""
    theirs = select(Intake.id).where(Intake.person_id == person_id)
    work.session.execute(delete(ReviewStep).where(ReviewStep.intake_id.in_(theirs)))


def forget_steps_of_the_erased(work: Work) -> int:
    """The same of every request whose answers were erased meanwhile; how many steps."""
    gone = select(Intake.id).where(Intake.erased_at.is_not(None))
    found = work.session.execute(delete(ReviewStep).where(ReviewStep.intake_id.in_(gone)))
    return cast("CursorResult[Any]", found).rowcount
