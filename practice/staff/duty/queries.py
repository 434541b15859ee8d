"""What duty reads: the rota, who is on duty, and the notices that nobody has read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, func, or_, select

from practice.database import among, db
from practice.intake.models import Intake
from practice.profile import profile
from practice.staff.duty.calling import Callees, callees_of
from practice.staff.duty.models import DutyTurn, UrgentNotice
from practice.staff.duty.rota import Turn, on_duty
from practice.staff.models import CLINICIAN, OWNER, StaffAccount
from practice.staff.queries import find_with_roles

HISTORY_SHOWN = 50
ANSWERED_FOR = timedelta(days=1)


def list_turns(now: datetime) -> list[DutyTurn]:
    """The turns that stand and are not over: the week first, then dates, the next one first."""
    found = select(DutyTurn).where(*_standing(now)).order_by(DutyTurn.weekday, DutyTurn.starts_at, DutyTurn.id)
    return sorted(db.session.scalars(found), key=lambda turn: turn.weekday is None)


def list_bygone_turns(now: datetime) -> list[DutyTurn]:
    """The turns that were ended or are over, the latest first."""
    over = or_(DutyTurn.ended_at.is_not(None), DutyTurn.ends_at <= now)
    return list(db.session.scalars(select(DutyTurn).where(over).order_by(DutyTurn.id.desc()).limit(HISTORY_SHOWN)))


def find_on_duty(now: datetime) -> StaffAccount | None:
    """The clinician on duty; None where nobody is named, so that every clinician is."""
    clinicians = {account.id: account for account in find_with_roles(CLINICIAN)}
    turns = [Turn(one.id, one.account_id, one.weekday, one.starts_at, one.ends_at) for one in list_turns(now)]
    found = on_duty(turns, now, profile().zone, clinicians)
    return clinicians[found] if found is not None else None


def find_owner_for(now: datetime) -> StaffAccount | None:
    """Whose a new request is: the clinician on duty, or the only one there is. None where several might be."""
    named = find_on_duty(now)
    if named is not None:
        return named
    clinicians = find_with_roles(CLINICIAN)
    return clinicians[0] if len(clinicians) == 1 else None


def find_callees(callees: Callees, now: datetime) -> list[StaffAccount]:
    """The accounts that are called; where there is no clinician at all, the owner."""
    clinicians = find_with_roles(CLINICIAN) or find_with_roles(OWNER)
    if callees is Callees.ON_DUTY:
        named = find_on_duty(now)
        return [named] if named is not None else clinicians
    if callees is Callees.CLINICIANS:
        return clinicians
    return find_with_roles(CLINICIAN, OWNER)


def calling(account: StaffAccount, people: Collection[int], now: datetime) -> Select[int, int, datetime | None]:
    """The notices about these people that wait, or that this clinician answered within a day, for find_called_to()."""
    lately = and_(UrgentNotice.read_by == account.actor, UrgentNotice.read_at > now - ANSWERED_FOR)
    return (
        select(Intake.person_id, UrgentNotice.step, UrgentNotice.read_at.label("at"))
        .join(Intake, Intake.id == UrgentNotice.intake_id)
        .where(among(Intake.person_id, people), Intake.erased_at.is_(None))
        .where(or_(UrgentNotice.read_at.is_(None), lately))
    )


def find_called_to(account: StaffAccount, rows: Sequence[Row[Any]], now: datetime) -> set[int]:
    """The people to whom a notice calls this clinician, or whose notice they answered lately: `rows` of calling().

    Before it calls every clinician it calls whoever is on duty now. Who answered it needs time to see to it.
    """
    for_duty = [row.at is None and callees_of(row.step) is Callees.ON_DUTY for row in rows]
    on_duty = any(for_duty) and is_on_duty(account, now)
    return {row.person_id for row, duty_alone in zip(rows, for_duty, strict=True) if on_duty or not duty_alone}


def is_on_duty(account: StaffAccount, now: datetime) -> bool:
    """Whether this clinician is on duty now; where nobody is named, each of them is."""
    return find_on_duty(now) in (None, account)


def is_unread(reference: str) -> bool:
    """Whether a notice about this intake waits still."""
    found = select(UrgentNotice.intake_id).join(Intake, Intake.id == UrgentNotice.intake_id)
    unread = found.where(Intake.reference == reference, UrgentNotice.read_at.is_(None), Intake.erased_at.is_(None))
    return db.session.scalar(unread.limit(1)) is not None


def find_unread() -> dict[int, datetime]:
    """Since when the oldest notice waits that nobody has read, by the id of its intake."""
    found = select(UrgentNotice.intake_id, UrgentNotice.raised_at).join(Intake, Intake.id == UrgentNotice.intake_id)
    unread = found.where(UrgentNotice.read_at.is_(None), Intake.erased_at.is_(None))
    # The newest first, so that the oldest stays.
    return {row.intake_id: row.raised_at for row in db.session.execute(unread.order_by(UrgentNotice.raised_at.desc()))}


def unread_since() -> ScalarSelect[datetime]:
    """Of an intake, as part of a query: what find_unread() says of it."""
    found = select(func.min(UrgentNotice.raised_at)).where(UrgentNotice.intake_id == Intake.id)
    return found.where(UrgentNotice.read_at.is_(None)).correlate(Intake).scalar_subquery()


def _standing(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return DutyTurn.ended_at.is_(None), or_(DutyTurn.ends_at.is_(None), DutyTurn.ends_at > now)
