"""Keys and rights by `practice` commands."""

from __future__ import annotations

import click

from practice.rights import rotation
from practice.sealing import keyring
from practice.setup.saying import said


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


COMMANDS = (rotate_keys,)
