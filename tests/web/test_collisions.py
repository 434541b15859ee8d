"""Where a session meets a time in its therapist's own calendar: the pages that say so, and what staff do about it."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from practice.booking import fresh_look
from practice.booking.lifecycle import State
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import ADA, NOOR, confirmed, see
from tests.support.own_calendars import add_calendar, hours, says
from tests.support.staff import audit, desk, in_order
from tests.support.story import Held, Practice

COLLISIONS = "/staff/schedule/collisions/"


@pytest.fixture
def held(practice: Practice) -> Held:
    return confirmed(practice, MONDAY_TEN)


@pytest.fixture
def calendar_id(practice: Practice, held: Held) -> int:
    return add_calendar(practice, [hours(MONDAY_TEN, 30)], name="Family")


def words(browser: Browser, path: str, **asked: str) -> str:
    answer = browser.get(path, query_string=asked)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_the_therapist_reads_what_meets_what_and_the_ways_out(practice: Practice, held: Held, calendar_id: int) -> None:
    page = words(desk(practice, "therapist", therapist=ADA), COLLISIONS)

    assert in_order(page, ["Monday 10 May, 10:00 am", "Busy in “Family”", "10:30 am"])
    for way in (f"sessions/{held.reference}/move", f"sessions/{held.reference}", "/leave"):
        assert way in page


def test_it_is_on_today_until_somebody_leaves_it_so_and_the_session_stands(
    practice: Practice, held: Held, calendar_id: int
) -> None:
    coordinator = desk(practice, "coordinator")
    assert "1 session meets a busy time" in words(coordinator, "/staff/")

    left = coordinator.submit(COLLISIONS, form="/leave", follow_redirects=True)

    assert "Left as it is" in left.text
    assert "None right now." in left.text
    assert "meets a busy time" not in words(coordinator, "/staff/")
    assert see(practice, held).state is State.CONFIRMED
    assert audit(practice, "collision_left")[0][1:] == ("collision_left", held.reference)
    assert "Left as it is, though it meets a busy time" in words(
        coordinator, f"/staff/schedule/sessions/{held.reference}"
    )


def test_somebody_elses_does_not_exist_for_a_therapist(practice: Practice, held: Held, calendar_id: int) -> None:
    ada, noor = desk(practice, "therapist", therapist=ADA), desk(practice, "therapist", therapist=NOOR)
    page = ada.get(COLLISIONS)
    assert "None right now." in noor.get(COLLISIONS).text

    own = noor.get("/staff/schedule/")
    assert "Busy (Family)" not in own.text
    address = page.text[page.text.index("/staff/schedule/collisions/z_") :].partition('"')[0]
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert noor.post(address, data={"csrf_token": token}).status_code in (400, 403, 404)
    assert "Family" in words(ada, COLLISIONS)


def test_one_that_is_gone_meanwhile_says_so_and_changes_nothing(
    practice: Practice, held: Held, calendar_id: int
) -> None:
    owner = desk(practice, "owner")
    page = owner.get(COLLISIONS)
    says(practice, calendar_id, [])

    assert owner.send_form(page, form="/leave").status_code == 404
    assert audit(practice, "collision_left") == []


def test_the_week_shows_busy_times_by_the_name_of_their_calendar(
    practice: Practice, held: Held, calendar_id: int
) -> None:
    page = words(desk(practice, "therapist", therapist=ADA), "/staff/schedule/", **{"from": "2027-05-10"})

    assert "Busy (Family)" in page


def test_staff_read_before_they_keep_a_time_that_the_therapist_is_busy(practice: Practice) -> None:
    add_calendar(practice, [hours(MONDAY_NINE)], name="Family")
    coordinator = desk(practice, "coordinator")

    page = words(
        coordinator,
        "/staff/schedule/book/",
        offer=f"{ADA}/couple-50",
        start=MONDAY_NINE.isoformat(),
    )

    assert in_order(page, ["By the therapist’s own calendar this time isn’t free", "Busy (Family)"])


# A last look


@pytest.fixture
def looked(practice: Practice) -> list[Collection[int]]:
    """Whose calendars were looked at; the look finds Monday at nine busy."""
    asked: list[Collection[int]] = []

    def look(therapist_ids: Collection[int]) -> None:
        asked.append(therapist_ids)
        add_calendar(practice, [hours(MONDAY_NINE)])

    practice.app.extensions[fresh_look.EXTENSION] = (look,)
    return asked


def test_a_time_is_looked_at_once_more_before_it_is_held(practice: Practice, looked: list[Collection[int]]) -> None:
    browser = practice.browser(practice.new_client())
    page = browser.get("/times/ada-lindqvist?offering=couple-50&from=2027-05-10")

    answer = browser.send_form(page, {"start": MONDAY_NINE.isoformat()}, form="/bookings")

    assert len(looked) == 1
    assert answer.status_code == 409
    assert "That time was just taken" in answer.text


def test_and_before_somebody_moves_into_it(practice: Practice, held: Held, looked: list[Collection[int]]) -> None:
    browser = practice.browser(held.payer)

    answer = browser.submit(
        f"/bookings/{held.reference}/move?from=2027-05-10", {"start": MONDAY_NINE.isoformat()}, form="/move"
    )

    assert len(looked) == 1
    assert answer.status_code == 409
    assert see(practice, held).starts_at == MONDAY_TEN
