"""The `practice` command."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from datetime import date
from pathlib import Path

import click
from flask import Flask
from flask_migrate import upgrade

from practice import create_app, doctor, logs, wiring, worker
from practice.booking.attendance import post_next_sweep
from practice.booking.explaining import explain_day, explain_lines
from practice.booking.offers import queries
from practice.clock import clock
from practice.demo import run
from practice.design import commands as design_commands
from practice.first_run import PracticeAnswers, set_up
from practice.first_visit import make_ready, make_ready_to_serve
from practice.invariants import check_all
from practice.opening.actions import begin as begin_opening
from practice.payments.actions import post_next_night
from practice.processes import watch_parent
from practice.rights import commands as rights_commands
from practice.sealing import Keyring
from practice.server import Server
from practice.settings import Settings, UnsafeSettings
from practice.setup import (
    agreement_commands,
    catalogue_commands,
    commands,
    duty_commands,
    profile_commands,
    question_commands,
    registration_commands,
)
from practice.till import commands as tax_commands
from practice.till import price_commands
from practice.work import begin_work


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Booking and intake for a couples-therapy practice."""
    context.obj = _app  # made only by the commands that need one
    _load_env_file(Path(".env"))
    logs.configure()


@main.command("demo")
@click.option("--port", envvar="PORT", default=5000, show_default=True, help="The web port; the next two are used too.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True)
def run_demo(port: int, data: Path) -> None:
    """Run a whole practice with made-up people: web, worker, sandbox and mailbox."""
    sys.exit(run.demo(port=port, data=data))


@main.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes; each has two threads.")
def serve(bind: str, workers: int) -> None:
    """Serve the pages."""
    settings = _settings()  # unsafe settings end it here, in words, instead of in each process
    _say_way_in(make_ready_to_serve(settings))
    watch_parent()
    Server(create_app, bind=bind, workers=workers).run()


@main.command("worker")
@click.option("--until-idle", is_flag=True, help="Deliver what is due, then end.")
def run_worker(until_idle: bool) -> None:
    """Deliver what is due: letters, deadlines, retries."""
    app = _app()
    with app.app_context(), begin_work() as work:
        post_next_night(work)
        post_next_sweep(work)
    if until_idle:
        click.echo(f"Delivered {worker.run_until_idle(app)} messages.")
        return
    watch_parent()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    worker.run_forever(app, stop)


@main.command()
@click.option("--name", prompt="The practice's name")
@click.option("--zone", prompt="Its time zone", default="America/New_York")
@click.option("--currency", prompt="Its currency", default="USD")
@click.option("--email", prompt="Its e-mail address")
@click.option("--phone", prompt="Its phone number")
@click.option("--address", prompt="Its postal address")
@click.option("--help-region", prompt="Whose crisis lines (US, GB, CA)", default="US")
@click.option("--desk-hours", prompt="When somebody reads new requests", default="mon-fri 09:00-17:00")
@click.option("--statement-name", prompt="What a card statement shows", default="APPOINTMENT")
@click.option("--tax-percent", default="", help="Tax included in prices, as in 19; psychotherapy is mostly exempt.")
@click.option("--therapist-name", prompt="The first therapist's name")
@click.option("--licence-places", prompt="Licence places, as in US-NY,US-NJ")
@click.option("--join-link", prompt="The therapist’s video room (https://…)")
@click.option("--owner-email", prompt="The owner's sign-in e-mail")
@click.password_option("--owner-password", prompt="The owner's password (12 characters or more)")
def init(**answers: object) -> None:
    """Set up a new practice: keys, database, owner, the first therapist."""
    settings = _settings()
    if not settings.keys_file.exists():
        Keyring.create(settings.keys_file)
        click.echo(f"Made the keys file {settings.keys_file}. Keep a copy in a safe: without it nothing can be read.")
    app = create_app(settings)
    with app.app_context():
        upgrade()
        try:
            set_up(PracticeAnswers.from_words(answers))
            with begin_work() as work:
                begin_opening(work)
        except ValueError as problem:
            raise click.ClickException(str(problem)) from None
    click.echo("The practice is set up. Next: practice doctor; or sign in, and see Setting up, Open the practice")


@main.command("first-run")
def first_run() -> None:
    """Make a new practice ready to be set up on its pages, and say the address for it, which works once."""
    settings = _settings()
    try:
        address = make_ready(settings)
    except FileNotFoundError:
        lost = (
            f"The keys file {settings.keys_file} is missing, and the database is not empty. Put it back from your copy."
        )
        raise click.ClickException(lost) from None
    if address is None:
        raise click.ClickException("This practice has an owner. They sign in, and go on under Setting up.")
    _say_way_in(address)


@main.command("upgrade-database")
def upgrade_database() -> None:
    """Bring the database to this version of the program. Stop web and workers first."""
    with _app().app_context():
        upgrade()
    click.echo("The database is as this version needs it. Next: practice doctor")


@main.command("doctor")
def run_doctor() -> None:
    """Say what is missing or unsafe, and how to mend it; exits 1 when anything is."""
    findings = doctor.examine(os.environ)
    for finding in findings:
        click.echo(f"{'ok  ' if finding.fine else 'MEND'}  {finding.what}")
        if not finding.fine:
            click.echo(f"      {finding.mend}")
    sys.exit(0 if all(finding.fine for finding in findings) else 1)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def invariants(as_json: bool) -> None:
    """Check the product's promises against the database; exits 1 when one is broken."""
    with _app().app_context():
        findings = check_all(wiring.INVARIANTS)
    if as_json:
        click.echo(
            json.dumps(
                [
                    {"number": f.invariant.number, "promise": f.invariant.promise, "breaches": f.breaches}
                    for f in findings
                ],
                indent=1,
            )
        )
    else:
        for finding in findings:
            mark = "BROKEN" if finding.breaches else "holds "
            click.echo(f"{finding.invariant.number}  {mark}  {finding.invariant.promise}")
            for breach in finding.breaches:
                click.echo(f"            {breach}")
    sys.exit(1 if any(finding.breaches for finding in findings) else 0)


@main.command("explain-slots")
@click.argument("therapist")
@click.argument("offering")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
def explain_slots(therapist: str, offering: str, day: object) -> None:
    """Every candidate of a DAY (of the therapist's calendar) and why it is, or isn't, offered."""
    local_day = date.fromisoformat(str(day)[:10])
    with _app().app_context():
        offer = queries.get_staff_offer(therapist, offering)
        for line in explain_lines(explain_day(offer, local_day, clock().now())):
            click.echo(line)


ROOMS = (
    commands,
    catalogue_commands,
    profile_commands,
    question_commands,
    registration_commands,
    agreement_commands,
    duty_commands,
    tax_commands,
    price_commands,
    rights_commands,
    design_commands,
)
for room in ROOMS:
    for command in room.COMMANDS:
        main.add_command(command)


def _say_way_in(address: str | None) -> None:
    if address is not None:
        click.echo(
            f"This practice has no owner yet. Set it up at this address, within a day; it works once:\n  {address}"
        )
        click.echo("Keep a copy of the keys file in a safe: without it nothing can be read.")


def _settings() -> Settings:
    try:
        return Settings.from_env(os.environ)
    except UnsafeSettings as unsafe:
        raise click.ClickException("The settings don't allow a start:\n  " + "\n  ".join(unsafe.problems)) from None


def _app() -> Flask:
    settings = _settings()
    if not settings.keys_file.exists():
        raise click.ClickException(f"The keys file {settings.keys_file} is missing. A new practice runs: practice init")
    return create_app(settings)


def _load_env_file(path: Path) -> None:
    """Settings from a .env file: NAME=value, a line each; the environment itself goes first."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))
