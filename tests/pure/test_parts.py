"""Which part of the week a start lies in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from practice.booking.parts import Part

MONDAY = datetime(2027, 5, 10, tzinfo=UTC)
OF_A_DAY = (Part.MORNINGS, Part.AFTERNOONS, Part.EVENINGS)


def test_every_start_belongs_to_one_part_of_its_day() -> None:
    for minutes in range(0, 7 * 24 * 60, 5):
        start = MONDAY + timedelta(minutes=minutes)
        assert sum(part.has(start) for part in OF_A_DAY) == 1, start


@pytest.mark.parametrize(
    ("hour", "minute", "part"),
    [
        (0, 0, Part.MORNINGS),
        (11, 55, Part.MORNINGS),
        (12, 0, Part.AFTERNOONS),
        (16, 55, Part.AFTERNOONS),
        (17, 0, Part.EVENINGS),
        (23, 55, Part.EVENINGS),
    ],
)
def test_the_edges_of_a_part_are_where_people_expect_them(hour: int, minute: int, part: Part) -> None:
    assert part.has(MONDAY.replace(hour=hour, minute=minute))


def test_the_weekend_is_saturday_and_sunday_at_every_hour() -> None:
    found = {day for day in range(7) if Part.WEEKENDS.has(MONDAY + timedelta(days=day, hours=3 * day))}

    assert found == {5, 6}
