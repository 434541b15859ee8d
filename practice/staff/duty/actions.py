"""What changes duty's tables: turns, and notices that call until somebody has read them. Each in its caller's work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, select

from practice.audit import record
from practice.database import add_if_absent
from practice.errors import NotFound, Refused
from practice.intake.desk import desk_hours
from practice.intake.models import Intake
from practice.intake.queries import get_intake
from practice.languages import N_
from practice.profile import profile
from practice.staff.duty.calling import callees_of, next_call
from practice.staff.duty.messages import NoticeDue
from practice.staff.duty.models import DutyTurn, UrgentNotice
from practice.staff.duty.queries import find_callees, list_turns
from practice.staff.models import CLINICIAN, StaffAccount
from practice.work import Work

ONE_DAY = timedelta(days=1)
LONGEST_TURN = timedelta(days=366)


class NoClinician(Refused):
    """Somebody was named who may not read what a notice is about."""

    title = N_("Only a clinician can be on duty")
    way_out = N_("Choose somebody who may read “Just for you”.")


class NoSuchTurn(Refused):
    """A turn that ends before it begins, is over already, or lasts longer than anybody can mean."""

    title = N_("These dates make no turn")
    way_out = N_("The last day comes after the first, is still ahead, and is at most a year away from it.")


def save_week(work: Work, actor: str, week: Mapping[int, int | None]) -> None:
    """Say who is on duty on the weekdays (0 is Monday) of every week, by account; None names nobody for that day.

    What stays as it was keeps its turn.

    :raises NoClinician: when one of them is none.
    """
    standing = select(DutyTurn).where(DutyTurn.weekday.is_not(None), DutyTurn.ended_at.is_(None))
    turns = list(work.session.scalars(standing.order_by(DutyTurn.id).with_for_update(of=DutyTurn)))
    for weekday, account_id in week.items():
        before = [turn for turn in turns if turn.weekday == weekday]
        if [turn.account_id for turn in before] == ([] if account_id is None else [account_id]):
            continue
        for turn in before:
            _end(work, actor, turn)
        if account_id is not None:
            account = _clinician(work, account_id)
            turn = DutyTurn(account_id=account.id, weekday=weekday, set_at=work.now, set_by=actor)
            _add(work, actor, turn, {"weekday": weekday})


def take_dates(work: Work, actor: str, first: date, last: date, account_id: int) -> DutyTurn:
    """Have somebody on duty from one local date to another, both included; from now, where the first has begun.

    :raises NoClinician: when they are none.
    :raises NoSuchTurn: when the dates make none.
    """
    account = _clinician(work, account_id)
    starts, ends = max(_midnight(first), work.now), _midnight(last + ONE_DAY)
    if last < first or ends <= work.now or ends - starts > LONGEST_TURN:
        raise NoSuchTurn
    turn = DutyTurn(account_id=account.id, starts_at=starts, ends_at=ends, set_at=work.now, set_by=actor)
    return _add(work, actor, turn, {"first": first.isoformat(), "last": last.isoformat()})


def end_turn(work: Work, actor: str, number: int) -> None:
    """End a turn; it stays in the history. Twice is as good as once.

    :raises NotFound: when there is none of this number.
    """
    turn = work.session.get(DutyTurn, number, with_for_update={"of": DutyTurn}, populate_existing=True)
    if turn is None:
        raise NotFound
    if turn.ended_at is None:
        _end(work, actor, turn)


def end_turns_of(work: Work, actor: str, account_id: int) -> int:
    """End every turn of somebody that stands and isn't over; how many."""
    turns = [turn for turn in list_turns(work.now) if turn.account_id == account_id]
    for turn in turns:
        end_turn(work, actor, turn.id)
    return len(turns)


def raise_notice(work: Work, reference: str, moment: str) -> list[StaffAccount]:
    """Call about a part of an intake for the first time; who is called. Nobody, when that was done already.

    :raises NotFound: when there is no such intake that was sent, or it was erased.
    """
    intake = get_intake(reference)
    raised = {"intake_id": intake.id, "moment": moment, "raised_at": work.now, "step": 0, "called_at": work.now}
    if not add_if_absent(work.session, UrgentNotice, **raised):
        return []
    record(work, "worker", "notice_raised", reference)
    notice = _lock_notice(work, reference, moment)
    return _call(work, notice, 0) if notice is not None else []


def call_again(work: Work, reference: str, moment: str, step: int) -> list[StaffAccount]:
    """Call about a part of an intake once more; who is called. Nobody, when it was read or this step called before."""
    notice = _lock_notice(work, reference, moment)
    if notice is None or notice.read_at is not None or notice.intake.erased_at is not None or step <= notice.step:
        return []
    return _call(work, notice, step)


def mark_read(work: Work, actor: str, reference: str) -> None:
    """Somebody has looked: it calls nobody any more. Whoever was first is kept; without a notice nothing happens."""
    for notice in work.session.scalars(_locked(reference).order_by(UrgentNotice.moment)).all():
        if notice.read_at is None:
            notice.read_at, notice.read_by = work.now, actor
            work.session.flush()
            record(work, actor, "notice_read", reference, {"step": notice.step})


def forget_notices(work: Work, person_id: int) -> None:
    """Erase that anybody was called about somebody's answers; what was to call finds nothing to do."""
    theirs = select(Intake.id).where(Intake.person_id == person_id)
    work.session.execute(delete(UrgentNotice).where(UrgentNotice.intake_id.in_(theirs)))


def _call(work: Work, notice: UrgentNotice, step: int) -> list[StaffAccount]:
    notice.step, notice.called_at = step, work.now
    work.session.flush()
    due = next_call(step, notice.raised_at, work.now, desk_hours(work.now))
    work.post(NoticeDue(notice.intake.reference, step + 1, notice.moment), due=due)
    return find_callees(callees_of(step), work.now)


def _lock_notice(work: Work, reference: str, moment: str) -> UrgentNotice | None:
    return work.session.scalars(_locked(reference).where(UrgentNotice.moment == moment)).one_or_none()


def _locked(reference: str) -> Select[UrgentNotice]:
    found = select(UrgentNotice).join(Intake, Intake.id == UrgentNotice.intake_id).where(Intake.reference == reference)
    return found.with_for_update(of=UrgentNotice).execution_options(populate_existing=True)


def _clinician(work: Work, account_id: int) -> StaffAccount:
    account = work.session.get(StaffAccount, account_id)
    if account is None or not account.active or not account.is_any_of(CLINICIAN):
        raise NoClinician
    return account


def _add(work: Work, actor: str, turn: DutyTurn, said: dict[str, str | int]) -> DutyTurn:
    work.session.add(turn)
    work.session.flush()
    record(work, actor, "duty_set", f"staff:{turn.account_id}", {"turn": turn.id, **said})
    return turn


def _end(work: Work, actor: str, turn: DutyTurn) -> None:
    turn.ended_at, turn.ended_by = work.now, actor
    work.session.flush()
    record(work, actor, "duty_ended", f"staff:{turn.account_id}", {"turn": turn.id})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(profile().zone)).astimezone(UTC)
