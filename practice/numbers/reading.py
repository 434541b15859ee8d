"""One look at the numbers: a time, and every series of it, each counted only when it is asked for, and once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from practice.languages import N_
from practice.numbers import queries
from practice.numbers.answers import average_trust, count_chosen
from practice.numbers.counting import Request, Session, count_looks, count_money, count_requests, count_sessions
from practice.numbers.periods import (
    CHOICES,
    Period,
    local_day,
    months_before,
    quarters_before,
    span_of,
    weeks_before,
)
from practice.numbers.series import ENGLISH, Series, Voice

MONEY = "money-"
DESK_KEYS = ("requests", "conversion", "first-look", "show-rate", "no-shows")
PEOPLE_KEYS = ("breaches", "goals", "pulse")
WEEKS_OF_A_QUARTER, MONTHS_OF_A_QUARTER = 13, 3


@dataclass(frozen=True)
class Look:
    """So many weeks (one of CHOICES) before `now`, in the practice's zone; `currency` is the practice's own.

    All of it is said in one language, that of `voice`: a look is one reader's, and nothing of it outlives the answer.
    """

    weeks: int
    now: datetime
    zone: str
    currency: str
    voice: Voice = ENGLISH

    def __post_init__(self) -> None:
        if self.weeks not in CHOICES:
            raise ValueError(self.weeks)

    def find(self, key: str) -> Series | None:
        """The series of this name, if there is one."""
        if key.startswith(MONEY):
            return next((one for one in self.money() if one.key == key), None)
        match key:
            case "requests" | "conversion":
                return self._requests[DESK_KEYS.index(key)]
            case "first-look":
                return count_looks(self._by_week, self.zone, self._sent, self.voice)
            case "show-rate" | "no-shows":
                return self._sessions[key == "no-shows"]
            case "breaches":
                return self._chosen(key, N_("What touched trust"), "breach_types")
            case "goals":
                return self._chosen(key, N_("What people hope for"), "goal_direction")
            case "pulse":
                months = months_before(self._today, self.weeks // WEEKS_OF_A_QUARTER * MONTHS_OF_A_QUARTER)
                return average_trust(months, queries.read_trust(months), self.voice)
        return None

    def desk(self) -> list[Series]:
        """Requests and sessions."""
        return [one for key in DESK_KEYS if (one := self.find(key)) is not None]

    def people(self) -> list[Series]:
        """What people answered, in aggregate."""
        return [one for key in PEOPLE_KEYS if (one := self.find(key)) is not None]

    def money(self) -> list[Series]:
        """Revenue and refunds in each currency there was, the practice's own first."""
        flows = queries.read_flows(span_of(self._by_week, self.zone))
        currencies = sorted({*flows, self.currency}, key=lambda one: (one != self.currency, one))
        return [count_money(self._by_week, self.zone, one, flows.get(one, ()), self.voice) for one in currencies]

    @property
    def first_week(self) -> Period:
        return self._by_week[0]

    @property
    def last_week(self) -> Period:
        return self._by_week[-1]

    @cached_property
    def _today(self) -> date:
        return local_day(self.now, self.zone)

    @cached_property
    def _by_week(self) -> tuple[Period, ...]:
        return weeks_before(self._today, self.weeks)

    @cached_property
    def _sent(self) -> list[Request]:
        return queries.read_requests(span_of(self._by_week, self.zone))

    @cached_property
    def _requests(self) -> list[Series]:
        return count_requests(self._by_week, self.zone, self._sent, self.voice)

    @cached_property
    def _sessions(self) -> list[Series]:
        sessions: list[Session] = queries.read_sessions(span_of(self._by_week, self.zone), self.now)
        return count_sessions(self._by_week, self.zone, sessions, self.voice)

    def _chosen(self, key: str, title: str, name: str) -> Series:
        quarters = quarters_before(self._today, self.weeks // WEEKS_OF_A_QUARTER)
        said = queries.read_said(name, quarters, self.zone)
        options = queries.read_options(name)
        return count_chosen(key, self.voice.say(title), quarters, options, said, voice=self.voice)
