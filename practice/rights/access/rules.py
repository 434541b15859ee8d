"""An access request: its states as one table, and by when it is due. docs/rights.md shows both, a test compares. Pure.

Where the days come from, by the country of the practice:
- United States: 30 days after receipt, once 30 days more with a written statement of the reasons and the date: 45 CFR
  164.524(b)(2).
- Canada: 30 days after receipt, at most 30 days more with notice of the new limit and the reasons: PIPEDA, S.C. 2000,
  c. 5, s. 8(3) and (4).
- United Kingdom: one month after receipt, two further months with the reasons for the delay: UK GDPR art. 12(3). By the
  calendar: the day of the same number, or the last one of a shorter month (Information Commissioner's Office, "How long
  do we have to comply?").
- anywhere else: the same month and two further ones, GDPR (EU) 2016/679 art. 12(3).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

HANDED_FOR = timedelta(days=60)  # how long what was handed over can be read
WARNED_BEFORE = timedelta(days=7)
ARRIVED_AT_MOST = timedelta(days=365)  # before it is entered
COPY_GOES_WITHIN = timedelta(days=3)  # of its time: a night may fail, and the next one does it


class State(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    CHECKED = "checked"  # we know that it is they who ask
    HANDED_OVER = "handed_over"
    RUN_OUT = "run_out"  # it was handed over, and the copy is gone
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"
    ERASED = "erased"  # its person was, before it was answered


class Step(StrEnum):
    """What moves it from one to another."""

    CHECK = "check"
    EXTEND = "extend"
    HAND_OVER = "hand_over"
    REFUSE = "refuse"
    TAKE_BACK = "take_back"
    RUN_OUT = "run_out"
    ERASE = "erase"


class Way(StrEnum):
    """How a request came."""

    PAGE = "page"  # their own, with their code
    LETTER = "letter"
    PHONE = "phone"


class How(StrEnum):
    """How staff made sure who asks."""

    CODE = "code"
    IN_PERSON = "in_person"
    VIDEO = "video"
    CALL = "call"
    DOCUMENT = "document"


class Outcome(StrEnum):
    """What a clinician decided."""

    WHOLE = "whole"
    PARTS = "parts"  # some were left out
    NOTHING = "nothing"


class NoSuchStep(Exception):
    """A caller asked for what the table does not have: a bug of ours, never the client's."""

    def __init__(self, state: State, step: Step) -> None:
        super().__init__(f"{state} has no {step}")


OPEN = (State.ASKED, State.CHECKED)

TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.ASKED, Step.CHECK): State.CHECKED,
    (State.ASKED, Step.EXTEND): State.ASKED,
    (State.ASKED, Step.TAKE_BACK): State.TAKEN_BACK,
    (State.ASKED, Step.ERASE): State.ERASED,
    (State.CHECKED, Step.EXTEND): State.CHECKED,
    (State.CHECKED, Step.HAND_OVER): State.HANDED_OVER,
    (State.CHECKED, Step.REFUSE): State.REFUSED,
    (State.CHECKED, Step.TAKE_BACK): State.TAKEN_BACK,
    (State.CHECKED, Step.ERASE): State.ERASED,
    (State.HANDED_OVER, Step.RUN_OUT): State.RUN_OUT,
    (State.HANDED_OVER, Step.ERASE): State.RUN_OUT,
}


@dataclass(frozen=True)
class Limit:
    """How long a law leaves, from the day of arrival: so many months by the calendar, or so many days."""

    days: int = 0
    months: int = 0

    def after(self, day: date) -> date:
        """The last day of it."""
        return months_after(day, self.months) + timedelta(days=self.days)


@dataclass(frozen=True)
class Limits:
    """The limit that holds first, and the one that holds once it was extended, both from the day of arrival."""

    first: Limit
    extended: Limit


IN_DAYS = Limits(Limit(days=30), Limit(days=60))
IN_MONTHS = Limits(Limit(months=1), Limit(months=3))
LIMITS = {"US": IN_DAYS, "CA": IN_DAYS, "GB": IN_MONTHS}


def next_state(state: State, step: Step) -> State:
    """Follow the table.

    :raises NoSuchStep: which is a bug of the caller, never the client's.
    """
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise NoSuchStep(state, step) from None


def limits_of(country: str) -> Limits:
    """Those of a country (ISO 3166-1), or of the European Union's law where we know none of its own."""
    return LIMITS.get(country, IN_MONTHS)


def months_after(day: date, months: int) -> date:
    """The day of the same number so many months later, or the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def may_have_arrived(day: date, today: date) -> bool:
    """Whether a request can be entered as of this day: not in the future, and at most a year ago."""
    return today - ARRIVED_AT_MOST <= day <= today


def is_overdue(due: date, today: date) -> bool:
    """Whether its last day is over."""
    return today > due


def is_due_soon(due: date, today: date) -> bool:
    """Whether its last day comes within a week, or is today."""
    return today <= due <= today + WARNED_BEFORE
