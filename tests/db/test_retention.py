"""Records and documents run out by themselves, by the practice's years, with a log; a hold keeps them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from practice.couples import form_couple
from practice.database import db
from practice.erasing import Erasure, place_hold
from practice.intake.actions import save_moment, start_partner_draft
from practice.intake.messages import RetentionSweep
from practice.intake.models import Intake
from practice.intake.retention import note_place_wish
from practice.intake.running_out import find_run_out
from practice.papers.kinds import Kind
from practice.papers.models import Paper
from practice.papers.queries import is_readable
from practice.partners.actions import invite_by_mail
from practice.partners.handlers import on_retention_sweep as tidy_night
from practice.partners.models import Invitation
from practice.people import ClientSession, Contact, MailedLink, add_person, contact_of, make_link, save_contact
from practice.rights import actions, running_out
from practice.rights.commands import retention
from practice.rights.handlers import on_retention_sweep
from practice.sealing import vault
from tests.support.couples import client_for_two
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.papers import about, attend, make, pay
from tests.support.paying import Till
from tests.support.story import Client, Held, Practice

YEAR = 366


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def held(practice: Practice, till: Till) -> Held:
    """Somebody whose session is over, with an invoice."""
    made = pay(practice, till)
    attend(practice, made)
    make(practice, made, Kind.INVOICE, about(till, made))
    return made


def night(practice: Practice) -> None:
    """Let the next night come, with nothing else: years of nights would take as long here."""
    with practice.app.app_context():
        on_retention_sweep(RetentionSweep("tonight"))


def is_known(practice: Practice, client: Client) -> bool:
    with practice.app.app_context():
        return contact_of(practice.person(client)) is not None


def invoice_is_readable(practice: Practice) -> bool:
    with practice.app.app_context():
        return is_readable(db.session.scalars(select(Paper)).one())


def test_a_record_goes_seven_years_after_the_last_session_and_its_invoice_after_ten(practice, held, clock):
    clock.advance(days=7 * 365)  # two days short of it
    night(practice)
    assert is_known(practice, held.payer)

    clock.advance(days=2)
    night(practice)
    assert not is_known(practice, held.payer)
    assert invoice_is_readable(practice)

    clock.advance(days=3 * YEAR)
    night(practice)
    assert not invoice_is_readable(practice)
    with practice.app.app_context():
        logged = {(one.kind, one.actor) for one in db.session.scalars(select(Erasure))}
        assert {("person", "worker"), ("intake", "worker"), ("document", "worker")} <= logged
    assert practice.breaches() == []


def test_the_practice_sets_its_own_years(practice, held, clock):
    with work_in(practice) as work:
        actions.set_terms(work, "command", records_years=3, documents_years=2)
    clock.advance(days=2 * YEAR)
    night(practice)
    assert is_known(practice, held.payer)
    assert not invoice_is_readable(practice)
    clock.advance(days=YEAR)
    night(practice)
    assert not is_known(practice, held.payer)


def test_a_hold_keeps_the_record_and_the_documents(practice, held, clock):
    with work_in(practice) as work:
        place_hold(work, "staff:1", practice.person(held.payer), "A complaint")
    clock.advance(days=12 * YEAR)
    night(practice)
    assert is_known(practice, held.payer)
    assert invoice_is_readable(practice)


def test_a_dry_run_says_what_would_go_and_why_and_erases_nothing(practice, held, clock):
    clock.advance(days=7 * YEAR)
    runner, obj = practice.app.test_cli_runner(), lambda: practice.app
    said = runner.invoke(retention, ["run", "--dry-run"], obj=obj)
    assert said.exit_code == 0, said.output
    assert f"person {held.payer.reference}: 7 years after the last session" in said.output
    assert is_known(practice, held.payer)

    assert "erased" in runner.invoke(retention, ["run"], obj=obj).output
    assert not is_known(practice, held.payer)
    assert "Records: 7 years" in runner.invoke(retention, ["show"], obj=obj).output


def test_a_partner_who_answered_is_kept_as_long_as_those_sessions_are(practice, held, clock):
    partner = practice.new_client()
    with work_in(practice) as work:
        form_couple(work, practice.person(held.payer), practice.person(partner))
        start_partner_draft(work, practice.person(partner)).submitted_at = work.now
    clock.advance(days=400)
    with practice.app.app_context():
        assert find_run_out(clock.now()) == []
        assert running_out.find_records_over(clock.now()) == []
    clock.advance(days=6 * YEAR)
    with practice.app.app_context():
        over = {person.id for person in running_out.find_records_over(clock.now())}
    assert over == {held.payer.person_id, partner.person_id}


def test_sessions_of_browsers_and_mailed_links_that_ran_out_are_removed(practice, held, clock):
    practice.browser(held.payer)
    with work_in(practice) as work:
        make_link(work, practice.person(held.payer), "return")
    clock.advance(days=500)
    with work_in(practice) as work:
        make_link(work, practice.person(held.payer), "return")
    night(practice)
    with practice.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ClientSession)) == 0
        assert db.session.scalar(select(func.count()).select_from(MailedLink)) == 1


def test_the_night_comes_by_itself(practice, held, clock):
    clock.advance(days=1)
    practice.work_until_idle()
    with practice.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Intake)) == 1
    clock.advance(days=7 * YEAR)
    practice.work_until_idle()
    assert not is_known(practice, held.payer)


def test_whom_an_invitation_went_to_is_erased_a_month_after_it_ran_out_unless_it_is_held(practice, clock):
    clients = [client_for_two(practice) for _ in range(2)]
    with work_in(practice) as work:
        for client in clients:
            person = practice.person(client)
            save_moment(work, person, "invite", {"partner_knows": "yes"})
            invite_by_mail(work, person, "invited@mail.example")
        place_hold(work, "staff:1", practice.person(clients[1]), "A complaint")

    def addresses() -> list[bool]:
        with practice.app.app_context():
            tidy_night(RetentionSweep("tonight"))
            found = db.session.scalars(select(Invitation).order_by(Invitation.person_id))
            return [one.address_sealed is not None for one in found]

    clock.advance(days=14 + 29)
    assert addresses() == [True, True]
    clock.advance(days=2)
    assert addresses() == [False, True]
    clock.advance(days=60)
    assert addresses() == [False, True]
    assert practice.breaches() == []


def test_whoever_the_practice_entered_and_of_whom_nothing_came_is_erased_after_a_month(practice, held, clock):
    with work_in(practice) as work:
        idle, held_back, coming = (add_person(work, "America/New_York") for _ in range(3))
        for person in (idle, held_back, coming):
            save_contact(person, Contact("Kim", "kim@mail.example", None, ("email",)))
        work.session.flush()
        place_hold(work, "staff:1", held_back, "A complaint")
        form_couple(work, practice.person(held.payer), coming)
        ids = {name: person.id for name, person in (("idle", idle), ("held", held_back), ("coming", coming))}

    def left() -> set[str]:
        night(practice)
        with practice.app.app_context():
            return {name for name, one in ids.items() if vault().has_key(one)}

    clock.advance(days=29)
    assert left() == {"idle", "held", "coming"}
    clock.advance(days=2)
    assert left() == {"held", "coming"}
    assert is_known(practice, held.payer)
    assert practice.breaches() == []


def test_a_dry_run_names_every_kind_that_the_night_then_erases(practice, held, clock):
    runner, obj = practice.app.test_cli_runner(), lambda: practice.app
    with work_in(practice) as work:
        practice_entered = add_person(work, "America/New_York")
        start_partner_draft(work, add_person(work, "America/New_York"))
        note_place_wish(work, Contact("Kim", "kim@mail.example", None, ("email",)), "US-AK", "America/Anchorage")
        person = practice.person(held.payer)
        make_link(work, person, "return")
        save_moment(work, person, "invite", {"partner_knows": "yes"})
        invite_by_mail(work, person, "invited@mail.example")
        entered = practice_entered.reference
    practice.browser(held.payer)
    clock.advance(days=8 * YEAR)

    said = runner.invoke(retention, ["run", "--dry-run"], obj=obj).output
    kinds = {line.rsplit(" ", 1)[0] for line in (one.split(":")[0] for one in said.splitlines()) if " " in line}
    assert kinds >= {
        "intake",
        "address of invitation",
        "wish for a license",
        "browser sessions",
        "mailed links",
        "person",
    }
    assert f"person {entered}: entered by the practice" in said

    assert "more are in the log" in runner.invoke(retention, ["run"], obj=obj).output
    assert runner.invoke(retention, ["run", "--dry-run"], obj=obj).output == "Nothing was erased.\n"
