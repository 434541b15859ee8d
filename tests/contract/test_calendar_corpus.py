"""Other projects' test calendars come to the busy times that those projects expect (tests/corpus, manifest.json)."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from practice.calendars.reading.outcome import ReadOccurrence
from practice.spans import Span, merge, overlap
from tests.support.calendar_text import calendar, event, read

CORPUS = Path(__file__).parents[1] / "corpus"
MANIFEST: list[dict[str, Any]] = json.loads((CORPUS / "manifest.json").read_text(encoding="utf-8"))
WITH_EXPECTATION = [entry for entry in MANIFEST if entry["expected"] and entry["file"].endswith(".ics")]
EVER = Span(datetime(1990, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
RULES = "li__icalrecur_test.txt"

# Where a source counts what blocks nothing by our rules: an event without length, and a cancelled time of a series.
NOT_BUSY = {("rie__duration.ics", "2018-01-20"), ("rie__issue_18_cancel_status.ics", "2020-01-29")}


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_every_file_is_the_one_that_its_project_publishes(entry):
    content = (CORPUS / entry["file"]).read_bytes()

    assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["bytes"], entry["sha256"])


@pytest.mark.parametrize("entry", WITH_EXPECTATION, ids=lambda entry: entry["file"])
def test_a_file_comes_to_what_its_project_expects(entry):
    corpus_file = CorpusFile(entry["file"], entry["expected"])
    told = {name for name in entry["expected"] if name not in {"source_test", "window_tz", "window", "window_utc"}}

    for name in told - {"floating_and_date_zone"}:
        getattr(corpus_file, f"check_{name}")(entry["expected"][name])


class CorpusFile:
    """A file read as busy times, opaque where its project asks what repeats and not what blocks."""

    def __init__(self, name: str, expected: dict[str, Any]) -> None:
        content = (CORPUS / name).read_bytes()
        self.name, self.expected = name, expected
        self.zone = ZoneInfo(expected.get("floating_and_date_zone") or _zone_of_event(content))
        if not name.startswith("sv__"):
            content = _blocking(content)
        self.content = content
        self.reading = read(content, zone=self.zone.key, within=EVER)

    def starts(self) -> list[datetime]:
        return [one.span.start.astimezone(self.zone) for one in self.reading.occurrences]

    def between(self, begin: str, end: str) -> list[ReadOccurrence]:
        asked = Span(self.moment(begin), self.moment(end))
        return [one for one in self.reading.occurrences if overlap(one.span, asked)]

    def moment(self, written: str) -> datetime:
        return _in_zone(datetime.fromisoformat(written), self.zone)

    def check_parses(self, expected: bool) -> None:
        assert expected
        assert self.reading.events == 0

    def check_raises(self, _expected: str) -> None:
        assert len(self.reading.warnings) == 1  # the library's error becomes words, and the first time still blocks
        assert len(self.reading.occurrences) == 1

    def check_local(self, expected: list[str]) -> None:
        assert [one.span for one in self.reading.occurrences] == [Span(*map(self.moment, expected))]

    def check_first(self, expected: list[str]) -> None:
        assert self.reading.occurrences[0].span == Span(*map(self.moment, expected))

    def check_duration(self, expected: str) -> None:
        assert expected == "P1D"
        [one] = self.reading.occurrences
        assert one.span.length == timedelta(days=1)

    def check_total(self, expected: int) -> None:
        assert len(self.reading.occurrences) == expected

    def check_count(self, expected: int) -> None:
        assert len(self.between(*self.expected["window"])) == expected

    def check_windows(self, expected: list[dict[str, Any]]) -> None:
        for each in expected:
            assert len(self.between(*each["window"])) == each["count"], each

    def check_at_day(self, expected: dict[str, int | str]) -> None:
        for day, count in expected.items():
            found = len(self.between(day, f"{day}T23:59:59"))
            assert found == (0 if (self.name, day) in NOT_BUSY else count), day

    def check_at_hour(self, expected: dict[str, int]) -> None:
        for hour, count in expected.items():
            assert len(self.between(f"{hour}:00", f"{hour}:59:59")) == count, hour

    def check_at_month(self, expected: dict[str, int]) -> None:
        for month, count in expected.items():
            year, number = map(int, month.split("-"))
            following = f"{year + number // 12}-{number % 12 + 1:02}-01"
            assert len(self.between(f"{month}-01", following)) == count, month

    def check_at_instant(self, expected: dict[str, int]) -> None:
        for instant, count in expected.items():
            assert len(self.between(instant, f"{instant}:01")) == count, instant

    def check_starts_on(self, expected: list[str]) -> None:
        assert [start.date().isoformat() for start in self.starts()] == expected

    def check_absent_on(self, expected: list[str]) -> None:
        assert not {start.date().isoformat() for start in self.starts()} & set(expected)

    def check_local_times(self, expected: dict[str, list[str]]) -> None:
        for day, (start, end) in expected.items():
            [one] = self.between(day, f"{day}T23:59:59")
            assert one.span == Span(self.moment(f"{day}T{start}"), self.moment(f"{day}T{end}"))

    def check_local_start_hour(self, expected: dict[str, int]) -> None:
        by_day = {start.date().isoformat(): start.hour for start in self.starts()}
        assert {day: by_day[day] for day in expected} == expected

    def check_freebusy(self, expected: list[str]) -> None:
        begin, end = map(datetime.fromisoformat, self.expected["window_utc"])
        spans = merge(one.span for one in read(self.content, zone=self.zone.key, within=Span(begin, end)).occurrences)
        assert [f"FREEBUSY:{_utc(span.start)}/{_utc(span.end)}" for span in spans] == expected


def test_a_bad_name_of_a_zone_is_read_by_its_offset():
    [one] = read_whole("ic__issue_218_bad_tzid.ics").occurrences

    assert one.span.start == datetime(2017, 2, 28, 12, tzinfo=UTC)


def test_globally_unique_names_of_zones_are_understood():
    reading = read_whole("ic__issue_313_globally_unique_tzid.ics")

    assert reading.warnings == ()
    assert [one.span.start.hour for one in reading.occurrences] == [12, 17, 18]  # Berlin, Buenos Aires, New York


def test_two_calendars_in_one_stream_are_both_read():
    reading = read_whole("ic__multiple_calendar_components.ics")

    assert (reading.events, reading.warnings) == (3, ())
    days = [f"{one.span.start.astimezone(ZoneInfo('America/New_York')):%Y-%m-%d}" for one in reading.occurrences]
    assert days == ["2003-05-01", "2003-12-25", "2003-12-25"]


def test_a_stray_time_outside_of_events_is_no_event():
    assert read_whole("ij__tzid_with_gmt.ics").events == 0


@pytest.mark.parametrize("name", ["rie__issue_28_rrule_with_UTC_endinginZ.ics", "rie__issue_62_moved_event.ics"])
def test_as_they_stand_series_that_are_free_block_nothing(name):
    assert read_whole(name).occurrences == ()


def test_of_three_times_with_one_cancelled_two_are_busy():
    assert len(read_whole("rie__issue_18_cancel_status.ics").occurrences) == 2


def read_whole(name: str):
    return read((CORPUS / name).read_bytes(), within=EVER)


def _blocking(content: bytes) -> bytes:
    """The same times in events that block, where their project asks what repeats: opaque, and never without length."""
    content = content.replace(b"TRANSP:TRANSPARENT", b"TRANSP:OPAQUE").replace(b"BUSYSTATUS:FREE", b"BUSYSTATUS:BUSY")
    return content.replace(
        b"DTEND;TZID=Europe/Berlin:20211126T213000", b"DTEND;TZID=Europe/Berlin:20211126T220000"
    ).replace(
        b"DTSTART;TZID=Europe/Berlin:20211217T213000", b"DTSTART;TZID=Europe/Berlin:20211217T213000\nDURATION:PT30M"
    )


def _zone_of_event(content: bytes) -> str:
    named = re.search(rb"BEGIN:VEVENT.*?DTSTART;TZID=([\w/]+):", content, re.DOTALL)
    named = named or re.search(rb"X-WR-TIMEZONE:([\w/]+)", content)
    return named[1].decode() if named else "UTC"


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _utc(instant: datetime) -> str:
    return instant.strftime("%Y%m%dT%H%M%SZ")


# libical's rules of repetition: 146 of RRULE, DTSTART and INSTANCES

# Refused, since they repeat within the hour or are too much work: the start blocks, and the therapist is told.
REFUSED = {
    ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "19970902T090000"),
    ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", "19970902T090000"),
    ("FREQ=HOURLY;BYHOUR=12;BYYEARDAY=-366;COUNT=3", "20120101T120000"),
    ("FREQ=SECONDLY;BYHOUR=1,2;BYMINUTE=3,4,59;BYSECOND=5,6;UNTIL=20250216T020500", "20250216T015905"),
    ("FREQ=SECONDLY;BYSECOND=5,4;COUNT=5", "20240229T140104"),
    ("FREQ=SECONDLY;BYSECOND=4,5;COUNT=5", "20240229T140105"),
    ("FREQ=SECONDLY;BYSECOND=7,4,6,5;COUNT=5", "20240229T140106"),
    ("FREQ=MINUTELY;BYSECOND=0,10,20,30,40,50;BYSETPOS=-2,3;INTERVAL=2;COUNT=5", "20241023T001540"),
    ("FREQ=MINUTELY;BYMINUTE=15,17,19;BYSECOND=0,10,20,30,40,50;BYSETPOS=-2,3;INTERVAL=2;COUNT=5", "20241023T001540"),
    ("FREQ=SECONDLY;BYSECOND=5,4,4;COUNT=5", "20240229T140104"),
    ("FREQ=SECONDLY;BYSECOND=5,25;INTERVAL=61;COUNT=2", "20250101T051005"),
    ("FREQ=MINUTELY;BYMINUTE=5,25;INTERVAL=61;COUNT=6", "20250101T050500"),
}
# The start isn't one of the rule's own times. RFC 5545 leaves open what that means: here it blocks as well.
START_BLOCKS_TOO = {
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;WKST=FR;COUNT=3", "19970512T090000"),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=5", "19970902T090000"),
    ("FREQ=MONTHLY;INTERVAL=13;BYMONTH=5;COUNT=3", "20100212T000000"),
    ("FREQ=WEEKLY;BYDAY=WE,FR;INTERVAL=2;COUNT=4", "20190101T100000"),
    ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=TU,SA;UNTIL=20170101T000000Z", "20130101T000000"),
    ("FREQ=HOURLY;BYHOUR=0;BYYEARDAY=360,-2;UNTIL=20260101T000000", "20251220T000000"),
    (
        "FREQ=MONTHLY;BYMINUTE=12,39;BYHOUR=8,14,15;BYDAY=1MO,1TU,2SA,3MO;BYSETPOS=1,-5,3,-21,4,-8;COUNT=15",
        "20240102T143900",
    ),
    ("FREQ=YEARLY;BYWEEKNO=53;COUNT=1", "20230101T000000Z"),
    ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=TH;COUNT=1", "20270103T000000Z"),
    ("FREQ=YEARLY;BYWEEKNO=53;INTERVAL=6;BYDAY=TH;COUNT=1", "20270103T000000Z"),
    ("FREQ=YEARLY;BYWEEKNO=53;INTERVAL=5;BYDAY=TH;COUNT=1", "20270103T000000Z"),
}
# The library (dateutil) counts otherwise, and here is how.
OTHERWISE = {
    # A day of the month in a yearly rule without a month is one of every month, not of the start's month.
    ("FREQ=YEARLY;BYMONTHDAY=29;COUNT=3", "20240229"): ["20240229", "20240329", "20240429"],
    ("FREQ=YEARLY;BYMONTHDAY=-29,-1;COUNT=4", "20240201"): ["20240201", "20240229", "20240303", "20240331"],
    # Places in the first week are counted from the start, not from the week's own begin; both ways it blocks more.
    ("FREQ=WEEKLY;BYDAY=MO,TU,SU,SA,TH;BYSETPOS=3,2;COUNT=4", "20240102T120000"): [
        "20240102T120000",
        "20240104T120000",
        "20240106T120000",
        "20240109T120000",
        "20240111T120000",
    ],
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,3;COUNT=3", "20241023"): ["20241023", "20241025", "20241028"],
    # Every third year is counted by the calendar's years, not by those that weeks belong to.
    ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=TU,SA;INTERVAL=6;UNTIL=20170101T000000Z", "20100102T000000"): [
        "20100102T000000",
        "20160102T000000",
    ],
    ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU;INTERVAL=3;UNTIL=20320101", "20241231"): [
        "20241231",
        "20270104",
        "20270105",
        "20300101",
        "20301230",
        "20301231",
    ],
    # libical can't do this one itself ("UNIMPLEMENTED"); each 30 December that lies in a week 1 would be 2024 and 2030.
    ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=30;BYWEEKNO=1;UNTIL=20320101", "20241230"): [
        "20241230",
        "20251230",
        "20301230",
        "20311230",
    ],
}


def rules() -> list[tuple[str, str, list[str]]]:
    """Each rule, its start, and the starts that libical expects, in the file's order."""
    found = []
    for block in (CORPUS / RULES).read_text(encoding="utf-8").split("\n\n"):
        says = dict(line.split(":", 1) for line in block.splitlines() if re.match("[A-Z-]+:", line))
        if "RRULE" in says:
            instances = [one for one in says["INSTANCES"].split(",") if one[:1].isdigit()]
            found.append((says["RRULE"], says["DTSTART"], instances))
    return found


def starts_of(rule: str, start: str, until: str) -> tuple[list[str], tuple[str, ...]]:
    """The starts to which we come until a day, written as the file writes them, and what is warned of."""
    whole_days = "T" not in start
    begins = f"DTSTART;VALUE=DATE:{start}" if whole_days else f"DTSTART:{start}"
    lines = (begins, f"RRULE:{rule}") if whole_days else (begins, "DURATION:PT1S", f"RRULE:{rule}")
    first, last = (datetime.strptime(day[:8], "%Y%m%d").replace(tzinfo=UTC) for day in (start, until))
    reading = read(calendar(event(*lines)), zone="UTC", within=Span(first, last + timedelta(days=1)))
    form = "%Y%m%d" if whole_days else "%Y%m%dT%H%M%S"
    return [one.span.start.strftime(form) for one in reading.occurrences], reading.warnings


def test_every_rule_of_libical_comes_to_its_times_or_to_what_is_named_above():
    asked = rules()
    assert len(asked) == 146
    ways: Counter[str] = Counter()
    for rule, start, instances in asked:
        key = (rule, start)
        expected = [one[:15] for one in instances]
        found, warnings = starts_of(rule, start, max([*instances, start, *OTHERWISE.get(key, [])]))
        if key in REFUSED:
            ways["refused"] += 1
            assert (found, len(warnings)) == ([start], 1), key
        elif key in START_BLOCKS_TOO:
            ways["with its start"] += 1
            assert (found, warnings) == ([start[:15], *expected], ()), key
        elif key in OTHERWISE:
            ways["otherwise"] += 1
            assert (found, warnings) == (OTHERWISE[key], ()), key
        else:
            ways["as expected"] += 1
            assert (found, warnings) == (expected, ()), key
    assert ways == {"as expected": 116, "with its start": 11, "otherwise": 7, "refused": 12}
