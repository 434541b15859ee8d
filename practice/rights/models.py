"""What people ask of their own data, and how long the practice keeps records and documents."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.database import Model
from practice.people import Person

ASKED, ERASED, REFUSED, TAKEN_BACK = "asked", "erased", "refused", "taken_back"


class ErasureRequest(Model):
    """Somebody wants to be erased; the desk decides. Why not is sealed with their key, and they can read it."""

    __tablename__ = "erasure_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default=ASKED)
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(60))  # as the audit log names them
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    person: Mapped[Person] = relationship()
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'erased', 'refused', 'taken_back')", name="state"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided_once"),
        # One waits at a time for each person, however often they press the button.
        Index(
            "uq_erasure_request_waits",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
    )


class RetentionTerms(Model):
    """For how many years the practice keeps records after the last session, and documents after their day. One row."""

    __tablename__ = "retention_terms"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    records_years: Mapped[int]
    documents_years: Mapped[int]
    __table_args__ = (
        CheckConstraint("records_years BETWEEN 1 AND 40", name="records_years"),
        CheckConstraint("documents_years BETWEEN 1 AND 40", name="documents_years"),
    )
