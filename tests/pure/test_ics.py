"""Calendar objects, byte by byte."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.calendars import ics
from practice.calendars.ics import Appointment, Method, OpenTime, Party, Status
from practice.spans import Span
from tests.support.golden import assert_golden
from tests.support.ical_lint import events, named, problems, unfolded, values

MODIFIED = datetime(2026, 3, 1, 17, 30, 12, 345678, tzinfo=UTC)
BOOKED = Appointment(
    uid="6c1e3f5a-1f4e-4b61-9d15-2b6c7a1f0e52@appointments",
    sequence=0,
    starts=datetime(2026, 3, 10, 19, tzinfo=UTC),
    ends=datetime(2026, 3, 10, 19, 50, tzinfo=UTC),
    stamp=MODIFIED,
    modified=MODIFIED,
    status=Status.CONFIRMED,
    url="https://practice.example/bookings/b_7k2m4n5p6q7r8s",
    summary="Appointment",
)
CANCELLED = replace(
    BOOKED,
    sequence=1,
    status=Status.CANCELLED,
    stamp=MODIFIED + timedelta(days=1),
    modified=MODIFIED + timedelta(days=1),
)
MOVED = replace(
    BOOKED,
    sequence=1,
    starts=BOOKED.starts + timedelta(days=2, hours=1),
    ends=BOOKED.ends + timedelta(days=2, hours=1),
    stamp=MODIFIED + timedelta(days=1),
    modified=MODIFIED + timedelta(days=1),
)
PARTIES = {
    "organizer": Party("office@practice.example", "Appointments"),
    "attendee": Party("reader@post.example"),
}


def invitation(appointment: Appointment = BOOKED) -> Appointment:
    return replace(appointment, **PARTIES)


def open_time(start: datetime) -> OpenTime:
    return OpenTime(
        uid=f"open-{start:%Y%m%dT%H%M}@times",
        span=Span(start, start + timedelta(minutes=50)),
        stamp=start - timedelta(days=60),
        url="https://practice.example/times/mara-okafor?offering=couple-50&from=2026-03-10",
    )


MONDAY = datetime(2026, 3, 9, 13, tzinfo=UTC)
MADE = {
    "feed.ics": ics.feed(
        [
            ics.fragment(replace(BOOKED, summary="Session")),
            ics.fragment(replace(CANCELLED, uid="other@appointments", summary="Session")),
        ],
        name="Sessions",
        zone="America/New_York",
    ),
    "feed-empty.ics": ics.feed([], name="Sessions", zone="America/New_York"),
    "download.ics": ics.download(BOOKED),
    "mail-request.ics": ics.mail_part(invitation(), Method.REQUEST),
    "mail-moved.ics": ics.mail_part(invitation(MOVED), Method.REQUEST),
    "mail-cancel.ics": ics.mail_part(invitation(CANCELLED), Method.CANCEL),
    "open-times.ics": ics.open_times(
        [open_time(MONDAY), open_time(MONDAY + timedelta(hours=1))], name="Open times", summary="Open time"
    ),
    "free-busy.ics": ics.free_busy(
        [Span(MONDAY, MONDAY + timedelta(hours=1)), Span(MONDAY + timedelta(hours=3), MONDAY + timedelta(hours=4))],
        uid="open@times",
        within=Span(MONDAY, MONDAY + timedelta(days=60)),
        stamp=MONDAY,
        url="https://practice.example/times/mara-okafor",
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_every_kind_of_calendar_is_as_agreed(name):
    assert_golden(name, MADE[name])


@pytest.mark.parametrize("name", MADE)
def test_every_kind_of_calendar_passes_the_byte_lint(name):
    assert problems(MADE[name]) == []


@pytest.mark.parametrize("name", MADE)
def test_icalendar_reads_what_was_written_and_writes_the_same_again(name):
    assert icalendar.Calendar.from_ical(MADE[name]).to_ical() == MADE[name]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda good: good.replace(b"\r\n", b"\n"), "bare CR or LF"),
        (lambda good: good.replace(b"SUMMARY:Appointment", b"SUMMARY:Appoint\x07ment"), "control character"),
        (lambda good: good.replace(b"SUMMARY:Appointment", b"SUMMARY:" + b"x" * 80), "88 octets"),
        (lambda good: good.replace(b"SUMMARY:Appointment", "SUMMARY:é".encode()[:-1] + b"\r\n \xa9"), "splits"),
        (lambda good: good.replace(b"SUMMARY:Appointment", b"SUMMARY:one, two"), "not escaped"),
        (lambda good: good.replace(b"20260310T190000Z", b"20260310T190000"), "not in UTC"),
        (lambda good: good.replace(b"DTEND:", b"DTEND;TZID=Europe/Paris:"), "names a time zone"),
        (lambda good: good.replace(b"DTEND:20260310T195000Z\r\n", b""), "DTEND does not stand"),
        (lambda good: good.replace(b"DTEND:20260310T195000Z", b"DTEND:20260310T190000Z"), "does not end after"),
        (lambda good: good.replace(b"STATUS:CONFIRMED", b"STATUS:CANCELLED"), "blocks time"),
        (lambda good: b"\xef\xbb\xbf" + good, "byte order mark"),
        (lambda good: good.replace(b"METHOD:REQUEST", b"METHOD:CANCEL"), "not CANCELLED"),
    ],
)
def test_the_byte_lint_sees_each_fault(fault, words):
    found = problems(fault(MADE["mail-request.ics"]))

    assert any(words in problem for problem in found), found


@given(st.text(max_size=300), st.text(max_size=120))
def test_whatever_a_text_holds_stays_inside_its_own_line(text, name):
    content = ics.mail_part(
        replace(
            invitation(), summary=text, description=text, organizer=Party("office@practice.example", name), url=text
        ),
        Method.REQUEST,
    )

    assert problems(content) == []
    [event] = events(content)
    assert len(named(event, b"SUMMARY")) == 1
    assert len(named(event, b"ATTENDEE")) == 1
    assert content.count(b"BEGIN:") == 2


def test_a_line_break_in_a_name_begins_no_property():
    content = ics.mail_part(
        replace(invitation(), organizer=Party("office@practice.example", 'A"\r\nATTENDEE:mailto:evil@x.example')),
        Method.REQUEST,
    )

    [event] = events(content)
    assert len(named(event, b"ATTENDEE")) == 1


def test_a_long_text_folds_between_characters():
    content = ics.download(replace(BOOKED, description="Grüße, 約束、🙂 " * 40))

    assert problems(content) == []
    read = icalendar.Calendar.from_ical(content).events[0]
    assert read["DESCRIPTION"] == "Grüße, 約束、🙂 " * 40


def test_the_same_appointment_always_gives_the_same_bytes():
    assert ics.fragment(BOOKED) == ics.fragment(replace(BOOKED))


def test_an_instant_of_another_zone_is_written_in_utc():
    eastern = BOOKED.starts.astimezone(timezone(timedelta(hours=-5)))

    assert ics.fragment(replace(BOOKED, starts=eastern)) == ics.fragment(BOOKED)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="aware"):
        ics.fragment(replace(BOOKED, starts=datetime(2026, 3, 10, 19)))  # noqa: DTZ001 - the point of the test


def test_an_appointment_without_length_is_refused():
    with pytest.raises(ValueError, match="ends after"):
        ics.fragment(replace(BOOKED, ends=BOOKED.starts))


def test_a_feed_says_how_often_to_ask_and_carries_no_method():
    lines = unfolded(MADE["feed.ics"])

    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert b"X-PUBLISHED-TTL:PT1H" in lines
    assert b"X-WR-TIMEZONE:America/New_York" in lines
    assert values(lines, b"METHOD") == []
    assert named(lines, b"ATTENDEE") == []


def test_a_download_asks_nobody_to_answer():
    lines = unfolded(MADE["download.ics"])

    assert named(lines, b"METHOD") + named(lines, b"ATTENDEE") + named(lines, b"ORGANIZER") == []


def test_a_mailed_part_has_one_recipient_who_is_not_asked_to_reply():
    for name, method in (("mail-request.ics", b"REQUEST"), ("mail-cancel.ics", b"CANCEL")):
        lines = unfolded(MADE[name])
        [attendee] = named(lines, b"ATTENDEE")
        assert values(lines, b"METHOD") == [method]
        assert attendee.endswith(b":mailto:reader@post.example")
        assert b"RSVP=FALSE" in attendee
        assert named(lines, b"ORGANIZER") == [b"ORGANIZER;CN=Appointments:mailto:office@practice.example"]


@pytest.mark.parametrize("revision", ["mail-moved.ics", "mail-cancel.ics"])
def test_a_move_and_a_cancel_revise_the_very_object_that_was_sent(revision):
    request, revised = (events(MADE[name])[0] for name in ("mail-request.ics", revision))

    assert values(request, b"UID") == values(revised, b"UID")
    assert int(values(request, b"SEQUENCE")[0]) < int(values(revised, b"SEQUENCE")[0])
    assert values(request, b"DTSTAMP") < values(revised, b"DTSTAMP")


@pytest.mark.parametrize(("appointment", "method"), [(BOOKED, Method.CANCEL), (CANCELLED, Method.REQUEST)])
def test_a_method_that_contradicts_the_status_is_refused(appointment, method):
    with pytest.raises(ValueError, match="does not fit"):
        ics.mail_part(invitation(appointment), method)


def test_a_mailed_part_without_a_recipient_is_refused():
    with pytest.raises(ValueError, match="attendee"):
        ics.mail_part(BOOKED, Method.REQUEST)


def test_open_times_block_nothing():
    for event in events(MADE["open-times.ics"]):
        assert values(event, b"TRANSP") == [b"TRANSPARENT"]


def test_overlapping_open_times_are_one_free_period():
    content = ics.free_busy(
        [
            Span(MONDAY, MONDAY + timedelta(minutes=50)),
            Span(MONDAY + timedelta(minutes=15), MONDAY + timedelta(hours=2)),
        ],
        uid="open@times",
        within=Span(MONDAY, MONDAY + timedelta(days=1)),
        stamp=MONDAY,
        url="https://practice.example/",
    )

    assert re.findall(rb"^FREEBUSY.*$", content.replace(b"\r", b""), re.MULTILINE) == [
        b"FREEBUSY;FBTYPE=FREE;VALUE=PERIOD:20260309T130000Z/20260309T150000Z"
    ]
