"""Races between separate processes: each has an app and connections of its own, and all are let go at once."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

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
MEETING = 5  # seconds that rivals without a guard wait for one another, where another guard keeps one from coming
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
        self._start, self._meeting = CONTEXT.Barrier(PROCESSES), CONTEXT.Barrier(PROCESSES)
        self.gave_way = 0  # how often the database made one try again, in all races
        self._lines: list[Connection] = []
        self._processes = []
        for _ in range(PROCESSES):
            ours, theirs = CONTEXT.Pipe()
            process = CONTEXT.Process(target=_live, args=(theirs, self._start, self._meeting), daemon=True)
            process.start()
            self._lines.append(ours)
            self._processes.append(process)

    def come_to(self, settings: Settings, keyring: Keyring, now: datetime) -> None:
        """Open the practice of these settings in each process, at this time."""
        self._tell_all(("open", settings, keyring, now))

    def race(self, plays: Sequence[Play], *, without: str | None = None) -> list[str]:
        """Do all of these at once; DONE or the name of what was raised, for each.

        `without` is one of GUARDS: what it keeps apart must then be seen to collide.
        """
        self._meeting.reset()
        shares: list[list[tuple[int, Play]]] = [[] for _ in self._lines]
        for number, play in enumerate(plays):
            shares[number % PROCESSES].append((number, play))
        for line, share in zip(self._lines, shares, strict=True):
            line.send(("race", share, without))
        outcomes: dict[int, str] = {}
        for line in self._lines:
            told, gave_way = _heard(line)
            outcomes.update(told)
            self.gave_way += gave_way
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


def _live(line: Connection, start: Any, meeting: Any) -> None:
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
                line.send(_play_all(app, *rest, start, meeting))
            case "close" if app is not None:
                with app.app_context():
                    db.engine.dispose()
                line.send(True)
            case _:
                return


def _play_all(
    app: Flask, share: list[tuple[int, Play]], without: str | None, start: Any, meeting: Any
) -> tuple[list[tuple[int, str]], int]:
    outcomes: list[tuple[int, str]] = []
    gave_way: list[int] = []
    ready = threading.Barrier(len(share) + 1)

    def rival(number: int, play: Play) -> None:
        with app.app_context():
            prepared = PLAYS[play.name](*play.args)
            ready.wait(PATIENCE)
            outcome, again = _outcome(prepared)
            outcomes.append((number, outcome))
            gave_way.append(again)

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(MEETING)

    threads = [threading.Thread(target=rival, args=one) for one in share]
    with ExitStack() as stack:
        if without is not None:
            stack.enter_context(GUARDS[without](meet))
        for thread in threads:
            thread.start()
        start.wait(PATIENCE)
        ready.wait(PATIENCE)
        for thread in threads:
            thread.join(PATIENCE)
    return outcomes, sum(gave_way)


def _outcome(play: Callable[[], None]) -> tuple[str, int]:
    """Do it, and again where the database gave way, as a client or the worker would; and how often that was."""
    again = 0
    while True:
        try:
            play()
        except Contended:
            again += 1
            continue
        except (PracticeError, SQLAlchemyError) as refused:  # the latter where a guard is lacking
            return type(refused).__name__, again
        return DONE, again
