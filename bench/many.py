"""200 therapists and 1,000,000 past bookings against an empty practice: neither pages nor holds may feel the past."""

from collections.abc import Iterator
from pathlib import Path

from bench.databases import another_database, folder_for_a_while
from bench.figure import Figure
from bench.load import send_all
from bench.past import THERAPISTS, postgres_with_a_past, sqlite_with_a_past
from bench.practice_under_load import confirm_all_held, make_practice
from bench.server import Served, serve

FEW = 25  # therapists of the empty practice
ROUNDS = 5
HOLDS = 60  # in each round
PAGES = 100


def measure() -> Iterator[Figure]:
    """One client, request after request: what counts is how long each takes."""
    with folder_for_a_while() as folder, folder_for_a_while() as empty:
        yield from _on(sqlite_with_a_past(folder), f"sqlite:///{empty}/empty.db", "SQLite", (folder, empty))
    with folder_for_a_while() as folder, folder_for_a_while() as empty, postgres_with_a_past() as url:
        yield from _on(url, another_database(url, "empty"), "PostgreSQL", (folder, empty))


def _on(url: str, empty_url: str, name: str, folders: tuple[Path, Path]) -> Iterator[Figure]:
    """Both servers run, and take turns: the best round of each counts."""
    full = make_practice(folders[0], url, holds=ROUNDS * HOLDS, therapists=THERAPISTS)
    empty = make_practice(folders[1], empty_url, holds=ROUNDS * HOLDS, therapists=FEW)
    with serve("practice:create_app", full.environ) as served, serve("practice:create_app", empty.environ) as bare:
        pages: list[tuple[float, float]] = []
        holds: list[tuple[float, float]] = []
        for number in range(ROUNDS):
            pages.append((_usual(served, [full.times_page] * PAGES), _usual(bare, [empty.times_page] * PAGES)))
            these = slice(number * HOLDS, (number + 1) * HOLDS)
            holds.append((_usual(served, full.holds[these]), _usual(bare, empty.holds[these])))
            confirm_all_held(full)
            confirm_all_held(empty)
    for what, seen in (("page of times", pages), ("hold", holds)):
        measured, limit = (min(times) * 1000 for times in zip(*seen, strict=True))
        yield Figure(f"{what}, {name}, against an empty practice", "ms", measured, limit, at_most=1.2)


def _usual(served: Served, requests: list[bytes]) -> float:
    """The median of the seconds that an answer takes.

    :raises AssertionError: when one failed.
    """
    answers = send_all(served.port, requests, clients=1)
    if set(answers.statuses) not in ({200}, {302}):
        raise AssertionError(f"every request should have succeeded: {dict(answers.statuses)}")
    return answers.wait_of(0.5)
