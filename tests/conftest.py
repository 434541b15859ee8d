"""The ground under every test. tests/README.md says what there is and how to use it."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import URL

from practice import create_app
from practice.database import db
from practice.sealing import Keyring
from practice.settings import Settings
from practice.wiring import Gateways
from practice.work import begin_work
from tests.support import compiled, databases, outgoing, postgres, quick_hashes, tripwire, world
from tests.support.browsing import Browser
from tests.support.clock import FrozenClock
from tests.support.fake_mail import MAIL_FROM, FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.staging import Stage, raised
from tests.support.story import Practice

pytest_plugins = ["tests.support.skips"]

DATABASES = ("sqlite", "postgresql")
SELDOM = (10_000, 10, 10)  # more between two looks for garbage than Python's own 700: a test makes much and drops it


def _run_id() -> int:
    """The process that leads this run: ourselves, or the one that started us as a worker of pytest-xdist."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def pytest_configure(config: pytest.Config) -> None:
    tripwire.set_up()
    outgoing.listen()
    compiled.share_addresses()
    compiled.share_statements()
    databases.wait_for_no_disk()
    quick_hashes.hash_quickly()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        postgres.stop_leftovers()


def pytest_collection_finish() -> None:
    """What was loaded until here stays until the end; whoever looks for garbage need not look through it each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


def pytest_unconfigure() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        postgres.stop(_run_id())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that touches the database runs on both kinds, unless it is marked otherwise."""
    if "database_url" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("databases")
        metafunc.parametrize("database_url", mark.args if mark else DATABASES, indirect=True)


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine() -> Iterator[None]:
    tripwire.caught.clear()
    yield
    assert not tripwire.caught, f"this test tried to send: {tripwire.caught}"


@pytest.fixture(autouse=True)
def _stripe_learns_nothing_about_anybody(request: pytest.FixtureRequest) -> Iterator[None]:
    outgoing.begin(made_up=request.node.get_closest_marker("made_up") is not None)
    yield
    assert not outgoing.wrong, "\n".join(["this test sent to the payment service:", *sorted(set(outgoing.wrong))])


@pytest.fixture
def mail_expected() -> Iterator[None]:
    """Without it, mail over SMTP fails the test."""
    with tripwire.expecting_mail():
        yield


# Databases


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return databases.sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_server() -> URL:
    """The run's PostgreSQL; use postgres.new_database(postgres_server, name) for an empty database of your own."""
    return postgres.start(_run_id())


@pytest.fixture(scope="session")
def _postgres_database(postgres_server: URL, worker_name: str) -> Iterator[URL]:
    address = postgres.new_database(postgres_server, f"practice_{worker_name}")
    databases.make_schema(address.render_as_string(hide_password=False))
    yield address
    databases.keeper(address).dispose()


@pytest.fixture(scope="session")
def worker_name() -> str:
    """gw0, gw1, … under pytest-xdist, otherwise main."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with every table and no row: SQLite in a file of its own, or PostgreSQL over a Unix socket."""
    if request.param == "sqlite":
        return databases.sqlite_copy(request.getfixturevalue("_sqlite_template"), tmp_path)
    address: URL = request.getfixturevalue("_postgres_database")
    databases.empty(address)
    return address.render_as_string(hide_password=False)


# The application


@pytest.fixture
def clock() -> FrozenClock:
    """Stands at tests.support.clock.START until it is advanced."""
    return FrozenClock()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    """Keys of this run, never written to a disk."""
    masters = {"k1": os.urandom(32)}
    return Keyring(current="k1", masters=masters, index_key=os.urandom(32), audit_key=os.urandom(32))


@pytest.fixture
def base_url() -> str:
    """Where the practice lives. Override it with @pytest.mark.parametrize("base_url", [...])."""
    return "https://practice.example"


@pytest.fixture
def settings(database_url: str, base_url: str, tmp_path: Path) -> Settings:
    """The settings of `app`."""
    environ = {
        "PRACTICE_ENV": "demo",
        "DATABASE_URL": database_url,
        "PRACTICE_BASE_URL": base_url,
        "PRACTICE_SECRET_KEY": "a secret that only this test knows",
        "MAIL_FROM": MAIL_FROM,
    }
    return Settings.from_env(environ, data=tmp_path)


@pytest.fixture
def payments(clock: FrozenClock) -> FakePayments:
    """The payment service of `app`."""
    return FakePayments(clock)


@pytest.fixture
def mailer() -> FakeMailer:
    """The mailer of `app`: keeps the letters."""
    return FakeMailer()


@pytest.fixture
def make_app(
    settings: Settings, clock: FrozenClock, keyring: Keyring, payments: FakePayments, mailer: FakeMailer
) -> Iterator[Callable[[], Flask]]:
    """Makes an app on the test's database; call it twice for two processes' worth. Engines are closed at the end."""
    made: list[Flask] = []

    def make() -> Flask:
        gateways = Gateways(clock=clock, keyring=keyring, mail=mailer, payments=payments)
        app = compiled.share(create_app(settings, gateways))
        app.test_client_class = type("BrowserAtHome", (Browser,), {"home": settings.base_url})
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[[], Flask]) -> Flask:
    """The application on an empty database: no profile, nobody, nothing."""
    return make_app()


@pytest.fixture
def practice(app: Flask, clock: FrozenClock) -> Practice:
    """A practice with two therapists, as tests.support.world makes it, and the words to tell a story in."""
    with app.app_context(), begin_work() as work:
        world.build(work)
    return Practice(app, clock)


@pytest.fixture
def new_stage(_sqlite_template: Path, tmp_path: Path, keyring: Keyring) -> Iterator[Callable[[], Stage]]:
    """Makes whole practices on databases of their own (SQLite), their clocks at the start, to tell one story twice."""
    with ExitStack() as open_stages:
        numbers = itertools.count()

        def make() -> Stage:
            folder = tmp_path / f"stage-{next(numbers)}"
            folder.mkdir()
            stage = open_stages.enter_context(raised(databases.sqlite_copy(_sqlite_template, folder), folder, keyring))
            with stage.practice.app.app_context(), begin_work() as work:
                world.build(work)
            return stage

        yield make


@pytest.fixture
def browser(practice: Practice) -> Browser:
    """A stranger's browser, at the practice's address."""
    return practice.browser()
