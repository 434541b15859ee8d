"""Offerings and rooms by `practice` commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeVar

import click

from practice.booking.offers.asked import OfferingDetails, RoomDetails
from practice.booking.offers.checks import NUMBERS
from practice.booking.offers.queries import find_all_offerings, find_rooms, find_therapists
from practice.booking.prices.amounts import read_amount
from practice.errors import NotFound
from practice.own_words import texts_of
from practice.presenting import money
from practice.profile import profile
from practice.setup import actions, queries
from practice.setup.actions import BY_COMMAND
from practice.setup.fields import words_of
from practice.setup.own_word_options import in_each_language, said_texts
from practice.setup.saying import said
from practice.work import begin_work

Command = TypeVar("Command", bound=Callable[..., Any])

# What an offering begins with where nothing else is said.
USUAL = OfferingDetails(
    name=texts_of("", {}),
    attendance="couple",
    place="video",
    visit="any",
    staff_only=False,
    session_minutes=50,
    step_minutes=30,
    before_minutes=0,
    after_minutes=10,
    notice_hours=24,
    horizon_days=60,
    daily_cap=None,
    weekly_cap=None,
    price_minor=0,
    late_cancel_hours=48,
    late_waiver=True,
    therapists=(),
)


def _offering_options(command: Command) -> Command:
    """The options by which an offering is described."""
    for name, _, _, _, called in reversed(NUMBERS):
        empty = "; 0 for no limit" if name.endswith("_cap") else ""
        command = click.option(f"--{name.replace('_', '-')}", type=int, help=f"{called}{empty}.")(command)
    for option in (
        click.option("--therapists", help="All who offer it, by name, with commas."),
        click.option("--late-waiver/--no-late-waiver", default=None, help="Whether a first late cancellation is free."),
        click.option("--staff-only/--for-clients", default=None),
        click.option("--visit", type=click.Choice(["any", "first", "follow_up"])),
        click.option("--place", type=click.Choice(["video", "in_person"])),
        click.option("--attendance", type=click.Choice(["couple", "individual"])),
    ):
        command = option(command)
    return command


@click.group()
def offering() -> None:
    """What can be booked. Nothing is ever deleted."""


@offering.command("list")
def list_offerings() -> None:
    """All offerings, the archived ones last."""
    with said():
        for one in find_all_offerings():
            marks = [one.attendance, one.place, *(["staff only"] if one.staff_only else [])]
            state = "" if one.active else "  archived"
            click.echo(
                f"{one.slug}  {money(one.price)}  {one.session_minutes} min  {' '.join(marks)}  {one.name}{state}"
            )


@offering.command("add")
@in_each_language("name", required=True)
@click.option("--price", required=True, help="As in 160 or 172.50, in the practice's currency.")
@_offering_options
def add_offering(**asked: Any) -> None:
    """Offer another kind of session."""
    with said():
        asked["name"] = said_texts(asked, "name", USUAL.name)
        details = replace(USUAL, **_described(asked, profile().currency))
        with begin_work() as work:
            click.echo(f"{actions.add_offering(work, BY_COMMAND, details).slug} is offered.")


@offering.command("set")
@click.argument("offering")
@in_each_language("name")
@click.option("--price", help="As in 160 or 172.50.")
@_offering_options
def set_offering(offering: str, **asked: Any) -> None:
    """Change an offering; what isn't named stays. What is booked stays too."""
    with said():
        found = queries.find_offering(offering)
        if found is None:
            raise NotFound
        kept = {one.name: getattr(found, one.name) for one in fields(OfferingDetails) if one.name != "therapists"}
        those = tuple(one.slug for one in find_therapists() if found in one.offerings)
        asked["name"] = said_texts(asked, "name", found.in_languages("name"))
        details = replace(OfferingDetails(**kept, therapists=those), **_described(asked, found.currency))
        with begin_work() as work:
            actions.save_offering(work, BY_COMMAND, offering, details)
            click.echo("Saved.")


@offering.command()
@click.argument("offering")
@click.option("--undo", is_flag=True, help="Offer it again.")
def archive(offering: str, undo: bool) -> None:
    """Offer something no longer; sessions of it take place."""
    with said(), begin_work() as work:
        actions.archive(work, BY_COMMAND, offering, archived=not undo)
        click.echo("It can be booked again." if undo else "It is archived.")


@click.group()
def room() -> None:
    """Rooms to meet in."""


@room.command("list")
def list_rooms() -> None:
    """All rooms, those no longer used last."""
    with said():
        for one in find_rooms():
            click.echo(f"{one.slug}  {one.seats} seats  {one.name}, {one.address}{'' if one.active else '  retired'}")


@room.command("add")
@click.option("--name", required=True)
@click.option("--address", required=True)
@click.option("--seats", type=int, default=2, show_default=True, help="For clients.")
@click.option("--therapists", default="", help="All who use it, by name, with commas.")
def add_room(name: str, address: str, seats: int, therapists: str) -> None:
    """Have another room."""
    with said(), begin_work() as work:
        made = actions.add_room(work, BY_COMMAND, RoomDetails(name, address, seats, words_of(therapists)))
        click.echo(f"{made.slug} is there.")


@room.command("set")
@click.argument("room")
@click.option("--name")
@click.option("--address")
@click.option("--seats", type=int)
@click.option("--therapists", help="All who use it, by name, with commas.")
def set_room(room: str, therapists: str | None, **asked: Any) -> None:
    """Change a room; what isn't named stays."""
    with said():
        found = queries.find_room(room)
        if found is None:
            raise NotFound
        those = tuple(one.slug for one in find_therapists() if found in one.rooms)
        details = RoomDetails(found.name, found.address, found.seats, those)
        named = {name: value for name, value in asked.items() if value is not None}
        if therapists is not None:
            named["therapists"] = words_of(therapists)
        with begin_work() as work:
            actions.save_room(work, BY_COMMAND, room, replace(details, **named))
            click.echo("Saved.")


@room.command()
@click.argument("room")
@click.option("--undo", is_flag=True, help="Use it again.")
def retire(room: str, undo: bool) -> None:
    """Use a room no longer; sessions that are in it stay in it."""
    with said(), begin_work() as work:
        actions.retire_room(work, BY_COMMAND, room, retired=not undo)
        click.echo("The room is used again." if undo else "No new session goes into this room.")


COMMANDS = (offering, room)


def _described(asked: dict[str, Any], currency: str) -> dict[str, Any]:
    """What was named, as the details have it.

    :raises click.BadParameter: for a price that nobody can read.
    """
    named = {name: value for name, value in asked.items() if value is not None}
    if "therapists" in named:
        named["therapists"] = words_of(named["therapists"])
    for cap in ("daily_cap", "weekly_cap"):
        if named.get(cap) == 0:
            named[cap] = None
    if "price" in named:
        try:
            named["price_minor"] = read_amount(named.pop("price"), currency)
        except ValueError as problem:
            raise click.BadParameter(str(problem), param_hint="--price") from None
    return named
