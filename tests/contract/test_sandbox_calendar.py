"""The sandbox's calendar: what it serves, and what adding and removing on its page changes."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from icalendar import Calendar

from practice.sandbox.server import Sandbox

TYPED = {"title": "Dentist", "day": "2027-05-10", "opens": "10:00", "closes": "11:15"}


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    sandbox = Sandbox(tmp_path)
    sandbox.start()
    yield f"{sandbox.address}/sandbox/calendar"
    sandbox.stop()


def read(address: str, data: dict[str, str] | None = None, **headers: str) -> tuple[int, str, str]:
    body = urllib.parse.urlencode(data).encode() if data is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=body, headers=headers)) as answer:
            return answer.status, answer.read().decode(), str(answer.headers.get("ETag"))
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), ""


def test_it_serves_a_series_and_whatever_was_added(address: str) -> None:
    assert read(address, TYPED)[0] == 200

    events = Calendar.from_ical(read(f"{address}/private.ics")[1]).walk("VEVENT")

    assert [str(event["SUMMARY"]) for event in events] == ["Choir", "Dentist"]
    assert events[0]["RRULE"]["FREQ"] == ["WEEKLY"]
    assert events[0].start.date() == date(2026, 1, 6)
    span = [f"{events[1][name].dt:%Y-%m-%d %H:%M}" for name in ("DTSTART", "DTEND")]
    assert span == ["2027-05-10 10:00", "2027-05-10 11:15"]


def test_what_is_removed_is_gone_and_unchanged_it_is_not_sent_again(address: str) -> None:
    _, page, _ = read(address, TYPED)
    _, _, tag = read(f"{address}/private.ics")
    assert read(f"{address}/private.ics", **{"If-None-Match": tag})[0] == 304

    [identity] = re.findall(r'action="/sandbox/calendar/(\w+)"', page)
    assert "Dentist" not in read(f"{address}/{identity}", {})[1]

    status, content, _ = read(f"{address}/private.ics", **{"If-None-Match": tag})
    assert (status, "Dentist" in content) == (200, False)


@pytest.mark.parametrize("wrong", [{"day": "soon"}, {"opens": "12:00"}, {"closes": ""}])
def test_what_can_be_no_event_says_so_and_adds_nothing(address: str, wrong: dict[str, str]) -> None:
    before = read(f"{address}/private.ics")[1]

    assert read(address, {**TYPED, **wrong})[0] == 422
    assert read(f"{address}/private.ics")[1] == before
