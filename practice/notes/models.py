"""Notes of clinicians about one person or one couple: every version of a draft, and what was added after signing.

The words about one person are sealed with that person's key, those about two with both people's, one inside the other
(clearing/two_keys.py): whoever of the two is erased, what was written about both can't be read any more. What the
database itself refuses to change stands in guards.py.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.couples import Couple
from practice.database import Model
from practice.notes import guards
from practice.people import Person
from practice.staff.models import StaffAccount

SEALED_AS = "intake_note"
"""The table that is part of the seal of every note: the first notes' own, since a migration that moves them has no
keys to seal them anew."""


class Note(Model):
    """One note. A draft until it is signed, by its author; never changed afterwards.

    `last` is the number of its newest version: whoever saves says which one they had before their eyes.
    """

    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    couple_id: Mapped[int | None] = mapped_column(ForeignKey("couple.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    begun_at: Mapped[datetime]
    last: Mapped[int]
    signed_at: Mapped[datetime | None]
    person: Mapped[Person | None] = relationship()
    couple: Mapped[Couple | None] = relationship()
    author: Mapped[StaffAccount] = relationship(lazy="joined", innerjoin=True)
    versions: Mapped[list[NoteVersion]] = relationship(order_by="NoteVersion.number", lazy="selectin")
    addenda: Mapped[list[NoteAddendum]] = relationship(order_by="NoteAddendum.number", lazy="selectin")
    __table_args__ = (
        Index(None, "author_id", "signed_at"),
        CheckConstraint("(person_id IS NULL) <> (couple_id IS NULL)", name="about_one"),
        CheckConstraint("last > 0", name="versions_from_one"),
    )

    @property
    def about(self) -> Person | Couple:
        """Whom it is about; the audit log names their reference."""
        found = self.person or self.couple
        assert found is not None  # about_one
        return found

    @property
    def newest(self) -> NoteVersion:
        """The version that counts."""
        return self.versions[-1]

    @property
    def written_at(self) -> datetime:
        """When it was signed; of a draft, when it was saved last."""
        return self.signed_at or self.newest.saved_at


class NoteVersion(Model):
    """A note as it was saved once. Rows are added, while it is a draft, and never changed."""

    __tablename__ = "note_version"
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    saved_at: Mapped[datetime]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (CheckConstraint("number > 0", name="number_from_one"),)


class NoteAddendum(Model):
    """What a clinician added to a signed note, signed as it was added. Rows are added and never changed."""

    __tablename__ = "note_addendum"
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    signed_at: Mapped[datetime]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    author: Mapped[StaffAccount] = relationship(lazy="joined", innerjoin=True)
    __table_args__ = (CheckConstraint("number > 0", name="number_from_one"),)


guards.attach(Model.metadata)
