"""The sliding scale, and what was agreed with whom. Rows are added, and never changed but to archive a step."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.offers.models import Offering
from practice.booking.prices.pricing import BASIS_POINTS
from practice.database import Model
from practice.money import Money
from practice.people import Person


class ScaleStep(Model):
    """One step of the sliding scale: a share of every price of the list. Its share never changes.

    An archived step is offered to nobody any more; whoever stands on it stays there until staff change that.
    """

    __tablename__ = "scale_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    basis_points: Mapped[int]  # of the price: 8000 is 80 %
    archived_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("basis_points BETWEEN 0 AND 10000", name="share_of_the_price"),)

    @property
    def share(self) -> Fraction:
        """The part of the price that is paid."""
        return Fraction(self.basis_points, BASIS_POINTS)


class PriceAgreement(Model):
    """What staff agreed with one person about what they pay, from which day until which; pricing.py says what holds.

    It belongs to whoever books and pays. The reason is sealed with that person's key.
    """

    __tablename__ = "price_agreement"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]  # of this person's agreements, from 1
    offering_id: Mapped[int | None] = mapped_column(ForeignKey("offering.id"))  # empty: the scale, for every offering
    step_id: Mapped[int | None] = mapped_column(ForeignKey("scale_step.id"))
    price_minor: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    first_day: Mapped[date] = mapped_column(Date)  # of the practice's calendar
    last_day: Mapped[date | None] = mapped_column(Date)
    actor: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    person: Mapped[Person] = relationship()
    offering: Mapped[Offering | None] = relationship()
    step: Mapped[ScaleStep | None] = relationship()
    __table_args__ = (
        UniqueConstraint("person_id", "number"),  # of two at once, the database takes one
        CheckConstraint("number > 0", name="number_above_zero"),
        CheckConstraint("offering_id IS NULL OR step_id IS NULL", name="step_is_for_every_offering"),
        CheckConstraint("offering_id IS NOT NULL OR price_minor IS NULL", name="price_is_for_one_offering"),
        CheckConstraint("(price_minor IS NULL) = (currency IS NULL)", name="price_in_a_currency"),
        CheckConstraint("price_minor >= 0", name="price_not_below_zero"),
        CheckConstraint("first_day <= last_day", name="first_before_last"),
    )

    @property
    def price(self) -> Money | None:
        """The sum, where one is agreed for an offering."""
        return Money(self.price_minor, self.currency) if self.price_minor is not None and self.currency else None
