"""What notes read. Who may read them, review/seeing.py says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from practice.clearing.two_keys import open_for_two
from practice.couples import Couple, CoupleMember
from practice.database import db
from practice.errors import NotFound
from practice.notes.models import SEALED_AS, Note, NoteAddendum, NoteVersion
from practice.people import Person
from practice.sealing import CannotOpen, vault


@dataclass(frozen=True)
class Read:
    """A note with its words; None where one of those whom it is about was erased."""

    note: Note
    text: str | None
    addenda: list[tuple[NoteAddendum, str | None]]


def find_note(reference: str) -> Note | None:
    """The note of this reference."""
    return db.session.scalars(select(Note).where(Note.reference == reference)).one_or_none()


def get_note(reference: str) -> Note:
    """
    :raises NotFound: when there is none.
    """
    note = find_note(reference)
    if note is None:
        raise NotFound
    return note


def list_about_person(person: Person) -> list[Note]:
    """The notes about this person alone, the newest first."""
    return _list(Note.person_id == person.id)


def list_about_couple(couple: Couple) -> list[Note]:
    """The notes about the two together, the newest first."""
    return _list(Note.couple_id == couple.id)


def list_about_couples_of(person: Person) -> list[Note]:
    """The notes about this person and whoever came with them, in whichever couple."""
    theirs = select(CoupleMember.couple_id).where(CoupleMember.person_id == person.id)
    return _list(Note.couple_id.in_(theirs))


def list_drafts(author_id: int) -> list[Note]:
    """What somebody wrote and did not sign, the oldest first."""
    return list(reversed(_list(Note.author_id == author_id, Note.signed_at.is_(None))))


def read(notes: Sequence[Note]) -> list[Read]:
    """These notes with their words."""
    return [
        Read(note, text_of(note, note.newest), [(one, text_of(note, one)) for one in note.addenda]) for note in notes
    ]


def read_versions(note: Note) -> list[tuple[datetime, str | None]]:
    """What a note said each time that it was saved, the newest first."""
    return [(one.saved_at, text_of(note, one)) for one in reversed(note.versions)]


def text_of(note: Note, row: NoteVersion | NoteAddendum) -> str | None:
    """The words of a version or an addendum; None where one of those whom the note is about was erased."""
    named = row.reference
    try:
        if isinstance(note.about, Couple):
            return open_for_two(note.about, row.sealed, table=SEALED_AS, row=named, column="text")
        return vault().open(note.about.id, row.sealed, table=SEALED_AS, row=named, column="text")
    except CannotOpen:
        return None


def _list(*which: ColumnElement[bool]) -> list[Note]:
    return list(db.session.scalars(select(Note).where(*which).order_by(Note.id.desc())))
