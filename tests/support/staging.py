"""A practice of its own on a database of its own, for stories that are told more than once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from practice import create_app
from practice.database import db
from practice.sealing import Keyring
from practice.settings import Settings
from practice.wiring import Gateways
from tests.support import compiled
from tests.support.browsing import Browser
from tests.support.clock import FrozenClock
from tests.support.fake_mail import MAIL_FROM, FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.story import Practice

HOME = "https://practice.example"


@dataclass(frozen=True)
class Stage:
    """A practice for one telling of a story (the fixture new_stage makes them)."""

    practice: Practice
    mailer: FakeMailer
    payments: FakePayments


class _Compiled(BytecodeCache):
    """Templates that an earlier stage compiled, for the next one: half of what a new app costs."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


@contextmanager
def raised(url: str, folder: Path, keyring: Keyring) -> Iterator[Stage]:
    """A stage on this database, its clock at the start; engines are closed at the end."""
    clock, mailer = FrozenClock(), FakeMailer()
    payments = FakePayments(clock)
    environ = {
        "PRACTICE_ENV": "demo",
        "DATABASE_URL": url,
        "PRACTICE_BASE_URL": HOME,
        "PRACTICE_SECRET_KEY": "a secret that only this test knows",
        "MAIL_FROM": MAIL_FROM,
    }
    gateways = Gateways(clock=clock, keyring=keyring, mail=mailer, payments=payments)
    app = compiled.share(create_app(Settings.from_env(environ, data=folder), gateways))
    app.jinja_env.bytecode_cache = _compiled
    app.test_client_class = type("BrowserAtHome", (Browser,), {"home": HOME})
    try:
        yield Stage(Practice(app, clock), mailer, payments)
    finally:
        _close(app)


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
