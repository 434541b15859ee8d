"""What clients tell us can be read by nobody who has the database alone, and by nobody at all once they are erased."""

from __future__ import annotations

import json
import os
import stat

import pytest
from sqlalchemy import delete, select, update

from practice import sealing
from practice.database import db
from practice.people import Contact, Person, add_person, contact_of, find_by_email, save_contact
from practice.sealing import CannotOpen, Keyring, PersonKey, Vault, blind_index, vault
from practice.work import begin_work

SECRET = "We have not told the children — ça reste entre nous 🙊"
PLACE = {"table": "intake", "row": "i_1", "column": "answers"}


@pytest.fixture
def person_id(app):
    with app.app_context(), begin_work() as work:
        return add_person(work, "UTC").id


def fresh_vault() -> Vault:
    """A vault that remembers no key, as in a process that has just started."""
    return Vault(db.session(), sealing.keyring())


def test_what_is_sealed_opens_again_for_its_person_and_place(app, person_id):
    with app.app_context():
        sealed = vault().seal(person_id, SECRET, **PLACE)
        assert fresh_vault().open(person_id, sealed, **PLACE) == SECRET


def test_a_sealed_value_shows_nothing_of_what_it_holds_and_never_repeats(app, person_id):
    with app.app_context():
        first, second = (vault().seal(person_id, SECRET, **PLACE) for _ in range(2))

    assert first != second
    assert b"children" not in first


@pytest.mark.parametrize("moved", [{"table": "booking"}, {"row": "i_2"}, {"column": "note"}])
def test_a_sealed_value_opens_nowhere_else(app, person_id, moved):
    with app.app_context():
        sealed = vault().seal(person_id, SECRET, **PLACE)
        with pytest.raises(CannotOpen):
            vault().open(person_id, sealed, **{**PLACE, **moved})


def test_a_sealed_value_opens_for_nobody_else(app, person_id):
    with app.app_context():
        with begin_work() as work:
            other = add_person(work, "UTC").id
        sealed = vault().seal(person_id, SECRET, **PLACE)
        with pytest.raises(CannotOpen):
            vault().open(other, sealed, **PLACE)


@pytest.mark.databases("sqlite")
def test_one_changed_byte_anywhere_breaks_the_seal(app, person_id):
    with app.app_context():
        sealed = vault().seal(person_id, SECRET, **PLACE)
        for at in range(len(sealed)):
            forged = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
            with pytest.raises(CannotOpen):
                vault().open(person_id, forged, **PLACE)
        for length in range(len(sealed)):
            with pytest.raises(CannotOpen):
                vault().open(person_id, sealed[:length], **PLACE)


def test_destroying_a_persons_key_makes_every_copy_unreadable(app, person_id):
    with app.app_context():
        sealed = vault().seal(person_id, SECRET, **PLACE)
        with begin_work() as work:
            work.session.execute(delete(PersonKey).where(PersonKey.person_id == person_id))
        with pytest.raises(CannotOpen, match="destroyed"):
            fresh_vault().open(person_id, sealed, **PLACE)


def test_another_persons_wrapped_key_does_not_stand_in(app, person_id):
    with app.app_context():
        with begin_work() as work:
            other = add_person(work, "UTC").id
        theirs = db.session.scalars(select(PersonKey.wrapped).where(PersonKey.person_id == other)).one()
        with begin_work() as work:
            work.session.execute(update(PersonKey).where(PersonKey.person_id == person_id).values(wrapped=theirs))
        with pytest.raises(CannotOpen):
            fresh_vault().seal(person_id, SECRET, **PLACE)


def test_values_under_an_old_master_key_open_after_a_new_one_came(app, person_id):
    with app.app_context():
        sealed = vault().seal(person_id, SECRET, **PLACE)
        old = sealing.keyring()._masters
        newer = Keyring(current="k2", masters={**old, "k2": os.urandom(32)}, index_key=b"i" * 32, audit_key=b"a" * 32)
        assert Vault(db.session(), newer).open(person_id, sealed, **PLACE) == SECRET

        lost = Keyring(current="k2", masters={"k2": os.urandom(32)}, index_key=b"i" * 32, audit_key=b"a" * 32)
        with pytest.raises(CannotOpen, match="k1 is not in the keys file"):
            Vault(db.session(), lost).open(person_id, sealed, **PLACE)


def test_people_are_found_by_their_address_however_it_is_written(app, person_id):
    with app.app_context():
        with begin_work() as work:
            save_contact(work.session.get_one(Person, person_id), Contact("Robin", "Robin.Q@Mail.example", "555"))
        person = db.session.get_one(Person, person_id)

        assert find_by_email("  robin.q@mail.EXAMPLE ") == [person]
        assert find_by_email("robin@mail.example") == []
        assert contact_of(person) == Contact("Robin", "Robin.Q@Mail.example", "555")
        assert b"robin" not in person.contact_sealed.lower() + person.email_index


def test_the_index_of_an_address_is_useless_without_the_keys(app):
    other = Keyring(current="k1", masters={}, index_key=os.urandom(32), audit_key=b"a" * 32)
    with app.app_context():
        assert blind_index("robin@mail.example") != other.blind_index("robin@mail.example")


def test_a_new_keys_file_is_its_owners_alone_and_is_never_overwritten(tmp_path):
    path = tmp_path / "new" / "keys.json"
    Keyring.create(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        Keyring.create(path)
    assert path.read_bytes() == before
    assert set(json.loads(before)) == {"current", "masters", "index", "audit"}
    assert Keyring.load(path).current == "k1"
