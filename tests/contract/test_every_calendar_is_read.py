"""Readers that aren't ours accept every byte that the running practice emits, and read the times of the database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from practice.booking.models import Booking
from practice.calendars import ics
from practice.calendars.models import Detail
from practice.calendars.queries import find_open_times
from practice.database import db
from practice.people import contact_of, save_contact
from practice.spans import merge
from tests.support.calendar_readers import free_times_of_ical_js, read_by_ical_js, read_by_khal
from tests.support.clock import MONDAY_NINE
from tests.support.couples import practice_couple
from tests.support.feeds import new_feed
from tests.support.ical_lint import feed_problems, problems, unfolded, values
from tests.support.libical import free_times_of_libical, read_by_libical
from tests.support.offers import cancel, confirmed, move, work_in
from tests.support.python_readers import read_by_icalendar, read_by_ics, read_by_vobject
from tests.support.radicale_put import radicale
from tests.support.syncing import listening, sync_by_vdirsyncer

pytestmark = pytest.mark.databases("sqlite")  # what is read here is bytes; each route has tests on both

AWKWARD = "Zoë, “Z”; of\\the 約束 and a very long name that needs a second line"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOME = "https://practice.example"


@dataclass(frozen=True)
class Emitted:
    """Everything that the practice wrote: by name, the bytes and the (start, end, status) that they should say."""

    content: dict[str, bytes]
    meant: dict[str, list[tuple[datetime, datetime, str]]]
    free: tuple[bytes, list[tuple[datetime, datetime]]]

    def differences(self, read) -> dict[str, object]:
        """What a reader understood otherwise, by name."""
        found = {}
        for name, content in self.content.items():
            understood = sorted((one.starts, one.ends, one.status) for one in read(content))
            if understood != self.meant[name]:
                found[name] = understood
        return found


def bookings_of(practice):
    with practice.app.app_context():
        return [
            (one.reference, one.starts_at, one.ends_at, "CANCELLED" if one.state == "cancelled" else "CONFIRMED")
            for one in db.session.scalars(select(Booking).order_by(Booking.starts_at))
        ]


@pytest.fixture
def emitted(practice, browser, mailer) -> Emitted:
    """Sessions of two, of one with an awkward name, moved, cancelled; and a time that is merely held."""
    pair = practice_couple(practice)
    two = confirmed(practice, MONDAY_NINE, pair.inviter)
    single = practice.new_client()
    with work_in(practice):
        person = practice.person(single)
        save_contact(person, type(contact_of(person))(first_name=AWKWARD, email=single.email))
    moved = confirmed(practice, MONDAY_NINE + HOUR, single)
    gone = confirmed(practice, MONDAY_NINE + 5 * HOUR)
    practice.work_until_idle()
    move(practice, moved, MONDAY_NINE + DAY)
    cancel(practice, gone)
    practice.hold(MONDAY_NINE + 6 * HOUR)
    practice.work_until_idle()
    stood = [one for one in bookings_of(practice) if one[0] in {two.reference, moved.reference, gone.reference}]
    all_of_them = sorted(one[1:] for one in stood)
    by_reference = {one[0]: [one[1:]] for one in stood}

    content, meant = {}, {}
    feeds = {f"feed: {one.value}": ("ada-lindqvist", one) for one in Detail}
    feeds |= {f"practice: {one.value}": (None, one) for one in (Detail.SESSION, Detail.BUSY)}
    for name, (slug, detail) in feeds.items():
        content[name] = browser.get(new_feed(practice, slug, detail)).data
        meant[name] = all_of_them
    for name, held, client in (("download", two, pair.inviter), ("a partner's download", two, pair.invited),
                               ("a moved download", moved, single)):  # fmt: skip
        content[name] = practice.browser(client).get(f"/bookings/{held.reference}.ics").data
        meant[name] = by_reference[held.reference]
    before = [(MONDAY_NINE + HOUR, MONDAY_NINE + HOUR + timedelta(minutes=50), "CONFIRMED")]
    letters = {
        "request": (mailer.letters_to(pair.inviter.email)[0], by_reference[two.reference]),
        "a partner's request": (mailer.letters_to(pair.invited.email)[0], by_reference[two.reference]),
        "request before a move": (mailer.letters_to(single.email)[0], before),
        "update": (mailer.letters_to(single.email)[1], by_reference[moved.reference]),
        "cancel": (mailer.letters_to(gone.payer.email)[1], by_reference[gone.reference]),
        "a therapist's cancel": (mailer.letters_to("ada@practice.example")[-1], by_reference[gone.reference]),
    }
    for name, (letter, said) in letters.items():
        content[name], meant[name] = letter.calendar, said
    with practice.app.app_context():
        for name, slug in (("open times", "ada-lindqvist"), ("open times of anybody", "any")):
            open_now = find_open_times(slug, "couple-50", None, now=practice.clock.now(), base_url=HOME)
            content[name] = browser.get(f"/times/{slug}.ics?offering=couple-50").data
            meant[name] = [(span.start, span.end, "") for span in open_now.spans]
    free = browser.get("/times/any.ics?offering=couple-50&format=freebusy").data
    return Emitted(content, meant, (free, [(span.start, span.end) for span in merge(open_now.spans)]))


@pytest.mark.parametrize(
    "read",
    [read_by_icalendar, read_by_ical_js, read_by_libical, read_by_vobject, read_by_ics],
    ids=["icalendar", "ical.js", "libical", "vobject", "ics"],
)
def test_a_reader_accepts_every_byte_and_reads_what_was_meant(emitted, read):
    assert len(emitted.content) == 17
    assert emitted.differences(read) == {}


@pytest.mark.parametrize("read", [free_times_of_libical, free_times_of_ical_js], ids=["libical", "ical.js"])
def test_a_reader_finds_the_free_times(emitted, read):
    content, meant = emitted.free

    assert sorted(read(content)) == meant != []


@pytest.mark.parametrize("read", [read_by_icalendar, read_by_libical, read_by_vobject, read_by_ics])
def test_a_reader_that_would_accept_anything_proves_nothing(emitted, read):
    """The control: the same bytes with one of them wrong."""
    broken = emitted.content["feed: session"].replace(b"DTSTART:2027", b"DTSTART:June 2", 1)

    with pytest.raises(AssertionError):
        assert sorted((one.starts, one.ends, one.status) for one in read(broken)) == emitted.meant["feed: session"]


def test_our_own_lint_finds_nothing_that_they_let_pass(emitted):
    found = {name: problems(content) for name, content in emitted.content.items()}
    found |= {name: feed_problems(emitted.content[name]) for name in found if name.startswith(("feed", "practice"))}
    found["free"] = problems(emitted.free[0])

    assert {name: said for name, said in found.items() if said} == {}


def test_names_stand_only_where_they_were_chosen(emitted):
    telling = [name for name, content in emitted.content.items() if "Zoë".encode() in content.replace(b"\r\n ", b"")]

    assert telling == ["feed: first_names"]
    named = emitted.content["feed: first_names"].replace(b"\r\n ", b"").decode()
    assert "SUMMARY:Session: Zoë\\, “Z”\\; of\\\\the 約束 and a very long name that needs a second line\r\n" in named
    summaries = {one.summary for one in read_by_libical(emitted.content["feed: first_names"])}
    assert f"Session: {AWKWARD}" in summaries


def test_the_method_of_a_part_is_that_of_its_letter(emitted, mailer):
    parts = [(part, letter) for letter in mailer.sent for part in letter.message.walk()]
    calendars = [(part, letter) for part, letter in parts if part.get_content_type() == "text/calendar"]

    assert len(calendars) >= 10
    for part, letter in calendars:
        lines = unfolded(letter.calendar)
        assert values(lines, b"METHOD") == [part.get_param("method").encode()]
        assert part.get_content_charset() == "utf-8"
        assert part["Content-Transfer-Encoding"] == "base64"
        assert part["Content-Disposition"] is None
        assert problems(letter.calendar) == []


def test_radicale_takes_each_object_and_gives_back_its_times(emitted, tmp_path):
    with radicale(tmp_path) as server:
        for name, content in emitted.content.items():
            if name.startswith("open times"):
                continue  # hundreds of the same kind; the first ones are put below
            kept = [server.put("one", one) for one in objects_of(content)]
            read = sorted((one.starts, one.ends, one.status) for each in kept for one in read_by_libical(each))
            assert (name, read) == (name, emitted.meant[name])
        some = objects_of(emitted.content["open times"])[:5]
        read = [read_by_libical(server.put("one", one))[0] for one in some]
        assert [(one.starts, one.ends, "") for one in read] == emitted.meant["open times"][:5]


def objects_of(content):
    """Each event in a calendar of its own, as a CalDAV client puts it: such a calendar has no METHOD."""
    head, _, rest = content.partition(b"BEGIN:VEVENT\r\n")
    head = re.sub(rb"METHOD:\w+\r\n", b"", head)
    return [
        head + b"BEGIN:VEVENT\r\n" + event.partition(b"END:VEVENT\r\n")[0] + b"END:VEVENT\r\nEND:VCALENDAR\r\n"
        for event in rest.split(b"BEGIN:VEVENT\r\n")
    ]


# What a calendar makes of them in the end


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Sydney"])
def test_khal_shows_the_times_of_the_database_on_both_sides_of_a_clock_change(practice, browser, clock, tmp_path, zone):
    path = new_feed(practice)
    clock.set(datetime(2027, 9, 25, 12, tzinfo=UTC))
    # Before and after the change in Sydney (3 October), in Berlin (31 October) and in New York (7 November).
    for month, day, hour in ((10, 1, 13), (10, 4, 14), (10, 29, 20), (11, 1, 15), (11, 5, 13), (11, 8, 14)):
        confirmed(practice, datetime(2027, month, day, hour, tzinfo=UTC))
    practice.work_until_idle()

    content = browser.get(path).data
    read = read_by_khal(content, tmp_path, first=datetime(2027, 9, 28, tzinfo=UTC), days=50, zone=zone)

    stands = sorted((starts, ends, status) for _, starts, ends, status in bookings_of(practice))
    assert len(stands) == 6
    assert [(one.starts, one.ends, one.status) for one in sorted(read, key=lambda one: one.starts)] == stands


def test_vdirsyncer_has_an_item_for_each_booking_and_follows_a_change(practice, tmp_path):
    path = new_feed(practice)
    held = [confirmed(practice, MONDAY_NINE + number * HOUR) for number in range(5)]
    practice.work_until_idle()

    with listening(practice.app) as address:
        first = sync_by_vdirsyncer(address + path, tmp_path)
        cancel(practice, held[0])
        practice.hold(MONDAY_NINE)
        confirmed(practice, MONDAY_NINE + 6 * HOUR)
        practice.work_until_idle()
        second = sync_by_vdirsyncer(address + path, tmp_path)

    assert len(first) == 5
    assert len(second) == 6
    assert sum(b"STATUS:CANCELLED" in item for item in second) == 1


def test_khal_reads_a_single_object_of_each_kind(emitted, tmp_path):
    for number, (name, content) in enumerate(emitted.content.items()):
        if name.startswith("open times"):
            continue
        read = read_by_khal(content, tmp_path / str(number), first=MONDAY_NINE - DAY, days=7)
        assert (name, sorted((one.starts, one.ends, one.status) for one in read)) == (name, emitted.meant[name])


def test_the_words_of_a_feed_are_those_that_were_chosen(emitted):
    said = {
        name: {one.summary for one in read_by_ical_js(content)}
        for name, content in emitted.content.items()
        if name.startswith(("feed", "practice"))
    }

    assert said["feed: busy"] == {"Busy"}
    assert said["feed: session"] == {"Session"}
    assert said["practice: session"] == {"Session – Ada Lindqvist"}
    assert said["practice: busy"] == {"Busy – Ada Lindqvist"}
    assert all(words.startswith("Session: ") for words in said["feed: initials"])
    assert ics.PRODUCT.encode() in emitted.content["feed: busy"]
