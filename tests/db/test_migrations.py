"""Migrations make the very tables that the models describe, and can be taken back with a practice living in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, inspect, select

from practice import create_app
from practice.database import MIGRATIONS, Model, db
from practice.wiring import Gateways
from practice.work import begin_work
from tests.support import postgres, visitors, world
from tests.support.browsing import Browser
from tests.support.story import Practice

VERSIONS = "alembic_version"


@pytest.fixture
def bare(
    request, database_url, settings, clock, keyring, mailer, payments, worker_name, tmp_path: Path
) -> Iterator[Flask]:
    """An app on a database without any table."""
    if database_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/bare.db"
    else:
        server = request.getfixturevalue("postgres_server")
        url = postgres.new_database(server, f"bare_{worker_name}").render_as_string(hide_password=False)
    app = create_app(
        replace(settings, database_url=url), Gateways(clock=clock, keyring=keyring, mail=mailer, payments=payments)
    )
    app.test_client_class = type("BrowserAtHome", (Browser,), {"home": settings.base_url})
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def describe(engine: Engine) -> dict[str, dict[str, Any]]:
    """Everything that the database knows of its tables, in an order that doesn't depend on how they were made."""
    seen = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in seen.get_columns(table)
            },
            "primary key": seen.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                (key["name"] or "", key["constrained_columns"], key["referred_table"])
                for key in seen.get_foreign_keys(table)
            ),
            "indexes": sorted(
                (index["name"] or "", index["column_names"], bool(index["unique"]), _condition(index))
                for index in seen.get_indexes(table)
            ),
            "unique": sorted((one["name"] or "", one["column_names"]) for one in seen.get_unique_constraints(table)),
            "checks": sorted((one["name"] or "", one["sqltext"]) for one in seen.get_check_constraints(table)),
        }
        for table in seen.get_table_names()
        if table != VERSIONS
    }


def _condition(index: Any) -> str:
    options = index.get("dialect_options", {})
    return str(options.get("sqlite_where", options.get("postgresql_where", "")))


def counts(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {table.name: len(db.session.execute(select(table)).all()) for table in Model.metadata.sorted_tables}


def revisions() -> list[str]:
    """From the first to the newest."""
    return [one.revision for one in reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))]


def test_the_migrations_make_exactly_the_tables_of_the_models(bare, app):
    with bare.app_context():
        upgrade()
        made = describe(db.engine)
    with app.app_context():
        meant = describe(db.engine)

    assert sorted(made) == sorted(meant)
    for table, wanted in meant.items():
        assert made[table] == wanted, table


def test_a_new_migration_would_find_nothing_to_do(bare):
    with bare.app_context():
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Model.metadata) == []


def test_migrations_go_down_and_up_again_with_a_practice_living_in_the_tables(bare, clock):
    with bare.app_context():
        upgrade()
        with begin_work() as work:
            world.build(work)
    visitors.fill(Practice(bare, clock))
    before = counts(bare)
    assert [
        table for table in ("booking", "slot_claim", "intake", "staff_account", "outbox_message") if not before[table]
    ] == []

    with bare.app_context():
        for _ in revisions():
            downgrade(revision="-1")
        db.session.remove()
        assert inspect(db.engine).get_table_names() in ([], [VERSIONS])
        upgrade()
        db.session.remove()
        assert sorted(describe(db.engine)) == sorted(before)


def test_upgrading_twice_changes_nothing(bare, clock):
    with bare.app_context():
        upgrade()
        with begin_work() as work:
            world.build(work)
    before = counts(bare)
    with bare.app_context():
        upgrade()

    assert counts(bare) == before


def test_there_is_one_line_of_migrations_and_each_says_what_it_does():
    script = ScriptDirectory(str(MIGRATIONS))

    assert len(script.get_heads()) == 1
    assert [one.revision for one in script.walk_revisions() if not one.doc] == []
