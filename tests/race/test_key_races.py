"""A master key is never taken away from under somebody who is just being wrapped by it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from practice import keys_file, sealing
from practice.people import add_person
from practice.rights import rotation
from practice.rights.rotation import StillNamed
from practice.sealing import Keyring, MasterKey
from practice.work import Work, begin_work
from tests.support.story import Practice

LONGEST = 1.0  # seconds that somebody goes on being added, unless the key is gone before


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def keyring(path: Path) -> Keyring:
    return Keyring.create(path)


def retire_while_somebody_comes(practice: Practice, path: Path, make_app) -> bool:
    """A process that knows the old key alone adds somebody while another retires it; whether it was retired."""
    old = Keyring.load(path)
    with practice.app.app_context():
        rotation.rotate(path)
    old.path = None  # what it would see if it looked a moment before the file was replaced
    other = make_app()
    other.extensions[sealing.EXTENSION] = old
    wrapped, over = Event(), Event()

    def come() -> None:
        with other.app_context(), begin_work() as work:
            add_person(work, "UTC")
            wrapped.set()
            over.wait(LONGEST)

    def retire() -> bool:
        wrapped.wait(LONGEST)
        with practice.app.app_context():
            try:
                rotation.retire(path)
            except StillNamed:
                return False
            finally:
                over.set()
            return True

    with ThreadPoolExecutor(2) as both:
        coming, retiring = both.submit(come), both.submit(retire)
        coming.result()
        return retiring.result()


def test_retiring_waits_for_whoever_is_being_wrapped_and_then_lets_the_key_be(practice, path, make_app) -> None:
    assert retire_while_somebody_comes(practice, path, make_app) is False
    assert "k1" in keys_file.read(path)["masters"]
    with practice.app.app_context():
        assert rotation.missing_masters() == []


@pytest.mark.databases("postgresql")  # on SQLite the work itself is the lock
def test_without_the_lock_somebody_would_be_lost(practice, path, make_app, monkeypatch) -> None:
    def note_without_lock(work: Work, key_id: str) -> None:
        if rotation.count_by_master()[key_id]:
            raise StillNamed
        row = work.session.get(MasterKey, key_id)
        assert row is None or row.retired_at is None

    monkeypatch.setattr(rotation, "_note_retired", note_without_lock)

    assert retire_while_somebody_comes(practice, path, make_app) is True
    with practice.app.app_context():
        assert rotation.missing_masters() == ["k1"]
