"""Documents, the numbers that they bear, and what they carry: registrations, service codes, diagnoses."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Enum, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.models import Booking
from practice.database import Model
from practice.money import Money
from practice.papers.codes import CREDENTIALS_LENGTH, LICENCE_LENGTH
from practice.papers.kinds import Kind, name_file, write_number
from practice.people import Person
from practice.sealing import Owner


def _kind() -> Enum:
    return Enum(Kind, native_enum=False, create_constraint=True, length=12, name="kind", values_callable=list)


class PaperSeries(Model):
    """The last number of each kind and year. Whoever issues locks it, so numbers follow one another without a gap."""

    __tablename__ = "paper_series"
    kind: Mapped[Kind] = mapped_column(_kind(), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Paper(Model):
    """A document as it was issued. It is never changed and never removed; a later one may refer to it.

    Number, kind, day and sums stay in the clear, for the books. Whom it names and what it says is sealed: with a key of
    its own where the books need it (`own_key`), until that runs out; else with its person's key, and it goes with them.
    """

    __tablename__ = "paper"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[Kind] = mapped_column(_kind())
    year: Mapped[int]
    number: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    source: Mapped[str] = mapped_column(String(20))  # the reference of the payment or booking that it is about
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))  # what it corrects or credits
    amount_minor: Mapped[int]
    tax_minor: Mapped[int]  # within the amount
    tax_percent: Mapped[str | None] = mapped_column(String(6))
    currency: Mapped[str] = mapped_column(String(3))
    issued_at: Mapped[datetime]
    issued_on: Mapped[date] = mapped_column(Date)  # in the practice's calendar
    issued_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    own_key: Mapped[bool] = mapped_column(default=False)
    person: Mapped[Person] = relationship()
    booking: Mapped[Booking] = relationship()
    supersedes: Mapped[Paper | None] = relationship(remote_side=[id])
    __table_args__ = (
        UniqueConstraint("kind", "year", "number"),
        Index(None, "source"),
        CheckConstraint("number > 0", name="number_above_zero"),
        CheckConstraint("tax_minor BETWEEN 0 AND amount_minor", name="tax_within_amount"),
    )

    @property
    def name(self) -> str:
        """The number as it is written."""
        return write_number(self.kind, self.year, self.number)

    @property
    def key_owner(self) -> Owner:
        """Whose key it is sealed with."""
        return self.reference if self.own_key else self.person_id

    @property
    def file_name(self) -> str:
        return name_file(self.name)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def tax(self) -> Money:
        """Within the amount."""
        return Money(self.tax_minor, self.currency)


class PracticeRegistration(Model):
    """Under which numbers the practice is known, and since when it writes estimates. One row, or none."""

    __tablename__ = "practice_registration"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tin: Mapped[str] = mapped_column(String(10), default="")
    npi: Mapped[str] = mapped_column(String(10), default="")
    estimates_since: Mapped[datetime | None]  # empty: it writes none


class TherapistRegistration(Model):
    """Under which numbers a therapist is known, and what they may write behind their name."""

    __tablename__ = "therapist_registration"
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"), primary_key=True, autoincrement=False)
    npi: Mapped[str] = mapped_column(String(10), default="")
    licence: Mapped[str] = mapped_column(String(LICENCE_LENGTH), default="")
    credentials: Mapped[str] = mapped_column(String(CREDENTIALS_LENGTH), default="")


class ServiceCode(Model):
    """What a kind of session is called on a bill for insurance: a CPT code."""

    __tablename__ = "service_code"
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(5))


class Diagnosis(Model):
    """What a clinician entered for a client, sealed. The newest row stands; an empty code takes it back."""

    __tablename__ = "diagnosis"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    entered_by: Mapped[str] = mapped_column(String(60))
    entered_at: Mapped[datetime]
