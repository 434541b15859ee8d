"""A practice that real browsers can visit: web server, payment sandbox and mailbox on this machine.

Two kinds. `Town` runs in the test's own process on a clock that the test moves, so that a deadline passes without
anybody waiting for it; the worker runs when the test says so. `demo` is what `make run` starts, processes and all,
on the real clock.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import URLError

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from practice import create_app
from practice.clock import SystemClock
from practice.database import db
from practice.sandbox.server import Sandbox
from practice.sealing import Keyring
from practice.settings import Settings
from practice.wiring import Gateways, real_gateways
from practice.work import begin_work
from tests.support import outgoing, world
from tests.support.clock import FrozenClock
from tests.support.story import Practice

HOST = "127.0.0.1"
PATIENCE = 180.0  # seconds for a demo to make its people and to answer, on a machine with other work to do
GRACE = 20.0  # seconds for it to end
PRACTICE = Path(sys.executable).with_name("practice")
FIRST_PORT, PORTS_OF_A_PROCESS, PROCESSES = 10_000, 1_250, 16


@dataclass
class Town:
    """A practice in this process, and its sandbox. Both live by `clock`."""

    practice: Practice
    sandbox: Sandbox
    clock: FrozenClock
    home: str

    @property
    def mailbox(self) -> str:
        return f"{self.sandbox.address}/sandbox/mail"

    def work(self) -> None:
        """Let the worker deliver whatever is due."""
        self.practice.work_until_idle()


@contextmanager
def build(database_url: str, folder: Path, *, host: str = HOST) -> Iterator[Town]:
    """A town on an empty database; gone with the block. `host` is what its address calls this machine."""
    with _raised(database_url, folder, lambda given: given, host) as town:
        with town.practice.app.app_context(), begin_work() as work:
            world.build(work)
        yield town


@contextmanager
def found(database_url: str, folder: Path) -> Iterator[Town]:
    """A town where nobody has set up a practice, on a machine that names neither mail nor keys of Stripe's."""
    nothing = dict.fromkeys(("smtp_url", "mail_from", "stripe_api_key", "stripe_webhook_secret"), "")
    with _raised(database_url, folder, lambda given: replace(given, **nothing)) as town:  # type: ignore[arg-type]
        yield town


@contextmanager
def _raised(
    database_url: str, folder: Path, change: Callable[[Settings], Settings], host: str = HOST
) -> Iterator[Town]:
    # It begins now, because the payment library compares signatures with the real time, and then it stands.
    clock = FrozenClock(SystemClock().now().replace(microsecond=0))
    port = free_ports(2)
    smtp_port = port + 1
    home = f"http://{host}:{port}"
    sandbox = Sandbox(folder, smtp_port=smtp_port, webhook_url=f"{home}/webhooks/stripe", now=clock.now)
    settings = Settings.from_env(
        {
            "PRACTICE_ENV": "demo",
            "DATABASE_URL": database_url,
            "PRACTICE_BASE_URL": home,
            "STRIPE_API_BASE": sandbox.address,
            "SMTP_URL": f"smtp://{HOST}:{smtp_port}",
        },
        data=folder,
    )
    settings = change(settings)
    Keyring.create(settings.keys_file)
    app = create_app(settings, _on(clock, real_gateways(settings)))
    sandbox.start()
    with served(app, port):
        yield Town(Practice(app, clock), sandbox, clock, home)
    sandbox.stop()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _on(clock: FrozenClock, gateways: Gateways) -> Gateways:
    return replace(gateways, clock=clock)


@contextmanager
def served(app: Flask, port: int) -> Iterator[None]:
    """The app answers at this port of HOST, on threads of this process, until the block ends."""
    server = make_server(HOST, port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="web")
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        return


@dataclass
class Demo:
    """A running `practice demo`: where it is, and the environment of its processes."""

    home: str
    sandbox: str
    environ: Mapping[str, str]
    folder: Path
    pid: int = 0  # of the process that started the others

    @property
    def mailbox(self) -> str:
        return f"{self.sandbox}/sandbox/mail"

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `practice` command on the demo's own data."""
        return subprocess.run(
            [str(PRACTICE), *arguments],
            env={**self.environ},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@contextmanager
def demo(folder: Path, *, extra_workers: int = 0, **environ: str) -> Iterator[Demo]:
    """`practice demo` on free ports with its data in `folder`; `environ` as in DATABASE_URL="postgresql://…".

    :raises RuntimeError: with what it said, when it doesn't answer in time.
    """
    port = free_ports(3)
    home, sandbox = f"http://{HOST}:{port}", f"http://{HOST}:{port + 1}"
    plain = {name: value for name, value in os.environ.items() if name in {"HOME", "LANG", "PATH", "TMPDIR"}}
    inside = {
        **plain,
        "PRACTICE_ENV": "demo",
        "DATABASE_URL": f"sqlite:///{folder}/practice.db",
        "PRACTICE_KEYS_FILE": f"{folder}/keys.json",
        "PRACTICE_BASE_URL": home,
        **environ,
    }
    running = Demo(
        home,
        sandbox,
        {**inside, "STRIPE_API_BASE": sandbox, "SMTP_URL": f"smtp://{HOST}:{port + 2}"},
        folder,
    )
    with ExitStack() as ends:
        command = [str(PRACTICE), "demo", "--port", str(port), "--data", str(folder)]
        # The web can be ready before the sandbox, whose pages answer last: its mail server begins before them.
        ready = (f"{home}/readyz", f"{sandbox}/sandbox/mail")
        running.pid = ends.enter_context(_child(command, inside, folder, "demo", *ready))
        for number in range(extra_workers):
            ends.enter_context(_child([str(PRACTICE), "worker"], running.environ, folder, f"worker-{number}"))
        yield running
    # Nobody listens to these processes; what the sandbox was told, it keeps.
    assert not (told := list(outgoing.check_store(folder))), told


@contextmanager
def _child(command: list[str], environ: Mapping[str, str], folder: Path, name: str, *answers_at: str) -> Iterator[int]:
    log = folder / f"{name}.log"
    with log.open("wb") as said:
        child = subprocess.Popen(command, env=dict(environ), cwd=folder, stdout=said, stderr=said)
    try:
        for address in answers_at:
            _wait_for(address, child, log)
        yield child.pid
        assert child.poll() is None, f"{name} ended by itself:\n{log.read_text()}"
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise RuntimeError(f"{name} did not end within {GRACE} seconds of Ctrl-C") from None


def _wait_for(address: str, child: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    pause = threading.Event()
    while child.poll() is None and time.monotonic() < give_up:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            pause.wait(0.1)
    raise RuntimeError(f"no answer at {address}:\n{log.read_text()}")


def free_ports(count: int) -> int:
    """The first of so many free ports in a row, below those that the system gives to outgoing connections.

    Each process of a test run looks among its own, so that no two take the same ones before somebody listens there.
    """
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    lowest = FIRST_PORT + PORTS_OF_A_PROCESS * (process % PROCESSES)
    while True:
        first = random.randrange(lowest, lowest + PORTS_OF_A_PROCESS - count)
        if all(_is_free(first + offset) for offset in range(count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0
