"""What may be offered: the problems with what staff ask for, each by the field that it is in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import available_timezones

from practice.booking.hours import Kind, Opening, overlapping
from practice.booking.offers.asked import (
    DayRow,
    Details,
    HoursRow,
    OfferingDetails,
    Preferences,
    RoomDetails,
)
from practice.booking.offers.models import FOR_ONE, FOR_TWO
from practice.booking.offers.queries import public_holidays
from practice.errors import Refused
from practice.languages import DEFAULT, IN, LANGUAGES, N_
from practice.own_words import Texts, field_of, unwritten
from practice.regions import REGIONS
from practice.spans import TICK
from practice.speaking import gettext as _

TICK_MINUTES = int(TICK.total_seconds()) // 60
PLACES = ("video", "in_person")
ATTENDANCES = (FOR_TWO, FOR_ONE)
VISITS = ("any", "first", "follow_up")
LONGEST_NAME = 120
LONGEST_ADDRESS = 200
LONGEST_LANGUAGE = 40
HIGHEST_PRICE = 10_000_000  # in minor units: a slip of the finger, not a fee
MOST_OPENINGS = 80
YEAR = 366
ISO_PLACE = re.compile("[A-Z]{2}(-[A-Z0-9]{1,3})?")
ANY_YEAR = 2026

# What a number may be: field, lowest, highest, whether it counts in ticks, and what it is called.
NUMBERS = (
    ("session_minutes", TICK_MINUTES, 600, True, N_("A session")),
    ("step_minutes", TICK_MINUTES, 720, True, N_("The step between two starts")),
    ("before_minutes", 0, 240, True, N_("The time kept free before")),
    ("after_minutes", 0, 240, True, N_("The time kept free after")),
    ("notice_hours", 0, 24 * YEAR, False, N_("The notice")),
    ("horizon_days", 1, 730, False, N_("How far ahead it can be booked")),
    ("daily_cap", 1, 100, False, N_("The most in a day")),
    ("weekly_cap", 1, 500, False, N_("The most in a week")),
    ("late_cancel_hours", 0, 24 * 60, False, N_("The limit for cancelling")),
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field, and the way out. `row` counts from 0 where the field is one of a list."""

    field: str
    words: str
    row: int | None = None


class InvalidOffer(Refused):
    """What staff asked for can't be offered so. Nothing was changed."""

    title = N_("That can’t be offered like this")

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.words for problem in problems))
        self.problems = tuple(problems)

    @property
    def field(self) -> str:
        """The first field to mend."""
        return self.problems[0].field


def check(problems: Iterator[Problem]) -> None:
    """Let it pass.

    :raises InvalidOffer: when there is any problem, with all of them.
    """
    found = list(problems)
    if found:
        raise InvalidOffer(found)


def problems_of_week(rows: Sequence[HoursRow]) -> Iterator[Problem]:
    """What is wrong with somebody's weekly hours; overlaps are named at the later row."""
    openings: list[tuple[int, Opening]] = []
    for number, row in enumerate(rows):
        wrong = list(_problems_of_row(row, number))
        yield from wrong
        if not wrong:
            openings.append(
                (number, Opening(row.weekday, row.opens, row.closes, row.place, row.valid_from, row.valid_until))
            )
    if len(rows) > MOST_OPENINGS:
        words = _("That is more than %(most)s lines. Remove those that are over.", most=MOST_OPENINGS)
        yield Problem("weekday", words, MOST_OPENINGS)
    clash = overlapping([opening for _, opening in openings])
    if clash is not None:
        one, other = clash
        number = next(number for number, opening in reversed(openings) if opening is other)
        yield Problem(
            "opens",
            _(
                "These overlap the hours from %(opens)s to %(closes)s on the same day. "
                "Change one of the two, or end the older one before this begins.",
                opens=f"{one.opens:%H:%M}",
                closes=f"{one.closes:%H:%M}",
            ),
            number,
        )


def problems_of_day(row: DayRow, taken: Sequence[DayRow]) -> Iterator[Problem]:
    """What is wrong with a date that differs; `taken` is what the therapist has for that date already."""
    if row.kind not in list(Kind):
        yield Problem("kind", _("Choose closed, other hours or extra hours."))
        return
    yield from _place(row.place)
    closed = row.kind == Kind.CLOSED
    if closed and (row.opens is not None or row.closes is not None):
        yield Problem("opens", _("A closed day has no hours. Leave them empty, or choose other hours."))
    elif not closed:
        missing = [name for name, value in (("opens", row.opens), ("closes", row.closes)) if value is None]
        for name in missing:
            yield Problem(name, _("Say from when to when."))
        if row.opens is not None and row.closes is not None:
            yield from _clock(row.opens, row.closes)
    for other in taken:
        if other.day != row.day or not (None in (other.place, row.place) or other.place == row.place):
            continue
        if closed or other.kind == Kind.CLOSED:
            yield Problem("day", _("This date is closed or has other hours already. Remove that line first."))
            return
        if None in (row.opens, row.closes, other.opens, other.closes):
            continue
        if row.opens < other.closes and other.opens < row.closes:  # type: ignore[operator]  # none of them is None
            words = _(
                "This overlaps %(opens)s to %(closes)s on the same date.",
                opens=f"{other.opens:%H:%M}",
                closes=f"{other.closes:%H:%M}",
            )
            yield Problem("opens", words)
            return


def problems_of_time_off(first: date, last: date) -> Iterator[Problem]:
    """What is wrong with days off."""
    if last < first:
        yield Problem("last_day", _("The last day comes before the first. Swap the two."))
    elif (last - first).days > 2 * YEAR:
        yield Problem("last_day", _("That is more than two years. Check the year."))


def problems_of_preferences(asked: Preferences) -> Iterator[Problem]:
    """What is wrong with somebody's choices."""
    if asked.holiday_region is not None and not knows_holidays(asked.holiday_region):
        yield Problem(
            "holiday_region", _("No public holidays are known for this place. Write it as US-NY or DE, or none.")
        )


def problems_of_details(asked: Details) -> Iterator[Problem]:
    """What is wrong with what is said of a therapist."""
    if asked.zone not in available_timezones():
        yield Problem("zone", _("There is no such time zone. Write it as America/New_York."))
    if not asked.languages:
        yield Problem("languages", _("Name at least one language."))
    if any(not _plain(one, LONGEST_LANGUAGE) for one in asked.languages):
        yield Problem("languages", _("A language is a word of %(longest)s letters at most.", longest=LONGEST_LANGUAGE))
    if not asked.licence_places:
        yield Problem("licence_places", _("Choose at least one place; without one nobody can book."))
    unknown = [one for one in asked.licence_places if one not in REGIONS]
    if unknown:
        yield Problem(
            "licence_places", _("Not known: %(places)s. Write places as US-NY or DE.", places=", ".join(unknown))
        )


def problems_of_offering(asked: OfferingDetails, stands: Texts | None = None) -> Iterator[Problem]:
    """What is wrong with an offering; `stands` is its name as it is now."""
    yield from problems_of_texts("name", asked.name, stands, LONGEST_NAME)
    if not asked.name[DEFAULT]:
        yield Problem("name", _("Give it a name of %(longest)s letters at most.", longest=LONGEST_NAME))
    for field, value, known in (
        ("attendance", asked.attendance, ATTENDANCES),
        ("place", asked.place, PLACES),
        ("visit", asked.visit, VISITS),
    ):
        if value not in known:
            yield Problem(field, _("Choose one of %(known)s.", known=", ".join(known)))
    for field, lowest, highest, in_ticks, called in NUMBERS:
        number = getattr(asked, field)
        if number is None:
            continue
        if not lowest <= number <= highest:
            yield Problem(
                field,
                _("%(what)s lies between %(lowest)s and %(highest)s.", what=_(called), lowest=lowest, highest=highest),
            )
        elif in_ticks and number % TICK_MINUTES:
            yield Problem(
                field,
                _("%(what)s counts in steps of %(step)s minutes, as in 25 or 50.", what=_(called), step=TICK_MINUTES),
            )
    if asked.price_minor < 0:
        yield Problem("price", _("A price can’t be below zero. Write 0 for a session without charge."))
    elif asked.price_minor > HIGHEST_PRICE:
        yield Problem("price", _("That is more than anybody pays. Check the number."))


def problems_of_room(asked: RoomDetails) -> Iterator[Problem]:
    """What is wrong with a room."""
    yield from _name(asked.name)
    if not _plain(asked.address, LONGEST_ADDRESS):
        yield Problem(
            "address", _("Write an address of %(longest)s letters at most; clients read it.", longest=LONGEST_ADDRESS)
        )
    if not 1 <= asked.seats <= 50:
        yield Problem("seats", _("Seats for clients: between 1 and 50."))


def _problems_of_row(row: HoursRow, number: int) -> Iterator[Problem]:
    if not 0 <= row.weekday <= 6:
        yield Problem("weekday", _("Choose a day of the week."), number)
    for problem in (*_clock(row.opens, row.closes), *_place(row.place)):
        yield Problem(problem.field, problem.words, number)
    if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
        yield Problem("valid_until", _("These hours end before they begin. Swap the two dates."), number)


def _clock(opens: time, closes: time) -> Iterator[Problem]:
    if closes <= opens:
        yield Problem("closes", _("It must close after it opens. Swap the two, or write 24-hour times."))
    if opens.minute % TICK_MINUTES or opens.second or opens.microsecond:
        yield Problem("opens", _("Open at a step of %(step)s minutes, as in 09:05.", step=TICK_MINUTES))


def _place(place: str | None) -> Iterator[Problem]:
    if place is not None and place not in PLACES:
        yield Problem("place", _("Choose video, in person, or every place."))


def problems_of_texts(
    field: str, asked: Texts, stands: Texts | None, longest: int, *, lines: bool = False
) -> Iterator[Problem]:
    """What is wrong with a text of the practice's own, in each language; `lines` where it may have several.

    `stands` is how it is published now, None for something new.
    """
    missing = set(unwritten(asked, stands))
    for language in LANGUAGES:
        text, name = asked[language], field_of(field, language)
        if language in missing:
            yield Problem(
                name,
                _(
                    "Write it %(language)s too. Clients read either language, so it is kept in both.",
                    language=_(IN[language]),
                ),
            )
        elif len(text) > longest or "\x00" in text or not (lines or text.isprintable()):
            yield Problem(
                name,
                _("Write %(longest)s letters at most.", longest=longest)
                if lines
                else _("Write one line of %(longest)s letters at most.", longest=longest),
            )


def _name(name: str) -> Iterator[Problem]:
    if not _plain(name, LONGEST_NAME):
        yield Problem("name", _("Give it a name of %(longest)s letters at most.", longest=LONGEST_NAME))


def _plain(text: str, longest: int) -> bool:
    return bool(text) and len(text) <= longest and text.isprintable()


def knows_holidays(region: str) -> bool:
    """Whether the public holidays of this place are known."""
    try:
        return bool(ISO_PLACE.fullmatch(region) and public_holidays(region, (ANY_YEAR,)))
    except ValueError:
        return False
