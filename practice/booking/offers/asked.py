"""What staff ask for when they change the offer, as values. What is wrong with them, checks.py says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from practice.own_words import Texts


@dataclass(frozen=True)
class HoursRow:
    """Weekly hours as somebody asks for them; Opening says what the values mean."""

    weekday: int
    opens: time
    closes: time
    place: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class DayRow:
    """A date that differs, as somebody asks for it."""

    day: date
    kind: str
    opens: time | None = None
    closes: time | None = None
    place: str | None = None


@dataclass(frozen=True)
class Preferences:
    """What therapists choose for themselves."""

    holiday_region: str | None
    packs: bool


@dataclass(frozen=True)
class Details:
    """What the practice says of a therapist; offerings and rooms by slug."""

    zone: str
    languages: tuple[str, ...]
    licence_places: tuple[str, ...]
    offerings: tuple[str, ...]
    rooms: tuple[str, ...]


@dataclass(frozen=True)
class OfferingDetails:
    """An offering as somebody asks for it: names as in the table, its own name in each language, therapists by slug."""

    name: Texts
    attendance: str
    place: str
    visit: str
    staff_only: bool
    session_minutes: int
    step_minutes: int
    before_minutes: int
    after_minutes: int
    notice_hours: int
    horizon_days: int
    daily_cap: int | None
    weekly_cap: int | None
    price_minor: int
    late_cancel_hours: int
    late_waiver: bool
    therapists: tuple[str, ...]


@dataclass(frozen=True)
class RoomDetails:
    """A room as somebody asks for it; `seats` are for clients, therapists by slug."""

    name: str
    address: str
    seats: int
    therapists: tuple[str, ...]
