"""What the practice writes in place of the words that ship. Nothing here is about anybody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from practice.database import Model


class LetterDraft(Model):
    """Words of one letter that nobody is sent yet, and the lock of whoever changes them. One row for each letter."""

    __tablename__ = "letter_draft"
    letter: Mapped[str] = mapped_column(String(40), primary_key=True)
    words: Mapped[str | None] = mapped_column(Text)  # JSON: by language, the texts by name; empty: no draft
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str | None] = mapped_column(String(60))  # as the audit log names them
    __table_args__ = (
        CheckConstraint("(words IS NULL) = (changed_at IS NULL)", name="changed_when"),
        CheckConstraint("(words IS NULL) = (changed_by IS NULL)", name="changed_by_whom"),
    )


class LetterEdition(Model):
    """Words of one letter as they were published; the highest number counts. It is never changed and never deleted."""

    __tablename__ = "letter_edition"
    letter: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    words: Mapped[str | None] = mapped_column(Text)  # as in a draft; empty: those that ship, whatever they are
    made_from: Mapped[str] = mapped_column(String(64))  # the fingerprint of those that shipped then
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(60))
    __table_args__ = (CheckConstraint("number > 0", name="number"),)
