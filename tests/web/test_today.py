"""Today: what needs somebody at the desk now stands in the order in which it does, and says what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.intake.actions import save_moment
from practice.papers.kinds import Kind
from practice.people import Person
from practice.setup.actions import set_desk_hours
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.couples import practice_couple, send_intake
from tests.support.papers import BORN, NAME, make, write_estimates
from tests.support.reminders import complete
from tests.support.staff import booked, desk, hire, in_order, send_request, sign_in
from tests.support.statements import statements
from tests.support.story import Client, Held, Practice

TODAY = "/staff/"
NAMED = {"legal_name": NAME, "date_of_birth": BORN, "insurance_use": "no"}


def words(colleague: Browser) -> str:
    """The page as this colleague reads it, without its markup."""
    page = colleague.get(TODAY)
    assert page.status_code == 200
    return " ".join(re.sub("<[^>]+>", " ", page.text.partition("<main")[2]).split())


def authorised(practice: Practice, request: str, until: timedelta, clock: FrozenClock) -> Held:
    """Whoever sent this request has a time in review whose authorisation ends after `until`."""
    held = practice.hold(MONDAY_NINE)
    booked(practice, request, held.reference)
    with practice.app.app_context(), begin_work() as work:
        row = {"state": State.IN_REVIEW, "deadline_at": clock.now() + until, "review_first": True}
        work.session.execute(update(Booking).where(Booking.reference == held.reference).values(**row))
    return held


def test_what_presses_stands_above_what_can_wait(practice: Practice, clock: FrozenClock) -> None:
    with practice.app.app_context(), begin_work() as work:
        set_desk_hours(work, "command", "mon-fri 09:00-17:00", None)
    lapses = send_request(practice, preferred_name="Lena", email="lena@mail.example")
    authorised(practice, lapses, timedelta(hours=150), clock)
    send_request(practice, preferred_name="Otto", email="otto@mail.example")
    clock.advance(hours=120)  # over a weekend: both are past their decision, and Lena's card lets go in 30 hours
    send_request(practice, preferred_name="Ruth", email="ruth@mail.example", control="often")
    send_request(practice, preferred_name="Cleo", email="cleo@mail.example")

    page = words(desk(practice, "clinician"))

    assert in_order(
        page,
        ["Look at these first", "Ruth", "before the card lets go", "Lena", "Waiting for too long", "Otto"],
    )
    assert in_order(page, ["Waiting for too long", "Sessions until midnight", "Waiting for a decision", "Cleo"])


def test_an_authorisation_with_days_to_go_does_not_press_and_coordinators_decide_none(
    practice: Practice, clock: FrozenClock
) -> None:
    authorised(practice, send_request(practice), timedelta(hours=49), clock)
    assert "card lets go" not in words(desk(practice, "clinician"))

    clock.advance(hours=2)

    assert "card lets go" not in words(desk(practice, "coordinator"))
    assert "card lets go" in words(desk(practice, "owner"))


@pytest.fixture
def couple(practice: Practice) -> tuple[Client, Client, Held]:
    """Two who have a session together today; nobody has answered the questions before it."""
    pair = practice_couple(practice)
    held = practice.hold(MONDAY_NINE, pair.inviter)
    practice.confirm(held)
    return pair.inviter, pair.invited, held


@pytest.fixture
def sessions(couple: object, practice: Practice, clock: FrozenClock) -> Callable[[], str]:
    """Reads, as the coordinator half an hour before it, what stands under today's sessions."""
    clock.set(MONDAY_NINE - timedelta(minutes=30))
    coordinator = desk(practice, "coordinator")
    return lambda: words(coordinator).partition("Sessions until midnight")[2].partition("Waiting for a decision")[0]


def test_a_session_of_today_says_what_is_missing_of_each_who_comes(
    practice: Practice, sessions: Callable[[], str], couple: tuple[Client, Client, Held]
) -> None:
    first, _, _ = couple
    complete(practice, first)

    page = sessions()

    assert "Something is missing" in page
    assert f"{first.name} : all questions answered; will be in New York" in page.replace(":", " :").replace("  ", " ")


def test_a_session_is_ready_once_both_have_answered_and_the_estimate_is_there(
    practice: Practice, sessions: Callable[[], str], couple: tuple[Client, Client, Held]
) -> None:
    first, second, held = couple
    send_intake(practice, second)
    with practice.app.app_context(), begin_work() as work:
        save_moment(work, work.session.get_one(Person, first.person_id), "pay", NAMED)
    for one in (first, second):
        complete(practice, one)
    write_estimates(practice)

    assert "estimate: not made yet" in sessions()
    make(practice, held, Kind.ESTIMATE)
    page = sessions()

    assert "Ready" in page
    assert "estimate: sent" in page
    assert page.count("will be in New York") == 2


def test_a_full_day_is_read_in_as_many_queries_as_one_with_a_single_session(
    practice: Practice, clock: FrozenClock
) -> None:
    for hours in (0, 2, 4, 6):
        pair = practice_couple(practice)
        practice.confirm(practice.hold(MONDAY_NINE + timedelta(hours=hours), pair.inviter))
        send_intake(practice, pair.invited)
    write_estimates(practice)
    coordinator = hire(practice, "coordinator")

    def asked_at(hours: float) -> tuple[int, int]:
        clock.set(MONDAY_NINE + timedelta(hours=hours))
        browser = sign_in(practice, coordinator)
        browser.get(TODAY)  # what every process keeps is read once
        with statements() as asked:
            page = browser.get(TODAY)
        return page.text.count("estimate: not made yet"), len(asked)

    (full, many), (single, few) = asked_at(-0.5), asked_at(7.5)

    assert (full, single) == (4, 1)
    assert many == few
