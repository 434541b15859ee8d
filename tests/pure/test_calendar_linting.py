"""What isn't a whole calendar is refused in words before anything is concluded from it; a strange dress is none."""

from __future__ import annotations

import pytest

from practice.calendars.reading.outcome import Unreadable
from tests.support.calendar_text import NINE, calendar, event, read, times

GOOD = calendar(event(*NINE))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "What came was empty"),
        (b"\xef\xbb\xbf \r\n", "What came was empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "a web page instead of a calendar"),
        (b"\n\n<HTML lang='en'>", "a web page instead of a calendar"),
        (b'<?xml version="1.0"?><error/>', "isn't a calendar in iCal format"),
        (b'{"error": "not found"}', "isn't a calendar in iCal format"),
        (b"\x1f\x8b\x08\x00rest", "compressed"),
        (GOOD.decode().encode("utf-16-le"), "can't be told"),
        (b"\x00" * 100, "can't be told"),
        (GOOD[:-20], "broke off before its end"),
        (GOOD[: GOOD.index(b"END:VEVENT")], "broke off before its end"),
        (GOOD.replace(b"END:VEVENT\r\n", b""), "begin and end in the wrong order"),
        (GOOD + b"BEGIN:VCALENDAR\r\n", "broke off before its end"),
        (GOOD + b"END:VCALENDAR\r\n", "begin and end in the wrong order"),
        (GOOD.replace(b"VERSION:2.0", b"VERSION:1.0"), "vCalendar 1.0"),
        (GOOD.replace(b"VERSION:2.0", b"CALSCALE:HEBREW"), "Gregorian"),
    ],
)
def test_what_is_no_whole_calendar_is_refused_in_words(content, words):
    with pytest.raises(Unreadable, match=words):
        read(content)


def test_no_calendar_can_be_cut_anywhere_and_pass_for_whole():
    content = calendar(event(*NINE), event(*NINE, "RRULE:FREQ=DAILY", uid="two")).rstrip()

    for length in range(len(content)):
        with pytest.raises(Unreadable):
            read(content[:length])


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        b"\xfe\xff" + GOOD.decode().encode("utf-16-be"),
        GOOD.replace(b"\r\n", b"\r"),
        GOOD.replace(b"\r\n", b"\n"),
        b"\r\n\r\n" + GOOD + b"\r\n\r\n",
        GOOD.lower().replace(b"t090000z", b"T090000Z").replace(b"t100000z", b"T100000Z"),
        GOOD.replace(b"SUMMARY:Something private", b"SUMMARY:\xff\xfe\x00\x07 M\xfcller"),
        GOOD.replace(b"DTSTART:2027", b"DTST\r\n ART:20\r\n\t27"),
        GOOD.replace(b"END:VEVENT", b"X-LONG:" + b"x" * 100_000 + b"\r\nEND:VEVENT"),
    ],
    ids=["BOM", "UTF-16", "UTF-16-BE", "CR", "LF", "blank lines", "small letters", "other letters", "folded", "long"],
)
def test_a_calendar_in_another_dress_is_read(content):
    assert times(read(content)) == ["0510T0900-0510T1000"]


def test_a_remark_behind_the_calendar_is_no_part_of_it():
    assert times(read(GOOD + b"X-COMMENT:made by somebody\r\n")) == ["0510T0900-0510T1000"]
