"""What docs/busy-times.md shows is what the code does."""

import inspect
from pathlib import Path

import pytest

from practice.calendars.reading import child, expanding, guard, linting
from tests.support.calendar_text import NINE, calendar, event, read

PAGE = (Path(__file__).parents[2] / "docs" / "busy-times.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The body of the table whose first column is called `heading`."""
    body = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in body]


@pytest.mark.parametrize(("line", "blocks"), rows("An event with"))
def test_an_event_blocks_as_the_page_says(line, blocks):
    times = NINE if not line.startswith("DURATION") else NINE[:1]

    assert bool(read(calendar(event(*times, line))).occurrences) == {"yes": True, "no": False}[blocks]


def test_the_limits_are_as_the_page_says():
    wall = inspect.signature(guard.read_guarded).parameters["wall"].default

    assert dict(rows("Limit")) == {
        "events and free/busys": f"{linting.MOST_EVENTS:,}",
        "tables of zones": str(linting.MOST_ZONES),
        "busy times in the window": f"{expanding.MOST_OCCURRENCES:,}",
        "computing": f"{child.CPU_SECONDS} s",
        "memory": f"{child.MEMORY_BYTES // 1024 // 1024} MiB",
        "by the clock": f"{wall:g} s",
    }
    assert f"more than {linting.MOST_DATES:,} added or left-out dates" in PAGE
    assert f"or {child.SERIES_SECONDS} s of computing" in PAGE
