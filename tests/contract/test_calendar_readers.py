"""Readers that aren't ours understand our calendars as we mean them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from practice.calendars import ics
from practice.calendars.ics import Appointment, Method, Party, Status
from tests.support.calendar_readers import ReadEvent, read_by_ical_js, read_by_khal

# Around both clock changes of a year in the United States and in Europe, where a zone would show.
STARTS = [
    datetime(2026, 3, 8, 6, 30, tzinfo=UTC),
    datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
]


def appointment(number: int, start: datetime) -> Appointment:
    return Appointment(
        uid=f"{number}@appointments",
        sequence=number,
        starts=start,
        ends=start + timedelta(minutes=50),
        stamp=datetime(2026, 1, 1, tzinfo=UTC),
        modified=datetime(2026, 1, 1, tzinfo=UTC),
        status=Status.CANCELLED if number == 2 else Status.CONFIRMED,
        url="https://practice.example/staff/",
        summary="Session, or: “Sitzung; 約束”",
        organizer=Party("office@practice.example", "Appointments"),
        attendee=Party("reader@post.example"),
    )


APPOINTMENTS = [appointment(number, start) for number, start in enumerate(STARTS)]
EXPECTED = [ReadEvent(one.uid, one.starts, one.ends, one.summary, one.status.value) for one in APPOINTMENTS]
FEED = ics.feed([ics.fragment(one) for one in APPOINTMENTS], name="Sessions", zone="America/New_York")


def test_khal_reads_the_same_times_from_a_feed(tmp_path):
    assert read_by_khal(FEED, tmp_path / "khal", first=datetime(2026, 3, 1, tzinfo=UTC), days=260) == EXPECTED


def test_ical_js_reads_the_same_times_from_a_feed():
    assert read_by_ical_js(FEED) == EXPECTED


def test_ical_js_reads_a_feed_without_sessions():
    assert read_by_ical_js(ics.feed([], name="Sessions", zone="America/New_York")) == []


def test_both_read_a_download_and_a_mailed_part(tmp_path):
    for name, content in (
        ("download", ics.download(APPOINTMENTS[0])),
        ("request", ics.mail_part(APPOINTMENTS[0], Method.REQUEST)),
    ):
        first = STARTS[0] - timedelta(days=1)
        assert read_by_khal(content, tmp_path / name, first=first, days=3) == EXPECTED[:1]
        assert read_by_ical_js(content) == EXPECTED[:1]


def test_ical_js_reads_a_cancelling_part():
    [read] = read_by_ical_js(ics.mail_part(APPOINTMENTS[2], Method.CANCEL))

    assert read.status == "CANCELLED"
