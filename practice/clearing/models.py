"""What clinicians decide about two people's joint time, and about flags. Rows are added; of what was read, only marks.

What is written about two people opens only with both people's keys (two_keys.py), so that erasing either erases it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.models import Booking
from practice.couples import Couple
from practice.database import Model
from practice.intake.models import Intake


class Clearance(Model):
    """A clinician's yes to a couple's joint time, and what they had read when they said so.

    `number` counts a couple's clearances from 1; the last one counts. `sealed` is JSON: the reason, the codes of the
    flags that were there, and a mark of all that was answered. It ends by itself once any of that is otherwise.
    """

    __tablename__ = "clearance"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    couple_id: Mapped[int] = mapped_column(ForeignKey("couple.id"))
    number: Mapped[int]
    cleared_at: Mapped[datetime]
    cleared_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them: staff:<id>
    rule_version: Mapped[str] = mapped_column(String(20))  # of the rules of one person and of two, as in 2/1
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(60))
    withdrawn_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # why it was taken back
    couple: Mapped[Couple] = relationship()
    readings: Mapped[list[ClearanceReading]] = relationship(
        back_populates="clearance", order_by="ClearanceReading.seat", lazy="selectin"
    )
    __table_args__ = (
        UniqueConstraint("couple_id", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_sealed IS NULL)",
            name="withdrawn_whole",
        ),
    )


class ClearanceReading(Model):
    """Which sent answers of one of the two were read, as they were saved last by then."""

    __tablename__ = "clearance_reading"
    clearance_id: Mapped[int] = mapped_column(ForeignKey("clearance.id"), primary_key=True, autoincrement=False)
    seat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of the couple
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"))
    saved_at: Mapped[datetime]
    clearance: Mapped[Clearance] = relationship(back_populates="readings")
    intake: Mapped[Intake] = relationship()
    __table_args__ = (CheckConstraint("seat IN (1, 2)", name="seat"),)


class FlagDecision(Model):
    """A clinician looked into a flag of one person's answers, or of two people's, and cleared it.

    `sealed` is JSON: which flag, the reason, and what was answered then to the questions that the flag comes from. The
    flag counts again as soon as one of those answers is another.
    """

    __tablename__ = "flag_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    intake_id: Mapped[int | None] = mapped_column(ForeignKey("intake.id"), index=True)
    couple_id: Mapped[int | None] = mapped_column(ForeignKey("couple.id"), index=True)
    rule_version: Mapped[str] = mapped_column(String(20))
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(60))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    intake: Mapped[Intake | None] = relationship()
    couple: Mapped[Couple | None] = relationship()
    __table_args__ = (CheckConstraint("(intake_id IS NULL) <> (couple_id IS NULL)", name="of_one"),)


class Conversion(Model):
    """A clinician called a couple's session off, and why. What the two are told is what anybody may be told."""

    __tablename__ = "conversion"
    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    couple_id: Mapped[int] = mapped_column(ForeignKey("couple.id"), index=True)
    turned_into: Mapped[str] = mapped_column(String(12))  # one of INTO
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(60))
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    booking: Mapped[Booking] = relationship()
    __table_args__ = (CheckConstraint("turned_into IN ('individual', 'nothing')", name="turned_into"),)


INDIVIDUAL, NOTHING = "individual", "nothing"
INTO = (INDIVIDUAL, NOTHING)
"""What a clinician turns a couple's session into: a time for each of the two, or nothing but all of the money back."""
