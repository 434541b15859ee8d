"""What one of two sees: the same, byte for byte, whatever the other one answers or does alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from practice.booking.prices.queries import own_prices
from practice.couples import find_couple
from practice.database import db
from practice.intake.models import Intake
from practice.money import Money
from practice.partners import actions
from practice.partners.models import PartnerStanding
from practice.people import Contact, Person, contact_of, save_contact
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.couples import (
    client_for_two,
    come_along,
    invite_by_mail,
    leave,
    pause,
    practice_couple,
    send_intake,
    token_in_mail,
)
from tests.support.prices import add_step, put_on_step, set_price
from tests.support.staff import desk, without_tokens

PAGES = ("/you", "/you/pause", "/you/leave", "/schedule", "/times/ada-lindqvist?offering=couple-50", "/intake/times")


@pytest.fixture
def pair(practice):
    return practice_couple(practice)


def seen(practice, client):
    """Everything of the own pages, without what differs at every look."""
    browser = practice.browser(client)
    return {page: without_tokens(browser.get(page).text) for page in PAGES}


def share(practice, client, act):
    with practice.app.app_context(), begin_work() as work:
        act(work, work.session.get_one(Person, client.person_id))


def rename(practice, client):
    with practice.app.app_context(), begin_work():
        person = practice.person(client)
        save_contact(
            person, Contact(**{**contact_of(person).__dict__, "first_name": "Other", "phone": "+1 555 010 0199"})
        )


def complete(practice, client):
    with practice.app.app_context(), begin_work() as work:
        sent = {"submitted_at": func.coalesce(Intake.submitted_at, work.now), "completed_at": work.now}
        work.session.execute(update(Intake).where(Intake.person_id == client.person_id).values(sent))


ALONE = {
    "answers calmly": send_intake,
    "answers with fear": lambda practice, one: send_intake(practice, one, control="often", safe_to_speak="no"),
    "answers a crisis": lambda practice, one: send_intake(practice, one, self_harm="plan"),
    "says that nobody knows": lambda practice, one: send_intake(practice, one, attending="individual"),
    "finishes the questions": complete,
    "allows what is done to be seen": lambda practice, one: share(practice, one, actions.share_progress),
    "changes name and number": rename,
    "books time alone": lambda practice, one: practice.confirm(
        practice.hold(MONDAY_NINE + timedelta(hours=4), one, therapist="noor-haddad", offering="individual-50")
    ),
}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("did", ALONE)
@pytest.mark.parametrize("who", ["inviter", "invited"])
def test_pages_are_the_same_whatever_the_other_one_does_alone(practice, mailer, pair, did, who):
    one = getattr(pair, who)
    [other] = [client for client in pair if client is not one]
    before = seen(practice, one)
    ALONE[did](practice, other)
    practice.work_until_idle()

    assert seen(practice, one) == before
    assert mailer.letters_to(one.email) == []


@pytest.mark.databases("sqlite")
def test_a_page_that_told_would_be_found(practice, pair):
    before = seen(practice, pair.inviter)
    pause(practice, pair.invited)

    assert seen(practice, pair.inviter)["/you"] != before["/you"]


def test_done_or_not_yet_is_shown_while_both_allow_it_and_no_longer(practice, pair):
    page = practice.browser(pair.inviter)
    send_intake(practice, pair.invited)
    page.submit("/you", {}, form="/progress")
    assert "Whoever comes with you:" not in page.get("/you").text
    share(practice, pair.invited, actions.share_progress)
    assert "<b>not yet</b>" in page.get("/you").text
    complete(practice, pair.invited)
    assert "<b>done</b>" in page.get("/you").text
    assert "<b>not yet</b>" in practice.browser(pair.invited).get("/you").text  # the inviter's own are open

    share(practice, pair.invited, actions.keep_progress)
    assert "Whoever comes with you:" not in page.get("/you").text


def test_a_new_couple_begins_without_what_was_allowed_before(practice, pair):
    for client in pair:
        share(practice, client, actions.share_progress)
    leave(practice, pair.invited)
    practice_couple(practice, inviter=pair.inviter)

    with practice.app.app_context():
        rows = db.session.scalars(select(PartnerStanding.shares_progress)).all()
        assert set(rows) == {False}


def test_who_pays_pays_the_lower_of_what_was_agreed_with_either(practice, pair):
    def costs(client, listed=160_00):
        with practice.app.app_context():
            return own_prices(client.person_id, practice.clock.now()).of(Money(listed, "USD"), 1).minor_units

    step = add_step(practice, points=8000)
    put_on_step(practice, pair.invited, step)
    assert (costs(pair.inviter), costs(pair.invited)) == (128_00, 128_00)
    set_price(practice, pair.inviter, 100_00)
    assert (costs(pair.inviter), costs(pair.invited)) == (100_00, 100_00)
    set_price(practice, pair.inviter, 200_00)
    assert costs(pair.invited) == 128_00  # nobody pays more for coming with somebody
    leave(practice, pair.inviter)
    assert (costs(pair.inviter), costs(pair.invited)) == (200_00, 128_00)


def test_somebody_who_joined_and_answered_nothing_is_forgotten_after_thirty_days_and_the_other_hears(
    practice, mailer, clock
):
    inviter = client_for_two(practice)
    browser = practice.browser(inviter)
    invite_by_mail(browser)
    come_along(practice.browser(), token_in_mail(practice, mailer))
    practice.work_until_idle()
    clock.advance(days=20)
    send_intake(practice, inviter)
    clock.advance(days=12)
    practice.work_until_idle()

    with practice.app.app_context():
        assert find_couple(inviter.person_id) is None
        gone = db.session.scalars(select(Person).where(Person.contact_sealed.is_(None))).all()
        assert len(gone) == 1
        assert db.session.scalars(select(Intake).where(Intake.person_id == gone[0].id)).all() == []
    assert mailer.last_to(inviter.email).subject == "About your appointments"
    assert practice.breaches() == []


def test_while_the_inviter_has_a_booking_what_the_other_one_began_is_kept(practice, mailer, clock):
    inviter = client_for_two(practice)
    invite_by_mail(practice.browser(inviter))
    come_along(practice.browser(), token_in_mail(practice, mailer))
    practice.confirm(practice.hold(MONDAY_NINE + timedelta(days=49), inviter))
    clock.advance(days=45)
    practice.work_until_idle()

    with practice.app.app_context():
        assert find_couple(inviter.person_id) is not None
        assert db.session.scalars(select(Intake).where(Intake.audience == "partner")).one()


def test_staff_see_who_comes_and_how_it_stands_and_a_session_names_both(practice, pair):
    send_intake(practice, pair.invited)
    held = practice.hold(MONDAY_TEN, pair.inviter)
    practice.confirm(held)
    with practice.app.app_context():
        found = {row.person_id: row.reference for row in db.session.scalars(select(Intake))}
    ada, noor = (desk(practice, "therapist", therapist=one) for one in ("ada-lindqvist", "noor-haddad"))
    theirs = f"/staff/intakes/{found[pair.invited.person_id]}"

    page = ada.get(f"/staff/intakes/{found[pair.inviter.person_id]}").text
    assert pair.invited.name in page
    assert theirs in page
    assert ada.get(theirs).status_code == 200  # both come to her session
    assert noor.get(theirs).status_code == 404
    session = ada.get(f"/staff/schedule/sessions/{held.reference}").text
    assert f"{pair.inviter.name}, who booked, and {pair.invited.name}" in session
