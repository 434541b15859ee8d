"""Races between separate processes: each has an app and connections of its own, and all are let go at once.

Where a guard is taken away, nothing is left to luck: all meet once they have read, and then write in turns.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask
from sqlalchemy.exc import OperationalError, SQLAlchemyError

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
from tests.support.racing_guards import GUARDS

PROCESSES = 4
PATIENCE = 60  # seconds for a round; a run that hangs fails instead
MEETING = 20  # seconds that rivals wait for one another; where one can't come, each other's outcome says so
DONE = "done"

CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Play:
    """Something that one rival does: a name in PLAYS, and what it is called with."""

    name: str
    args: tuple[Any, ...]


class Meetings:
    """Where rivals wait for one another between what they read and what they write, one rival in each process."""

    def __init__(self) -> None:
        self._of = {rivals: CONTEXT.Barrier(rivals) for rivals in range(2, PROCESSES + 1)}
        self._done = [CONTEXT.Event() for _ in range(PROCESSES)]

    def clear(self) -> None:
        """Forget the race before."""
        for barrier in self._of.values():
            barrier.reset()
        for done in self._done:
            done.clear()

    def meet(self, number: int, rivals: int) -> None:
        """Wait until all have come, and then until those with a lower number are done."""
        self._of[rivals].wait(MEETING)
        for before in self._done[:number]:
            if not before.wait(MEETING):
                raise threading.BrokenBarrierError

    def leave(self, number: int) -> None:
        """Let the next one go on."""
        if number < PROCESSES:
            self._done[number].set()


class Rivals:
    """Processes that play against one another on one database."""

    def __init__(self) -> None:
        self._start, self._meetings = CONTEXT.Barrier(PROCESSES), Meetings()
        self.outcomes: Counter[str] = Counter()  # of all races since begin_counting()
        self.gave_way: Counter[str] = Counter()  # how often the database made one try again since then, and why
        self._lines: list[Connection] = []
        self._processes = []
        for _ in range(PROCESSES):
            ours, theirs = CONTEXT.Pipe()
            process = CONTEXT.Process(target=_live, args=(theirs, self._start, self._meetings), daemon=True)
            process.start()
            self._lines.append(ours)
            self._processes.append(process)

    def come_to(self, settings: Settings, keyring: Keyring, now: datetime) -> None:
        """Open the practice of these settings in each process, at this time."""
        self._tell_all(("open", settings, keyring, now))

    def begin_counting(self) -> None:
        """Count from here: a test of its own."""
        self.outcomes.clear()
        self.gave_way.clear()

    def race(self, plays: Sequence[Play], *, without: str | None = None) -> list[str]:
        """Do all of these at once; DONE or the name of what was raised, for each.

        `without` is one of GUARDS: what it keeps apart must then be seen to collide. Where rivals meet, there are at
        most PROCESSES of them, and they write in the order of the plays.
        """
        self._meetings.clear()
        shares: list[list[tuple[int, Play]]] = [[] for _ in self._lines]
        for number, play in enumerate(plays):
            shares[number % PROCESSES].append((number, play))
        for line, share in zip(self._lines, shares, strict=True):
            line.send(("race", share, without, len(plays)))
        outcomes: dict[int, str] = {}
        for line in self._lines:
            told, gave_way = _heard(line)
            outcomes.update(told)
            self.gave_way += gave_way
        self.outcomes.update(outcomes.values())
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


def _live(line: Connection, start: Any, meetings: Meetings) -> None:
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
                line.send(_play_all(app, *rest, start, meetings))
            case "close" if app is not None:
                with app.app_context():
                    db.engine.dispose()
                line.send(True)
            case _:
                return


def _play_all(
    app: Flask, share: list[tuple[int, Play]], without: str | None, rivals: int, start: Any, meetings: Meetings
) -> tuple[list[tuple[int, str]], Counter[str]]:
    outcomes: list[tuple[int, str]] = []
    gave_way: list[str] = []
    ready = threading.Barrier(len(share) + 1)

    def rival(number: int, play: Play) -> None:
        with app.app_context():
            prepared = PLAYS[play.name](*play.args)
            ready.wait(PATIENCE)
            outcomes.append((number, _outcome(prepared, gave_way)))
        meetings.leave(number)

    threads = [threading.Thread(target=rival, args=one) for one in share]
    with ExitStack() as stack:
        if without is not None and share:
            stack.enter_context(GUARDS[without](lambda: meetings.meet(share[0][0], rivals)))
        for thread in threads:
            thread.start()
        start.wait(PATIENCE)
        ready.wait(PATIENCE)
        for thread in threads:
            thread.join(PATIENCE)
    return outcomes, Counter(gave_way)


def _outcome(play: Callable[[], None], gave_way: list[str]) -> str:
    """Do it, and again where the database gave way, as a client or the worker would; note why it did."""
    while True:
        try:
            play()
        except Contended as contended:
            gave_way.append(_why(contended))
            continue
        except (PracticeError, SQLAlchemyError, threading.BrokenBarrierError) as refused:  # the last two: no guard
            return type(refused).__name__
        return DONE


def _why(contended: Contended) -> str:
    """What the database says: DeadlockDetected, SQLITE_BUSY_SNAPSHOT and so on."""
    cause = contended.__cause__
    original = cause.orig if isinstance(cause, OperationalError) else cause
    return original.sqlite_errorname if isinstance(original, sqlite3.Error) else type(original).__name__
