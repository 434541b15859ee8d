"""Prices of one client: staff's pages on which they are agreed, and what that client and everybody else then see."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from practice.booking.lifecycle import State
from practice.cli import main
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, ALONE, confirmed, see
from tests.support.paying import Till
from tests.support.prices import WHY, add_step, put_on_step, set_price
from tests.support.staff import audit, desk, in_order, send_request
from tests.support.story import Held

pytestmark = pytest.mark.databases("sqlite")
PRICES = "/staff/money/prices/"
TIMES = f"/times/{ADA}?offering=couple-50"
TODAY = "2027-05-05"


@pytest.fixture
def coordinator(practice):
    return desk(practice, "coordinator")


@pytest.fixture
def robin(practice):
    return practice.new_client()


def words(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


class TestStaff:
    def test_put_somebody_on_a_step_and_read_who_did_it_when_for_how_long_and_why(self, practice, robin, coordinator):
        step = add_step(practice)
        said = {"step": str(step), "first_day": TODAY, "last_day": "2027-12-31", "reason": WHY}
        answer = coordinator.send_form(coordinator.get(PRICES + robin.reference), said, form="/step")
        assert answer.status_code == 302, answer.text

        page = words(coordinator, PRICES + robin.reference)
        assert "Today they are on the step Reduced, 60 %" in page
        history = ["Reduced, 60 %, from 5 May 2027 until 31 December 2027", WHY]
        assert in_order(page, ["8:00 am Eastern Time, coordinator-desk", *history]) or in_order(page, history)
        assert "by their step; $160 by the list" in page
        assert "$96" in page
        assert f"{robin.name}</a>" in words(coordinator, PRICES)
        assert [what for _, what, _ in audit(practice, "price_agreed", "prices_viewed")].count("price_agreed") == 1

    def test_read_where_the_right_of_withdrawal_is_set_and_no_command(self, practice, coordinator):
        asked, led = words(coordinator, PRICES), words(desk(practice, "owner"), PRICES)

        assert "The owner sets it under Setting up, Booking." in asked
        assert 'You set it under <a href="/staff/setup/practice/booking">Setting up, Booking</a>.' in led
        assert "<code>practice" not in asked + led

    def test_set_a_price_for_one_session_which_may_be_nothing(self, practice, robin, coordinator):
        page = coordinator.get(PRICES + robin.reference)
        choice = re.search(r'value="(\d+)">Individual session', page.text)[1]
        said = {"one-offering": choice, "one-amount": "0", "one-first_day": TODAY, "one-reason": WHY}
        assert coordinator.send_form(page, said, form="/offering").status_code == 302

        assert "Individual session, 50 minutes: without charge, from 5 May 2027" in words(
            coordinator, PRICES + robin.reference
        )
        held = practice.hold(MONDAY_NINE, robin, offering=ALONE)
        browser = practice.browser(robin)
        browser.send_form(browser.get(f"/bookings/{held.reference}"), {}, form="/confirm")
        assert practice.state_of(held) is State.CONFIRMED

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"one-offering": ""}, "Choose a session."),
            ({"one-amount": "a lot"}, "Write the price like"),
            ({"one-amount": "-1"}, "isn’t below zero"),
            ({"one-amount": "100000.01"}, "slip of the finger"),
            ({"one-first_day": "soon"}, "Write the date like"),
            ({"one-last_day": "2027-05-04"}, "It must not end before it begins."),
            ({"one-reason": " "}, "Say why"),
        ],
    )
    def test_hear_what_is_wrong_and_find_what_they_typed(self, practice, robin, coordinator, changes, says):
        page = coordinator.get(PRICES + robin.reference)
        choice = re.search(r'value="(\d+)">Couple session', page.text)[1]
        said = {"one-offering": choice, "one-amount": "77", "one-first_day": TODAY, "one-reason": WHY, **changes}
        answer = coordinator.send_form(page, said, form="/offering")

        assert answer.status_code == 422
        assert says in answer.text
        assert (WHY in answer.text) is ("one-reason" not in changes)
        assert "What was agreed" not in words(coordinator, PRICES + robin.reference)

    def test_are_told_where_somebody_else_agreed_on_something_meanwhile(self, practice, robin, coordinator):
        step = add_step(practice)
        page = coordinator.get(PRICES + robin.reference)
        set_price(practice, robin, 90_00)
        said = {"step": str(step), "first_day": TODAY, "reason": "My own words"}
        late = coordinator.send_form(page, said, form="/step")

        assert late.status_code == 409
        assert "Somebody changed this client’s prices" in late.text
        assert "My own words" in late.text  # what was typed is there to be sent once more
        assert coordinator.send_form(late, {}, form="/step").status_code == 302

    def test_find_nobody_under_a_reference_of_nobody_or_of_somebody_who_was_forgotten(self, coordinator):
        assert coordinator.get(PRICES + "p_nobody").status_code == 404
        assert coordinator.get(PRICES + "p%00").status_code == 404

    def test_come_there_from_a_request_a_session_and_its_money(self, practice, robin, coordinator):
        held = practice.hold(MONDAY_NINE, robin)
        link = f'href="{PRICES}{robin.reference}"'
        assert link in coordinator.get(f"/staff/money/{held.reference}").text
        assert link in coordinator.get(f"/staff/schedule/sessions/{held.reference}").text
        request = coordinator.get(f"/staff/intakes/{send_request(practice)}")
        assert f'href="{PRICES}p_' in request.text
        clinician = desk(practice, "clinician")
        assert PRICES not in clinician.get(f"/staff/schedule/sessions/{held.reference}").text


class TestTheScale:
    def test_is_the_owners_to_change_and_the_desks_to_read(self, practice, coordinator):
        owner = desk(practice, "owner")
        page = owner.get(PRICES)
        assert owner.send_form(page, {"name": "Student", "share": "62,5"}, form="/steps").status_code == 302
        assert "Student, 62.5 %" in words(coordinator, PRICES)
        assert "Add this step" not in coordinator.get(PRICES).text
        assert owner.send_form(owner.get(PRICES), {}, form="/steps/1/archive").status_code == 302
        assert 'Student, 62.5 % <span class="tag">Archived</span>' in words(coordinator, PRICES)
        assert owner.send_form(owner.get(PRICES), {"name": "", "share": "120"}, form="/steps").status_code == 422
        assert len(audit(practice, "scale_step_added", "scale_step_archived")) == 2

    def test_is_changed_by_commands_too(self, practice):
        def run(*words, code=0):
            done = CliRunner().invoke(main.commands["scale"], words, obj=lambda: practice.app)
            assert done.exit_code == code, done.output
            return done.output

        assert "60 % of the price" in run("add", "Reduced", "60")
        assert "in percent" in run("add", "Reduced", "160", code=2)
        assert "archived" in run("archive", "1")
        assert run("list") == "1  60 %  Reduced  archived\n"
        assert "nothing of this name or number" in run("archive", "9", code=1)


class TestAClient:
    def test_pays_what_was_agreed_and_reads_no_other_price_of_it(self, practice, robin, payments):
        put_on_step(practice, robin, add_step(practice))
        browser = practice.browser(robin)
        for path in (TIMES, "/times/any?offering=couple-50", "/schedule", f"/therapists/{ADA}"):
            page = words(browser, path)
            assert "$96" in page, path
            assert "$160" not in page, path
            assert not re.search("discount|reduced|instead of", page, re.IGNORECASE), path
        answer = browser.send_form(browser.get(TIMES), {"start": MONDAY_NINE.isoformat()}, form="/bookings")
        held = Held(str(answer.location).rsplit("/", 1)[-1], robin)
        assert "$96" in words(browser, f"/bookings/{held.reference}")
        Till(practice, payments).pay(held)
        assert [one.amount_minor for one in payments.sessions.values()] == [96_00]

    def test_is_the_only_one_whose_pages_have_it(self, practice, robin):
        set_price(practice, robin, 97_31)
        mine, other, stranger = practice.browser(robin), practice.browser(practice.new_client()), practice.browser()
        paths = (TIMES, "/times/any?offering=couple-50", "/schedule", "/fees", "/", f"/therapists/{ADA}")
        feeds = (f"/times/{ADA}.json?offering=couple-50", f"/times/{ADA}.ics?offering=couple-50")
        assert "97.31" in mine.get(TIMES).text
        for browser in (other, stranger, mine, other, stranger):  # whatever mine left behind in this process
            for path in (*paths, *feeds):
                text = browser.get(path).text
                assert browser is mine or "97.31" not in text, path
        assert all("97.31" not in mine.get(path).text for path in feeds)

    def test_who_moves_a_session_reads_no_price_but_their_own(self, practice, robin):
        set_price(practice, robin, 90_00)
        held = confirmed(practice, MONDAY_NINE, robin)

        said = words(practice.browser(robin), f"/bookings/{held.reference}/move")
        assert "$90" in said
        assert "$160" not in said

    def test_holds_at_the_price_of_that_moment_and_reads_it_before_paying_where_it_changed_meanwhile(
        self, practice, robin
    ):
        browser = practice.browser(robin)
        page = browser.get(TIMES)
        assert "$160" in page.text
        set_price(practice, robin, 90_00)
        answer = browser.send_form(page, {"start": MONDAY_NINE.isoformat()}, form="/bookings")
        held = words(browser, answer.location)

        assert "<dt>Fee</dt><dd>$90</dd>" in held
        assert "$160" not in held


class TestStaffWhoBook:
    START = MONDAY_NINE + timedelta(days=1)

    def known(self, practice, robin, coordinator):
        address = f"/staff/schedule/book/?offer={ADA}/couple-50&start={self.START.isoformat().replace('+', '%2B')}"
        page = coordinator.get(address)
        return coordinator.send_form(page, {"email": robin.email}, form="/known")

    @pytest.mark.parametrize(
        ("said", "price"), [({}, 90_00), ({"amount": "120"}, 120_00), ({"amount": "0"}, 0), ({"paying": "free"}, 0)]
    )
    def test_begin_with_what_was_agreed_and_may_say_otherwise(self, practice, robin, coordinator, said, price):
        set_price(practice, robin, 90_00)
        page = self.known(practice, robin, coordinator)
        assert f"{robin.name} pays $90." in page.text
        answer = coordinator.send_form(page, {"region": "US-NY", **said}, form="/reserve")
        assert answer.status_code == 302, answer.text

        held = Held(str(answer.location).rsplit("/", 1)[-1], robin)
        assert see(practice, held).price_minor == price

    def test_hear_what_is_wrong_with_a_fee(self, practice, robin, coordinator):
        page = self.known(practice, robin, coordinator)
        for typed in ("much", "-5", "1000000"):
            answer = coordinator.send_form(page, {"region": "US-NY", "amount": typed}, form="/reserve")
            assert answer.status_code == 422
            assert "Write the fee like" in answer.text or "Write a fee that" in answer.text
