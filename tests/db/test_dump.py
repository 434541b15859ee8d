"""Nothing that people tell us, or that we write about them, stands in the database's own files in the clear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from practice.database import db
from practice.people import add_person
from practice.rights.export import read_export
from practice.rights.scope import Scope
from practice.work import begin_work
from tests.support import canaries, canaries_of_two
from tests.support.fake_payments import FakePayments
from tests.support.paying import Till
from tests.support.story import Client, Practice

OPENLY = "Etc/PlainlyVisible"  # of the kind that stands in the clear: the control


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


def files_of(app: Flask) -> Iterator[Path]:
    """Every file in which the database keeps what it was told: tables, indexes, and the log of writes."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            file = Path(str(db.engine.url.database))
            yield from (one for one in (file, Path(f"{file}-wal"), Path(f"{file}-shm")) if one.exists())
            return
        with db.engine.connect() as connection:
            data = Path(connection.execute(text("SHOW data_directory")).scalar_one())
            number = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
        yield from sorted((data / "base" / str(number)).iterdir())
        yield from (one for one in sorted((data / "pg_wal").iterdir()) if one.is_file())


def found_in_files(app: Flask, words: list[str]) -> dict[str, set[str]]:
    """Which of the words stand in which files, as they are, in small letters, or in hex."""
    forms = {word: (word.encode(), word.lower().encode(), word.encode().hex().encode()) for word in words}
    found: dict[str, set[str]] = {}
    for file in files_of(app):
        content = file.read_bytes()
        lower = content.lower()
        for word, (plain, small, as_hex) in forms.items():
            if plain in content or small in lower or as_hex in content:
                found.setdefault(word, set()).add(file.name)
    return found


def test_no_word_of_anybody_stands_in_the_files_of_the_database(practice: Practice, till: Till) -> None:
    _, words = canaries.plant(practice, till)
    assert len(words) > 15
    nothing_stands(practice, words)


def test_no_word_of_two_people_stands_there_either(practice: Practice, till: Till) -> None:
    *_, words = canaries_of_two.plant(practice, till)
    assert len(words) > 25
    nothing_stands(practice, words)


def nothing_stands(practice: Practice, words: list[str]) -> None:
    """None of the words is in the files, though one that is written down openly is found in each kind of them."""
    with practice.app.app_context(), begin_work() as work:
        add_person(work, OPENLY)

    found = found_in_files(practice.app, [*words, OPENLY])

    assert set(found) == {OPENLY}, found
    kinds = {"wal" if "wal" in name or len(name) == 24 else "table" for name in found[OPENLY]}
    assert "wal" in kinds  # the log of writes was looked into as well


def exported(practice: Practice, *clients: Client) -> str:
    """What these people get themselves, unsent answers among it, and the whole records that staff hand over."""
    with practice.app.app_context():
        return "".join(
            json.dumps(read_export(practice.person(client), scope, practice.clock.now()))
            for client in clients
            for scope in (Scope.OWN, Scope.WHOLE)
        )


def test_what_is_in_the_files_is_what_the_practice_can_read(practice: Practice, till: Till) -> None:
    """The words are really kept: the exports have every one of them but what only staff wrote."""
    held, words = canaries.plant(practice, till)
    said = exported(practice, held.payer)
    missing = [word for word in words if word not in said]
    assert all(word.startswith((*canaries.OF_STAFF, canaries.LEGAL_NAME)) for word in missing), missing


def test_the_same_holds_for_two_people(practice: Practice, till: Till) -> None:
    booker, invited, words = canaries_of_two.plant(practice, till)
    said = exported(practice, booker, invited)
    missing = [word for word in words if word not in said]
    assert all(word.startswith(canaries_of_two.OF_STAFF) for word in missing), missing
