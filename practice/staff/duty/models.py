"""Duty: who is on duty when, and the urgent notices that wait to be read. Nothing of a client stands here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.database import Model
from practice.intake.models import Intake
from practice.staff.models import StaffAccount


class DutyTurn(Model):
    """Somebody's duty: on one weekday of every week, or from one instant to another. It is ended, never changed."""

    __tablename__ = "duty_turn"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    weekday: Mapped[int | None]  # 0 is Monday, in the practice's zone
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_by: Mapped[str | None] = mapped_column(String(60))
    account: Mapped[StaffAccount] = relationship(lazy="joined", innerjoin=True)
    __table_args__ = (
        CheckConstraint(
            "(weekday BETWEEN 0 AND 6 AND starts_at IS NULL AND ends_at IS NULL)"
            " OR (weekday IS NULL AND starts_at < ends_at)",
            name="weekly_or_dated",
        ),
    )


class UrgentNotice(Model):
    """That a clinician should open an intake now. It calls, step by step, until `read_at` is set.

    Another occasion raises it anew; the audit log has each time that it was raised and read.
    """

    __tablename__ = "urgent_notice"
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"), primary_key=True, autoincrement=False)
    occasions: Mapped[str] = mapped_column(String(200))  # of each message that raised it, with | between
    raised_at: Mapped[datetime]
    step: Mapped[int]  # how far it has called: see calling.py
    called_at: Mapped[datetime]  # when that was
    read_at: Mapped[datetime | None] = mapped_column(index=True)
    read_by: Mapped[str | None] = mapped_column(String(60))  # as the audit log names them
    intake: Mapped[Intake] = relationship(lazy="joined", innerjoin=True)
    __table_args__ = (CheckConstraint("(read_at IS NULL) = (read_by IS NULL)", name="read_by_somebody"),)
