"""The questionnaire, by `practice` commands."""

from __future__ import annotations

from pathlib import Path

import click

from practice.intake import changes, editions
from practice.intake.instrument_files import MOST_BYTES, NO_TEXT, TOO_LARGE, load_instrument
from practice.intake.instruments import BadInstrument
from practice.setup.actions import BY_COMMAND
from practice.setup.saying import said
from practice.work import begin_work


@click.command("add-instrument")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def add_instrument(file: Path) -> None:
    """Put an instrument that the practice has the right to use into the draft of the questionnaire."""
    if file.stat().st_size > MOST_BYTES:
        raise click.ClickException(TOO_LARGE % {"most": MOST_BYTES // 1024})
    try:
        data = load_instrument(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise click.ClickException(NO_TEXT) from None
    except BadInstrument as refusal:
        raise click.ClickException(str(refusal)) from None
    with said(), begin_work() as work:
        about = f"ins_{data['id']}"
        editions.change_draft(
            work, BY_COMMAND, lambda stands: changes.put_instrument(stands.overlay, data), about=about
        )
    click.echo("It is in the draft. Look at it under Setting up, Questions, and publish it there.")


COMMANDS = (add_instrument,)
