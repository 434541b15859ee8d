"""Apps of one run share what is compiled (tests/support/compiled.py), and nothing else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import BaseConverter, Map, Rule

from practice import create_app
from practice.database import db
from practice.profile import PracticeProfile
from practice.settings import Settings
from practice.wiring import Gateways
from practice.work import begin_work
from tests.support import compiled, databases, postgres, world


@pytest.fixture
def elsewhere(app, settings, clock, keyring, payments, mailer, request, worker_name, tmp_path):
    """A second practice, on another database of the same kind, made when the first has spoken to its own."""
    assert names(app) == []
    if settings.database_url.startswith("sqlite"):
        (tmp_path / "elsewhere").mkdir()
        url = databases.sqlite_copy(request.getfixturevalue("_sqlite_template"), tmp_path / "elsewhere")
    else:
        server = request.getfixturevalue("postgres_server")
        url = postgres.new_database(server, f"elsewhere_{worker_name}").render_as_string(hide_password=False)
        databases.make_schema(url)
    environ = {
        "PRACTICE_ENV": "demo",
        "DATABASE_URL": url,
        "PRACTICE_BASE_URL": settings.base_url,
        "PRACTICE_SECRET_KEY": "another secret",
        "MAIL_FROM": "desk@elsewhere.example",
    }
    gateways = Gateways(clock=clock, keyring=keyring, mail=mailer, payments=payments)
    other = create_app(Settings.from_env(environ, data=tmp_path), gateways)
    yield other
    with other.app_context():
        db.session.remove()
        db.engine.dispose()


def names(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(PracticeProfile.name)))


def build(app: Flask, name: str) -> None:
    with app.app_context(), begin_work() as work:
        world.build(work)
        work.session.scalars(select(PracticeProfile)).one().name = name


def test_two_apps_share_statements_and_each_asks_its_own_database(app, elsewhere):
    build(app, "Quiet Harbour")
    assert names(elsewhere) == []
    build(elsewhere, "Elsewhere")

    assert (names(app), names(elsewhere)) == (["Quiet Harbour"], ["Elsewhere"])
    with app.app_context():
        here = db.engine
    with elsewhere.app_context():
        there = db.engine
    assert here is not there
    assert here.pool is not there.pool
    assert here.url != there.url
    assert here.dialect is there.dialect is there.pool._dialect
    assert here._compiled_cache is there._compiled_cache


def test_what_a_statement_is_run_with_is_not_shared(app, elsewhere):
    build(app, "Quiet Harbour")
    build(elsewhere, "Elsewhere")

    def found(of: Flask, name: str) -> list[int]:
        with of.app_context():
            return list(db.session.scalars(select(PracticeProfile.id).where(PracticeProfile.name == name)))

    assert found(app, "Quiet Harbour") == found(elsewhere, "Elsewhere") == [1]
    assert found(app, "Elsewhere") == found(elsewhere, "Quiet Harbour") == []


@pytest.mark.databases("sqlite")
def test_every_address_is_parsed_as_it_would_be_alone(app):
    for rule in app.url_map.iter_rules():
        alone = rule.empty()
        alone.map = Map(converters=app.url_map.converters)
        alone.strict_slashes, alone.merge_slashes = rule.strict_slashes, rule.merge_slashes
        compiled.parse_alone(alone)

        assert (rule._parts, rule._trace, rule.arguments) == (alone._parts, alone._trace, alone.arguments), rule
        assert {name: type(one) for name, one in rule._converters.items()} == {
            name: type(one) for name, one in alone._converters.items()
        }
        values = {name: min(getattr(one, "items", {"7"})) for name, one in rule._converters.items()}
        assert rule.build(values) == alone.build(values)


class Backwards(BaseConverter):
    """Reads a part of an address from its end."""

    def to_python(self, value: str) -> str:
        return value[::-1]


def test_the_same_words_lead_each_map_to_its_own_end():
    def visited(converters: dict[str, type[BaseConverter]], rule: Rule) -> tuple[str, dict[str, object]]:
        return Map([rule], converters=converters).bind("practice.example").match("/pages/abc")

    address = "/pages/<default:name>"
    assert visited({}, Rule(address, endpoint="one")) == ("one", {"name": "abc"})
    assert visited({}, Rule(address, endpoint="two")) == ("two", {"name": "abc"})
    assert visited({"default": Backwards}, Rule(address, endpoint="one")) == ("one", {"name": "cba"})
    assert visited({}, Rule("/pages/abc", endpoint="one", defaults={"name": "x"})) == ("one", {"name": "x"})
    assert visited({}, Rule("/pages/abc", endpoint="one", defaults={"name": "y"})) == ("one", {"name": "y"})
