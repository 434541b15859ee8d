"""What follows from how an object was found outside, held against docs/caldav.md; and objects as bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from practice.calendars.caldav.deciding import TABLE, Found, Known, Ours, Seen, Step, decide, see
from practice.calendars.caldav.objects import content_of, digest_of, href_in, read_object
from practice.calendars.ics import Appointment, Party, Status
from practice.spans import Span
from tests.support.clock import MONDAY_NINE

DOC = Path(__file__).parents[2] / "docs" / "caldav.md"
HOUR = timedelta(hours=1)
MEANT = Span(MONDAY_NINE, MONDAY_NINE + HOUR)
BEFORE = Span(MONDAY_NINE - HOUR, MONDAY_NINE)
SESSION = Appointment(
    uid="0@appointments",
    sequence=2,
    starts=MEANT.start,
    ends=MEANT.end,
    stamp=BEFORE.start,
    modified=BEFORE.start,
    status=Status.CONFIRMED,
    url="https://practice.example/staff/",
    summary="Session",
)
KNOWN = Known(SESSION.uid, Ours.SETTLED, MEANT, BEFORE)
FOUND = read_object(content_of(SESSION), '"1"')


def test_the_table_is_the_one_of_the_page():
    rows = re.findall(r"^\| ([a-z ]+) \| ([a-z ]+) \| ([a-z ]+) \| ([a-z ]+) \|$", DOC.read_text(), re.MULTILINE)
    shown = {
        (Seen(seen), ours): Step(step)
        for seen, *steps in rows
        for ours, step in zip((Ours.NEW, Ours.CHANGED, Ours.SETTLED), steps, strict=True)
    }

    assert shown == TABLE


def test_every_case_is_decided():
    assert set(TABLE) == {(seen, ours) for seen in Seen for ours in Ours}


@pytest.mark.parametrize("ours", Ours)
def test_what_is_not_ours_is_never_touched(ours):
    assert decide(replace(KNOWN, ours=ours), replace(FOUND, uid="another")) is Step.LEAVE


def test_what_is_found_is_told_apart():
    assert see(KNOWN, None) is Seen.NOTHING
    assert see(KNOWN, FOUND) is Seen.AS_MEANT
    assert see(KNOWN, replace(FOUND, span=BEFORE)) is Seen.AS_BEFORE
    assert see(KNOWN, replace(FOUND, span=Span(BEFORE.start, MEANT.end))) is Seen.ELSEWHEN
    assert see(KNOWN, replace(FOUND, span=None)) is Seen.ELSEWHEN
    assert see(KNOWN, replace(FOUND, cancelled=True)) is Seen.CALLED_OFF
    assert see(KNOWN, replace(FOUND, addressed=True)) is Seen.AS_MEANT  # they invited somebody to it
    assert see(replace(KNOWN, ours=Ours.NEW, before=None), replace(FOUND, addressed=True)) is Seen.FOREIGN


def test_an_object_invites_nobody_and_reads_back_as_it_was():
    invited = replace(SESSION, organizer=Party("office@practice.example"), attendee=Party("ada@practice.example"))

    assert Found('"1"', SESSION.uid, MEANT, cancelled=False, addressed=False) == FOUND
    for word in (b"METHOD", b"ORGANIZER", b"ATTENDEE", b"VALARM"):
        assert word not in content_of(invited)


def test_the_mark_of_what_it_says_changes_with_that_and_not_with_when_it_was_written():
    assert digest_of(replace(SESSION, stamp=MEANT.end, modified=MEANT.end)) == digest_of(SESSION)
    assert digest_of(replace(SESSION, sequence=3)) != digest_of(SESSION)
    assert digest_of(replace(SESSION, summary="R.")) != digest_of(SESSION)


def test_an_address_tells_nothing_and_is_not_the_one_that_others_would_take():
    address = href_in("https://calendar.example/ada/work/", SESSION.uid)

    assert re.fullmatch(r"https://calendar\.example/ada/work/session-[0-9a-f]{32}\.ics", address)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"\xff\xfe\x00", b"BEGIN:VEVENT\r\nDTSTART:x\r\n"],
)
def test_what_can_not_be_read_is_not_ours(content):
    assert see(KNOWN, read_object(content, '"1"')) is Seen.FOREIGN


@pytest.mark.parametrize(
    ("before", "after", "span"),
    [
        (b"DTEND:20270510T140000Z", b"DURATION:PT1H", MEANT),
        (b"DTSTART:20270510T130000Z", b"DTSTART;VALUE=DATE:20270510", None),
        (b"DTSTART:20270510T130000Z", b"DTSTART:20270510T130000", None),
        (b"DTEND:20270510T140000Z", b"DTEND:20270510T120000Z", None),
        (b"DTSTART:20270510T130000Z", b"DTSTART;TZID=America/New_York:20270510T090000", MEANT),
    ],
)
def test_times_are_read_as_programs_write_them(before, after, span):
    assert read_object(content_of(SESSION).replace(before, after), '"1"').span == span
