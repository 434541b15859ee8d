"""A practice as it really runs: web server, workers and sandbox, each a process of its own, over HTTP.

They are the product's own (practice/server.py, worker.run_forever, practice.sandbox), started with one thing of ours:
their clocks. Each tells the machine's time plus a shift that the test moves, so half an hour passes in all of them at
once and nobody waits for it. Stripe has a shift of its own: two clocks need not agree, and a deadline can be over for
us while a checkout can still be paid. Nothing sleeps: tests wait for what they expect (`wait_for`), with a deadline.

What each process sends to Stripe is written down and held against the shapes when the fleet ends.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import or_, select

from practice import create_app, worker
from practice.clock import clock
from practice.database import db
from practice.notify.messages import SendLetter
from practice.outbox import OutboxMessage
from practice.sandbox.server import HOST, Sandbox
from practice.sandbox.store import Store
from practice.sandbox.webhooks import Webhooks
from practice.sealing import Keyring
from practice.server import Server
from practice.settings import Settings
from practice.wiring import Gateways, real_gateways
from practice.work import begin_work
from tests.support import outgoing, world
from tests.support.browsing import Browser
from tests.support.fleet_guards import GUARDS, WATCHERS
from tests.support.forks import CONTEXT
from tests.support.over_http import Counter
from tests.support.story import Practice
from tests.support.town import free_ports

PATIENCE = 120.0  # seconds for something that other processes do, on a machine with other work
GRACE = 15.0  # seconds for one to end
LOOK = 0.05  # seconds between two looks


class ShiftedClock:
    """The machine's time, and a shift that all processes share."""

    def __init__(self) -> None:
        self._shift = CONTEXT.Value("d", 0.0)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._shift.value)

    def advance(self, **step: float) -> None:
        """Move on by timedelta's own words, in every process."""
        with self._shift.get_lock():
            self._shift.value += timedelta(**step).total_seconds()


class Fleet:
    """What runs, and a test's way to look at it. `practice` is an app of the test's own on the same database."""

    def __init__(self, settings: Settings, folder: Path, port: int) -> None:
        self.settings, self.folder, self._port = settings, folder, port
        self.ours, self.theirs = ShiftedClock(), ShiftedClock()
        self.home, self.sandbox = f"http://{HOST}:{port}", f"http://{HOST}:{port + 1}"
        self.store = Store(folder)
        app = create_app(settings, _gateways(settings, self.ours))
        app.test_client_class = type("BrowserAtHome", (Browser,), {"home": settings.base_url})
        with app.app_context(), begin_work() as work:
            world.build(work)
        self.practice = Practice(app, self.ours)  # type: ignore[arg-type]
        self._running: list[BaseProcess] = []

    @property
    def app(self) -> Flask:
        return self.practice.app

    @property
    def counter(self) -> Counter:
        """The money's side; it reads the sandbox's own file, and asks it nothing."""
        return Counter(self.practice, self)  # type: ignore[arg-type]  # of a sandbox it needs what we have

    @property
    def webhooks(self) -> Webhooks:
        """Signs as the sandbox does, and sends nothing."""
        return Webhooks(self.store, self.theirs.now, url=None, secret=self.settings.stripe_webhook_secret)

    # Processes

    def start_sandbox(self, watcher: str = "nothing", **told: Any) -> BaseProcess:
        """The sandbox; its watcher is one of WATCHERS."""
        started = self._start(_run_sandbox, self.theirs, self.folder, self._port, watcher, told)
        wait_for(lambda: _answers(self._port + 1), "the sandbox to answer")
        return started

    def start_web(self, without: str | None = None) -> BaseProcess:
        """The web server, two processes and two threads in each."""
        started = self._start(_run_web, self.settings, self.ours, self.folder, self._port, without)
        wait_for(lambda: _answers(self._port), "the web server to answer")
        return started

    def start_worker(self, without: str | None = None) -> BaseProcess:
        """A worker; `without` is one of GUARDS."""
        return self._start(_run_worker, self.settings, self.ours, self.folder, without)

    def stop(self, process: BaseProcess) -> None:
        """End one of them, as it is asked to end."""
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGTERM)
            os.kill(process.pid, signal.SIGCONT)
        process.join(GRACE)
        assert not process.is_alive(), f"{process.name} did not end"

    def end(self) -> None:
        """End all of them, the last one first."""
        for process in reversed(self._running):
            self.stop(process)
        self.store.close()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for notes in self.folder.glob("sent-*.jsonl"):
            outgoing.take_in(notes)

    def _start(self, run: Callable[..., None], *told: Any) -> BaseProcess:
        process = CONTEXT.Process(target=run, args=told, name=run.__name__, daemon=True)
        process.start()
        self._running.append(process)
        return process

    # Looking

    def waiting(self) -> list[str]:
        """The kinds of messages that are due or being delivered, letters aside."""
        with self.app.app_context():
            now = clock().now()
            due = or_(OutboxMessage.state == "leased", OutboxMessage.due_at <= now)
            found = select(OutboxMessage.kind).where(OutboxMessage.state.in_(("waiting", "leased")), due)
            kinds = list(db.session.scalars(found.where(OutboxMessage.kind != SendLetter.KIND)))
            db.session.rollback()
            return kinds

    def settle(self, done: Callable[[], bool], what: str, rounds: int = 20) -> None:
        """Let the workers work until `done`; whenever nothing is due any more, half a minute passes."""
        for _ in range(rounds):
            wait_for(lambda: not self.waiting(), f"the workers to be idle before {what}")
            if done():
                return
            self.ours.advance(seconds=31)
        raise AssertionError(f"waited in vain for {what}")

    def letters_to(self, address: str) -> int:
        """How many letters came to an address."""
        found = self.store.rows("SELECT 1 FROM mail WHERE recipients LIKE ?", f"%{address}%")
        return len(found)


@contextmanager
def build(database_url: str, folder: Path) -> Iterator[Fleet]:
    """A fleet on an empty database, with nothing started; all of it ends with the block."""
    folder.mkdir()
    port = free_ports(3)
    settings = Settings.from_env(
        {
            "PRACTICE_ENV": "demo",
            "DATABASE_URL": database_url,
            "PRACTICE_BASE_URL": f"http://{HOST}:{port}",
            "STRIPE_API_BASE": f"http://{HOST}:{port + 1}",
            "SMTP_URL": f"smtp://{HOST}:{port + 2}",
        },
        data=folder,
    )
    Keyring.create(settings.keys_file)
    fleet = Fleet(settings, folder, port)
    try:
        yield fleet
    finally:
        fleet.end()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Look until it is so.

    :raises AssertionError: when it isn't in time.
    """
    give_up, pause = time.monotonic() + PATIENCE, threading.Event()
    while not condition():
        assert time.monotonic() < give_up, f"waited in vain for {what}"
        pause.wait(LOOK)


def is_stopped(process: BaseProcess) -> bool:
    """Whether the machine holds a process still."""
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


# In the processes


def _run_sandbox(their_clock: ShiftedClock, folder: Path, port: int, watcher: str, told: dict[str, Any]) -> None:
    stop = _stop_on_term()
    watch = WATCHERS[watcher](**told)
    sandbox = Sandbox(
        folder,
        port=port + 1,
        smtp_port=port + 2,
        webhook_url=f"http://{HOST}:{port}/webhooks/stripe",
        now=their_clock.now,
        observe=lambda method, path, _body: watch(sandbox, method, path),
    )
    sandbox.start()
    stop.wait()
    sandbox.stop()


def _run_web(settings: Settings, our_clock: ShiftedClock, folder: Path, port: int, without: str | None) -> None:
    outgoing.listen(folder / "sent-web.jsonl")
    with _lacking(without):
        make = lambda: create_app(settings, _gateways(settings, our_clock))  # noqa: E731
        Server(make, bind=f"{HOST}:{port}", workers=2).run()


def _run_worker(settings: Settings, our_clock: ShiftedClock, folder: Path, without: str | None) -> None:
    stop = _stop_on_term()
    outgoing.listen(folder / f"sent-worker-{os.getpid()}.jsonl")
    with _lacking(without):
        worker.run_forever(create_app(settings, _gateways(settings, our_clock)), stop)


def _stop_on_term() -> threading.Event:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


@contextmanager
def _lacking(without: str | None) -> Iterator[None]:
    with ExitStack() as stack:
        if without is not None:
            stack.enter_context(GUARDS[without]())
        yield


def _gateways(settings: Settings, our_clock: ShiftedClock) -> Gateways:
    return replace(real_gateways(settings), clock=our_clock)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
