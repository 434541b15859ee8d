"""Taxes and fees by `practice` commands."""

from __future__ import annotations

from datetime import datetime

import click

from practice.money import Money, read_percent
from practice.payments import bookkeeping
from practice.payments.fees import actions
from practice.payments.fees.policy import FeeTerms
from practice.payments.fees.queries import terms_now
from practice.payments.gateway import GatewayError, KeyRefused
from practice.presenting import money
from practice.profile import profile
from practice.setup.actions import BY_COMMAND
from practice.setup.saying import said
from practice.till.forms import read_fee
from practice.till.tax_queries import list_entries
from practice.till.tax_report import read_period, write_lines
from practice.work import begin_work


@click.command("export-taxes")
@click.option("--month", help="As in 2027-05.")
@click.option("--year", help="As in 2027.")
def export_taxes(month: str | None, year: str | None) -> None:
    """Write the file for taxes of a month or a year, as the page under Money does."""
    if (month is None) == (year is None):
        raise click.UsageError("Name either --month or --year.")
    try:
        period = read_period(month or year or "")
    except ValueError:
        raise click.UsageError("Write a month as 2027-05, and a year as 2027.") from None
    if period.is_year is not (month is None):
        raise click.UsageError("Write a month as 2027-05, and a year as 2027.")
    with said():
        click.echo(write_lines(list_entries(period, profile().zone)).encode(), nl=False)


@click.command("read-movements")
def read_movements() -> None:
    """Read now what moved at the payment service; each night the worker does."""
    with said():
        with begin_work() as work:
            started = work.now
        try:
            found = bookkeeping.read()
        except KeyRefused:
            raise click.ClickException("Stripe does not let this key read the balance. See: practice doctor") from None
        except GatewayError:
            raise click.ClickException("The payment service does not answer. Try again later.") from None
        click.echo(f"Read {found} movements, up to {started:%Y-%m-%d %H:%M} UTC.")


@click.command("tax-rate")
@click.argument("percent")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="For what was paid since that date too.")
def tax_rate(percent: str, since: datetime | None) -> None:
    """Set the tax that prices include: PERCENT as in 19 or 8.875, or none."""
    try:
        rate = None if percent == "none" else read_percent(percent)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    with said(), begin_work() as work:
        bookkeeping.set_tax(work, BY_COMMAND, rate, since.date() if since else None)
        click.echo(f"Prices include {rate} % tax." if rate else "Prices include no tax.")


@click.command("fees")
@click.option("--late", help="At most, for cancelling too late: as in 80, or none.")
@click.option("--missed", help="At most, for not coming: as in 160, or none.")
def fees(late: str | None, missed: str | None) -> None:
    """Show or set what may be charged for late cancels and missed sessions, to whoever agrees when they pay."""
    with said():
        currency = profile().currency
        before = terms_now(currency)
        asked = FeeTerms(_sum(late, before.late, currency), _sum(missed, before.missed, currency))
        if asked != before:
            with begin_work() as work:
                actions.set_terms(work, BY_COMMAND, asked)
        for what, most in (("cancelling too late", asked.late), ("not coming", asked.missed)):
            click.echo(f"For {what}: {f'at most {money(most)}' if most is not None else 'nothing'}.")


def _sum(typed: str | None, before: Money | None, currency: str) -> Money | None:
    if typed is None:
        return before
    try:
        return read_fee("" if typed == "none" else typed, currency)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None


COMMANDS = (export_taxes, read_movements, tax_rate, fees)
