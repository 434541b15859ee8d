"""The sliding scale by `practice` commands."""

from __future__ import annotations

import click

from practice.booking.prices import actions
from practice.booking.prices.amounts import read_share, write_share
from practice.booking.prices.queries import find_steps
from practice.setup.actions import BY_COMMAND
from practice.setup.saying import said
from practice.work import begin_work


@click.group("scale")
def scale() -> None:
    """The steps of the sliding scale. None is ever deleted, and no share changes."""


@scale.command("list")
def list_steps() -> None:
    """All steps by their numbers, the archived ones last."""
    with said():
        for one in find_steps():
            state = "  archived" if one.archived_at is not None else ""
            click.echo(f"{one.id}  {write_share(one.share)}  {one.name}{state}")


@scale.command("add")
@click.argument("name")
@click.argument("percent")
def add_step(name: str, percent: str) -> None:
    """Another step: its NAME, and which PERCENT of the price it is, as in 80 or 62.5."""
    try:
        points = read_share(percent)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    with said(), begin_work() as work:
        step = actions.add_step(work, BY_COMMAND, name, points)
        click.echo(f"Step {step.id}, {step.name}, is {write_share(step.share)} of the price.")


@scale.command("archive")
@click.argument("number", type=int)
def archive_step(number: int) -> None:
    """Offer the step of this NUMBER to nobody any more. Whoever is on it stays there."""
    with said(), begin_work() as work:
        click.echo(f"{actions.archive_step(work, BY_COMMAND, number).name} is archived.")


COMMANDS = (scale,)
