"""What becomes of notes: drafted, saved, signed, added to, thrown away as a draft. The only writer of their tables.

Whoever calls these has asked whether this account may. `seen` is what the writer had before their eyes: where another
version, or another addendum, stands by now, nothing is done.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select

from practice.audit import record
from practice.clearing.two_keys import seal_for_two
from practice.couples import Couple
from practice.errors import Conflict, NotFound, Refused
from practice.languages import N_
from practice.notes.models import SEALED_AS, Note, NoteAddendum, NoteVersion
from practice.notes.queries import text_of
from practice.people import Person
from practice.sealing import vault
from practice.staff.models import StaffAccount
from practice.tokens import reference
from practice.work import Work


class SavedMeanwhile(Conflict):
    """The note was saved in another window, or somebody added to it, between the reading and the writing."""

    title = N_("This note changed while you wrote")
    way_out = N_(
        "It stands below as it is now, and what you typed is still in its field. Nothing that you sent was kept."
    )


class AlreadySigned(Conflict):
    """A note that was signed meanwhile: nothing of it is changed any more."""

    title = N_("This note is signed")
    way_out = N_("Nobody changes it any more. What you want to say goes into an addendum.")


class OneWasErased(Refused):
    """Whom it is about, or one of the two, was erased: nothing can be sealed for them."""

    title = N_("This can’t be kept")
    way_out = N_("Somebody whom it is about was erased, so nothing is written about them any more.")


def begin(work: Work, account: StaffAccount, about: Person | Couple, text: str) -> Note:
    """Keep a draft about a person, or about two together.

    :raises OneWasErased: when one of them was.
    """
    _lock_people(work, about)
    note = Note(reference=reference("n"), author=account, begun_at=work.now, last=0, addenda=[])
    note.person, note.couple = (about, None) if isinstance(about, Person) else (None, about)
    _add_version(work, note, text)
    record(work, account.actor, "note_begun", about.reference, {"note": note.reference})
    return note


def save(work: Work, account: StaffAccount, found: str, text: str, *, seen: int) -> Note:
    """Save a draft of one's own once more; the version before it stays. The same words again change nothing.

    :raises NotFound: when there is none of this author's.
    :raises SavedMeanwhile: when another version stands than they read.
    :raises AlreadySigned: when it is signed.
    :raises OneWasErased: when somebody whom it is about was.
    """
    note = _lock_draft(work, account, found, seen)
    if text_of(note, note.newest) != text:
        _add_version(work, note, text)
        record(work, account.actor, "note_saved", note.about.reference, {"note": note.reference, "version": note.last})
    return note


def sign(work: Work, account: StaffAccount, found: str, text: str, *, seen: int) -> Note:
    """Sign a draft of one's own, with these words: from now on nobody changes it. Raises what save() does."""
    note = save(work, account, found, text, seen=seen)
    note.signed_at = work.now
    work.session.flush()
    record(work, account.actor, "note_signed", note.about.reference, {"note": note.reference, "version": note.last})
    return note


def add(work: Work, account: StaffAccount, found: str, text: str, *, seen: int) -> NoteAddendum:
    """Add to a signed note, whoever's it is; it is signed as it is added. `seen`: how many addenda they read.

    :raises NotFound: when there is none, or it is a draft.
    :raises SavedMeanwhile: when somebody added to it meanwhile.
    :raises OneWasErased: when somebody whom it is about was.
    """
    note = _lock(work, found)
    if note.signed_at is None:
        raise NotFound
    if len(note.addenda) != seen:
        raise SavedMeanwhile
    addendum = NoteAddendum(number=seen + 1, reference=reference("n"), author=account, signed_at=work.now, sealed=b"")
    addendum.sealed = _seal(note, addendum.reference, text)
    note.addenda.append(addendum)
    work.session.flush()
    record(
        work,
        account.actor,
        "note_added_to",
        note.about.reference,
        {"note": note.reference, "addendum": addendum.number},
    )
    return addendum


def discard(work: Work, account: StaffAccount, found: str, *, seen: int) -> None:
    """Throw a draft of one's own away, with all its versions. Raises what save() does."""
    note = _lock_draft(work, account, found, seen)
    subject = note.about.reference
    _delete(work, [note.id])
    record(work, account.actor, "note_discarded", subject, {"note": found})


def forget_notes(work: Work, person_id: int) -> int:
    """Erase every note about somebody alone; how many.

    What was written about two stays as a row that can't be opened any more.
    """
    theirs = work.session.scalars(select(Note.id).where(Note.person_id == person_id)).all()
    _delete(work, theirs)
    return len(theirs)


def _delete(work: Work, ids: Collection[int]) -> None:
    for table, column in ((NoteAddendum, NoteAddendum.note_id), (NoteVersion, NoteVersion.note_id), (Note, Note.id)):
        work.session.execute(delete(table).where(column.in_(ids)))


def _add_version(work: Work, note: Note, text: str) -> None:
    note.last += 1
    version = NoteVersion(number=note.last, reference=reference("n"), saved_at=work.now, sealed=b"")
    version.sealed = _seal(note, version.reference, text)
    note.versions.append(version)
    work.session.add(note)
    work.session.flush()


def _seal(note: Note, row: str, text: str) -> bytes:
    place = {"table": SEALED_AS, "row": row, "column": "text"}
    if not all(vault().has_key(person_id) for person_id in _ids(note.about)):  # as the database has it, now locked
        raise OneWasErased
    if isinstance(note.about, Couple):
        return seal_for_two(note.about, text, **place)
    return vault().seal(note.about.id, text, **place)


def _lock_draft(work: Work, account: StaffAccount, found: str, seen: int) -> Note:
    note = _lock(work, found)
    if note.author_id != account.id:
        raise NotFound
    if note.signed_at is not None:
        raise AlreadySigned
    if note.last != seen:
        raise SavedMeanwhile
    return note


def _lock(work: Work, found: str) -> Note:
    """The note as the database has it now, locked until the work ends, after whoever it is about."""
    note = work.session.scalars(select(Note).where(Note.reference == found)).one_or_none()
    if note is None:
        raise NotFound
    _lock_people(work, note.about)
    again = select(Note).where(Note.reference == found).with_for_update(of=Note)
    locked = work.session.scalars(again.execution_options(populate_existing=True)).one_or_none()
    if locked is None:
        raise NotFound  # it went with its person, or its author threw it away
    return locked


def _lock_people(work: Work, about: Person | Couple) -> None:
    """Whoever erases one of them comes before or after: what was sealed is never left behind."""
    people = select(Person.id).where(Person.id.in_(_ids(about))).order_by(Person.id)
    work.session.execute(people.with_for_update(key_share=True))


def _ids(about: Person | Couple) -> list[int]:
    return [about.id] if isinstance(about, Person) else [one.person_id for one in about.members]
