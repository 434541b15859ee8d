"""Zones by their names, and an instant seen in one. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

JANUARY, JULY = (2026, 1, 15), (2026, 7, 15)


def zone_of(name: str) -> tzinfo:
    """The zone of that IANA name, or UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def known_zone(name: str | None) -> bool:
    """Whether times can be shown in a zone of that name."""
    return bool(name) and (name == "UTC" or zone_of(str(name)) is not UTC)


def seen_in(instant: datetime, zone: str) -> datetime:
    """An instant as the clocks of a zone show it.

    :raises ValueError: for an instant without a zone.
    """
    if instant.utcoffset() is None:
        raise ValueError("a time without a zone names no instant")
    return instant.astimezone(zone_of(zone))


def winter_of(zone: str) -> datetime:
    """A day in January there."""
    return datetime(*JANUARY, tzinfo=zone_of(zone))


def changes_its_clock(zone: str) -> bool:
    """Whether summer has another offset there than winter."""
    return winter_of(zone).utcoffset() != datetime(*JULY, tzinfo=zone_of(zone)).utcoffset()


def is_repeated(local: datetime) -> bool:
    """Whether a local time stands in the hour that an autumn night has twice."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def city_of(zone: str) -> str:
    """The last part of a zone's name, as a city is written in English."""
    return zone.rpartition("/")[2].replace("_", " ")
