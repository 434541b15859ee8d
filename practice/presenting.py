"""How pages say times, sums and places: Jinja filters and what every page may use.

Locale: American English. Every instant is aware; every zone is an IANA name and falls back on UTC when unknown.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, get_timezone_name
from babel.numbers import format_currency, get_currency_precision
from flask import Flask, url_for
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.csrf.core import CSRFTokenField

from practice.errors import Unavailable
from practice.money import Money
from practice.profile import profile
from practice.regions import region_name
from practice.settings import settings

LOCALE = "en_US"
HELP_FIRST = {"US": "911", "CA": "911", "GB": "999"}
# Somewhere dull to be seen: a weather service of the practice's country.
LEAVE_TO = {
    "US": "https://www.weather.gov/",
    "CA": "https://weather.gc.ca/",
    "GB": "https://www.metoffice.gov.uk/",
}
OFFERED_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Halifax",
    "America/St_Johns",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Paris",
    "Europe/Athens",
    "Asia/Jerusalem",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "America/Mexico_City",
    "America/Sao_Paulo",
    "UTC",
)


@dataclass(frozen=True)
class UnknownPractice:
    """Stands in for the profile where it cannot be read, so that even the error page has a frame."""

    name: str = "The practice"
    zone: str = "UTC"
    email: str = ""
    phone: str = ""
    address: str = ""
    help_region: str = "US"


def zone_of(name: str) -> tzinfo:
    """The zone of that IANA name, or UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def known_zone(name: str | None) -> bool:
    """Whether times can be shown in a zone of that name."""
    return bool(name) and (name == "UTC" or zone_of(str(name)) is not UTC)


def local_time(instant: datetime, zone: str) -> str:
    """`3:00 pm`, in that zone."""
    local = _local(instant, zone)
    half = "am" if local.hour < 12 else "pm"
    return f"{local.hour % 12 or 12}:{local.minute:02} {half}"


def local_date(value: datetime | date, zone: str | None = None) -> str:
    """`Tuesday 3 March`, of an instant in a zone, or of a date that is local already.

    :raises ValueError: for an instant without a zone to see it in.
    """
    if isinstance(value, datetime):
        if zone is None:
            raise ValueError("an instant has no date before a zone is named")
        value = _local(value, zone).date()
    return _date_words(value)


@lru_cache(maxsize=1024)
def _date_words(day: date) -> str:
    return format_date(day, "EEEE d MMMM", locale=LOCALE)


def short_date(day: date) -> str:
    """`3 Mar`, where there is no room for more and the whole date stands close by."""
    return format_date(day, "d MMM", locale=LOCALE)


def next_day(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)


def local_datetime(instant: datetime, zone: str) -> str:
    """`Tuesday 3 March, 3:00 pm Eastern Time`."""
    return f"{local_date(instant, zone)}, {local_time(instant, zone)} {zone_at(instant, zone)}"


def wall_clock(instant: datetime, zone: str) -> str:
    """What the clock on the wall shows, to compare two zones at one instant."""
    return _local(instant, zone).strftime("%Y-%m-%dT%H:%M")


@lru_cache(maxsize=256)
def zone_name(zone: str) -> str:
    """`Eastern Time`; `Mountain Standard Time` where the clock never changes, since that is the difference."""
    found = zone_of(zone)
    winter, summer = datetime(2026, 1, 15, tzinfo=found), datetime(2026, 7, 15, tzinfo=found)
    if winter.utcoffset() == summer.utcoffset():
        exact = get_timezone_name(winter, locale=LOCALE)
        if not exact.startswith("GMT"):
            return exact
    generic = get_timezone_name(found, locale=LOCALE)
    if generic.startswith("Unknown"):
        return get_timezone_name(winter, locale=LOCALE)
    if "(" in generic:
        return f"{_city(zone)} time"
    return generic


def zone_at(instant: datetime, zone: str) -> str:
    """The zone's name; in the hour that an autumn night repeats, the name that tells the two apart."""
    local = _local(instant, zone)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return get_timezone_name(local, locale=LOCALE)
    return zone_name(zone)


@lru_cache(maxsize=256)
def zone_choices(*also: str) -> tuple[tuple[str, str], ...]:
    """(IANA name, label) for a zone switch; `also` are zones that must be among them, and stand first."""
    names = dict.fromkeys([*(name for name in also if known_zone(name)), *OFFERED_ZONES])
    return tuple((name, _zone_label(name)) for name in names)


@lru_cache(maxsize=256)
def money(amount: Money) -> str:
    """`$180`, or `$172.50` where there are cents."""
    digits = get_currency_precision(amount.currency)
    whole, rest = divmod(amount.minor_units, 10**digits)
    if rest == 0:
        return format_currency(whole, amount.currency, "¤#,##0", locale=LOCALE, currency_digits=False)
    return format_currency(amount.minor_units / 10**digits, amount.currency, locale=LOCALE)


def fee(amount: Money) -> str:
    """What something costs, in words where it costs nothing."""
    return money(amount) if amount else "without charge"


def listing(words: Iterable[str]) -> str:
    """`one`, `one and two`, `one, two and three`."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def dialled(phone: str) -> str:
    """What a tel: address takes of a number that is written for people."""
    return re.sub(r"[^0-9+]", "", phone)


def paragraphs(text: str) -> Markup:
    """Plain text as paragraphs, everything in it escaped."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return Markup("\n").join(Markup("<p>{}</p>").format(part) for part in parts)


def opening_words(text: str, limit: int = 220) -> str:
    """The first paragraph, cut at a sentence where one ends in time."""
    first = text.strip().split("\n\n", 1)[0]
    if len(first) <= limit:
        return first
    sentence = first[:limit].rpartition(". ")[0]
    return f"{sentence}." if sentence else first[:limit].rpartition(" ")[0] + "…"


def control(field: Field) -> str:
    """How a form field is drawn: hidden, radio, checkboxes, checkbox, select, textarea or line."""
    kinds: tuple[tuple[type[Field], str], ...] = (
        (HiddenField, "hidden"),
        (CSRFTokenField, "hidden"),
        (RadioField, "radio"),
        (SelectMultipleField, "checkboxes"),
        (SelectField, "select"),
        (TextAreaField, "textarea"),
        (BooleanField, "checkbox"),
    )
    return next((name for kind, name in kinds if isinstance(field, kind)), "line")


def target(field: Field) -> str:
    """The id that an error summary leads to: the first choice of a group, else the field itself."""
    return f"{field.id}-0" if control(field) in {"radio", "checkboxes"} else field.id


def described_by(field: Field, hint: str | None) -> str:
    """The ids of what explains a field: its hint, then its errors."""
    ids = [f"{field.id}-hint"] if hint else []
    return " ".join([*ids, f"{field.id}-error"] if field.errors else ids)


def attributes(field: Field, hint: str | None, css: str) -> dict[str, Any]:
    """What a field's element carries besides its own. The browser's own bubbles stay off: our errors are kinder."""
    found: dict[str, Any] = {"class": css, "required": False}
    if explained := described_by(field, hint):
        found["aria-describedby"] = explained
    if field.errors:
        found["aria-invalid"] = "true"
    return found


def register(app: Flask) -> None:
    """Give the filters and the globals to the templates of this app."""
    app.jinja_env.filters.update(
        local_time=local_time,
        local_date=local_date,
        local_datetime=local_datetime,
        short_date=short_date,
        wall_clock=wall_clock,
        zone_name=zone_name,
        zone_at=zone_at,
        money=money,
        fee=fee,
        listing=listing,
        opening_words=opening_words,
        next_day=next_day,
        region_name=region_name,
        dialled=dialled,
        paragraphs=paragraphs,
        control=control,
        target=target,
        described_by=described_by,
        attributes=attributes,
    )
    addresses: dict[str, str] = {}

    def asset(name: str) -> str:
        """The address of a static file; it changes with the file, so that browsers may keep it."""
        if name not in addresses or app.debug:
            content = (Path(app.static_folder or "static") / name).read_bytes()
            addresses[name] = url_for("static", filename=name, v=hashlib.sha256(content).hexdigest()[:10])
        return addresses[name]

    app.jinja_env.globals.update(
        asset=asset,
        mail_sender=lambda: parseaddr(settings().mail_from)[0] or settings().mail_from,
        emergency_number=lambda: HELP_FIRST.get(_practice().help_region, "112"),
        leave_address=leave_address,
        zone_choices=zone_choices,
    )
    app.context_processor(lambda: {"practice": _practice()})


def leave_address() -> str:
    """Where *Leave this page* leads, by the country of the practice."""
    return LEAVE_TO.get(_practice().help_region, LEAVE_TO["US"])


def _practice() -> Any:
    try:
        return profile()
    except (Unavailable, SQLAlchemyError):
        return UnknownPractice()


def _local(instant: datetime, zone: str) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("a time without a zone names no instant")
    return instant.astimezone(zone_of(zone))


def _zone_label(zone: str) -> str:
    return zone_name(zone) if "/" not in zone else f"{zone_name(zone)} ({_city(zone)})"


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")
