"""Which letters somebody has stopped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from practice.database import Model


class StoppedLetters(Model):
    """That one person wants no more letters about a topic. No row: they get them."""

    __tablename__ = "stopped_letters"
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    topic: Mapped[str] = mapped_column(String(10), primary_key=True)
    stopped_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("topic IN ('near', 'missing', 'pulse')", name="topic"),)
