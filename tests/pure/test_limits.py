"""How tries are counted in this process's memory."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from practice import limits
from practice.limits import Tally


class Time:
    now = 1_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch):
    told = Time()
    monkeypatch.setattr(limits, "time", told)
    return told


def test_memory_means_this_tally():
    assert type(storage_from_string("memory://")) is Tally


def test_as_many_tries_as_the_limit_says_and_anew_when_its_time_is_over(time):
    limiter, twice = FixedWindowRateLimiter(Tally()), parse("2 per minute")

    tries = [limiter.hit(twice, "somebody") for _ in range(3)]
    time.now += 59
    late = limiter.test(twice, "somebody")
    time.now += 1

    assert (tries, late) == ([True, True, False], False)
    assert limiter.test(twice, "somebody")
    assert limiter.hit(twice, "somebody")
    assert limiter.get_window_stats(twice, "somebody") == (time.now + 60, 1)


def test_each_is_counted_apart_and_can_be_forgotten(time):
    tally = Tally()
    tally.incr("one", 60)
    tally.incr("other", 60, amount=2)

    assert (tally.get("one"), tally.get("other"), tally.get("nobody")) == (1, 2, 0)
    tally.clear("one")
    assert (tally.get("one"), tally.reset(), tally.get("other")) == (0, 1, 0)


def test_what_is_over_takes_no_room(time):
    tally = Tally()
    for number in range(1000):
        tally.incr(f"address {number}", 30)
    tally.incr("patient", 3600)
    time.now += limits.SWEPT_EVERY

    tally.incr("new", 30)

    assert tally.get("patient") == 1
    assert tally.reset() == 2


def test_no_try_is_lost_between_threads_and_none_is_started():
    tally = Tally()
    running = threading.active_count()
    tally.incr("somebody", 60)
    assert threading.active_count() == running

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: [tally.incr("somebody", 60) for _ in range(2000)], range(8)))

    assert tally.get("somebody") == 16_001
