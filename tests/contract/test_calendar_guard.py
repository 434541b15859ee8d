"""A calendar that costs too much is ended and told in words, and whoever asked is none the worse."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from practice.calendars.reading import guard
from practice.calendars.reading.expanding import TOO_MANY_TIMES
from practice.calendars.reading.guard import read_guarded
from practice.calendars.reading.outcome import AllDay, Unreadable
from tests.support.calendar_text import NINE, WINDOW, ZONE, calendar, event, read, times

GOOD = calendar(event(*NINE))
GREEDY = Path(__file__).parents[1] / "support" / "greedy_child.py"
FOREVER = 60.0  # by the clock; the limits of the child itself end it long before


def guarded(content: bytes, wall: float = FOREVER):
    return read_guarded(content, zone=ZONE, all_day=AllDay.BLOCK, within=WINDOW, wall=wall)


def refusal(content: bytes) -> str:
    """The words with which the guard refuses."""
    with pytest.raises(Unreadable) as refused:
        guarded(content)
    return refused.value.reason


@pytest.fixture(autouse=True)
def _nothing_is_left_behind():
    """After each of these, a good calendar is still read, no child is left, and no file is open that wasn't before."""
    before = open_files(), children()
    yield
    assert times(guarded(GOOD)) == ["0510T0900-0510T1000"]
    gc.collect()
    assert (open_files(), children()) == before


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def children() -> set[str]:
    """The processes that this one started: by an earlier test too, whose server may still run."""
    found = (path.parent.name for path in Path("/proc").glob("[0-9]*/stat") if parent(path) == os.getpid())
    return set(found)


def parent(stat: Path) -> int | None:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return None


def test_the_guard_passes_on_words_and_readings_as_they_are():
    assert refusal(b"<html>") == refused_here(b"<html>")
    content = calendar(event(*NINE, "RRULE:FREQ=SECONDLY"), event(*NINE, uid="Zoë"), event("DTSTART:x", uid="x"))
    assert guarded(content) == read(content)


def refused_here(content: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read(content)
    return refused.value.reason


# Bombs

ENDLESS = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"  # a date that never comes
OLD = ("DTSTART:00010101T090000Z", "DTEND:00010101T100000Z")
EVERY_SECOND = f"BYHOUR={','.join(map(str, range(24)))};" + ";".join(
    f"{name}={','.join(map(str, range(60)))}" for name in ("BYMINUTE", "BYSECOND")
)


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=DAILY;INTERVAL=0", f"FREQ=DAILY;{EVERY_SECOND}", ENDLESS[6:]],
    ids=["SECONDLY", "MINUTELY", "INTERVAL=0", "every second", "never"],
)
def test_one_bomb_among_others_costs_its_repetitions_alone(rule):
    reading = guarded(calendar(event(*NINE), event(*OLD, f"RRULE:{rule}", uid="bomb")))

    assert times(reading) == ["0510T0900-0510T1000"]
    assert [words.split(".")[0] for words in reading.warnings] == ["1 repeating event can't be worked out"]


def test_a_few_that_never_come_cost_no_other():
    bombs = [event(*NINE, ENDLESS, uid=str(number)) for number in range(4)]

    reading = guarded(calendar(event(*NINE, "RRULE:FREQ=DAILY;COUNT=3", uid="good"), *bombs))

    assert len(reading.occurrences) == 3 + 4
    assert reading.warnings[0].startswith("4 repeating events can't be worked out.")


def test_many_that_never_come_are_ended():
    bombs = [event(*NINE, ENDLESS, uid=str(number)) for number in range(50)]

    assert refusal(calendar(*bombs)) == guard.TOO_MUCH_WORK


def test_five_thousand_series_are_worked_out_or_refused_in_words():
    lines = ("DTSTART:20100104T090000Z", "DTEND:20100104T100000Z", "RRULE:FREQ=WEEKLY")
    content = calendar(*(event(*lines, uid=str(number)) for number in range(5_000)))

    assert refusal(content) in {guard.TOO_MUCH_WORK, TOO_MANY_TIMES}


def test_more_events_than_anybody_has_are_refused_and_as_many_as_somebody_may_have_are_read():
    events = [event(*NINE, uid=str(number)) for number in range(5_001)]

    assert "more than 5,000 events" in refusal(calendar(*events))
    assert len(guarded(calendar(*events[:5_000])).occurrences) == 5_000


def test_a_thousand_tables_of_zones_are_refused():
    table = "BEGIN:VTIMEZONE\r\nTZID:{}\r\nBEGIN:STANDARD\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE"

    assert "more than 200 time zones" in refusal(calendar(*(table.format(number) for number in range(1_000))))


def test_components_within_components_without_end_are_refused():
    assert "wrong order" in refusal(calendar(*["BEGIN:VEVENT"] * 50_000, *["END:VEVENT"] * 50_000))


# The guard itself, with a child that misbehaves under the same limits


@pytest.fixture
def greedy(monkeypatch):
    monkeypatch.setattr(guard, "CHILD", GREEDY)
    yield
    monkeypatch.undo()


@pytest.mark.usefixtures("greedy")
@pytest.mark.parametrize("what", [b"compute", b"talk"])
def test_a_child_that_computes_or_talks_without_end_is_ended(what):
    assert refusal(what) == guard.TOO_MUCH_WORK


@pytest.mark.usefixtures("greedy")
def test_a_child_that_sleeps_is_ended_by_the_clock():
    with pytest.raises(Unreadable) as refused:
        guarded(b"sleep", wall=1.0)

    assert refused.value.reason == guard.TOO_MUCH_WORK


@pytest.mark.usefixtures("greedy")
@pytest.mark.parametrize("what", [b"eat", b"crash"])
def test_a_child_that_eats_memory_or_crashes_is_told_in_words(what):
    assert refusal(what) == guard.NOT_UNDERSTOOD


@pytest.mark.usefixtures("greedy")
def test_a_child_that_does_not_listen_is_no_trouble():
    assert refusal(b"crash" * 1_000_000) == guard.NOT_UNDERSTOOD


@pytest.mark.usefixtures("greedy")
def test_a_child_is_given_three_pipes_and_nothing_else(monkeypatch):
    monkeypatch.setenv("PRACTICE_SECRET_KEY", "not for children")

    environment, files, folder, flask = eval_words(refusal(b"look"))

    assert not {name for name in environment if name.startswith("PRACTICE")}
    assert set(environment) <= {"LC_CTYPE"}  # which Python sets itself
    assert files[:3] == ["0", "1", "2"]
    assert len(files) == 4  # and the folder that it looks at
    assert (folder, flask) == ("/", "False")


def eval_words(said: str) -> tuple[list[str], list[str], str, str]:
    environment, rest = said[1:].split("] [")
    files, rest = rest.split("] ")
    folder, flask = rest.split()
    return _names(environment), _names(files), folder, flask


def _names(listed: str) -> list[str]:
    return [name.strip("' ") for name in listed.split(",") if name]


def test_the_child_knows_nothing_of_the_application():
    child = guard.CHILD
    program = (
        f"import runpy, sys; runpy.run_path({str(child)!r})['read'](b'', ['UTC', 'block', '2027-05-01T00:00:00+00:00',"
        " '2027-06-01T00:00:00+00:00']); print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )

    loaded = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True).stdout

    assert "icalendar" in loaded.split()
    assert not {"flask", "sqlalchemy", "werkzeug", "requests", "cryptography"} & set(loaded.split())
