"""Of many windows that save a draft at once, one does, and the others are told; nothing is overwritten.

The control takes the lock away and lets all read before anybody writes: then the key of the versions is what refuses.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from practice.database import db
from practice.errors import Contended
from practice.notes import actions
from practice.notes.actions import AlreadySigned, SavedMeanwhile
from practice.notes.models import Note
from practice.notes.queries import read, read_versions
from practice.staff.models import StaffAccount
from practice.staff.queries import find_account
from practice.work import begin_work
from tests.support.notes import write_note
from tests.support.offers import work_in
from tests.support.staff import hire
from tests.support.story import Practice

RIVALS = 4
AUTHOR = "author@practice.example"


@pytest.fixture
def apps(practice: Practice, make_app: Callable[[], Flask]) -> list[Flask]:
    """Two processes' worth of apps."""
    hire(practice, "clinician", email=AUTHOR)
    return [practice.app, make_app()]


def author() -> StaffAccount:
    found = find_account(AUTHOR)
    assert found is not None
    return found


def race(apps: list[Flask], rival: Callable[[int], Any]) -> Counter[Any]:
    """Let RIVALS do the same at the same moment; how often each outcome came."""
    outcomes: list[Any] = []
    together = threading.Barrier(RIVALS)

    def run(number: int) -> None:
        with apps[number % len(apps)].app_context():
            together.wait(timeout=60)
            outcomes.append(_patiently(rival, number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(RIVALS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def _patiently(rival: Callable[[int], None], number: int) -> str:
    for _ in range(30):
        try:
            rival(number)
            return "kept"
        except (SavedMeanwhile, AlreadySigned) as told:
            return type(told).__name__
        except (IntegrityError, StaleDataError):
            return "refused by the database"
        except Contended:
            continue
    return "busy"


def saving(draft: str) -> Callable[[int], None]:
    def rival(number: int) -> None:
        with begin_work() as work:
            actions.save(work, author(), draft, f"Window {number}", seen=1)

    return rival


def a_draft(practice: Practice) -> str:
    client = practice.new_client()
    with work_in(practice) as work:
        return actions.begin(work, author(), practice.person(client), "First").reference


def test_of_many_windows_one_saves_and_the_others_are_told(practice: Practice, apps: list[Flask]) -> None:
    draft = a_draft(practice)

    assert race(apps, saving(draft)) == {"kept": 1, "SavedMeanwhile": RIVALS - 1}

    with practice.app.app_context():
        [second, first] = read_versions(db.session.scalars(select(Note)).one())
        assert first[1] == "First"
        assert (second[1] or "").startswith("Window")


def test_of_a_save_and_a_signature_none_is_lost_without_a_word(practice: Practice, apps: list[Flask]) -> None:
    draft = a_draft(practice)

    def rival(number: int) -> None:
        with begin_work() as work:
            act = actions.sign if number % 2 else actions.save
            act(work, author(), draft, f"Window {number}", seen=1)

    outcomes = race(apps, rival)

    assert outcomes.pop("kept") == 1
    assert set(outcomes) <= {"SavedMeanwhile", "AlreadySigned"}


def test_many_addenda_at_once_are_one(practice: Practice, apps: list[Flask]) -> None:
    client = practice.new_client()
    with work_in(practice) as work:
        note = write_note(work, author(), practice.person(client), "Signed").reference

    def rival(number: int) -> None:
        with begin_work() as work:
            actions.add(work, author(), note, f"Addendum {number}", seen=0)

    assert race(apps, rival) == {"kept": 1, "SavedMeanwhile": RIVALS - 1}
    with practice.app.app_context():
        [seen] = read([db.session.scalars(select(Note)).one()])
        assert len(seen.addenda) == 1


@pytest.mark.databases("postgresql")  # SQLite has one writer at a time
def test_without_the_lock_all_believe_what_they_read_and_the_database_refuses(
    practice: Practice, apps: list[Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = a_draft(practice)
    met = threading.Barrier(RIVALS)

    def unlocked(work: Any, found: str) -> Note:
        note = work.session.scalars(select(Note).where(Note.reference == found)).one()
        assert note.last == 1
        assert note.versions
        met.wait(timeout=60)  # all have read, and nobody has written
        return note  # type: ignore[no-any-return]

    monkeypatch.setattr(actions, "_lock", unlocked)

    assert race(apps, saving(draft)) == {"kept": 1, "refused by the database": RIVALS - 1}
