"""Who reads a letter: in which language, in which zone, and in whose words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from practice.booking.offers.models import Therapist
from practice.languages import DEFAULT
from practice.notify.catalogue import Voice
from practice.notify.own_wording.queries import published_words
from practice.people import Person
from practice.profile import profile
from practice.speaking import TELLING, language_of_therapist
from practice.staff.models import StaffAccount
from practice.telling.zones import zone_of


@dataclass(frozen=True)
class Reader:
    """Whoever reads a letter; `zone` is an IANA name."""

    language: str
    zone: str

    @property
    def voice(self) -> Voice:
        """Their language, in the practice's own words where it has published some."""
        return Voice(self.language, published_words)

    def when(self, instant: datetime) -> str:
        """A day and time with the zone's name, as they read it."""
        said: str = TELLING[self.language].local_datetime(instant, self.zone)
        return said

    def day(self, day: date, zone: str) -> str:
        """A whole day in another zone than their own, and that zone's name."""
        times = TELLING[self.language]
        noon = datetime.combine(day, time(12), tzinfo=zone_of(zone))
        return f"{times.local_date(noon, zone)} ({times.zone_name(zone)})"


def reader_of(person: Person) -> Reader:
    """A client, or somebody who comes along."""
    return Reader(person.language, person.zone)


def desk_reader() -> Reader:
    """Whoever reads what comes to the practice's own address: nobody knows who, so English, in the practice's zone."""
    return Reader(DEFAULT, profile().zone)


def colleague_reader(account: StaffAccount | None) -> Reader:
    """Somebody who is written to at their account, in the practice's zone; English where there is none."""
    return Reader(account.language if account is not None else DEFAULT, profile().zone)


def therapist_reader(therapist: Therapist) -> Reader:
    """A therapist, in their own zone; English where they have no account that says otherwise."""
    return Reader(language_of_therapist(therapist.id), therapist.zone)
