"""What people agree to, by `practice` commands."""

from __future__ import annotations

import click

from practice.consents import actions
from practice.consents.documents import Document
from practice.consents.queries import find_documents, find_translations, list_versions
from practice.languages import LANGUAGES
from practice.setup.actions import BY_COMMAND
from practice.setup.saying import said
from practice.work import begin_work


@click.group(invoke_without_command=True)
@click.pass_context
def consents(context: click.Context) -> None:
    """The documents that people agree to: each version, and how many have accepted it."""
    if context.invoked_subcommand is not None:
        return
    with said():
        documents = find_documents()
        if not documents:
            click.echo("No documents yet, so nobody is asked. Install ours with: practice consents install")
        for key in documents:
            _say(key)
        for document in documents.values():
            _say_what_lacks(document)


@consents.command()
def install() -> None:
    """Install the documents that we ship, where the practice has none of its own. Have a lawyer read them first."""
    with said(), begin_work() as work:
        actions.install(work, BY_COMMAND)
        click.echo("Installed. People are asked from now on; see them with: practice consents")
    with said():
        for document in find_documents().values():
            _say_what_lacks(document)


def _say_what_lacks(document: Document) -> None:
    written = {document.language, *(one.language for one in find_translations(document))}
    lacking = [name for language, name in LANGUAGES.items() if language not in written]
    if lacking:
        click.echo(
            f"{document.key}, version {document.version}, is not there in {', '.join(lacking)}: it does not say, "
            "word for word, what we ship. It is shown in English instead. Write it under Setting up, Agreements: for "
            "that nobody is asked again."
        )


def _say(key: str) -> None:
    newest, *older = list_versions(key)
    document = newest.document
    asked = f"asked of {document.asked_of.value}, {'required' if document.required else 'optional'}"
    click.echo(f"{key}: {document.title} ({asked})")
    for number, line in enumerate((newest, *older)):
        stands = "stands" if number == 0 else "earlier"
        since = line.document.valid_from.date().isoformat()
        click.echo(
            f"  version {line.document.version}, {stands}, since {since}, accepted by {line.accepted}, "
            f"sha256 {line.document.sha256}"
        )


COMMANDS = (consents,)
