"""Races between separate processes: each has an app and connections of its own, and all are let go at once."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any
from unittest import mock

from flask import Flask

from practice import create_app
from practice.database import db
from practice.errors import Contended, PracticeError
from practice.sealing import Keyring
from practice.settings import Settings
from practice.wiring import Gateways
from tests.support.clock import FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.plays import PLAYS

PROCESSES = 4
PATIENCE = 60  # seconds for a round; a run that hangs fails instead
DONE = "done"

CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Play:
    """Something that one rival does: a name in PLAYS, and what it is called with."""

    name: str
    args: tuple[Any, ...]


class Rivals:
    """Processes that play against one another on one database."""

    def __init__(self) -> None:
        self._start = CONTEXT.Barrier(PROCESSES)
        self._lines: list[Connection] = []
        self._processes = []
        for _ in range(PROCESSES):
            ours, theirs = CONTEXT.Pipe()
            process = CONTEXT.Process(target=_live, args=(theirs, self._start), daemon=True)
            process.start()
            self._lines.append(ours)
            self._processes.append(process)

    def come_to(self, settings: Settings, keyring: Keyring, now: datetime) -> None:
        """Open the practice of these settings in each process, at this time."""
        self._tell_all(("open", settings, keyring, now))

    def race(self, plays: Sequence[Play], *, guarded: bool = True) -> list[str]:
        """Do all of these at once; DONE or the name of what was raised, for each.

        Not guarded, no claim is made: what claims keep apart must then be seen to collide.
        """
        shares: list[list[tuple[int, Play]]] = [[] for _ in self._lines]
        for number, play in enumerate(plays):
            shares[number % PROCESSES].append((number, play))
        for line, share in zip(self._lines, shares, strict=True):
            line.send(("race", share, guarded))
        outcomes = dict(pair for line in self._lines for pair in _heard(line))
        return [outcomes[number] for number in range(len(plays))]

    def leave(self) -> None:
        """Close what was opened."""
        self._tell_all(("close",))

    def end(self) -> None:
        """End the processes."""
        for line in self._lines:
            line.send(("end",))
        for process in self._processes:
            process.join(PATIENCE)

    def _tell_all(self, message: tuple[Any, ...]) -> None:
        for line in self._lines:
            line.send(message)
        for line in self._lines:
            _heard(line)


def _heard(line: Connection) -> Any:
    if not line.poll(PATIENCE):
        raise TimeoutError("a rival does not answer")
    return line.recv()


def _live(line: Connection, start: Any) -> None:
    app: Flask | None = None
    while True:
        said, *rest = line.recv()
        match said:
            case "open":
                settings, keyring, now = rest
                clock = FrozenClock(now)
                gateways = Gateways(clock=clock, keyring=keyring, mail=FakeMailer(), payments=FakePayments(clock))
                app = create_app(settings, gateways)
                line.send(True)
            case "race" if app is not None:
                share, guarded = rest
                line.send(_play_all(app, share, start, guarded=guarded))
            case "close" if app is not None:
                with app.app_context():
                    db.engine.dispose()
                line.send(True)
            case _:
                return


def _play_all(app: Flask, share: list[tuple[int, Play]], start: Any, *, guarded: bool) -> list[tuple[int, str]]:
    outcomes: list[tuple[int, str]] = []
    ready = threading.Barrier(len(share) + 1)

    def rival(number: int, play: Play) -> None:
        with app.app_context():
            prepared = PLAYS[play.name](*play.args)
            ready.wait(PATIENCE)
            outcomes.append((number, _outcome(prepared)))

    threads = [threading.Thread(target=rival, args=one) for one in share]
    with ExitStack() as stack:
        if not guarded:
            stack.enter_context(_unguarded())
        for thread in threads:
            thread.start()
        start.wait(PATIENCE)
        ready.wait(PATIENCE)
        for thread in threads:
            thread.join(PATIENCE)
    return outcomes


def _outcome(play: Callable[[], None]) -> str:
    """Do it, and again where the database gave way, as a client or the worker would."""
    while True:
        try:
            play()
        except Contended:
            continue
        except PracticeError as refused:
            return type(refused).__name__
        return DONE


@contextmanager
def _unguarded() -> Iterator[None]:
    """No claims: the rows say what is booked, and nothing keeps two of them apart."""

    def nothing(*_args: object, **_owner: int) -> None:
        return None

    with ExitStack() as stack:
        for where in ("practice.booking.placing.insert_claims", "practice.booking.claims.insert_claims"):
            stack.enter_context(mock.patch(where, nothing))
        stack.enter_context(mock.patch("practice.booking.placing.is_free", return_value=True))
        yield
