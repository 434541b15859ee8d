"""Running the demo: its processes, its data, its greeting."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from flask_migrate import upgrade
from sqlalchemy import select

from practice import create_app, logs
from practice.database import db
from practice.demo import pulses, stories, world
from practice.people import Person
from practice.processes import Command, run_together
from practice.profile import ONLY, PracticeProfile
from practice.sealing import Keyring
from practice.settings import Settings
from practice.work import begin_work

SANDBOX_PATIENCE = 20.0  # seconds for the sandbox to answer at its first start


def demo(*, port: int, data: Path) -> int:
    """Run the demo on `port` (web), `port` + 1 (sandbox) and `port` + 2 (mail) until stopped; the exit code.

    What is in `data` survives: a second run goes on where the first one ended.
    """
    logs.configure(logging.WARNING)  # what the made-up people do is no news on a developer's screen
    environ = _environ(port)
    taken = [number for number in (port, port + 1, port + 2) if not _is_free(number)]
    if taken:
        print(f"Port {taken[0]} is in use. Choose others with: make run PORT={port + 1000}")  # noqa: T201
        return 1
    data.mkdir(parents=True, exist_ok=True)
    settings = Settings.from_env(environ, data=data)
    environ |= _explicit(settings)
    if not settings.keys_file.exists():
        Keyring.create(settings.keys_file)
    sandbox = _sandbox_command(settings, environ, port, data)
    _prepare(settings, sandbox)
    web = Command("web", [_practice(), "serve", "--bind", f"127.0.0.1:{port}"], environ)
    worker = Command("worker", [_practice(), "worker"], environ)
    _greet(settings, port)
    return run_together([*([sandbox] if sandbox else []), web, worker])


def _environ(port: int) -> dict[str, str]:
    """The environment of the demo: what is set stays, and the ports follow `port`."""
    return {
        "PRACTICE_BASE_URL": f"http://127.0.0.1:{port}",
        "STRIPE_API_BASE": f"http://127.0.0.1:{port + 1}",
        "SMTP_URL": f"smtp://127.0.0.1:{port + 2}",
        **os.environ,
        "PRACTICE_ENV": "demo",
    }


def _explicit(settings: Settings) -> dict[str, str]:
    """Settings that the children must see alike, whatever folder they run in."""
    return {
        "DATABASE_URL": settings.database_url,
        "PRACTICE_KEYS_FILE": str(settings.keys_file),
    }


def _sandbox_command(settings: Settings, environ: Mapping[str, str], port: int, data: Path) -> Command | None:
    """The stand-ins for Stripe and the mail server; None when the demo was pointed at others."""
    if "STRIPE_API_BASE" in os.environ and "SMTP_URL" in os.environ:
        return None
    argv = [sys.executable, "-m", "practice.sandbox"]
    argv += ["--port", str(port + 1), "--smtp-port", str(port + 2), "--data", str(data)]
    argv += ["--webhook-url", f"{settings.base_url}/webhooks/stripe"]
    argv += ["--webhook-secret", settings.stripe_webhook_secret, "--api-key", settings.stripe_api_key]
    return Command("sandbox", argv, environ)


def _prepare(settings: Settings, sandbox: Command | None) -> None:
    app = create_app(settings)
    with app.app_context():
        upgrade()
        if db.session.get(PracticeProfile, ONLY) is None:
            print("Making the demo's practice: three therapists, a few weeks of sessions …", flush=True)  # noqa: T201
            with begin_work() as work:
                world.build(work)
        empty = db.session.scalar(select(Person.id).limit(1)) is None
    if empty and sandbox is not None and "STRIPE_API_BASE" not in os.environ:
        with _running(sandbox, urlsplit(settings.stripe_api_base or "").port or 0):
            stories.tell(app)
            pulses.tell(app)


@contextmanager
def _running(command: Command, port: int) -> Iterator[None]:
    """Run a command for as long as the block lasts, from when it answers on `port`."""
    child = subprocess.Popen(list(command.argv), env={**os.environ, **command.environ})
    try:
        give_up = time.monotonic() + SANDBOX_PATIENCE
        while _is_free(port):
            if child.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.05)
        yield
    finally:
        child.terminate()
        child.wait()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _practice() -> str:
    return str(Path(sys.executable).with_name("practice"))


def _greet(settings: Settings, port: int) -> None:
    lines = [
        "",
        f"  The practice      {settings.base_url}/",
        f"  Staff sign-in     {settings.base_url}/staff/",
        f"                    {world.ACCOUNTS[0][0]}, desk@…, mara@…   password: {world.PASSWORD}",
        f"  Mailbox           http://127.0.0.1:{port + 1}/sandbox/mail",
        f"  Payments sandbox  http://127.0.0.1:{port + 1}/sandbox/",
        "",
        "  Test card 4242 4242 4242 4242. Everybody in here is made up. Ctrl-C ends it; the data stays.",
        "",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201
