"""Many starts at once are said as one start is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from practice.booking.showing import by_date, shown_times
from practice.presenting import local_datetime, local_time

SUMMER_ENDS = datetime(2026, 11, 1, 4, tzinfo=UTC)  # midnight in New York; at two the clock shows one again


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland"])
def test_every_start_reads_as_it_would_alone(zone: str) -> None:
    starts = [SUMMER_ENDS + number * timedelta(minutes=30) for number in range(60)]

    shown = shown_times(starts, zone)

    assert [time.full for time in shown] == [local_datetime(start, zone) for start in starts]
    assert [time.clock for time in shown] == [local_time(start, zone) for start in starts]
    assert [datetime.fromisoformat(time.iso) for time in shown] == starts


def test_starts_stand_under_the_date_of_the_reader() -> None:
    late = datetime(2026, 6, 1, 23, tzinfo=UTC)

    assert list(by_date([late], "Asia/Kolkata")) == [(date(2026, 6, 2), (late,))]
    assert list(by_date([late], "America/New_York")) == [(date(2026, 6, 1), (late,))]


def test_the_hour_that_a_night_repeats_is_told_apart() -> None:
    hour = timedelta(hours=1)

    first, second = shown_times([SUMMER_ENDS + hour, SUMMER_ENDS + 2 * hour], "America/New_York")

    assert first.clock == second.clock
    assert first.full != second.full
