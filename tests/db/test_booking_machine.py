"""A time is never two people's, in whatever order they hold, pay, move, cancel, wait, and staff block and mark."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import URL

from practice import create_app
from practice.booking import actions, claims, placing
from practice.booking.offers.queries import RoomChoice
from practice.booking.placing import Placed, _add
from practice.booking.waiting import actions as waiting
from practice.booking.waiting.queries import find_candidates
from practice.database import db
from practice.sealing import Keyring
from practice.settings import Settings
from practice.spans import Span
from practice.wiring import Gateways
from practice.work import Work, begin_work
from tests.support import databases, world
from tests.support.browsing import Browser
from tests.support.clock import FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.paying import Till
from tests.support.story import Practice
from tests.support.time_counts import happened, never
from tests.support.time_story import TimeStory

STEPS = 40


@pytest.fixture
def opener(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path, keyring: Keyring
) -> Iterator[Callable[[], Till]]:
    """Opens the practice anew, with nobody in it, as often as it is asked; one app serves all."""
    clock = FrozenClock()
    service = FakePayments(clock, outside_transactions=True)
    made = Settings.from_env({"PRACTICE_ENV": "demo", "DATABASE_URL": database_url}, data=tmp_path)
    app = create_app(made, Gateways(clock=clock, keyring=keyring, mail=FakeMailer(), payments=service))
    app.test_client_class = type("BrowserAtHome", (Browser,), {"home": made.base_url})

    def open_practice() -> Till:
        service.__init__(clock, outside_transactions=True)  # type: ignore[misc]
        clock.__init__()  # type: ignore[misc]
        with app.app_context():
            db.session.remove()
            if database_url.startswith("sqlite"):
                db.engine.dispose()
                for table in ("", "-wal", "-shm"):
                    Path(database_url.removeprefix("sqlite:///") + table).unlink(missing_ok=True)
                databases.sqlite_copy(request.getfixturevalue("_sqlite_template"), tmp_path)
            else:
                address: URL = request.getfixturevalue("_postgres_database")
                databases.empty(address)
            with begin_work() as work:
                world.build(work)
        return Till(Practice(app, clock), service)

    yield open_practice
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def play(opener: Callable[[], Till], *, examples: int, phases: Sequence[Phase] = (Phase.generate,)) -> None:
    story = type("Story", (TimeStory,), {"open_practice": staticmethod(opener)})
    run_state_machine_as_test(
        story,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            derandomize=not os.environ.get("PRACTICE_LONG"),
            phases=phases,
        ),
    )


def test_no_order_of_events_gives_a_time_to_two(opener: Callable[[], Till]) -> None:
    long = bool(os.environ.get("PRACTICE_LONG"))
    happened.clear()
    play(opener, examples=280 if long else 24)
    print(f"{happened.total()} counts:", *sorted(f"{what} {count}" for what, count in happened.items()), sep="\n")
    assert happened["step"] >= (6_000 if long else 500)  # on each of the two databases
    if long:
        assert never() == set()


def test_the_story_finds_a_claim_that_is_not_released(
    opener: Callable[[], Till], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A positive control: a time that is cancelled and stays claimed."""
    monkeypatch.setattr(claims, "release", lambda session, booking: None)
    monkeypatch.setattr(actions, "release", lambda session, booking: None)
    with pytest.raises(BaseException, match=r"other claims|SlotTaken|just taken|NoRoom"):
        play(opener, examples=40)


@pytest.mark.databases("sqlite")
def test_the_story_finds_a_waiting_list_that_begins_at_its_end(
    opener: Callable[[], Till], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A positive control: the newest wish is served first."""
    monkeypatch.setattr(waiting, "find_candidates", lambda offers, now: find_candidates(offers, now)[::-1])
    with pytest.raises(AssertionError, match="the waiting list offered something else"):
        play(opener, examples=100)


@pytest.mark.databases("sqlite")
def test_the_story_finds_a_room_that_nobody_claims(opener: Callable[[], Till], monkeypatch: pytest.MonkeyPatch) -> None:
    """A positive control: a session takes the first room, and claims its therapist alone."""

    def first_room(work: Work, wanted: Placed, blocked: Span, rooms: Sequence[RoomChoice]) -> tuple[int, str]:
        return _add(work, wanted, blocked, rooms[0].room_id, [wanted.offer.resource_id])

    monkeypatch.setattr(placing, "_place_in_a_room", first_room)
    with pytest.raises(AssertionError, match="other claims"):
        play(opener, examples=40)
