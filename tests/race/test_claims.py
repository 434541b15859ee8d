"""Twenty clients want overlapping times at once: one gets it, on both databases.

The races are run with the guard taken away, too, since a race that no guard has to decide proves nothing.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from practice import work as work_module
from practice.booking import holding, placing
from practice.booking.claims import SlotTaken
from practice.booking.lifecycle import State
from practice.booking.models import Booking, SlotClaim
from practice.booking.offers import queries
from practice.database import db
from practice.errors import Contended
from practice.spans import Span, overlap, ticks
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.story import Practice

RIVALS = 20
APPS = 4  # each with an engine of its own, as processes have
HALF_HOUR = timedelta(minutes=30)

# Each overlaps each other one, buffers included, without being the same.
WANTED = [
    ("couple-50", MONDAY_NINE + HALF_HOUR),
    ("couple-90-in-person", MONDAY_NINE),
    ("couple-50", MONDAY_NINE + 2 * HALF_HOUR),
    ("individual-50", MONDAY_NINE + HALF_HOUR),
]
TIMES = [MONDAY_NINE + timedelta(days=day, hours=hour) for day in range(4) for hour in (0, 2, 4, 6)]


@pytest.fixture
def rivals(practice: Practice, make_app: Callable[[], Flask]) -> Iterator[Rivals]:
    """Twenty clients who may book, at home in four processes' worth of apps."""
    people = [practice.new_client().person_id for _ in range(RIVALS)]
    return Rivals([practice.app, *(make_app() for _ in range(APPS - 1))], people)


class Rivals:
    """Clients who press the button at the same moment."""

    def __init__(self, apps: list[Flask], people: list[int]) -> None:
        self.app = apps[0]
        self._apps = apps
        self.people = people

    def race(self, wanted: list[tuple[str, object]]) -> Counter[str]:
        """All hold at once, each the next of the wanted times; how often each outcome came."""
        outcomes: list[str] = []
        together = threading.Barrier(RIVALS)

        def rival(number: int) -> None:
            offering, start = wanted[number % len(wanted)]
            with self._apps[number % len(self._apps)].app_context():
                offer = queries.get_offer("ada-lindqvist", offering)
                together.wait(timeout=30)
                outcomes.append(outcome(self.people[number], offer, start))

        threads = [threading.Thread(target=rival, args=(number,)) for number in range(RIVALS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Counter(outcomes)

    def overlaps(self) -> int:
        """Pairs of bookings that keep the same minute of the therapist."""
        with self.app.app_context():
            held = db.session.scalars(select(Booking).where(Booking.state == State.HELD)).all()
            spans = [booking.blocked for booking in held]
        return sum(overlap(one, other) for place, one in enumerate(spans) for other in spans[:place])

    def claimed(self) -> int:
        """Rows of claimed ticks."""
        with self.app.app_context():
            return len(db.session.execute(select(SlotClaim.tick)).all())


def outcome(person_id, offer, start):
    """Hold through the real action, and again where the database gave way, as a client would."""
    while True:
        try:
            with begin_work() as work:
                holding.hold_slot(work, person_id, offer, start)
            return "held"
        except SlotTaken:
            return "taken"
        except Contended:
            continue


def test_of_twenty_who_want_overlapping_times_one_gets_it(rivals):
    assert rivals.race(WANTED) == {"held": 1, "taken": RIVALS - 1}
    assert rivals.overlaps() == 0


def test_of_twenty_who_want_the_same_time_one_gets_it(rivals):
    assert rivals.race([("couple-50", MONDAY_NINE)]) == {"held": 1, "taken": RIVALS - 1}
    assert rivals.claimed() == 12  # five-minute ticks of fifty minutes and the ten behind them: no loser left any


def test_who_wants_another_time_is_not_disturbed(rivals):
    hour = timedelta(hours=1)
    wanted = [
        ("couple-50", MONDAY_NINE + day * timedelta(days=1) + slot * hour) for day in range(4) for slot in range(5)
    ]
    assert rivals.race(wanted) == {"held": RIVALS}
    assert rivals.overlaps() == 0


def test_a_lost_race_costs_nobody_the_time_they_held_before(practice):
    winner, loser = practice.new_client(), practice.new_client()
    before = practice.hold(MONDAY_NINE + timedelta(hours=3), loser)
    practice.hold(MONDAY_NINE, winner)
    with pytest.raises(SlotTaken):
        practice.hold(MONDAY_NINE, loser)
    assert practice.state_of(before) is State.HELD


def test_of_a_time_that_is_taken_in_part_nothing_is_left_and_the_work_goes_on(rivals):
    first, second = rivals.people[:2]
    with rivals.app.app_context():
        offer = queries.get_offer("ada-lindqvist", "couple-50")
        with begin_work() as work:
            holding.hold_slot(work, first, offer, MONDAY_NINE + HALF_HOUR)
            for start in (MONDAY_NINE, MONDAY_NINE + 2 * HALF_HOUR):
                with pytest.raises(SlotTaken):
                    holding.hold_slot(work, second, offer, start)

        assert db.session.scalars(select(Booking.person_id)).all() == [first]
    assert rivals.claimed() == 12


# The control: what happens without the guard


def test_without_claims_the_overlapping_times_are_all_held(rivals, monkeypatch):
    monkeypatch.setattr(placing, "insert_claims", lambda connection, blocked, resource_ids, **owner: None)
    assert rivals.race(WANTED) == {"held": RIVALS}
    assert rivals.overlaps() > 0


def test_with_a_guard_that_looks_before_it_writes_several_win(rivals, monkeypatch):
    monkeypatch.setattr(placing, "insert_claims", look_then_write)
    monkeypatch.setattr(work_module, "begin_immediate", lambda connection: None)  # SQLite as it comes
    for start in TIMES:
        outcomes = rivals.race([("couple-50", start)])
        if outcomes["held"] > 1:
            break
    else:
        pytest.fail(f"nobody raced in {len(TIMES)} rounds: the tests above prove nothing")
    assert rivals.overlaps() > 0


def look_then_write(connection: Connection, blocked: Span, resource_ids: list[int], **owner: int) -> None:
    """The usual mistake: ask whether the time is free, then take it, with nothing that refuses a second time."""
    wanted = [(resource_id, tick) for resource_id in resource_ids for tick in ticks(blocked)]
    if connection.execute(
        select(SlotClaim.tick).where(
            SlotClaim.resource_id.in_(resource_ids), SlotClaim.tick.in_([tick for _, tick in wanted])
        )
    ).first():
        raise SlotTaken
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(SlotClaim).on_conflict_do_nothing(),
        [{"resource_id": resource, "tick": tick, **owner} for resource, tick in wanted],
    )
