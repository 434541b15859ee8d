"""Master keys are replaced while the practice runs on: nothing becomes unreadable, and what was lost is named."""

from __future__ import annotations

import json
import stat
from contextlib import suppress

import pytest
from sqlalchemy import select, update

from practice import keys_file
from practice.database import db
from practice.opening.practice_findings import examine_keys
from practice.people import Person, contact_of
from practice.rights import rotation
from practice.sealing import CannotOpen, CannotSeal, Keyring, MasterKey, PersonKey, vault
from practice.sealing import keyring as keys_of_app
from practice.work import begin_work
from tests.support.clock import FrozenClock
from tests.support.story import Practice


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.json"


@pytest.fixture
def keyring(path) -> Keyring:
    """Keys that live in a file, as those of a running practice do."""
    return Keyring.create(path)


@pytest.fixture
def people(practice: Practice) -> list[int]:
    return [practice.new_client().person_id for _ in range(5)]


def names(practice: Practice) -> list[str]:
    with practice.app.app_context():
        found = [contact_of(person) for person in db.session.scalars(select(Person).order_by(Person.id))]
        return [contact.first_name for contact in found if contact is not None]


def masters(practice: Practice) -> dict[str, int]:
    with practice.app.app_context():
        return dict(rotation.count_by_master())


def test_every_key_is_wrapped_anew_in_batches_and_opens_what_it_did_before(practice, people, path):
    before, told = names(practice), []
    with practice.app.app_context():
        assert rotation.rotate(path, batch=2, tell=lambda done, todo: told.append((done, todo))) == 5

    assert told == [(2, 5), (4, 5), (5, 5)]
    assert masters(practice) == {"k2": 5}
    assert names(practice) == before
    document = json.loads(path.read_text())
    assert (document["current"], set(document["masters"])) == ("k2", {"k1", "k2"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert practice.breaches() == []


def test_look_ups_and_the_audit_log_outlive_a_rotation(practice, people, path):
    before = keys_file.read(path)
    with practice.app.app_context():
        rotation.rotate(path)
    after = keys_file.read(path)
    assert (after["index"], after["audit"]) == (before["index"], before["audit"])


def test_a_rotation_that_was_cut_off_is_gone_on_with_and_makes_no_further_key(practice, people, path):
    class CutOff(Exception): ...

    def cut(done, _todo):
        if done == 2:
            raise CutOff

    with practice.app.app_context(), suppress(CutOff):
        rotation.rotate(path, batch=2, tell=cut)
    assert masters(practice) == {"k1": 3, "k2": 2}

    with practice.app.app_context():
        assert rotation.rotate(path, batch=2) == 3
    assert masters(practice) == {"k2": 5}
    assert set(keys_file.read(path)["masters"]) == {"k1", "k2"}


def test_a_process_with_the_old_file_reads_what_the_new_key_wraps_and_wraps_by_it_too(
    practice,
    people,
    path,
):
    before = names(practice)
    stale = Keyring.load(path)
    with practice.app.app_context():
        practice.app.extensions["practice.keyring"] = Keyring.load(path)
        rotation.rotate(path)
    practice.app.extensions["practice.keyring"] = stale
    assert set(stale.master_ids) == {"k1"}

    assert names(practice) == before
    practice.new_client()
    assert masters(practice) == {"k2": 6}


def test_whoever_comes_while_keys_are_wrapped_anew_is_wrapped_by_the_new_one(practice, people, path):
    with practice.app.app_context():
        rotation.rotate(path, batch=2, tell=lambda *_: practice.new_client())
    assert set(masters(practice)) == {"k2"}


def test_a_missing_old_key_stops_before_anything_is_changed_and_is_named(practice, people, path):
    document = keys_file.read(path)
    keys_file.replace(path, {**document, "current": "k7", "masters": {"k7": keys_file.new_key()}})
    before = path.read_bytes()

    with practice.app.app_context():
        with pytest.raises(rotation.KeyMissing, match="k1"):
            rotation.rotate(path)
        assert path.read_bytes() == before
        with pytest.raises(CannotOpen, match="k1 is not in the keys file"):
            contact_of(db.session.get_one(Person, people[0]))
    assert masters(practice) == {"k1": 5}


def test_an_old_key_leaves_the_file_only_when_nothing_names_it(practice, people, path):
    with practice.app.app_context():
        rotation.rotate(path)
        with begin_work() as work:  # as if one had been forgotten
            one = work.session.get_one(PersonKey, people[0])
            one.master_key_id = "k1"
        with pytest.raises(rotation.StillNamed):
            rotation.retire(path)
        assert set(keys_file.read(path)["masters"]) == {"k1", "k2"}
        with begin_work() as work:
            work.session.execute(update(PersonKey).values(master_key_id="k2"))

        assert rotation.retire(path) == ["k1"]
        assert set(keys_file.read(path)["masters"]) == {"k2"}
        assert rotation.retire(path) == []
    assert len(names(practice)) == 5


def test_a_retired_key_wraps_nothing_more_even_in_a_process_that_still_has_it(practice, people, path):
    old = Keyring.load(path)
    with practice.app.app_context():
        rotation.rotate(path)
        rotation.retire(path)
    old.path = None  # it can't look at the file any more
    practice.app.extensions["practice.keyring"] = old

    with pytest.raises(CannotSeal, match="k1 was retired"):
        practice.new_client()
    assert masters(practice) == {"k2": 5}


def test_the_id_of_a_key_is_never_given_again(practice, people, path):
    with practice.app.app_context():
        for _ in range(2):
            rotation.rotate(path)
            rotation.retire(path)
        assert keys_of_app().current == "k3"
        assert sorted(db.session.scalars(select(MasterKey.id))) == ["k1", "k2", "k3"]


def test_the_command_says_how_far_it_is_and_what_to_do_next(practice, people, path, settings, monkeypatch):
    runner = practice.app.test_cli_runner()
    obj = lambda: practice.app  # noqa: E731
    from practice.rights.commands import rotate_keys

    said = runner.invoke(rotate_keys, ["--batch", "2"], obj=obj)
    assert said.exit_code == 0, said.output
    for words in ("2 of 5 keys", "5 of 5 keys", "by master key k2", "--retire"):
        assert words in said.output
    unsure = runner.invoke(rotate_keys, ["--retire"], obj=obj, input="n\n")
    assert unsure.exit_code != 0
    assert set(keys_file.read(path)["masters"]) == {"k1", "k2"}
    assert "Retired: k1" in runner.invoke(rotate_keys, ["--retire", "--yes"], obj=obj).output


def test_a_key_is_old_after_a_year(practice, people, path, clock: FrozenClock):
    with practice.app.app_context():
        clock.advance(days=364)
        assert not rotation.is_old(clock.now())
        clock.advance(days=1)
        assert rotation.is_old(clock.now())
        rotation.rotate(path)
        assert not rotation.is_old(clock.now())


def test_doctor_says_what_to_do_about_keys(practice, people, path, clock: FrozenClock):
    def to_mend() -> list[str]:
        return [one.mend for one in examine_keys(clock.now()) if not one.fine]

    with practice.app.app_context():
        assert to_mend() == []
        clock.advance(days=366)
        assert to_mend() == ["Make a new one: practice rotate-keys"]
        rotation.rotate(path)
        assert to_mend() == []
        with begin_work() as work:
            work.session.get_one(PersonKey, people[0]).master_key_id = "k1"
        assert to_mend() == ["1 are not. Run: practice rotate-keys"]
        with begin_work() as work:
            work.session.get_one(PersonKey, people[0]).master_key_id = "k9"
        assert "k9" in to_mend()[0]


def test_keys_of_documents_are_wrapped_anew_too(practice, people, path):
    place = {"table": "paper", "row": "d_1", "column": "content"}
    with practice.app.app_context():
        with begin_work() as work:
            vault().new_key("d_1", work.now)
            sealed = vault().seal("d_1", "An invoice", **place)
        assert rotation.rotate(path, batch=4) == 6
        rotation.retire(path)
    with practice.app.app_context():
        assert vault().open("d_1", sealed, **place) == "An invoice"


def test_a_file_that_somebody_replaces_halfway_is_never_seen(path):
    keys = Keyring.create(path.with_name("other.json"))
    before = keys_file.read(keys.path)
    keys.path.with_name("other.json.new").write_text("{half")  # as a killed run would leave it
    keys_file.replace(keys.path, {**before, "current": "k1"})
    assert keys_file.read(keys.path) == before
    assert not keys.path.with_name("other.json.new").exists()


@pytest.mark.databases("sqlite")
def test_whoever_runs_it_the_file_and_its_lock_stay_their_owners(practice, people, keyring, path, monkeypatch):
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(keys_file.os, "geteuid", lambda: 0)
    monkeypatch.setattr(keys_file.os, "fchown", lambda _handle, user, group: given.append((user, group)))
    with practice.app.app_context():
        rotation.rotate(path)
    owner = (path.stat().st_uid, path.stat().st_gid)
    assert len(given) >= 2  # the lock, and the new file
    assert set(given) == {owner}
