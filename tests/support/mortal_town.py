"""A practice of real processes that can be killed at named points: web, worker, payment sandbox, one database.

The test itself is a client with a browser, staff at the desk, and whoever looks at the database and at the service.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGKILL
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import delete, func, select

from practice import create_app
from practice.booking import actions as booking_actions
from practice.booking.lifecycle import State
from practice.booking.messages import CheckoutDeadline
from practice.database import db
from practice.outbox import OutboxMessage
from practice.payments import checkout
from practice.payments.messages import SettleAttempt
from practice.payments.models import StripeEvent
from practice.payments.queries import find_attempts
from practice.payments.snapshots import CheckoutSession, SessionStatus
from practice.payments.stripe_gateway import StripeGateway
from practice.people import Person
from practice.sealing import Keyring
from practice.settings import Settings
from practice.wiring import real_gateways
from practice.work import begin_work
from tests.support import intake, lives, world
from tests.support.browsing import Browser
from tests.support.http_visitor import NoRedirect, Visitor
from tests.support.lives import Life, Settled, SharedClock
from tests.support.story import Client, Held, Practice
from tests.support.town import HOST, free_ports

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds for a process to answer, on a machine with other work to do
GOOD = "4242424242424242"
FOR_THE_RECORDS = {"legal_name": "Robin Quill", "date_of_birth": "1988-04-01", "insurance_use": "no"}
LEASE_IS_OVER = {"minutes": 3}
NEW_YORK = ZoneInfo("America/New_York")


class MortalTown:
    """The town. `web` and `worker` are the product's own commands; where `dies_at` is named, they die there."""

    def __init__(self, settled: Settled, app: Flask, clock: SharedClock, home: str, service: StripeGateway) -> None:
        self.practice = Practice(app, clock)  # type: ignore[arg-type]
        self.settled, self.clock, self.home, self.service = settled, clock, home, service
        self.begun = clock.now()
        self._app = app
        self._web: Life | None = None
        self._lives: list[Life] = []

    # Processes

    def start(self, *command: str, dies_at: str | None = None, wrong: str | None = None) -> Life:
        self.settled.marker.unlink(missing_ok=True)
        life = Life(self.settled, command, dies_at=dies_at, wrong=wrong)
        self._lives.append(life)
        return life

    def open_web(self, dies_at: str | None = None, wrong: str | None = None) -> Life:
        """Start `practice serve`, and wait until it answers."""
        bind = urlsplit(self.home).netloc
        life = self.start("serve", "--bind", bind, "--workers", "1", dies_at=dies_at, wrong=wrong)
        wait_until(lambda: _answers(f"{self.home}/readyz"), life)
        return life

    def work(self) -> None:
        """Run `practice worker --until-idle` to its end."""
        life = self.start("worker", "--until-idle")
        assert life.ended() == 0, life.words()

    def kill_worker(self, point: str, wrong: str | None = None) -> None:
        """Run it until it dies at this point. It breaks no promise by that."""
        before = self.practice.breaches()
        self.died(self.start("worker", "--until-idle", dies_at=point, wrong=wrong), point)
        assert wrong is not None or set(self.practice.breaches()) <= set(before)

    def kill_worker_at_sync(self, number: int) -> bool:
        """Run it until it has made its writes last so many times; whether it came so far. Needs strace."""
        calls = "fsync,fdatasync"
        trace = ["-f", "-qq", "-o", "strace.log", "-e", f"trace={calls}"]
        kill = ["-e", f"inject={calls}:signal=SIGKILL:when={number}"]
        worker = [sys.executable, lives.__file__, "worker", "--until-idle"]
        environ = {**self.settled.environ, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(
            ["strace", *trace, *kill, *worker],
            env=environ,
            cwd=self.settled.folder,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ran.returncode in (0, -SIGKILL), ran.stderr.decode()
        return ran.returncode != 0

    def died(self, life: Life, point: str) -> None:
        """It was killed, at this point and nowhere else."""
        assert life.ended() == -SIGKILL, life.words()
        assert self.settled.marker.read_text(encoding="utf-8") == point

    def settle_down(self) -> None:
        """Work plainly, once the leases of the dead are over; then everything promised holds."""
        self.clock.advance(**LEASE_IS_OVER)
        self.work()
        assert self.promises() == 0, self.practice.breaches()

    def promises(self) -> int:
        """What `practice invariants` ends with: 0 when every promise holds."""
        return self.start("invariants").ended()

    def end(self) -> None:
        for life in self._lives:
            life.end()

    # What people do

    def hold(self, **later: float) -> Held:
        """A client of whom nothing more is asked holds a time, a week and more ahead."""
        return self.practice.hold(self._some_monday() + timedelta(**later))

    def hold_after_the_intake(self) -> tuple[Held, Visitor]:
        """A client with an intake, and the browser in which they go on to pay."""
        browser = self.practice.browser()
        assert intake.send(browser).status_code == 302
        client, visitor = self.at_home(browser)
        return self.practice.hold(self._some_monday(), client), visitor

    def at_home(self, browser: Browser) -> tuple[Client, Visitor]:
        """Robin, who began in this browser of the test's own process, and the same browser over HTTP."""
        with self._app.app_context():
            person = db.session.scalars(select(Person)).one()
            client = Client(person.id, person.reference, "Robin", "robin@mail.example")
        cookie = browser.get_cookie("client", domain=HOST)
        assert cookie is not None
        return client, Visitor(self.home, cookie.value)

    def open_checkout(self, held: Held) -> str:
        """Its address, opened by a process that lives."""
        with self._app.app_context():
            return checkout.open_checkout(held.reference)

    def pay(self, address: str, fault: str = "") -> int:
        """Pay on the service's page; the answer's status. `fault` is one of its buttons, as in drop."""
        fields = urllib.parse.urlencode({"card": GOOD, "fault": fault}).encode()
        opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
        try:
            with opener.open(address, fields, timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code

    def pay_unheard(self, held: Held) -> None:
        """Open and pay; its webhook is lost, and the message that looks for itself is due."""
        assert self.pay(self.open_checkout(held), "drop") == 303
        self.clock.advance(**LEASE_IS_OVER)

    def confirmed(self) -> Held:
        """A session that was paid."""
        held = self.hold()
        self.pay_unheard(held)
        self.work()
        assert self.practice.state_of(held) is State.CONFIRMED
        return held

    def do(self, action: Callable[..., object], held: Held, *more: object) -> None:
        """Somebody does something with a booking, in a process that lives."""
        with self._app.app_context(), begin_work() as work:
            action(work, booking_actions.lock(work, held.reference), *more)

    def forget_to_look(self) -> None:
        """Lose every message that would look at a checkout by itself: only the night is left."""
        with self._app.app_context(), begin_work() as work:
            looks = OutboxMessage.kind.in_((SettleAttempt.KIND, CheckoutDeadline.KIND))
            work.session.execute(delete(OutboxMessage).where(looks))

    # What became of it

    def sessions(self, held: Held) -> list[CheckoutSession]:
        """Every checkout that was ever made for a booking, as the service has it."""
        found = self.service.list_sessions(self.begun - timedelta(minutes=5))
        return [self.service.retrieve(one.id) for one in found if one.reference == held.reference]

    def money(self) -> list[tuple[str, int]]:
        """What moved at the service, in the order of time: charge or refund, and minor units."""
        moved = self.service.list_movements(self.begun - timedelta(minutes=5))
        return [(str(one.kind), one.gross_minor) for one in reversed(moved)]

    def heard(self, held: Held) -> int:
        """How many events of a booking's checkouts we took in."""
        with self._app.app_context():
            named = [attempt.reference for attempt in find_attempts(held.reference)]
            return db.session.scalar(select(func.count()).where(StripeEvent.attempt.in_(named))) or 0

    def attempts(self, held: Held) -> list[str]:
        with self._app.app_context():
            return [str(one.state) for one in find_attempts(held.reference)]

    def can_be_paid(self, held: Held) -> bool:
        return any(one.status is SessionStatus.OPEN for one in self.sessions(held))

    def _some_monday(self) -> datetime:
        today = self.clock.now().astimezone(NEW_YORK).replace(hour=10, minute=0, second=0, microsecond=0)
        return (today + timedelta(days=14 - today.weekday())).astimezone(UTC)


def wait_until(true: Callable[[], bool], life: Life | None = None) -> None:
    """Wait for something that another process does; an error where that process has ended."""
    give_up = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not true():
        assert life is None or life.is_alive(), life.words()
        assert time.monotonic() < give_up, "it did not come about"
        pause.wait(0.02)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE):
            return True
    except OSError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


@contextmanager
def build(database_url: str, folder: Path) -> Iterator[MortalTown]:
    """A town on an empty database, with its sandbox running; all of it is gone with the block."""
    port = free_ports(3)
    home, sandbox = f"http://{HOST}:{port}", f"http://{HOST}:{port + 1}"
    environ = {
        "PRACTICE_ENV": "demo",
        "DATABASE_URL": database_url,
        "PRACTICE_BASE_URL": home,
        "PRACTICE_KEYS_FILE": str(folder / "keys.json"),
        "STRIPE_API_BASE": sandbox,
        "SMTP_URL": f"smtp://{HOST}:{port + 2}",
    }
    settings = Settings.from_env(environ, data=folder)
    Keyring.create(settings.keys_file)
    settled = Settled(folder, environ)
    clock = SharedClock(settled.ahead)
    app = create_app(settings, replace(real_gateways(settings), clock=clock))
    app.test_client_class = type("BrowserAtHome", (Browser,), {"home": home})
    town = MortalTown(settled, app, clock, home, StripeGateway("sk_test_sandbox", "whsec_sandbox", sandbox))
    try:
        ports = ["--port", str(port + 1), "--smtp-port", str(port + 2)]
        life = town.start("sandbox", *ports, "--data", str(folder), "--webhook-url", f"{home}/webhooks/stripe")
        with app.app_context(), begin_work() as work:
            world.build(work)
        wait_until(lambda: _listens(port + 1) and _listens(port + 2), life)
        yield town
    finally:
        town.end()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
