"""Times, sums and zones as people read them."""

from datetime import UTC, date, datetime

import pytest

from practice.money import Money
from practice.presenting import (
    capitalised,
    dialled,
    distant_date,
    full_date,
    full_datetime,
    known_zone,
    listing,
    local_date,
    local_datetime,
    local_time,
    money,
    next_day,
    opening_words,
    paragraphs,
    wall_clock,
    zone_choices,
    zone_name,
)
from practice.speaking import TELLING

NEW_YORK = "America/New_York"
MARCH_3 = datetime(2026, 3, 3, 20, 0, tzinfo=UTC)


def test_a_time_is_said_with_its_day_its_hour_and_its_zone() -> None:
    assert local_datetime(MARCH_3, NEW_YORK) == "Tuesday 3 March, 3:00 pm Eastern Time"


def test_what_is_read_years_later_says_its_year() -> None:
    assert full_date(MARCH_3, "Asia/Tokyo") == "Wednesday 4 March 2026"
    assert full_datetime(MARCH_3, NEW_YORK) == "Tuesday 3 March 2026, 3:00 pm Eastern Time"
    assert distant_date(date(1985, 3, 31)) == "31 March 1985"
    assert TELLING["es"].full_datetime(MARCH_3, NEW_YORK) == "martes 3 de marzo de 2026, 3:00 p.m., hora oriental"
    assert TELLING["es"].distant_date(date(1985, 3, 31)) == "31 de marzo de 1985"


@pytest.mark.parametrize(("language", "said"), [("en", "Tuesday 3 March"), ("es", "Martes 3 de marzo")])
def test_a_date_that_begins_a_line_begins_with_a_capital(language: str, said: str) -> None:
    assert capitalised(TELLING[language].local_date(MARCH_3, NEW_YORK)) == said


def test_the_same_instant_is_another_day_further_east() -> None:
    assert local_datetime(MARCH_3, "Asia/Tokyo") == "Wednesday 4 March, 5:00 am Japan Standard Time"


@pytest.mark.parametrize(
    ("hour", "said"), [(5, "12:00 am"), (6, "1:00 am"), (16, "11:00 am"), (17, "12:00 pm"), (18, "1:00 pm")]
)
def test_noon_and_midnight_are_twelve(hour: int, said: str) -> None:
    assert local_time(datetime(2026, 1, 5, hour, tzinfo=UTC), NEW_YORK) == said


def test_the_hour_that_an_autumn_night_repeats_is_told_apart() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert local_datetime(first, NEW_YORK) == "Sunday 1 November, 1:30 am Eastern Daylight Time"
    assert local_datetime(second, NEW_YORK) == "Sunday 1 November, 1:30 am Eastern Standard Time"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        local_time(datetime(2026, 1, 1, 9), NEW_YORK)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="before a zone is named"):
        local_date(MARCH_3)


def test_a_date_is_said_as_it_is() -> None:
    assert local_date(date(2026, 3, 31)) == "Tuesday 31 March"
    assert next_day(date(2026, 2, 28)) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/New_York", "Eastern Time"),
        ("America/Phoenix", "Mountain Standard Time"),
        ("America/Denver", "Mountain Time"),
        ("Europe/London", "United Kingdom Time"),
        ("Asia/Kolkata", "India Time"),
        ("America/Indiana/Indianapolis", "Indianapolis time"),
        ("UTC", "Coordinated Universal Time"),
        ("Nowhere/Atlantis", "Coordinated Universal Time"),
    ],
)
def test_a_zone_is_named_as_its_people_name_it(zone: str, said: str) -> None:
    assert zone_name(zone) == said


@pytest.mark.parametrize("zone", ["", None, "Nowhere/Atlantis", "../../etc/passwd", "/etc/localtime"])
def test_a_zone_that_does_not_exist_is_not_known(zone: str | None) -> None:
    assert not known_zone(zone)


def test_the_zones_to_choose_from_begin_with_those_in_use() -> None:
    names = [name for name, _ in zone_choices("America/Los_Angeles", "Nowhere/Atlantis", NEW_YORK)]
    assert names[:2] == ["America/Los_Angeles", NEW_YORK]
    assert len(names) == len(set(names))


def test_two_zones_can_be_compared_at_one_instant() -> None:
    assert wall_clock(MARCH_3, NEW_YORK) == wall_clock(MARCH_3, "America/Toronto")
    assert wall_clock(MARCH_3, NEW_YORK) != wall_clock(MARCH_3, "America/Chicago")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (Money(16000, "USD"), "$160"),
        (Money(17250, "USD"), "$172.50"),
        (Money(0, "USD"), "$0"),
        (Money(1200000, "USD"), "$12,000"),
        (Money(9005, "GBP"), "£90.05"),
        (Money(5000, "JPY"), "¥5,000"),
    ],
)
def test_a_sum_shows_its_cents_only_when_it_has_some(amount: Money, said: str) -> None:
    assert money(amount) == said


def test_a_list_reads_as_a_sentence_does() -> None:
    assert [listing([]), listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_a_telephone_address_keeps_digits_and_plus_alone() -> None:
    assert dialled("+1 (518) 555-0142") == "+15185550142"


def test_plain_text_becomes_paragraphs_and_stays_text() -> None:
    assert paragraphs("One <b>two</b>\n\n\nThree") == "<p>One &lt;b&gt;two&lt;/b&gt;</p>\n<p>Three</p>"


def test_opening_words_end_with_a_sentence_where_one_ends_in_time() -> None:
    assert opening_words("Short.\n\nMore.") == "Short."
    assert opening_words("One sentence. " + "word " * 60) == "One sentence."
    assert opening_words("word " * 60, limit=12) == "word word…"
