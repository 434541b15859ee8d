"""The page for while the practice's program is away, by a `practice` command."""

from __future__ import annotations

from typing import TextIO

import click

from practice.design.standing_alone import page_for_maintenance
from practice.setup.saying import said


@click.command("maintenance-page")
@click.argument("file", type=click.File("w", encoding="utf-8", atomic=True))
def maintenance_page(file: TextIO) -> None:
    """Write to FILE what a proxy shows while the program is away: one page that asks for nothing else."""
    with said():
        page = page_for_maintenance()  # before the file is touched: `file.write` alone opens it
    file.write(page)
    click.echo("Let the proxy answer every address with it, as 503 and with Retry-After.", err=True)


COMMANDS = (maintenance_page,)
