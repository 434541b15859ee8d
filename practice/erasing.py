"""What every erasure looks at and leaves behind: a hold that forbids it, and a line in the log of what is gone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, exists, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship
from sqlalchemy.sql.elements import ColumnElement

from practice.audit import record
from practice.database import Model, db
from practice.errors import Conflict, NotFound
from practice.languages import N_
from practice.people import Person
from practice.sealing import vault
from practice.tokens import reference as new_reference
from practice.work import Work


class AlreadyHeld(Conflict):
    """A hold stands already."""

    title = N_("What we keep of this person is held already")
    way_out = N_("Lift that hold first, or leave it as it is.")


class LegalHold(Model):
    """Somebody's data must stay, whatever runs out: for a court, a complaint. The reason is sealed with their key."""

    __tablename__ = "legal_hold"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    placed_at: Mapped[datetime]
    placed_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(60))
    person: Mapped[Person] = relationship()
    __table_args__ = (
        Index(None, "person_id"),
        # One at a time for each person.
        Index(
            "uq_legal_hold_stands",
            "person_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
    )


class Erasure(Model):
    """That something was erased: of whom, by reference, what kind, how many, when and by whom. Never what it said.

    Whoever restores an older copy of the database does these erasures again (`practice replay-erasures`).
    """

    __tablename__ = "erasure"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(20), index=True)  # the person's reference, a document's, or empty
    kind: Mapped[str] = mapped_column(String(20))
    count: Mapped[int]
    __table_args__ = (CheckConstraint("count > 0", name="count_above_zero"),)


def note_erasure(work: Work, actor: str, subject: str, kind: str, count: int = 1) -> None:
    """Write into the log that so many of a kind are gone; nothing where that is none."""
    if count:
        work.session.add(Erasure(at=work.now, actor=actor, subject=subject, kind=kind, count=count))
        work.session.flush()


def is_held(person_id: InstrumentedAttribute[int] | int) -> ColumnElement[bool]:
    """The condition that a hold stands for this person, as part of a query."""
    return exists().where(LegalHold.person_id == person_id, LegalHold.lifted_at.is_(None))


def is_kept(person_id: InstrumentedAttribute[int] | int) -> ColumnElement[bool]:
    """The condition that no night may erase what is this person's: a hold stands, or they wait for their record."""
    return is_held(person_id) | exists().where(Person.id == person_id, Person.awaits_record)


def find_hold(person_id: int) -> LegalHold | None:
    """The hold that stands for a person."""
    found = select(LegalHold).where(LegalHold.person_id == person_id, LegalHold.lifted_at.is_(None))
    return db.session.scalars(found).one_or_none()


def find_holds(person_id: int) -> list[LegalHold]:
    """Every hold that there ever was for a person, the newest first."""
    found = select(LegalHold).where(LegalHold.person_id == person_id).order_by(LegalHold.id.desc())
    return list(db.session.scalars(found))


def reason_of(hold: LegalHold) -> str:
    """Why it was placed."""
    sealed = hold.reason_sealed
    return vault().open(hold.person_id, sealed, table="legal_hold", row=hold.reference, column="reason")


def place_hold(work: Work, actor: str, person: Person, reason: str) -> LegalHold:
    """Have everything of a person stay, from now on. Their row is locked, so an erasure came before or sees this.

    :raises AlreadyHeld: when a hold stands.
    :raises NotFound: once this person was erased.
    """
    lock_person(work, person.id)
    if not vault().has_key(person.id):
        raise NotFound
    if find_hold(person.id) is not None:
        raise AlreadyHeld
    reference = new_reference("h")
    sealed = vault().seal(person.id, reason, table="legal_hold", row=reference, column="reason")
    hold = LegalHold(
        reference=reference, person_id=person.id, reason_sealed=sealed, placed_at=work.now, placed_by=actor
    )
    work.session.add(hold)
    work.session.flush()
    record(work, actor, "hold_placed", person.reference, {"hold": reference})
    return hold


def lift_hold(work: Work, actor: str, person: Person) -> None:
    """Let things run out again; nothing where no hold stands."""
    lock_person(work, person.id)
    hold = find_hold(person.id)
    if hold is None:
        return
    hold.lifted_at, hold.lifted_by = work.now, actor
    work.session.flush()
    record(work, actor, "hold_lifted", person.reference, {"hold": hold.reference})


def drop_row(work: Work, person: Person) -> bool:
    """Remove the bare row of somebody who was forgotten, unless anything still refers to it; whether it is gone."""
    try:
        with work.session.begin_nested():
            work.session.delete(person)
            work.session.flush()
    except IntegrityError:
        return False
    return True


def lock_person(work: Work, person_id: int) -> Person:
    """The person's row as the database has it now, locked until the work ends."""
    return work.session.get_one(Person, person_id, with_for_update=True, populate_existing=True)
