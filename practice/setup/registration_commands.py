"""What documents carry, by `practice` commands."""

from __future__ import annotations

import click

from practice.booking.offers.checks import InvalidOffer, Problem
from practice.booking.offers.queries import get_therapist
from practice.errors import NotFound
from practice.papers import actions
from practice.papers.codes import READERS
from practice.papers.queries import find_registered
from practice.setup.actions import BY_COMMAND
from practice.setup.queries import find_offering
from practice.setup.saying import said
from practice.work import begin_work


@click.group()
def register() -> None:
    """The numbers and codes that documents carry."""


@register.command("practice")
@click.option("--tin", help="Like 12-3456789; empty for none.")
@click.option("--npi", help="Ten digits; empty for none.")
def register_practice(tin: str | None, npi: str | None) -> None:
    """The practice's own numbers; what isn't named stays."""
    with said(), begin_work() as work:
        stands = find_registered().practice
        tin_said = stands[0] if tin is None else _read("tin", tin)
        npi_said = stands[1] if npi is None else _read("npi", npi)
        actions.set_practice(work, BY_COMMAND, tin=tin_said, npi=npi_said)
        click.echo("Saved.")


@register.command("therapist")
@click.argument("therapist")
@click.option("--npi", help="Ten digits; empty for none.")
@click.option("--licence", help="State and number.")
@click.option("--credentials", help="What stands behind the name, like LMFT.")
def register_therapist(therapist: str, npi: str | None, licence: str | None, credentials: str | None) -> None:
    """A therapist's numbers; what isn't named stays."""
    with said(), begin_work() as work:
        whose = get_therapist(therapist)
        stands = find_registered().therapist(whose.id)
        actions.set_therapist(
            work,
            BY_COMMAND,
            whose,
            npi=stands[0] if npi is None else _read("npi", npi),
            licence=stands[1] if licence is None else _read("licence", licence),
            credentials=stands[2] if credentials is None else _read("credentials", credentials),
        )
        click.echo("Saved.")


@register.command("offering")
@click.argument("offering")
@click.argument("code")
def register_offering(offering: str, code: str) -> None:
    """What an offering is called on a bill for insurance: CODE as in 90847, or "" for none."""
    with said(), begin_work() as work:
        found = find_offering(offering)
        if found is None:
            raise NotFound
        actions.set_service_code(work, BY_COMMAND, found, _read("service_code", code))
        click.echo("Saved.")


@click.command()
@click.argument("choice", type=click.Choice(["on", "off"]))
def estimates(choice: str) -> None:
    """Whether a good faith estimate is shown before payment, and kept."""
    with said(), begin_work() as work:
        actions.switch_estimates(work, BY_COMMAND, on=choice == "on")
        click.echo(
            "From now on, whoever pays reads an estimate first."
            if choice == "on"
            else "From now on, nobody reads an estimate before they pay. Those that were made stay."
        )


def _read(name: str, typed: str) -> str:
    try:
        return READERS[name](typed)
    except ValueError as problem:
        raise InvalidOffer([Problem(name, str(problem))]) from None


COMMANDS = (register, estimates)
