"""Booking for a client: which times there are, whom they are for, what was refused, and what the client can do then."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from practice.booking import actions
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.database import db
from practice.outbox import OutboxMessage
from practice.people import Person, contact_of
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, START, FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.offers import ADA, NOOR, change_offering, confirmed
from tests.support.staff import audit, desk, in_order
from tests.support.story import Held, Practice

BOOK = "/staff/schedule/book/"
DAY = timedelta(days=1)
NEW = {
    "first_name": "Zuzanna",
    "email": "zuzanna@mail.example",
    "region": "US-NY",
    "paying": "link",
    "until": "24h",
}


@pytest.fixture
def coordinator(practice: Practice) -> Browser:
    return desk(practice, "coordinator")


def chosen(browser: Browser, start: str = MONDAY_NINE.isoformat(), offer: str = f"{ADA}/couple-50") -> TestResponse:
    """The page that asks whom a time is for."""
    answer = browser.get(BOOK, query_string={"offer": offer, "start": start})
    assert answer.status_code == 200
    return answer


def keep(browser: Browser, **typed: str) -> TestResponse:
    """Keep the Monday for somebody new."""
    return browser.send_form(chosen(browser), {**NEW, **typed}, form="new")


def look_up(browser: Browser, email: str) -> TestResponse:
    return browser.send_form(chosen(browser), {"email": email}, form="known")


def bookings(practice: Practice) -> list[Booking]:
    with practice.app.app_context():
        found = list(db.session.scalars(select(Booking).order_by(Booking.id)))
        db.session.expunge_all()
        return found


def people(practice: Practice) -> list[str]:
    with practice.app.app_context():
        contacts = [contact_of(person) for person in db.session.scalars(select(Person).order_by(Person.id))]
        return [contact.first_name for contact in contacts if contact is not None]


class TestWhichTime:
    def test_open_times_come_first_and_staff_only_offerings_are_among_them(
        self, practice: Practice, coordinator: Browser
    ) -> None:
        change_offering(practice, staff_only=True)
        asked = {"offer": f"{ADA}/couple-50", "day": "2027-05-10"}

        page = " ".join(coordinator.get(BOOK, query_string=asked).text.split())

        assert in_order(page, ["(staff book it)", "Open on Monday 10 May", "9:00 am", "4:00 pm", "Or any free time"])

    def test_of_a_session_the_therapists_name_comes_first_since_a_phone_cuts_the_end(
        self, coordinator: Browser
    ) -> None:
        page = " ".join(coordinator.get(BOOK).text.split())

        assert re.search(r"<option [^>]*>Ada Lindqvist · [^<]+, video</option>", page)

    def test_a_time_outside_the_hours_can_be_typed(self, coordinator: Browser) -> None:
        asked = {"offer": f"{ADA}/couple-50", "day": "2027-05-16", "at": "20:05"}

        assert "Sunday 16 May, 8:05 pm Eastern Time" in coordinator.get(BOOK, query_string=asked).text

    @pytest.mark.parametrize("at", ["20:02", "later"])
    def test_a_time_that_is_none_is_refused(self, coordinator: Browser, at: str) -> None:
        asked = {"offer": f"{ADA}/couple-50", "day": "2027-05-16", "at": at}

        assert coordinator.get(BOOK, query_string=asked).status_code == 422

    def test_a_therapist_books_their_own_time_alone(self, practice: Practice) -> None:
        browser = desk(practice, "therapist", therapist=ADA)
        assert "Noor Haddad" not in browser.get(BOOK).text

        page = chosen(browser)
        said = {**NEW, "offer": f"{NOOR}/couple-50"}
        assert browser.send_form(page, said, form="new").status_code == 404
        assert bookings(practice) == []

    def test_whoever_comes_from_a_therapists_week_finds_their_sessions_chosen(self, coordinator: Browser) -> None:
        for slug in (ADA, NOOR):
            page = coordinator.get(BOOK, query_string={"therapist": slug}).text
            [chosen_one] = re.findall(r'<option value="([^"]*)" selected>', page)
            assert chosen_one.startswith(f"{slug}/")
            assert "Or any free time" not in page  # nothing is shown before it is asked for


class TestForSomebodyNew:
    def test_the_time_is_kept_for_them_unpaid_until_the_deadline(
        self, practice: Practice, coordinator: Browser
    ) -> None:
        answer = keep(coordinator)

        [booking] = bookings(practice)
        assert answer.location == f"/staff/schedule/sessions/{booking.reference}"
        assert (booking.state, booking.price_minor, booking.starts_at) == (State.RESERVED, 160_00, MONDAY_NINE)
        assert booking.deadline_at == START + DAY
        assert people(practice) == ["Zuzanna"]
        assert [entry[1:] for entry in audit(practice, "time_reserved")] == [("time_reserved", booking.reference)]

    @pytest.mark.parametrize(
        ("chosen", "subject"), [({}, "A time is kept for you"), ({"language": "es"}, "Le guardamos una hora")]
    )
    def test_they_are_written_to_in_the_language_that_staff_chose(
        self, practice: Practice, coordinator: Browser, mailer: FakeMailer, chosen: dict[str, str], subject: str
    ) -> None:
        keep(coordinator, **chosen)
        practice.work_until_idle()

        assert [letter.subject for letter in mailer.letters_to(NEW["email"])] == [subject]

    def test_a_language_of_letters_that_we_do_not_write_is_refused(
        self, practice: Practice, coordinator: Browser
    ) -> None:
        assert keep(coordinator, language="fr").status_code == 422
        assert bookings(practice) == []

    @pytest.mark.parametrize(
        ("until", "deadline"),
        [("3d", START + 3 * DAY), ("eve", MONDAY_NINE - timedelta(hours=9))],
    )
    def test_staff_choose_until_when_it_is_kept(
        self, practice: Practice, coordinator: Browser, until: str, deadline: object
    ) -> None:
        keep(coordinator, until=until)

        assert [booking.deadline_at for booking in bookings(practice)] == [deadline]

    def test_nothing_is_kept_beyond_the_start(self, practice: Practice, clock: FrozenClock) -> None:
        clock.set(MONDAY_NINE - timedelta(hours=3))
        browser = desk(practice, "coordinator")
        assert "the day before" not in chosen(browser).text

        keep(browser, until="3d")

        assert [booking.deadline_at for booking in bookings(practice)] == [MONDAY_NINE]

    def test_a_letter_that_leads_to_it_is_posted(self, practice: Practice, coordinator: Browser) -> None:
        keep(coordinator)

        with practice.app.app_context():
            kinds = [message.kind for message in db.session.scalars(select(OutboxMessage))]
        assert "time_reserved" in kinds

    def test_where_the_therapist_is_not_licensed_the_page_says_who_is(
        self, practice: Practice, coordinator: Browser
    ) -> None:
        answer = keep(coordinator, region="US-CA")

        assert answer.status_code == 422
        assert "Ada Lindqvist isn’t licensed in California. Noor Haddad is." in answer.text
        assert (bookings(practice), people(practice)) == ([], [])

    def test_where_nobody_is_licensed_the_page_says_so(self, practice: Practice, coordinator: Browser) -> None:
        assert "Nobody here who offers this is licensed in Texas." in keep(coordinator, region="US-TX").text

    def test_a_time_that_was_taken_meanwhile_names_what_has_it_and_adds_nobody(
        self, practice: Practice, coordinator: Browser
    ) -> None:
        page = chosen(coordinator)
        other = practice.hold(MONDAY_NINE)

        answer = coordinator.send_form(page, NEW, form="new")

        assert answer.status_code == 409
        assert other.reference in answer.text
        assert "Zuzanna" not in people(practice)

    def test_pressing_twice_keeps_one_time_for_one_person(self, practice: Practice, coordinator: Browser) -> None:
        page = chosen(coordinator)
        statuses = [coordinator.send_form(page, {**NEW, "shares": "y"}, form="new").status_code for _ in range(2)]

        assert statuses == [302, 409]
        assert people(practice) == ["Zuzanna"]

    @pytest.mark.parametrize("missing", ["first_name", "email", "region"])
    def test_what_is_missing_is_said_at_its_field(self, practice: Practice, coordinator: Browser, missing: str) -> None:
        assert keep(coordinator, **{missing: ""}).status_code == 422
        assert bookings(practice) == []

    def test_an_address_that_is_known_asks_whether_this_is_somebody_else(
        self, practice: Practice, coordinator: Browser
    ) -> None:
        robin = practice.new_client()

        asked = keep(coordinator, email=robin.email)
        assert asked.status_code == 422
        assert f"{robin.name} gave this address already" in asked.text

        assert keep(coordinator, email=robin.email, shares="y").status_code == 302
        assert people(practice) == [robin.name, "Zuzanna"]

    def test_no_name_or_address_reaches_an_address_of_a_page_the_log_or_the_outbox(
        self, practice: Practice, coordinator: Browser, capfd: pytest.CaptureFixture[str]
    ) -> None:
        answer = keep(coordinator)

        assert "uzanna" not in answer.location
        with practice.app.app_context():
            for message in db.session.scalars(select(OutboxMessage)):
                assert "uzanna" not in message.payload
        assert "uzanna" not in "".join(capfd.readouterr())


class TestForSomebodyKnown:
    def test_an_address_shows_first_names_to_choose_from(self, practice: Practice, coordinator: Browser) -> None:
        robin = practice.new_client()

        page = look_up(coordinator, robin.email)
        assert f"For {robin.name}" in page.text
        answer = coordinator.send_form(page, {"paying": "link"})

        assert answer.status_code == 302
        assert [booking.person_id for booking in bookings(practice)] == [robin.person_id]
        assert people(practice) == [robin.name]

    def test_an_address_that_nobody_gave_says_so(self, coordinator: Browser) -> None:
        assert "Nobody has been here with this address" in look_up(coordinator, "who@mail.example").text

    def test_a_therapist_finds_their_own_clients_and_not_anothers(self, practice: Practice) -> None:
        robin, kim = practice.new_client(), practice.new_client()
        confirmed(practice, MONDAY_NINE + DAY, robin)
        confirmed(practice, MONDAY_NINE + timedelta(hours=3), kim, therapist=NOOR)
        ada = desk(practice, "therapist", therapist=ADA)

        assert f"For {robin.name}" in look_up(ada, robin.email).text
        assert look_up(ada, kim.email).status_code == 422

    def test_a_look_up_is_written_into_the_audit_log_without_the_address(
        self, practice: Practice, coordinator: Browser
    ) -> None:
        look_up(coordinator, practice.new_client().email)

        assert [entry[1:] for entry in audit(practice, "list_viewed")] == [("list_viewed", "clients_by_address")]


class TestWhatFollows:
    def test_without_charge_the_client_only_says_yes(self, practice: Practice, coordinator: Browser) -> None:
        keep(coordinator, paying="free")
        [booking] = bookings(practice)
        assert booking.price_minor == 0

        with practice.app.app_context(), begin_work() as work:
            actions.confirm_free(work, actions.lock(work, booking.reference))

        assert [one.state for one in bookings(practice)] == [State.CONFIRMED]

    def test_with_a_link_paying_confirms_it(self, practice: Practice, coordinator: Browser) -> None:
        robin = practice.new_client()
        coordinator.send_form(look_up(coordinator, robin.email))
        [booking] = bookings(practice)

        with practice.app.app_context(), begin_work() as work:
            actions.open_checkout(work, actions.lock(work, booking.reference), work.now + timedelta(minutes=35))
        practice.confirm(Held(booking.reference, robin))

        assert practice.state_of(Held(booking.reference, robin)) is State.CONFIRMED


def test_a_reference_with_a_zero_byte_is_nobody(practice: Practice, coordinator: Browser) -> None:
    known = practice.new_client()
    page = look_up(coordinator, known.email)

    said = {"person": "\x00", "region": "US-NY", "paying": "link", "until": "24h"}
    assert coordinator.send_form(page, said).status_code == 404
    assert bookings(practice) == []
