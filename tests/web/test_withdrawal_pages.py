"""What clients and staff read of the right of withdrawal, and what a client says before a session inside it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from practice.booking.lifecycle import State
from practice.booking.models import WithdrawalRequest
from practice.booking.withdrawal import TEXT
from practice.cli import main
from practice.database import db
from practice.people import Person
from practice.profile import profile
from practice.speaking import gettext, speaking
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import FakePayments
from tests.support.intake import send
from tests.support.offers import confirmed, keep_for
from tests.support.paying import Till
from tests.support.prices import give_withdrawal
from tests.support.staff import desk
from tests.support.story import Client

pytestmark = pytest.mark.databases("sqlite")
SAID = {"legal_name": "Robin Quill-Canary", "date_of_birth": "1985-03-31", "insurance_use": "no"}
FAR = MONDAY_NINE + timedelta(days=28)
ASK = "I ask you to hold the session within the 14 days"


def words(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def hold(browser, start):
    send(browser)
    page = browser.get(f"/times/ada-lindqvist?offering=couple-50&from={start.date().isoformat()}")
    answer = browser.send_form(page, {"start": start.isoformat()}, form="/bookings")
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def kept(practice):
    with practice.app.app_context():
        return len(db.session.scalars(select(WithdrawalRequest)).all())


class TestPaying:
    def test_for_a_session_inside_the_days_needs_the_clients_own_words(self, practice, browser, payments: FakePayments):
        give_withdrawal(practice)
        address = hold(browser, MONDAY_NINE)
        page = browser.get(f"{address}/pay")
        assert ASK in page.text
        assert "hold_it_then" in page.text
        assert "checked" not in page.text[page.text.index("hold_it_then") - 80 :][:200]
        without = browser.send_form(page, SAID, form="/pay")
        assert without.status_code == 422
        assert "Tick this if you want the session then" in without.text
        assert "Error: " in without.text.split("</title>")[0]
        assert "Robin Quill-Canary" in without.text
        assert (kept(practice), payments.sessions) == (0, {})

        paid = browser.send_form(browser.get(f"{address}/pay"), {**SAID, "hold_it_then": "y"}, form="/pay")
        assert paid.status_code == 303
        assert kept(practice) == 1
        browser.send_form(browser.get(f"{address}/pay"), {**SAID, "hold_it_then": "y"}, form="/pay")
        assert kept(practice) == 1

    def test_in_words_that_were_not_ticked_is_asked_once_more_and_keeps_those_that_were(
        self, practice, browser, payments: FakePayments
    ):
        give_withdrawal(practice)
        address = hold(browser, MONDAY_NINE)
        english = browser.get(f"{address}/pay")
        browser.get("/fees?lang=es")  # in another tab
        refused = browser.send_form(english, {**SAID, "hold_it_then": "y"}, form="/pay")
        assert refused.status_code == 409
        assert "Usted lo marcó con otras palabras" in refused.text
        assert "Robin Quill-Canary" in refused.text
        assert "checked" not in refused.text[refused.text.index('name="hold_it_then"') - 80 :][:200]
        assert (kept(practice), payments.sessions) == (0, {})

        assert browser.send_form(refused, {"hold_it_then": "y"}, form="/pay").status_code == 303
        with practice.app.app_context():
            [asked] = db.session.scalars(select(WithdrawalRequest))
            with speaking("es"):
                words = gettext(TEXT, days=14)
            assert asked.text_sha256 == hashlib.sha256(words.encode()).hexdigest()

    def test_for_one_behind_them_asks_nothing(self, practice, browser):
        give_withdrawal(practice)
        address = hold(browser, FAR)
        page = browser.get(f"{address}/pay")
        assert ASK not in page.text
        assert "you can also withdraw from it within 14 days" in " ".join(page.text.split())
        assert browser.send_form(page, SAID, form="/pay").status_code == 303
        assert kept(practice) == 0

    def test_for_a_time_that_staff_keep_goes_the_same_road(self, practice, browser):
        give_withdrawal(practice)
        send(browser)
        with practice.app.app_context():
            person = db.session.scalars(select(Person)).one()
            robin = Client(person.id, person.reference, "Robin", "")
        held = keep_for(practice, robin, MONDAY_NINE)

        assert ASK in browser.get(f"/bookings/{held.reference}/pay").text

    def test_says_what_else_is_missing_together_with_it(self, practice, browser):
        give_withdrawal(practice)
        page = browser.get(f"{hold(browser, MONDAY_NINE)}/pay")
        answer = browser.send_form(page, {"legal_name": ""}, form="/pay")

        assert answer.status_code == 422
        summary = answer.text[answer.text.index("data-error-summary") :].split("</ul>")[0]
        assert "Write your full name" in summary
        assert "Tick this if you want the session then" in summary


def test_the_booking_and_the_page_for_cancelling_say_what_goes_back_by_which_right(practice, clock, payments):
    give_withdrawal(practice)
    held = practice.hold(MONDAY_NINE)
    till = Till(practice, payments)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    browser, address = practice.browser(held.payer), f"/bookings/{held.reference}"
    assert "until <b>it begins</b>. All of $160 goes back then" in words(browser, address)
    clock.set(MONDAY_NINE - timedelta(hours=3))
    page = browser.get(f"{address}/cancel")
    said = " ".join(page.text.split())
    for part in ("<dt>We keep</dt><dd>$0</dd>", "<b>$160</b>", "you can still withdraw", "This holds until it begins"):
        assert part in said, part
    assert "works once" not in said
    assert browser.send_form(page, {}, form="/cancel").status_code == 302
    practice.work_until_idle()

    assert practice.state_of(held) is State.CANCELLED
    assert till.returned() == 160_00


def test_far_ahead_the_booking_names_the_last_day(practice, clock):
    give_withdrawal(practice)
    held = confirmed(practice, FAR)

    said = words(practice.browser(held.payer), f"/bookings/{held.reference}")
    assert "<b>the end of Wednesday 19 May</b> (Eastern Time)" in said
    clock.advance(days=15)
    assert "withdraw" not in words(practice.browser(held.payer), f"/bookings/{held.reference}")


def test_staff_who_cancel_read_the_same_and_do_the_same(practice, clock, payments):
    give_withdrawal(practice)
    held = practice.hold(MONDAY_NINE)
    till = Till(practice, payments)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    clock.set(MONDAY_NINE - timedelta(hours=3))
    coordinator = desk(practice, "coordinator")
    page = coordinator.get(f"/staff/schedule/sessions/{held.reference}")
    assert "they can still withdraw from the contract" in page.text
    assert coordinator.send_form(page, {}, form="/cancel").status_code == 302
    practice.work_until_idle()

    assert till.returned() == 160_00
    assert practice.breaches() == []


def test_where_the_practice_has_set_none_nothing_says_a_word_of_it(practice, browser):
    address = hold(browser, MONDAY_NINE)
    paths = ("/fees", "/schedule", address, f"{address}/pay", f"{address}/cancel")

    assert [path for path in paths if "withdraw" in browser.get(path).text.lower()] == []


def test_public_pages_say_it_where_there_is_one(practice, browser):
    give_withdrawal(practice)

    assert "within 14 days, not counting the day" in words(browser, "/fees")
    assert "Within 14 days of booking" in words(browser, "/schedule")


@pytest.mark.parametrize(("typed", "days"), [("14", 14), ("none", None), ("1", 1), ("100", 100)])
def test_a_command_sets_it(practice, typed, days):
    done = CliRunner().invoke(main.commands["withdrawal-days"], [typed], obj=lambda: practice.app)

    assert done.exit_code == 0, done.output
    with practice.app.app_context():
        assert profile().withdrawal_days == days


@pytest.mark.parametrize("typed", ["0", "101", "-3", "soon", "14.5"])
def test_a_command_refuses_what_is_no_number_of_days(practice, typed):
    done = CliRunner().invoke(main.commands["withdrawal-days"], ["--", typed], obj=lambda: practice.app)

    assert done.exit_code != 0
    assert "days" in done.output
    with practice.app.app_context():
        assert profile().withdrawal_days is None
