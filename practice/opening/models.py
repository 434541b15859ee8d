"""How far a new practice has come: the address that claims it, once, and that it was opened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from practice.database import Model

ONLY = 1


class PracticeOpening(Model):
    """One row, from the first visit on. Practices that are older than it have none: they are open.

    `token_hash` is of the address with which an owner sets the practice up; it goes when somebody has.
    """

    __tablename__ = "practice_opening"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None]
    begun_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("(token_hash IS NULL) = (expires_at IS NULL)", name="token_expires"),)
