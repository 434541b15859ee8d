"""What holds for the whole practice, by `practice` commands."""

from __future__ import annotations

import click

from practice.setup import actions
from practice.setup.actions import BY_COMMAND
from practice.setup.saying import said
from practice.work import begin_work


@click.command("review-first")
@click.argument("choice", type=click.Choice(["on", "off"]))
def review_first(choice: str) -> None:
    """Whether a new client's card is only authorised until somebody has accepted their request."""
    with said(), begin_work() as work:
        actions.set_review_first(work, BY_COMMAND, on=choice == "on")
        click.echo(
            "From now on, requests of new clients are read before their cards are charged."
            if choice == "on"
            else "From now on, cards are charged at checkout. Requests that wait already still do."
        )


@click.command("withdrawal-days")
@click.argument("days")
def withdrawal_days(days: str) -> None:
    """In how many DAYS a client can withdraw from what they booked and paid; none where no law says so."""
    if days != "none" and not (days.isascii() and days.isdigit()):
        raise click.UsageError("Write the number of days, as in 14, or none.")
    number = None if days == "none" else int(days)
    with said(), begin_work() as work:
        actions.set_withdrawal_days(work, BY_COMMAND, number)
        click.echo(
            "From now on, nothing is said of a right of withdrawal. What is booked already keeps it."
            if number is None
            else f"From now on, who books and pays can withdraw for {number} days."
        )


@click.command("reminder-hours")
@click.argument("hours")
def reminder_hours(hours: str) -> None:
    """How many HOURS before a session everybody who comes is reminded by mail; none for no reminder."""
    if hours != "none" and not (hours.isascii() and hours.isdigit()):
        raise click.UsageError("Write the number of hours, as in 48, or none.")
    number = None if hours == "none" else int(hours)
    with said(), begin_work() as work:
        actions.set_reminder_hours(work, BY_COMMAND, number)
        click.echo(
            "Nobody is reminded of an appointment by mail any more."
            if number is None
            else f"Everybody who comes is reminded by mail {number} hours before, unless they booked later than that."
        )


COMMANDS = (review_first, withdrawal_days, reminder_hours)
