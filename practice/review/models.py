"""What the desk writes: notes on intakes, sealed with the key of the person whom they are about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.database import Model
from practice.intake.models import Intake
from practice.staff.models import StaffAccount


class IntakeNote(Model):
    """One note of one member of staff. It is never changed; a correction is another note."""

    __tablename__ = "intake_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    written_at: Mapped[datetime]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    intake: Mapped[Intake] = relationship()
    author: Mapped[StaffAccount] = relationship(lazy="joined", innerjoin=True)
