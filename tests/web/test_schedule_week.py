"""The schedule's week: what stands in it, for whom, and what the audit log has of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.offers.models import DayOverride, TimeOff
from practice.booking.offers.queries import get_therapist
from practice.booking.offers.therapists import find_retired
from practice.staff.models import StaffAccount
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import (
    ADA,
    IN_PERSON,
    NOOR,
    add_room,
    block,
    change_therapist,
    confirmed,
    keep_for,
    offered_to,
    resource_of,
    wish,
    wish_state,
    work_in,
)
from tests.support.staff import audit, desk, in_order
from tests.support.story import Client, Practice

WEEK = "/staff/schedule/"
MONDAY = {"from": "2027-05-10"}
DESK = ["owner", "clinician", "coordinator"]


def week(browser: Browser, **asked: str) -> str:
    """The week of the Monday on which everything happens, as text."""
    answer = browser.get(WEEK, query_string={**MONDAY, **asked})
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def section(page: str, day: str) -> str:
    """What stands under one date of a week."""
    return page.partition(f'id="day-{day}"')[2].partition("</section>")[0]


@pytest.fixture
def robin(practice: Practice) -> Client:
    return practice.new_client()


class TestWhatStandsInIt:
    def test_a_session_stands_under_its_day_with_name_offering_place_and_state(
        self, practice: Practice, robin: Client
    ) -> None:
        confirmed(practice, MONDAY_NINE, robin)

        monday = section(week(desk(practice, "owner"), therapist=ADA), "2027-05-10")

        assert in_order(monday, ["9:00", "9:50 am", robin.name, "Couple session, 50 minutes", "Video", "Confirmed"])

    def test_a_session_in_person_names_its_room(self, practice: Practice) -> None:
        add_room(practice, "Quince")
        confirmed(practice, MONDAY_NINE, offering=IN_PERSON)

        assert "Quince" in section(week(desk(practice, "owner"), therapist=ADA), "2027-05-10")

    def test_what_waits_for_a_client_says_until_when_it_is_kept(self, practice: Practice) -> None:
        practice.hold(MONDAY_NINE)
        keep_for(practice, practice.new_client(), MONDAY_TEN, until=timedelta(hours=24))

        monday = section(week(desk(practice, "owner"), therapist=ADA), "2027-05-10")

        assert in_order(monday, ["Being paid, kept until", "8:10 am", "Kept for them until"])
        assert "Thursday 6 May, 8:00 am" in monday

    def test_blocked_time_stands_between_the_sessions(self, practice: Practice) -> None:
        confirmed(practice, MONDAY_NINE)
        block(practice, resource_of(practice), MONDAY_TEN)

        monday = section(week(desk(practice, "owner"), therapist=ADA), "2027-05-10")

        assert in_order(monday, ["Confirmed", "10:00", "11:00 am", "Blocked"])

    def test_a_cancelled_session_is_gone(self, practice: Practice, robin: Client) -> None:
        held = practice.hold(MONDAY_NINE, robin)
        browser = desk(practice, "owner")
        browser.submit(f"/staff/schedule/sessions/{held.reference}", form="let-go")

        assert robin.name not in section(week(browser, therapist=ADA), "2027-05-10")

    def test_each_day_says_when_it_is_open_or_why_it_is_closed(self, practice: Practice) -> None:
        change_therapist(practice, holiday_region="US-NY")
        with work_in(practice) as work:
            ada = get_therapist(ADA)
            work.session.add(TimeOff(therapist_id=ada.id, first_day=date(2027, 6, 3), last_day=date(2027, 6, 3)))
            work.session.add(DayOverride(therapist_id=ada.id, day=date(2027, 6, 2), kind="closed"))

        page = week(desk(practice, "owner"), therapist=ADA, **{"from": "2027-06-01"})

        assert "Public holiday, Memorial Day" in section(page, "2027-05-31")
        assert "Open 9 am to 5 pm" in section(page, "2027-06-01")
        assert "Closed on this date" in section(page, "2027-06-02")
        assert "Time off" in section(page, "2027-06-03")
        assert "No hours on this weekday" in section(page, "2027-06-06")

    def test_a_week_begins_on_its_monday_and_leads_to_the_ones_beside_it(self, practice: Practice) -> None:
        page = week(desk(practice, "owner"), therapist=ADA, **{"from": "2027-05-12"})

        assert in_order(page, ["Monday 10 May", "Sunday 16 May", "2027-05-03", "2027-05-17"])
        assert "All times are Eastern Time" in page

    def test_a_therapists_week_is_read_in_their_own_zone(self, practice: Practice) -> None:
        confirmed(practice, MONDAY_NINE + timedelta(hours=3), therapist=NOOR)

        page = week(desk(practice, "owner"), therapist=NOOR)

        assert "All times are Pacific Time" in page
        assert in_order(section(page, "2027-05-10"), ["9:00", "9:50 am", "Confirmed"])

    @pytest.mark.parametrize("asked", ["yesterday", "2027-02-30", "0001-01-01", "9999-12-31"])
    def test_a_date_that_no_calendar_reaches_is_refused(self, practice: Practice, asked: str) -> None:
        assert desk(practice, "owner").get(WEEK, query_string={"from": asked}).status_code == 422


class TestWhoSeesIt:
    @pytest.mark.parametrize("role", DESK)
    def test_the_desk_sees_everybodys_sessions_with_their_names(self, practice: Practice, role: str) -> None:
        robin, kim = practice.new_client(), practice.new_client()
        confirmed(practice, MONDAY_NINE, robin)
        confirmed(practice, MONDAY_NINE + timedelta(hours=3), kim, therapist=NOOR)

        page = week(desk(practice, role), therapist="all")

        assert in_order(page, [robin.name, "with Ada Lindqvist", kim.name, "with Noor Haddad"])

    def test_a_therapist_sees_their_own_week_and_nobody_elses(self, practice: Practice) -> None:
        robin, kim = practice.new_client(), practice.new_client()
        confirmed(practice, MONDAY_NINE, robin)
        confirmed(practice, MONDAY_NINE + timedelta(hours=3), kim, therapist=NOOR)
        ada = desk(practice, "therapist", therapist=ADA)

        for page in (week(ada), week(ada, therapist="all")):
            assert robin.name in page
            assert kim.name not in page
        assert ada.get(WEEK, query_string={**MONDAY, "therapist": NOOR}).status_code == 404

    def test_reading_it_is_written_into_the_audit_log(self, practice: Practice) -> None:
        confirmed(practice, MONDAY_NINE)
        week(desk(practice, "coordinator"), therapist="all")

        assert [entry[1:] for entry in audit(practice, "list_viewed")] == [("list_viewed", "schedule")]


class TestWhoTakesNoMoreBookings:
    @pytest.fixture
    def retired(self, practice: Practice, robin: Client) -> None:
        confirmed(practice, MONDAY_NINE, robin)
        change_therapist(practice, active=False)

    @pytest.mark.usefixtures("retired")
    @pytest.mark.parametrize("role", ["owner", "coordinator"])
    def test_their_sessions_stand_in_everybodys_week_and_in_their_own(
        self, practice: Practice, robin: Client, role: str
    ) -> None:
        browser = desk(practice, role)

        everybody, own = week(browser, therapist="all"), week(browser, therapist=ADA)

        assert in_order(section(everybody, "2027-05-10"), ["Ada Lindqvist", robin.name, "with Ada Lindqvist"])
        assert in_order(section(own, "2027-05-10"), ["Takes no more bookings", robin.name, "Confirmed"])
        assert f'value="{ADA}"' in everybody

    @pytest.mark.usefixtures("retired")
    def test_they_begin_with_their_own_week_until_the_last_session_is_over(
        self, practice: Practice, robin: Client
    ) -> None:
        browser = desk(practice, "therapist", therapist=NOOR)
        assert browser.get(WEEK, query_string={"therapist": ADA}).status_code == 404
        with work_in(practice) as work:
            account, ada = work.session.scalars(select(StaffAccount)).one(), find_retired()[0]
            account.therapist_id = ada.id

        assert in_order(week(browser), ["Ada Lindqvist: ", robin.name])

    @pytest.mark.usefixtures("retired")
    def test_no_page_leads_to_what_is_not_offered(self, practice: Practice) -> None:
        page = week(desk(practice, "owner"), therapist=ADA)

        for part in ("book", "block", "explain"):
            assert f"/staff/schedule/{part}" not in page

    def test_a_week_behind_names_whoever_had_a_session_in_it(self, practice: Practice, robin: Client) -> None:
        held = confirmed(practice, MONDAY_NINE, robin)
        practice.clock.advance(days=14)
        with work_in(practice) as work:
            [booking] = work.session.scalars(select(Booking).where(Booking.reference == held.reference))
            booking.state = State.ATTENDED
        change_therapist(practice, active=False)
        browser = desk(practice, "owner")

        behind, ahead = week(browser, therapist="all"), week(browser, therapist="all", **{"from": "2027-05-17"})

        assert in_order(behind, [f'value="{ADA}"', "with Ada Lindqvist"])
        assert f'value="{ADA}"' not in ahead
        assert "Ada Lindqvist" in week(browser, therapist=ADA, **{"from": "2027-05-17"})  # from week to week

    def test_blocked_time_of_theirs_is_given_back(self, practice: Practice) -> None:
        named = block(practice, resource_of(practice), MONDAY_TEN)
        change_therapist(practice, active=False)
        browser = desk(practice, "owner")

        assert named in week(browser, therapist=ADA)
        assert browser.submit(f"/staff/schedule/blocks/{named}").status_code == 302


class TestBlockingTime:
    def block(self, browser: Browser, **typed: str):
        said = {"what": f"therapist:{ADA}", "day": "2027-05-10", "opens": "10:00", "closes": "11:30", **typed}
        return browser.submit("/staff/schedule/block", said)

    def test_blocked_time_can_be_neither_held_nor_blocked_again(self, practice: Practice) -> None:
        browser = desk(practice, "coordinator")
        assert self.block(browser).status_code == 302

        again = self.block(browser, opens="11:00", closes="12:00")

        assert again.status_code == 409
        assert "Blocked time" in again.text

    def test_a_clash_says_what_is_in_the_way_and_blocks_nothing(self, practice: Practice) -> None:
        held = confirmed(practice, MONDAY_TEN)
        touching = confirmed(practice, MONDAY_TEN + timedelta(minutes=90))

        answer = self.block(desk(practice, "coordinator"))

        assert answer.status_code == 409
        assert held.reference in answer.text
        assert touching.reference not in answer.text
        assert in_order(answer.text, ["Something is in the way", "10:00 am to 11:00 am", "confirmed"])
        assert audit(practice, "time_blocked") == []

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"opens": "10:02"}, "on five minutes"),
            ({"closes": "09:00"}, "It must end after it begins"),
            ({"day": "2027-05-01"}, "can’t be blocked"),
            ({"day": ""}, "Choose a date"),
            ({"day": "2027-03-14", "opens": "02:30", "closes": "03:30"}, "The clock skips this time"),
        ],
    )
    def test_what_is_no_time_to_block_is_said(self, practice: Practice, typed: dict[str, str], said: str) -> None:
        answer = self.block(desk(practice, "coordinator"), **typed)

        assert answer.status_code == 422
        assert said in answer.text

    def test_given_back_it_is_open_again(self, practice: Practice) -> None:
        named = block(practice, resource_of(practice), MONDAY_NINE)
        browser = desk(practice, "coordinator")

        assert browser.submit(f"/staff/schedule/blocks/{named}").status_code == 302
        assert browser.get(f"/staff/schedule/blocks/{named}").status_code == 404
        practice.hold(MONDAY_NINE)

    def test_a_therapist_blocks_their_own_time_alone(self, practice: Practice) -> None:
        browser = desk(practice, "therapist", therapist=ADA)
        others = block(practice, resource_of(practice, NOOR), MONDAY_NINE)

        assert self.block(browser).status_code == 302
        assert self.block(browser, what=f"therapist:{NOOR}").status_code == 422
        assert browser.get(f"/staff/schedule/blocks/{others}").status_code == 404


class TestTheWaitingList:
    def test_wishes_stand_in_order_with_the_time_that_is_kept(self, practice: Practice) -> None:
        first, second = practice.new_client(), practice.new_client()
        held = confirmed(practice, MONDAY_NINE)
        wish(practice, first)
        wish(practice, second, therapist=NOOR)
        browser = desk(practice, "coordinator")
        browser.submit(f"/staff/schedule/sessions/{held.reference}", form="cancel")
        assert offered_to(practice, first) is not None

        page = " ".join(browser.get("/staff/schedule/waiting").text.split())

        assert in_order(page, [f"1. {first.name}", "with anybody", "Offered", "Monday 10 May, 9:00 am", "kept until"])
        assert in_order(page, [f"2. {second.name}", "with Noor Haddad"])

    def test_staff_take_a_wish_off_the_list_once(self, practice: Practice) -> None:
        reference = wish(practice, practice.new_client())
        browser = desk(practice, "owner")
        page = browser.get(f"/staff/schedule/waiting/{reference}")

        assert browser.send_form(page).status_code == 302
        assert wish_state(practice, reference) == "withdrawn"
        assert browser.send_form(page).status_code == 409
        assert len(audit(practice, "wish_withdrawn")) == 1

    def test_a_therapist_without_the_desk_finds_no_waiting_list(self, practice: Practice) -> None:
        browser = desk(practice, "therapist", therapist=ADA)

        assert browser.get("/staff/schedule/waiting").status_code == 404
        assert "Waiting list" not in browser.get(WEEK).text
