"""Who is on duty, and when the desk is open, by `practice` commands."""

from __future__ import annotations

from datetime import datetime

import click

from practice.booking.offers.checks import InvalidOffer, Problem
from practice.clock import clock
from practice.desk_hours import DAYS, read_weekly
from practice.profile import profile
from practice.setup import actions
from practice.setup.actions import BY_COMMAND
from practice.setup.saying import said
from practice.staff.duty import actions as duty_actions
from practice.staff.duty.models import DutyTurn
from practice.staff.duty.queries import find_on_duty, list_turns
from practice.staff.queries import find_account
from practice.work import begin_work

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def duty() -> None:
    """Who is on duty: whom an urgent notice calls first."""


@duty.command("show")
def show_duty() -> None:
    """Who is on duty now, and the turns that stand, each with its number."""
    with said():
        now = clock().now()
        found = find_on_duty(now)
        click.echo(f"Now: {found.email}" if found else "Now: nobody is named, so every clinician.")
        for turn in list_turns(now):
            click.echo(f"{turn.id}  {turn.account.email}  {_when(turn)}")


@duty.command("dates")
@click.argument("email")
@click.argument("first_day", type=DAY)
@click.argument("last_day", type=DAY)
def set_dates(email: str, first_day: datetime, last_day: datetime) -> None:
    """Have the clinician with this sign-in EMAIL on duty, both days included."""
    with said(), begin_work() as work:
        turn = duty_actions.take_dates(work, BY_COMMAND, first_day.date(), last_day.date(), _account(email))
        click.echo(f"Turn {turn.id} is noted.")


@duty.command("week")
@click.argument("weekday", type=click.Choice(DAYS))
@click.argument("email")
def set_weekday(weekday: str, email: str) -> None:
    """Have the clinician with this sign-in EMAIL on duty every WEEKDAY, or none for nobody."""
    with said(), begin_work() as work:
        whose = None if email == "none" else _account(email)
        duty_actions.save_week(work, BY_COMMAND, {DAYS.index(weekday): whose})
        click.echo("Saved.")


@duty.command("end")
@click.argument("number", type=int)
def end_turn(number: int) -> None:
    """End a turn; NUMBER as `show` has it."""
    with said(), begin_work() as work:
        duty_actions.end_turn(work, BY_COMMAND, number)
        click.echo("This turn is over.")


@click.command("desk-hours")
@click.argument("hours")
@click.option("--holidays", help="Whose public holidays are days off, as in US-NY; none for none. Unsaid: as it is.")
def desk_hours(hours: str, holidays: str | None) -> None:
    """When the desk is open: HOURS as in "mon-fri 09:00-12:00, 13:00-17:00; sat 10:00-12:00", or "" to promise none."""
    with said(), begin_work() as work:
        region = profile().desk_holidays if holidays is None else holidays if holidays != "none" else None
        try:
            read_weekly(hours)
            actions.set_desk_hours(work, BY_COMMAND, hours, region)
        except ValueError as problem:
            raise InvalidOffer([Problem("hours", str(problem))]) from None
        click.echo("Saved. Clients read these hours from now on.")


def _when(turn: DutyTurn) -> str:
    if turn.weekday is not None:
        return DAYS[turn.weekday]
    return f"{turn.starts_at:%Y-%m-%dT%H:%MZ} to {turn.ends_at:%Y-%m-%dT%H:%MZ}"


def _account(email: str) -> int:
    found = find_account(email)
    if found is None:
        raise InvalidOffer([Problem("email", "Nobody signs in with this address.")])
    return found.id


COMMANDS = (duty, desk_hours)
