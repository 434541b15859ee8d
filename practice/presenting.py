"""How pages say times, sums and places, in the language of the answer: Jinja filters and what every page may use.

Every instant is aware; every zone is an IANA name and falls back on UTC when unknown.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.numbers import format_currency, get_currency_precision
from flask import Flask, url_for
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.csrf.core import CSRFTokenField

from practice.connections import sender_name
from practice.errors import Unavailable
from practice.languages import DEFAULT, LOCALES
from practice.money import Money
from practice.profile import profile
from practice.regions import region_name
from practice.speaking import TELLING, current_language, current_locale, gettext, telling
from practice.telling.zones import known_zone, seen_in

AMOUNTS = "en_US"  # of sums, in every language: es_US has no signs but the dollar's, and groups no other way
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


def local_time(instant: datetime, zone: str) -> str:
    """`3:00 pm`, in that zone."""
    return telling().local_time(instant, zone)


def local_date(value: datetime | date, zone: str | None = None) -> str:
    """`Tuesday 3 March`, of an instant in a zone, or of a date that is local already.

    :raises ValueError: for an instant without a zone to see it in.
    """
    return telling().local_date(value, zone)


def short_date(day: date) -> str:
    """`3 Mar`, where there is no room for more and the whole date stands close by."""
    return telling().short_date(day)


def capitalised(said: str) -> str:
    """The same as it begins a line, a cell or a heading: Spanish says `lunes` within a sentence."""
    return said[:1].upper() + said[1:]


def month_name(day: date) -> str:
    """`May 2027`, as it stands within a sentence."""
    return telling().month_name(day)


def next_day(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)


def local_datetime(instant: datetime, zone: str) -> str:
    """`Tuesday 3 March, 3:00 pm Eastern Time`."""
    return telling().local_datetime(instant, zone)


def full_date(instant: datetime, zone: str) -> str:
    """`Tuesday 3 March 2026`, in that zone."""
    return telling().full_date(instant, zone)


def full_datetime(instant: datetime, zone: str) -> str:
    """`Tuesday 3 March 2026, 3:00 pm Eastern Time`, in that zone."""
    return telling().full_datetime(instant, zone)


def distant_date(day: date) -> str:
    """`31 March 1985`, of a date of whatever year."""
    return telling().distant_date(day)


def wall_clock(instant: datetime, zone: str) -> str:
    """What the clock on the wall shows, to compare two zones at one instant."""
    return seen_in(instant, zone).strftime("%Y-%m-%dT%H:%M")


def wall_time(clock: time) -> str:
    """`3:00 pm`, of a wall time that is no date's."""
    return telling().clock_time(clock)


def zone_name(zone: str) -> str:
    """`Eastern Time`; `Mountain Standard Time` where the clock never changes, since that is the difference."""
    return telling().zone_name(zone)


def zone_at(instant: datetime, zone: str) -> str:
    """The zone's name; in the hour that an autumn night repeats, the name that tells the two apart."""
    return telling().zone_at(instant, zone)


def zone_choices(*also: str) -> tuple[tuple[str, str], ...]:
    """(IANA name, label) for a zone switch; `also` are zones that must be among them, and stand first."""
    return _zone_choices(current_language(), *also)


@lru_cache(maxsize=256)
def _zone_choices(language: str, *also: str) -> tuple[tuple[str, str], ...]:
    names = dict.fromkeys([*(name for name in also if known_zone(name)), *OFFERED_ZONES])
    return tuple((name, TELLING[language].zone_label(name)) for name in names)


def money(amount: Money) -> str:
    """`$180`, or `$172.50` where there are cents."""
    digits = get_currency_precision(amount.currency)
    whole, rest = divmod(amount.minor_units, 10**digits)
    if rest == 0:
        return format_currency(whole, amount.currency, "¤#,##0", locale=AMOUNTS, currency_digits=False)
    return format_currency(amount.minor_units / 10**digits, amount.currency, locale=AMOUNTS)


def fee(amount: Money) -> str:
    """What something costs, in words where it costs nothing."""
    return money(amount) if amount else gettext("without charge")


def listing(words: Iterable[str]) -> str:
    """`one`, `one and two`, `one, two and three`."""
    return telling().listing(words)


def either(words: Iterable[str]) -> Markup:
    """`one`, `one or two`, `one, two or three`; words that are markup stay it."""
    *first, last = list(words) or [""]
    if not first:
        return Markup.escape(last)
    said = telling().or_before(Markup.escape(last).striptags())
    return Markup("{} {} {}").format(Markup(", ").join(first), said, last)


def dialled(phone: str) -> str:
    """What a tel: address takes of a number that is written for people."""
    return re.sub(r"[^0-9+]", "", phone)


def language_name(typed: str) -> str:
    """What a language is called that the practice named in English, as inside a sentence: Spanish, español.

    What isn't the name of a language stays as it was typed.
    """
    if current_language() == DEFAULT:
        return typed
    code = _language_codes().get(typed.strip().lower())
    return str(Locale.parse(current_locale()).languages.get(code, typed)) if code else typed


def language_called(code: str) -> str:
    """What one of our languages is called in the language of the answer, as inside a sentence."""
    return str(Locale.parse(current_locale()).languages[code])


def languages_named(typed: Iterable[str]) -> str:
    """Several of them as a list that begins a line."""
    return capitalised(listing(language_name(one) for one in typed))


@cache
def _language_codes() -> dict[str, str]:
    return {str(name).lower(): code for code, name in Locale.parse(LOCALES[DEFAULT]).languages.items()}


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
    if "data-longest" in (field.render_kw or {}):
        found |= _said_while_counting()
    return found


def _said_while_counting() -> dict[str, str]:
    """What js/count.js says near a field's limit."""
    return {
        "data-count-left-one": gettext("1 character left."),
        "data-count-left": gettext("%(count)s characters left.", count="{}"),
        "data-count-over-one": gettext("1 character too many. Nothing is lost; please shorten it before you save."),
        "data-count-over": gettext(
            "%(count)s characters too many. Nothing is lost; please shorten it before you save.", count="{}"
        ),
    }


def register(app: Flask) -> None:
    """Give the filters and the globals to the templates of this app."""
    app.jinja_env.filters.update(
        local_time=local_time,
        local_date=local_date,
        local_datetime=local_datetime,
        full_date=full_date,
        full_datetime=full_datetime,
        distant_date=distant_date,
        capitalised=capitalised,
        short_date=short_date,
        month_name=month_name,
        wall_clock=wall_clock,
        wall_time=wall_time,
        zone_name=zone_name,
        zone_at=zone_at,
        money=money,
        fee=fee,
        listing=listing,
        language_name=language_name,
        language_called=language_called,
        languages_named=languages_named,
        either=either,
        opening_words=opening_words,
        next_day=next_day,
        weekly_hours=lambda weekly: telling().weekly_hours(weekly),
        region_name=lambda code: region_name(code, current_language()),
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
        mail_sender=sender_name,
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
