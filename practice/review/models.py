"""What the desk writes: the steps of requests, sealed with the key of whom they are about; referrals; saved views."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.database import Model
from practice.intake.models import Intake
from practice.own_words import OwnText, OwnWords
from practice.review.lifecycle import Stage, Step


class ReviewStep(Model):
    """One step of a request, in order; rows are added and never changed. docs/review.md has the table.

    `number` counts an intake's steps from 1: of two reviewers who read the same, one can't add theirs. `sealed` is JSON
    (steps.py): what the client was asked or answered, what was chosen for them; null where a step has none.
    """

    __tablename__ = "review_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"))
    number: Mapped[int]
    step: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20))  # where it led to
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them: client:<…> or staff:<id>
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    intake: Mapped[Intake] = relationship()
    __table_args__ = (
        UniqueConstraint("intake_id", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
        CheckConstraint(f"step IN ({', '.join(repr(one.value) for one in Step)})", name="step"),
        CheckConstraint(f"stage IN ({', '.join(repr(one.value) for one in Stage)})", name="stage"),
    )


class Referral(OwnWords, Model):
    """Somewhere else that the practice sends people to. An ended one is still shown to whom it was named."""

    __tablename__ = "referral"
    own_texts = ("what_for", "place")
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    english_what_for: Mapped[str] = mapped_column("what_for", String(300))
    what_for = OwnText()
    english_place: Mapped[str] = mapped_column("place", String(120))
    place = OwnText()
    phone: Mapped[str] = mapped_column(String(40))
    web: Mapped[str] = mapped_column(String(200))
    revision: Mapped[int]  # counts its changes, so that none is overwritten unseen
    ended_at: Mapped[datetime | None]


class SavedView(Model):
    """One account's own way of looking at the list of requests. Nothing of a client is in it.

    `query` is what narrowing.Narrowing.as_query() says, as in an address.
    """

    __tablename__ = "saved_view"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(300))
    is_first: Mapped[bool] = mapped_column(default=False)  # what the list shows where nothing else is asked for
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        # Only one can be what is shown first.
        Index(
            "uq_saved_view_first",
            "account_id",
            unique=True,
            sqlite_where=text("is_first"),
            postgresql_where=text("is_first"),
        ),
    )
