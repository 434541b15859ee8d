"""A practice of its own on a database of its own, for stories that are told more than once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

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
    app.test_client_class = type("BrowserAtHome", (Browser,), {"home": HOME})
    try:
        yield Stage(Practice(app, clock), mailer, payments)
    finally:
        _close(app)


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
