"""A process that may die between any two steps, without being one: for stories that are searched by the thousand.

A step is a call to the payment service or a commit, each with its before and its after. What dies is raised as no
Exception, so that nothing in the product can catch it; then an app of its own opens the same database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

from flask import Flask
from flask_sqlalchemy.session import Session

from practice import create_app
from practice.database import db
from practice.sealing import Keyring
from practice.settings import EXTENSION as SETTINGS
from practice.settings import Settings
from practice.wiring import Gateways
from practice.work import begin_work
from tests.support import databases, world
from tests.support.browsing import Browser
from tests.support.clock import FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.paying import Till
from tests.support.story import Practice

SERVICE_CALLS = frozenset(
    {
        "create_checkout",
        "retrieve",
        "expire",
        "capture",
        "void",
        "charge",
        "find_charge",
        "forget_card",
        "refund",
        "find_refund",
        "find_dispute",
        "list_sessions",
        "list_events",
        "list_movements",
        "list_payouts",
        "list_payout_lines",
    }
)


class Crash(BaseException):
    """The process is gone."""


class Mortality:
    """When a process dies: after so many steps (None: not so), and once after each of these calls to the service."""

    def __init__(self) -> None:
        self.steps_left: int | None = None
        self.after_calls: set[str] = set()

    def live_on(self) -> None:
        """No more deaths."""
        self.steps_left, self.after_calls = None, set()

    def step(self) -> None:
        """Come to the next step, or die before it."""
        if self.steps_left == 0:
            self.steps_left = None
            raise Crash
        if self.steps_left is not None:
            self.steps_left -= 1

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """A call before and after which the process may die."""

        @wraps(call)
        def mortal(*args: Any, **named: Any) -> Any:
            self.step()
            answer = call(*args, **named)
            if call.__name__ in self.after_calls:
                self.after_calls.discard(call.__name__)
                raise Crash
            self.step()
            return answer

        return mortal


class MortalPayments:
    """The payment service as a process sees it that may die before and after each call."""

    def __init__(self, service: FakePayments, mortality: Mortality) -> None:
        self._service = service
        self._mortality = mortality

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._service, name)
        return self._mortality.around(found) if name in SERVICE_CALLS else found


@contextmanager
def mortal_commits(mortality: Mortality) -> Iterator[None]:
    """Inside, a process may also die before and after each commit."""
    with mock.patch.object(Session, "commit", mortality.around(Session.commit)):
        yield


class Opener:
    """Opens practices, each on a database of its own, and opens one again on the same database after its end."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        (folder / "template").mkdir()
        self._template = databases.sqlite_template(folder / "template")
        self._folder, self._keyring = folder, keyring
        self._numbers = count()
        self._apps: list[Flask] = []

    def open(self, mortality: Mortality) -> Till:
        """A practice with its therapists, and its till."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        clock = FrozenClock()
        service = FakePayments(clock, outside_transactions=True)
        url = databases.sqlite_copy(self._template, folder)
        made = Settings.from_env({"PRACTICE_ENV": "demo", "DATABASE_URL": url}, data=folder)
        mortal: Any = MortalPayments(service, mortality)
        self._make = partial(create_app, made, Gateways(clock, self._keyring, FakeMailer(), mortal))
        app = self._app()
        with app.app_context(), begin_work() as work:
            world.build(work)
        return Till(Practice(app, clock), service)

    def open_again(self, practice: Practice) -> None:
        """Let another process go on with the practice that was opened last."""
        self._close(practice.app)
        practice.app = self._app()

    def close_all(self) -> None:
        for app in self._apps:
            self._close(app)

    def _app(self) -> Flask:
        app = self._make()
        app.test_client_class = type("BrowserAtHome", (Browser,), {"home": app.extensions[SETTINGS].base_url})
        self._apps.append(app)
        return app

    def _close(self, app: Flask) -> None:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
