"""Who agreed to which fees, the card that is kept for them, and the fees that staff decided on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.models import Booking
from practice.database import Model
from practice.money import Money
from practice.payments.fees.policy import FeeKind, FeeTerms
from practice.people import Person


class FeeConsent(Model):
    """One person agreed to fees up to these sums, in words of which we keep the version and the fingerprint.

    It counts once the card is kept (`kept_at`) and until it is withdrawn; then the service is asked to forget the card.
    """

    __tablename__ = "fee_consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)  # while paying for which
    late_minor: Mapped[int | None]
    missed_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))
    wording: Mapped[str] = mapped_column(String(20))
    text_sha256: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime]
    customer: Mapped[str | None] = mapped_column(String(255))  # the service's id of whose card it is
    card: Mapped[str | None] = mapped_column(String(255))
    kept_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]  # the service keeps the card no longer
    person: Mapped[Person] = relationship()
    __table_args__ = (
        Index(
            "uq_fee_consent_stands",
            "person_id",
            unique=True,
            sqlite_where=text("kept_at IS NOT NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("kept_at IS NOT NULL AND withdrawn_at IS NULL"),
        ),
        CheckConstraint("late_minor > 0 AND missed_minor > 0", name="sums_above_zero"),
        CheckConstraint("late_minor IS NOT NULL OR missed_minor IS NOT NULL", name="for_something"),
        CheckConstraint("kept_at IS NULL OR (customer IS NOT NULL AND card IS NOT NULL)", name="card_known"),
    )

    @property
    def terms(self) -> FeeTerms:
        """The sums that were agreed to."""
        late, missed = (
            Money(minor, self.currency) if minor is not None else None for minor in (self.late_minor, self.missed_minor)
        )
        return FeeTerms(late, missed)


STANDING = (FeeConsent.kept_at.is_not(None), FeeConsent.withdrawn_at.is_(None))
"""What is true of the one consent of a person by which fees can be charged."""


class Fee(Model):
    """A fee that staff decided on, once for a session. How it stands is what became of its payments; who decided, and
    why, is a MoneyDecision about it.
    """

    __tablename__ = "fee"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey("fee_consent.id"), index=True)
    kind: Mapped[FeeKind] = mapped_column(
        Enum(FeeKind, native_enum=False, create_constraint=True, length=8, name="kind", values_callable=list)
    )
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    decided_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]  # the service may have heard of the charge
    declined_at: Mapped[datetime | None]  # the bank said no; a person decides what follows
    asked_at: Mapped[datetime | None]  # the client was sent a link to pay it themselves
    dropped_at: Mapped[datetime | None]  # it isn't asked for any more; what comes all the same goes back
    booking: Mapped[Booking] = relationship()
    consent: Mapped[FeeConsent] = relationship()
    __table_args__ = (
        # Once for a session; after one that was dropped, staff may decide again.
        Index(
            "uq_fee_stands",
            "booking_id",
            unique=True,
            sqlite_where=text("dropped_at IS NULL"),
            postgresql_where=text("dropped_at IS NULL"),
        ),
        CheckConstraint("amount_minor > 0", name="amount_above_zero"),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
