"""Holds per second over HTTP, on both databases, against a bare transaction on the same server; and memory."""

from collections.abc import Iterator
from pathlib import Path

from bench.databases import another_database, folder_for_a_while, postgres
from bench.figure import Figure
from bench.load import Answers, send_all
from bench.practice_under_load import confirm_all_held, make_practice
from bench.server import Served, serve

CLIENTS = 8
WARM_UP = 200
ROUNDS = 5
HOLDS = 400  # in each round
PAGES = 100  # seen before the memory is read, so that the templates are in it


def measure() -> Iterator[Figure]:
    """Each database in turn, in a folder that is gone afterwards."""
    with folder_for_a_while() as folder, folder_for_a_while() as bare_folder:
        yield from _on(f"sqlite:///{folder}/practice.db", f"sqlite:///{bare_folder}/bare.db", "SQLite", folder)
    with folder_for_a_while() as folder, postgres(folder) as url:
        yield from _on(url, another_database(url, "bare"), "PostgreSQL", folder)


def _on(url: str, bare_url: str, name: str, folder: Path) -> Iterator[Figure]:
    """Both servers run, and take turns: the best round of each counts, so that a busy machine slows both alike."""
    practice = make_practice(folder, url, holds=WARM_UP + ROUNDS * HOLDS)
    with folder_for_a_while() as bare_folder:
        make_practice(bare_folder, bare_url, holds=0)
    with (
        serve("practice:create_app", practice.environ) as served,
        serve("bench.bare_hold:make_app", {"DATABASE_URL": bare_url}) as bare_served,
    ):
        _hold_all(served, practice.holds[:WARM_UP])
        _hold_all(bare_served, practice.holds[:WARM_UP])
        ours, bare = [], []
        for first in range(WARM_UP, len(practice.holds), HOLDS):
            confirm_all_held(practice)
            requests = practice.holds[first : first + HOLDS]
            ours.append(_hold_all(served, requests))
            bare.append(_hold_all(bare_served, requests))
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
