"""Keys and rights by `practice` commands."""

from __future__ import annotations

import json
from typing import TextIO

import click

from practice.audit import record
from practice.clock import clock
from practice.database import empty_write_ahead_log
from practice.intake import handlers as intake_handlers
from practice.intake.messages import RetentionSweep
from practice.partners import handlers as partner_handlers
from practice.rights import actions, handlers, queries, rotation
from practice.rights.access import handlers as access_handlers
from practice.rights.actions import Gone
from practice.rights.export import PARTS, read_export
from practice.rights.rules import RULES
from practice.rights.running_out import list_run_out
from practice.rights.scope import Scope
from practice.sealing import keyring
from practice.setup.saying import said
from practice.speaking import speaking
from practice.work import begin_work


@click.command("rotate-keys")
@click.option("--retire", is_flag=True, help="Take the old master key out of the keys file, once it wraps nothing.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--batch", default=rotation.BATCH, show_default=True, type=click.IntRange(1, 10_000), help="Keys a work.")
def rotate_keys(retire: bool, yes: bool, batch: int) -> None:
    """Make a new master key and wrap every data key by it. Goes on where an earlier run was cut off."""
    with said():
        path = keyring().path
        if path is None:
            raise click.ClickException("These keys come from no file.")
        if retire:
            if not yes:
                click.confirm("Older copies of the database can't be read any more afterwards. Go on?", abort=True)
            gone = rotation.retire(path)
            click.echo(f"Retired: {', '.join(gone)}." if gone else "There is no old master key.")
            return
        done = rotation.rotate(path, batch=batch, tell=lambda so_far, all_of: click.echo(f"{so_far} of {all_of} keys"))
        click.echo(f"{done} keys are wrapped by master key {keyring().current}. Copy the keys file to its safe now.")
        old = ", ".join(sorted(set(keyring().master_ids) - {keyring().current}))
        click.echo(f"Kept for older copies of the database: {old}. To remove: practice rotate-keys --retire")


@click.command("export-person")
@click.argument("reference")
@click.option("--whole", is_flag=True, help="Also what is never shown on a screen again, notes and diagnoses.")
def export_person(reference: str, whole: bool) -> None:
    """Everything that is kept of the person REFERENCE, as JSON (docs/rights.md describes it)."""
    scope = Scope.WHOLE if whole else Scope.SENT
    with said():
        person = queries.get_person(reference)
        with begin_work() as work:
            record(work, rotation.BY_COMMAND, "data_exported", reference, {"scope": scope.value, "kind": "json"})
        with speaking(person.language):
            click.echo(json.dumps(read_export(person, scope, clock().now()), ensure_ascii=False, indent=1))


@click.command("erase-person")
@click.argument("reference")
@click.option("--dry-run", is_flag=True, help="Say what would go, what stays, and what stops it.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
def erase_person(reference: str, dry_run: bool, yes: bool) -> None:
    """Erase the person REFERENCE: their key, and with it everything that is theirs. It can't be undone."""
    with said():
        person, now = queries.get_person(reference), clock().now()
        for stop in queries.find_stops(person, now):
            click.echo(f"It waits for {stop.what} ({stop.about}).")
        for paper, until in queries.documents_kept(person):
            click.echo(f"Document {paper.name} stays readable until {until}.")
        if dry_run:
            found = read_export(person, Scope.WHOLE, now)
            for part in PARTS:
                count = len(found[part.name]) if isinstance(found[part.name], list) else 1
                click.echo(f"{part.name.replace('_', ' ')}: {count}")
            click.echo("Nothing was erased.")
            return
        if not yes:
            click.confirm(f"Erase {reference} for good?", abort=True)
        with begin_work() as work:
            actions.erase_person(work, rotation.BY_COMMAND, person)
        if not empty_write_ahead_log():
            click.echo("Somebody was reading all the while: the write-ahead log is emptied in the coming night.")
        click.echo("Erased.")


@click.command("erasure-log")
def erasure_log() -> None:
    """The log of what was erased, a line of JSON each, to keep beside the copies of the database."""
    with said():
        for one in queries.list_erasures():
            click.echo(json.dumps({"at": one.at.isoformat(), "subject": one.subject, "kind": one.kind}))


@click.command("replay-erasures")
@click.argument("log", type=click.File("r", encoding="utf-8"))
def replay_erasures(log: TextIO) -> None:
    """Erase once more, in an older copy of the database, what LOG (of erasure-log; - for standard input) names."""
    with said():
        lines = [_gone(number, line) for number, line in enumerate(log, 1) if line.strip()]
        with begin_work() as work:
            count = actions.replay(work, lines)
        empty_write_ahead_log()
        click.echo(f"{count} people and documents that this copy still knew are erased.")


def _gone(number: int, line: str) -> Gone:
    try:
        entry = json.loads(line)
        return Gone(str(entry["subject"]), str(entry["kind"]))
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(f"Line {number} is no line of practice erasure-log. Nothing was erased.") from None


@click.group("retention")
def retention() -> None:
    """For how long records and documents are kept, and what runs out."""


@retention.command("show")
def show_retention() -> None:
    """Every rule, with the practice's own years."""
    with said():
        terms = queries.read_terms()
        for rule in RULES:
            click.echo(f"{rule.what}: {rule.says(terms)} after {rule.after}; then {rule.goes} goes.")


@retention.command("set")
@click.option("--records", type=click.IntRange(1, 40), help="Years after the last session.")
@click.option("--documents", type=click.IntRange(1, 40), help="Years after a receipt, invoice or credit note.")
def set_retention(records: int | None, documents: int | None) -> None:
    """Set the years that the law of the practice asks for. What is not named stays as it is."""
    with said(), begin_work() as work:
        before = queries.read_terms()
        years = {
            "records_years": records or before.records_years,
            "documents_years": documents or before.documents_years,
        }
        actions.set_terms(work, rotation.BY_COMMAND, **years)
        click.echo(f"Records: {years['records_years']} years. Documents: {years['documents_years']} years.")


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="Say what would go, and why, and erase nothing.")
def run_retention(dry_run: bool) -> None:
    """Erase what has run out, as the worker does each night."""
    with said():
        for one in list_run_out(clock().now()):
            waits = "".join(f"; waits for {stop.what} ({stop.about})" for stop in one.stops)
            click.echo(f"{one.kind} {one.which}: {one.why}{waits}")
        if dry_run:
            click.echo("Nothing was erased.")
            return
        before = clock().now()
        for room in (intake_handlers, partner_handlers, handlers, access_handlers):
            room.on_retention_sweep(RetentionSweep("by command"))
        count = len(queries.list_erasures(before))
        click.echo(f"{count} lines more are in the log of what was erased; addresses, sessions and links have none.")


COMMANDS = (rotate_keys, export_person, erase_person, erasure_log, replay_erasures, retention)
