"""Notes: every version of a draft is kept, nothing signed is ever changed, and erasing somebody ends what is sealed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from practice.clearing.queries import get_couple
from practice.couples import part_couple
from practice.database import db
from practice.errors import NotFound
from practice.notes import actions
from practice.notes.actions import AlreadySigned, OneWasErased, SavedMeanwhile
from practice.notes.guards import GUARDS, statements
from practice.notes.models import Note, NoteAddendum, NoteVersion
from practice.notes.queries import list_about_couple, list_about_person, read, read_versions
from practice.people import Person
from practice.rights.actions import erase_person
from practice.rights.export import read_export
from practice.rights.scope import Scope
from practice.staff.models import StaffAccount
from practice.staff.queries import find_account
from tests.support.couples import practice_couple
from tests.support.notes import grown_note, write_note
from tests.support.offers import work_in
from tests.support.staff import audit, hire
from tests.support.story import Practice

ADA, BEA = "ada@practice.example", "bea@practice.example"
CHANGES = {
    "the note is signed once more": "UPDATE note SET signed_at = begun_at",
    "the signature is taken away": "UPDATE note SET signed_at = NULL",
    "it becomes somebody else's": "UPDATE note SET author_id = author_id",
    "what it says is replaced": "UPDATE note_version SET sealed = sealed",
    "a version is put behind it": (
        "INSERT INTO note_version (note_id, number, reference, saved_at, sealed)"
        " SELECT note_id, 9, 'n_9', saved_at, sealed FROM note_version WHERE number = 1"
    ),
    "an addendum is changed": "UPDATE note_addendum SET sealed = sealed",
}


@pytest.fixture
def staff(practice: Practice) -> None:
    for email in (ADA, BEA):
        hire(practice, "clinician", email=email)


@pytest.fixture
def couple(practice: Practice, staff: None) -> str:
    return practice_couple(practice).reference


def who(email: str) -> StaffAccount:
    found = find_account(email)
    assert found is not None
    return found


def first_of(couple: str) -> Person:
    return get_couple(couple).members[0].person


@pytest.fixture
def signed(practice: Practice, couple: str) -> str:
    with work_in(practice) as work:
        return grown_note(work, who(ADA), first_of(couple), ("First", "Second", "Added")).reference


def test_every_version_of_a_draft_is_kept_with_its_time(practice: Practice, couple: str) -> None:
    with work_in(practice) as work:
        draft = actions.begin(work, who(ADA), first_of(couple), "First").reference
    practice.clock.advance(minutes=5)
    with work_in(practice) as work:
        actions.save(work, who(ADA), draft, "Second", seen=1)
        actions.save(work, who(ADA), draft, "Second", seen=2)  # the same words once more are no version
        actions.sign(work, who(ADA), draft, "Third", seen=2)

    with practice.app.app_context():
        note = db.session.scalars(select(Note)).one()
        assert [words for _, words in read_versions(note)] == ["Third", "Second", "First"]
        assert (note.last, note.signed_at, note.author.email) == (3, practice.clock.now(), ADA)
        stored = b"".join(db.session.scalars(select(NoteVersion.sealed)))
        assert not [words for words in (b"First", b"Second", b"Third") if words in stored]
    noted = [action for _, action, _ in audit(practice, "note_begun", "note_saved", "note_signed")]
    assert noted == ["note_begun", "note_saved", "note_saved", "note_signed"]


def test_a_draft_is_its_authors_alone(practice: Practice, couple: str) -> None:
    with work_in(practice) as work:
        draft = actions.begin(work, who(ADA), first_of(couple), "Mine").reference
    for act in (actions.save, actions.sign):
        with pytest.raises(NotFound), work_in(practice) as work:
            act(work, who(BEA), draft, "Theirs", seen=1)
    with pytest.raises(NotFound), work_in(practice) as work:
        actions.discard(work, who(BEA), draft, seen=1)
    with pytest.raises(NotFound), work_in(practice) as work:  # nothing is added to what isn't signed
        actions.add(work, who(BEA), draft, "More", seen=0)
    with work_in(practice) as work:
        actions.discard(work, who(ADA), draft, seen=1)
    with practice.app.app_context():
        assert [db.session.scalars(select(one)).all() for one in (Note, NoteVersion)] == [[], []]


def test_after_signing_there_are_addenda_alone_by_anybody(practice: Practice, signed: str) -> None:
    for act in (actions.save, actions.sign):
        with pytest.raises(AlreadySigned), work_in(practice) as work:
            act(work, who(ADA), signed, "Otherwise", seen=2)
    with pytest.raises(SavedMeanwhile), work_in(practice) as work:
        actions.add(work, who(BEA), signed, "Twice", seen=0)
    with work_in(practice) as work:
        actions.add(work, who(BEA), signed, "Of another", seen=1)

    with practice.app.app_context():
        [seen] = read([db.session.scalars(select(Note)).one()])
        assert seen.text == "Second"
        assert [(one.author.email, words) for one, words in seen.addenda] == [(ADA, "Added"), (BEA, "Of another")]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_database_itself_refuses_to_change_what_is_signed(practice: Practice, signed: str, change: str) -> None:
    with pytest.raises(IntegrityError), work_in(practice) as work:
        work.session.execute(text(change))


def test_the_database_takes_no_addendum_to_a_draft_and_lets_a_draft_grow(practice: Practice, couple: str) -> None:
    with work_in(practice) as work:
        actions.begin(work, who(ADA), first_of(couple), "Mine")
    addendum = (
        "INSERT INTO note_addendum (note_id, number, reference, author_id, signed_at, sealed)"
        " SELECT v.note_id, 1, 'n_1', note.author_id, saved_at, sealed FROM note_version AS v, note"
    )
    with pytest.raises(IntegrityError), work_in(practice) as work:
        work.session.execute(text(addendum))
    with work_in(practice) as work:
        work.session.execute(text(CHANGES["a version is put behind it"]))


def test_two_windows_never_overwrite_each_other(practice: Practice, couple: str) -> None:
    with work_in(practice) as work:
        draft = actions.begin(work, who(ADA), first_of(couple), "First").reference
    with work_in(practice) as work:
        actions.save(work, who(ADA), draft, "Here", seen=1)
    for act in (actions.save, actions.sign):
        with pytest.raises(SavedMeanwhile), work_in(practice) as work:
            act(work, who(ADA), draft, "There", seen=1)
    with pytest.raises(SavedMeanwhile), work_in(practice) as work:
        actions.discard(work, who(ADA), draft, seen=1)
    with practice.app.app_context():
        assert [words for _, words in read_versions(db.session.scalars(select(Note)).one())] == ["Here", "First"]


@pytest.mark.parametrize("place", [0, 1])
def test_a_note_about_two_cannot_be_read_once_either_is_erased(practice: Practice, couple: str, place: int) -> None:
    with work_in(practice) as work:
        both = get_couple(couple)
        grown_note(work, who(ADA), both, ("Before", "Of both", "More of both"))
        draft = actions.begin(work, who(ADA), both, "A draft").reference
        for member in both.members:
            write_note(work, who(ADA), member.person, f"About seat {member.seat}")
    with work_in(practice) as work:
        gone = get_couple(couple).members[place].person
        erase_person(work, "staff:7", gone)
    with pytest.raises(OneWasErased), work_in(practice) as work:
        actions.save(work, who(ADA), draft, "Another word", seen=1)
    with pytest.raises(OneWasErased), work_in(practice) as work:
        actions.begin(work, who(ADA), get_couple(couple), "Anew")

    with practice.app.app_context():
        both = get_couple(couple)
        kept = read(list_about_couple(both))
        assert [(seen.text, [words for _, words in seen.addenda]) for seen in kept] == [(None, []), (None, [None])]
        about = [[seen.text for seen in read(list_about_person(one.person))] for one in both.members]
        assert about[place] == []
        assert about[1 - place] == [f"About seat {2 - place}"]
    with work_in(practice) as work:
        actions.discard(work, who(ADA), draft, seen=1)


def test_whoever_left_keeps_the_notes_about_two_readable(practice: Practice, couple: str) -> None:
    with work_in(practice) as work:
        write_note(work, who(ADA), get_couple(couple), "Of both")
        part_couple(work, get_couple(couple))
    with practice.app.app_context():
        assert [seen.text for seen in read(list_about_couple(get_couple(couple)))] == ["Of both"]


def exports(practice: Practice, person_id: int) -> Iterator[tuple[Scope, str]]:
    with practice.app.app_context():
        person = db.session.get_one(Person, person_id)
        for scope in Scope:
            yield scope, json.dumps(read_export(person, scope, practice.clock.now()))


def test_no_export_holds_a_note_about_the_other_one_and_only_the_whole_record_holds_any(
    practice: Practice, couple: str
) -> None:
    words: dict[int, list[str]] = {}
    with work_in(practice) as work:
        for member in get_couple(couple).members:
            words[member.person_id] = [f"Canary{part}{member.seat}" for part in ("before", "signed", "added", "draft")]
            before, signed, added, draft = words[member.person_id]
            grown_note(work, who(ADA), member.person, (before, signed, added))
            actions.begin(work, who(ADA), member.person, draft)
        of_both = ("Canarybothbefore", "Canaryboth", "Canarybothadded")
        grown_note(work, who(ADA), get_couple(couple), of_both)
    first, second = words
    for mine, others in ((first, second), (second, first)):
        for scope, said in exports(practice, mine):
            assert not [word for word in words[others] if word in said]
            kept = {word for word in (*words[mine], *of_both) if f'"{word}"' in said}
            assert kept == ({*words[mine][1:], *of_both[1:]} if scope is Scope.WHOLE else set())


def test_without_its_guards_the_database_would_change_what_is_signed(
    practice: Practice, signed: str, drop_guards: Callable[[], None]
) -> None:
    """The control: it is the triggers that refuse."""
    drop_guards()
    with work_in(practice) as work:
        for change in CHANGES.values():
            work.session.execute(text(change))
    with practice.app.app_context():
        assert len(db.session.scalars(select(NoteAddendum)).all()) == 1


@pytest.fixture
def drop_guards(practice: Practice) -> Iterator[Callable[[], None]]:
    """Take the triggers away, and put them back."""

    def drop() -> None:
        with work_in(practice) as work:
            on = "" if work.session.get_bind().dialect.name == "sqlite" else " ON {}"
            for guard in GUARDS:
                work.session.execute(text(f"DROP TRIGGER {guard.name}{on.format(guard.table)}"))

    yield drop
    with work_in(practice) as work:
        for statement in statements(work.session.get_bind().dialect.name):
            work.session.execute(text(statement))
