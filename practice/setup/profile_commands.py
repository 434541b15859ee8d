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


COMMANDS = (review_first,)
