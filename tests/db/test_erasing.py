"""Erasing somebody: what goes, what stays, what stops it, and that neither files nor an older copy tell any more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click import Command
from click.testing import Result
from sqlalchemy import delete, select

from practice.booking import actions as booking_actions
from practice.couples import find_couple, form_couple
from practice.database import db, empty_write_ahead_log
from practice.erasing import AlreadyHeld, Erasure, lift_hold, place_hold
from practice.errors import NotFound
from practice.intake.models import Intake, IntakeAnswers
from practice.money import Money
from practice.notes.models import Note
from practice.papers.kinds import Kind
from practice.papers.models import Diagnosis, Paper
from practice.papers.queries import is_readable
from practice.payments import remedies
from practice.people import Person, contact_of
from practice.rights import actions, queries
from practice.rights.actions import Gone, Stopped
from practice.rights.commands import erasure_log, replay_erasures
from practice.sealing import CannotOpen, PersonKey, vault
from tests.support import canaries
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.papers import NAME, about, attend, diagnose, make, pay, register, said
from tests.support.paying import PRICE, Till
from tests.support.staff import audit
from tests.support.story import Held, Practice

DESK = "staff:7"


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def held(practice: Practice, till: Till) -> Held:
    """Somebody whose session is over."""
    made = pay(practice, till)
    attend(practice, made)
    return made


def erase(practice: Practice, held: Held) -> None:
    with work_in(practice) as work:
        actions.erase_person(work, DESK, practice.person(held.payer))
    with practice.app.app_context():
        assert empty_write_ahead_log()


def stops(practice: Practice, held: Held) -> list[str]:
    with practice.app.app_context():
        return [stop.what for stop in queries.find_stops(practice.person(held.payer), practice.clock.now())]


def test_everything_that_is_somebodys_alone_goes_and_the_books_stay(practice: Practice, till: Till, held: Held) -> None:
    register(practice)
    diagnose(practice, held, "F43.23")
    invoice = make(practice, held, Kind.INVOICE, about(till, held))
    superbill = make(practice, held, Kind.SUPERBILL)
    erase(practice, held)
    practice.work_until_idle()

    with practice.app.app_context():
        person = practice.person(held.payer)
        assert (contact_of(person), person.email_index, person.code_hash, person.zone) == (None, None, None, "UTC")
        assert db.session.get(PersonKey, person.id) is None
        for table in (IntakeAnswers, Diagnosis, Note):
            assert db.session.scalars(select(table)).all() == []
        [intake] = db.session.scalars(select(Intake))
        assert intake.erased_at is not None
        logged = {(one.subject, one.kind) for one in db.session.scalars(select(Erasure))}
        assert {(person.reference, "person"), (person.reference, "intake"), (person.reference, "diagnosis")} <= logged
        readable = {one.name: is_readable(one) for one in db.session.scalars(select(Paper))}
    assert readable[invoice] is True
    assert readable[superbill] is False
    assert NAME in said(practice, invoice)
    assert practice.breaches() == []
    assert (DESK, "person_erased", held.payer.reference) in audit(practice, "person_erased")


def test_documents_from_before_they_had_keys_outlive_their_person_too(
    practice: Practice, till: Till, held: Held
) -> None:
    invoice = make(practice, held, Kind.INVOICE, about(till, held))
    with work_in(practice) as work:  # as an older release sealed it
        paper = work.session.scalars(select(Paper).where(Paper.kind == Kind.INVOICE)).one()
        place = {"table": "paper", "row": paper.reference, "column": "content"}
        content = vault().open(paper.reference, paper.content_sealed, **place)
        vault().destroy_key(paper.reference)
        paper.own_key = False
        paper.content_sealed = vault().seal(paper.person_id, content, **place)
    assert NAME in said(practice, invoice)

    erase(practice, held)

    assert NAME in said(practice, invoice)
    assert practice.breaches() == []


def test_erasing_twice_finds_nobody(practice: Practice, held: Held) -> None:
    erase(practice, held)
    with pytest.raises(NotFound), work_in(practice) as work:
        actions.erase_person(work, DESK, practice.person(held.payer))


def test_a_partner_and_what_is_theirs_stay_as_they_were(practice: Practice, held: Held) -> None:
    partner = practice.new_client()
    with work_in(practice) as work:
        form_couple(work, practice.person(held.payer), practice.person(partner))
        kept = work.session.get_one(PersonKey, partner.person_id).wrapped
    erase(practice, held)

    with practice.app.app_context():
        assert contact_of(practice.person(partner)) is not None
        assert db.session.get_one(PersonKey, partner.person_id).wrapped == kept
        assert find_couple(partner.person_id) is None
        assert find_couple(held.payer.person_id) is None
    assert practice.breaches() == []


# What stops it


def test_an_appointment_that_stands_stops_it_and_is_named(practice: Practice, till: Till) -> None:
    coming = pay(practice, till)
    assert stops(practice, coming) == ["an appointment that stands"]
    with pytest.raises(Stopped, match="Monday 10 May, 9:00 am"), work_in(practice) as work:
        actions.erase_person(work, DESK, practice.person(coming.payer))
    with practice.app.app_context():
        assert contact_of(practice.person(coming.payer)) is not None

    with work_in(practice) as work:
        booking_actions.cancel(work, booking_actions.lock(work, coming.reference))
    practice.work_until_idle()
    till.deliver()
    practice.work_until_idle()
    assert stops(practice, coming) == []


def test_money_that_is_promised_back_stops_it_until_it_is_there(practice: Practice, till: Till, held: Held) -> None:
    with work_in(practice) as work:
        back = Money(40_00, "USD")
        remedies.give_back(work, held.reference, back, kept=Money(PRICE, "USD"), actor=DESK, reason="They waited")
    assert stops(practice, held) == ["money on its way back"]
    practice.work_until_idle()
    till.deliver()
    practice.work_until_idle()
    assert stops(practice, held) == []


def test_a_hold_stops_it_and_its_reason_is_sealed_and_a_second_is_refused(practice: Practice, held: Held) -> None:
    with work_in(practice) as work:
        hold = place_hold(work, DESK, practice.person(held.payer), "The county court asks")
        assert b"county" not in hold.reason_sealed
    assert stops(practice, held) == ["a legal hold"]
    with pytest.raises(AlreadyHeld), work_in(practice) as work:
        place_hold(work, DESK, practice.person(held.payer), "Again")
    with pytest.raises(Stopped), work_in(practice) as work:
        actions.erase_person(work, DESK, practice.person(held.payer))
    with work_in(practice) as work:
        lift_hold(work, DESK, practice.person(held.payer))
    erase(practice, held)
    with pytest.raises(NotFound), work_in(practice) as work:
        place_hold(work, DESK, practice.person(held.payer), "Too late")
    assert practice.breaches() == []


# Requests


def test_asking_twice_is_asking_once_and_a_refusal_can_be_read_and_asked_about_again(
    practice: Practice, held: Held
) -> None:
    for _ in range(2):
        with work_in(practice) as work:
            actions.ask_to_be_erased(work, practice.person(held.payer))
    with practice.app.app_context():
        [waiting] = queries.list_waiting()
        reference = waiting.reference
    with work_in(practice) as work:
        actions.refuse(work, DESK, reference, "The law makes us keep this until 2034")
    with pytest.raises(actions.DecidedMeanwhile), work_in(practice) as work:
        actions.grant(work, DESK, reference)
    with practice.app.app_context():
        last = queries.find_last_request(held.payer.person_id)
        assert last is not None
        assert "until 2034" in queries.answer_to(last)

    with work_in(practice) as work:
        actions.ask_to_be_erased(work, practice.person(held.payer))
    erase(practice, held)
    with practice.app.app_context():
        last = queries.find_last_request(held.payer.person_id)
        assert last is not None
        assert (last.state, queries.answer_to(last)) == ("erased", "")


# What is left in files and copies


def run(practice: Practice, command: Command, *arguments: str) -> Result:
    return practice.app.test_cli_runner().invoke(command, arguments, obj=lambda: practice.app)


@pytest.mark.databases("sqlite")
def test_after_an_erasure_neither_the_file_nor_its_log_has_what_was_sealed_or_the_key(
    practice: Practice, till: Till
) -> None:
    held, _ = canaries.plant(practice, till)
    attend(practice, held)
    with work_in(practice) as work:
        lift_hold(work, DESK, practice.person(held.payer))
    with practice.app.app_context():
        key = db.session.get_one(PersonKey, held.payer.person_id).wrapped
        answers = db.session.scalars(select(IntakeAnswers.sealed)).first()
        file = Path(str(db.engine.url.database))
    assert answers is not None
    both = (file, Path(f"{file}-wal"))

    def stands(piece: bytes) -> bool:
        return any(piece in one.read_bytes() for one in both if one.exists())

    assert stands(key)
    assert stands(answers[:200])
    with work_in(practice) as work:
        actions.erase_person(work, DESK, practice.person(held.payer))
    assert stands(key)  # the control: the log still has it
    with practice.app.app_context():
        assert empty_write_ahead_log()
    assert not stands(key)
    assert not stands(answers[:200])


@pytest.mark.databases("sqlite")
def test_an_older_copy_of_the_database_forgets_too_once_the_log_of_erasures_is_done_again(
    practice: Practice, held: Held, tmp_path: Path
) -> None:
    with practice.app.app_context():
        db.session.remove()
        assert empty_write_ahead_log()
        file = Path(str(db.engine.url.database))
    older = shutil.copyfile(file, tmp_path / "older.db")
    erase(practice, held)
    with practice.app.app_context():
        log = tmp_path / "erased.jsonl"
        log.write_text(run(practice, erasure_log).output)
        db.session.remove()
        db.engine.dispose()
        for part in ("-wal", "-shm"):
            Path(f"{file}{part}").unlink(missing_ok=True)
        shutil.copyfile(older, file)
        assert contact_of(practice.person(held.payer)) is not None  # the copy knows them: the control

    torn = tmp_path / "torn.jsonl"
    torn.write_text(log.read_text() + "{half of a line")
    refused = run(practice, replay_erasures, str(torn))
    assert (refused.exit_code, "is no line of practice erasure-log" in refused.output) == (1, True)
    assert "1 people and documents" in run(practice, replay_erasures, str(log)).output
    assert "0 people and documents" in run(practice, replay_erasures, str(log)).output
    with practice.app.app_context():
        assert contact_of(practice.person(held.payer)) is None
    assert practice.breaches() == []


def test_a_copy_that_lost_the_keys_of_the_erased_forgets_the_rest_of_them_too(practice: Practice, held: Held) -> None:
    with work_in(practice) as work:
        work.session.execute(delete(PersonKey).where(PersonKey.person_id == held.payer.person_id))
    with work_in(practice) as work:
        assert actions.replay(work, [Gone(held.payer.reference, "person")]) == 1
    with practice.app.app_context():
        left = practice.person(held.payer)
        assert left.contact_sealed is left.email_index is left.code_hash is None
        assert db.session.scalars(select(IntakeAnswers)).all() == []
    with work_in(practice) as work:
        assert actions.replay(work, [Gone(held.payer.reference, "person")]) == 0
    practice.work_until_idle()
    assert practice.breaches() == []


@pytest.mark.databases("sqlite")
def test_a_copy_without_the_table_of_keys_can_not_be_read(practice: Practice, held: Held) -> None:
    with work_in(practice) as work:
        work.session.execute(delete(PersonKey))
    with practice.app.app_context(), pytest.raises(CannotOpen):
        contact_of(db.session.get_one(Person, held.payer.person_id))
