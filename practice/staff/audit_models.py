"""What checking the audit log's chain came to, the last time: one row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from practice.database import Model

ONLY = 1


class AuditCheck(Model):
    """The last check. It is a note for the page; `practice invariants` checks anew and trusts no note.

    `breaches` is JSON: the first of the sentences that say where the chain is broken; `broken` says how many there are.
    """

    __tablename__ = "audit_check"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime | None]  # somebody asked for a check, and it isn't done yet
    checked_at: Mapped[datetime | None]  # empty before the first
    entries: Mapped[int] = mapped_column(default=0)  # that there were then
    broken: Mapped[int] = mapped_column(default=0)
    breaches: Mapped[str] = mapped_column(Text, default="[]")
