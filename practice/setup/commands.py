"""Setting up by `practice` commands: hours, dates, days off, holidays, therapists."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import click

from practice.booking.offers.asked import DayRow, Details, HoursRow, Preferences
from practice.booking.offers.queries import find_therapists, get_therapist
from practice.setup import actions
from practice.setup.actions import BY_COMMAND
from practice.setup.fields import words_of
from practice.setup.saying import said
from practice.work import begin_work

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = click.DateTime(["%Y-%m-%d"])
CLOCK = click.DateTime(["%H:%M"])
PLACE = click.Choice(["video", "in_person"])
LINE = re.compile(
    r"(?P<day>mon|tue|wed|thu|fri|sat|sun) (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)"
    r"( (?P<place>video|in_person))?( from=(?P<first>[\d-]{10}))?( until=(?P<last>[\d-]{10}))?"
)


@click.group()
def hours() -> None:
    """Weekly hours, in the therapist's own zone."""


@hours.command("show")
@click.argument("therapist")
def show_hours(therapist: str) -> None:
    """The weekly hours, as `set` takes them."""
    with said():
        for row in get_therapist(therapist).weekly_hours:
            words = [WEEKDAYS[row.weekday], f"{row.opens:%H:%M}-{row.closes:%H:%M}", row.place or ""]
            words += [
                f"from={row.valid_from}" if row.valid_from else "",
                f"until={row.valid_until}" if row.valid_until else "",
            ]
            click.echo(" ".join(word for word in words if word))


@hours.command("set")
@click.argument("therapist")
@click.argument("lines", nargs=-1, required=True)
def set_hours(therapist: str, lines: tuple[str, ...]) -> None:
    """Replace all weekly hours by LINES, each as in "mon 09:00-12:00 video from=2027-01-01 until=2027-06-30"."""
    rows = [_row(line) for line in lines]
    with said(), begin_work() as work:
        actions.save_week(work, BY_COMMAND, therapist, rows)
        click.echo(f"{len(rows)} lines are saved.")


@hours.command("clear")
@click.argument("therapist")
def clear_hours(therapist: str) -> None:
    """Remove all weekly hours, so that nothing is open but extra dates."""
    with said(), begin_work() as work:
        actions.save_week(work, BY_COMMAND, therapist, [])
        click.echo("No weekly hours are left.")


@click.group("time-off")
def time_off() -> None:
    """Days off, both the first and the last included."""


@time_off.command("add")
@click.argument("therapist")
@click.argument("first_day", type=DAY)
@click.argument("last_day", type=DAY)
def add_time_off(therapist: str, first_day: datetime, last_day: datetime) -> None:
    """Have a therapist away."""
    with said(), begin_work() as work:
        row = actions.add_time_off(work, BY_COMMAND, therapist, first_day.date(), last_day.date())
        click.echo(f"Days off {row.id} are noted.")


@time_off.command("remove")
@click.argument("therapist")
@click.argument("number", type=int)
def remove_time_off(therapist: str, number: int) -> None:
    """Have a therapist here after all; NUMBER as `list` shows it."""
    with said(), begin_work() as work:
        actions.remove_time_off(work, BY_COMMAND, therapist, number)
        click.echo("These days are open again.")


@time_off.command("list")
@click.argument("therapist")
def list_time_off(therapist: str) -> None:
    """All days off, each with its number."""
    with said():
        for row in get_therapist(therapist).time_off:
            click.echo(f"{row.id}  {row.first_day} to {row.last_day}")


@click.group()
def override() -> None:
    """Dates that differ from the weekly hours."""


@override.command("add")
@click.argument("therapist")
@click.argument("day", type=DAY)
@click.argument("kind", type=click.Choice(["closed", "other", "extra"]))
@click.option("--opens", type=CLOCK)
@click.option("--closes", type=CLOCK)
@click.option("--place", type=PLACE, help="Every place when not said.")
def add_override(therapist: str, day: datetime, kind: str, place: str | None, **clock: datetime | None) -> None:
    """Close a date, or give it other hours or extra ones."""
    times = {name: said_time.time() for name, said_time in clock.items() if said_time is not None}
    asked = DayRow(day.date(), kind, place=place, **times)
    with said(), begin_work() as work:
        row = actions.add_day(work, BY_COMMAND, therapist, asked)
        click.echo(f"Date {row.id} is noted.")


@override.command("remove")
@click.argument("therapist")
@click.argument("number", type=int)
def remove_override(therapist: str, number: int) -> None:
    """Let a date be as usual again; NUMBER as `list` shows it."""
    with said(), begin_work() as work:
        actions.remove_day(work, BY_COMMAND, therapist, number)
        click.echo("This date is as usual again.")


@override.command("list")
@click.argument("therapist")
def list_overrides(therapist: str) -> None:
    """All dates that differ, each with its number."""
    with said():
        for row in get_therapist(therapist).day_overrides:
            when = f" {row.opens:%H:%M}-{row.closes:%H:%M}" if row.opens and row.closes else ""
            click.echo(f"{row.id}  {row.day} {row.kind}{when}{f' {row.place}' if row.place else ''}")


@click.command()
@click.argument("therapist")
@click.argument("region")
def holidays(therapist: str, region: str) -> None:
    """Keep the public holidays of REGION (US-NY, DE-BE, FR) as days off, or none."""
    with said(), begin_work() as work:
        packs = get_therapist(therapist).packs
        asked = Preferences(None if region == "none" else region, packs)
        actions.save_preferences(work, BY_COMMAND, therapist, asked)
        click.echo(
            "Public holidays are ordinary days." if region == "none" else f"The holidays of {region} are days off."
        )


@click.group()
def therapist() -> None:
    """What is said of therapists."""


@therapist.command("list")
def list_therapists() -> None:
    """Everybody who takes bookings."""
    with said():
        for one in find_therapists():
            packing = "side by side" if one.packs else "any order"
            click.echo(f"{one.slug}  {one.zone}  {','.join(one.languages)}  {','.join(one.licence_places)}  {packing}")


@therapist.command("set")
@click.argument("therapist")
@click.option("--zone", help="As in America/New_York.")
@click.option("--languages", help="With commas: English,Spanish.")
@click.option("--licence-places", help="With commas: US-NY,US-NJ.")
@click.option("--offerings", help="All that they offer, by name, with commas.")
@click.option("--rooms", help="All rooms that they use, by name, with commas.")
@click.option("--packs/--no-packs", default=None, help="Whether sessions are kept side by side.")
def set_therapist(therapist: str, packs: bool | None, zone: str | None, **lists: str | None) -> None:
    """Change what is said of a therapist; what isn't named stays."""
    with said(), begin_work() as work:
        if packs is not None:
            region = get_therapist(therapist).holiday_region
            actions.save_preferences(work, BY_COMMAND, therapist, Preferences(region, packs))
        named: dict[str, Any] = {name: words_of(words) for name, words in lists.items() if words is not None}
        if zone is not None:
            named["zone"] = zone
        if named:
            actions.save_therapist(work, BY_COMMAND, therapist, replace(_details(therapist), **named))
        click.echo("Saved.")


def _details(slug: str) -> Details:
    one = get_therapist(slug)
    return Details(
        one.zone,
        tuple(one.languages),
        tuple(one.licence_places),
        tuple(offering.slug for offering in one.offerings),
        tuple(room.slug for room in one.rooms),
    )


def _row(line: str) -> HoursRow:
    """Read `mon 09:00-12:00 video from=2027-01-01 until=2027-06-30`; the last three may be missing.

    :raises click.BadParameter: where it is written otherwise.
    """
    found = LINE.fullmatch(line.strip().lower())
    example = '"mon 09:00-12:00 video from=2027-01-01"'
    refusal = click.BadParameter(f"{line!r} is no line of hours. Write it as {example}.", param_hint="LINES")
    if found is None:
        raise refusal
    try:
        return HoursRow(
            WEEKDAYS.index(found["day"]),
            time.fromisoformat(found["opens"]),
            time.fromisoformat(found["closes"]),
            found["place"],
            date.fromisoformat(found["first"]) if found["first"] else None,
            date.fromisoformat(found["last"]) if found["last"] else None,
        )
    except ValueError:
        raise refusal from None


COMMANDS = (hours, time_off, override, holidays, therapist)
