"""The page of times as a client sees it who may book, with its queries, against a bare page of the same size."""

from collections.abc import Iterator
from pathlib import Path

from bench.databases import folder_for_a_while, postgres
from bench.figure import Figure
from bench.load import Answers, body_of, request, send_all
from bench.practice_under_load import make_practice
from bench.server import Served, serve

CLIENTS = 8
WARM_UP = 100
ROUNDS = 5
PAGES = 200  # in each round
BUTTON, DAY = b'name="start"', b'<section class="day"'


def measure() -> Iterator[Figure]:
    """On each database in turn."""
    with folder_for_a_while() as folder:
        yield _on(f"sqlite:///{folder}/practice.db", "SQLite", folder)
    with folder_for_a_while() as folder, postgres(folder) as url:
        yield _on(url, "PostgreSQL", folder)


def _on(url: str, name: str, folder: Path) -> Figure:
    """Both servers run, and take turns: the best round of each counts."""
    practice = make_practice(folder, url, holds=0)
    asked = {"PAGE_PATH": practice.times_path, "PAGE_COOKIE": practice.reader}
    with (
        serve("practice:create_app", practice.environ) as served,
        serve("bench.bare_page:make_app", {**practice.environ, **asked}) as bare_served,
    ):
        page, bare_page = body_of(served.port, practice.times_page), request("GET", "/times")
        if abs(len(page) - len(body_of(bare_served.port, bare_page))) > len(page) / 100:
            raise AssertionError("the two that are compared must be of one size")
        ours, bare = [], []
        ask(served, practice.times_page, WARM_UP)
        ask(bare_served, bare_page, WARM_UP)
        for _ in range(ROUNDS):
            ours.append(ask(served, practice.times_page, PAGES).rate)
            bare.append(ask(bare_served, bare_page, PAGES).rate)
    days = [day.count(BUTTON) for day in page.split(DAY)[1:]]
    what = f"page of times, {name}: {len(days)} days, {sum(days)} times, {len(page) / 1000:.0f} kB"
    return Figure(what, "/s", max(ours), max(bare), at_least=0.6)


def ask(served: Served, page: bytes, times: int) -> Answers:
    """Ask for the page that often.

    :raises AssertionError: when it was not there each time.
    """
    answers = send_all(served.port, [page] * times, clients=CLIENTS)
    if answers.statuses != {200: times}:
        raise AssertionError(f"the page should always be there: {dict(answers.statuses)}")
    return answers
