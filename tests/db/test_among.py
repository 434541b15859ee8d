"""among(): a column is one of these ids, as in_() says it, on both databases, and by an index."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, ColumnElement, Connection, Integer, MetaData, Select, Table, insert, not_, select, text

from practice.database import among, db
from tests.support.statements import statements

MANY = 20_000
NUMBERS = Table(
    "numbers_for_among",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("other", Integer, nullable=True, index=True),
)
IDS = {
    "none": [],
    "one": [3],
    "the same twice": [3, 3],
    "several, some unknown": [1, 2, 999_999],
    "a set": {4, 5},
    "the keys of a mapping": {6: "six", 7: "seven"},
    "very many": range(MANY),
}


@pytest.fixture
def connection(app):
    """A connection to a database that has a table of many numbers, every third row without its second one."""
    rows = [{"id": number, "other": number if number % 3 else None} for number in range(MANY)]
    with app.app_context(), db.engine.connect() as connection:
        NUMBERS.create(connection)
        connection.execute(insert(NUMBERS), rows)
        connection.execute(text("ANALYZE"))
        yield connection
        NUMBERS.drop(connection)
        connection.commit()


@pytest.mark.parametrize("ids", IDS.values(), ids=IDS.keys())
@pytest.mark.parametrize("column", [NUMBERS.c.id, NUMBERS.c.other], ids=["never empty", "sometimes empty"])
def test_among_says_what_in_says_and_its_contrary_too(connection, column, ids) -> None:
    for said, plainly in (
        (among(column, ids), column.in_(list(ids))),
        (not_(among(column, ids)), column.not_in(list(ids))),
    ):
        found, wanted = (list(connection.scalars(_ordered(one))) for one in (said, plainly))

        assert found == wanted


@pytest.mark.parametrize(("column", "index"), [(NUMBERS.c.id, "primary key"), (NUMBERS.c.other, "index")])
def test_an_index_serves_it(connection, column, index) -> None:
    names = {
        ("primary key", "sqlite"): "USING INTEGER PRIMARY KEY",
        ("primary key", "postgresql"): "numbers_for_among_pkey",
    }
    wanted = names.get((index, connection.dialect.name), "ix_numbers_for_among_other")

    assert wanted in _plan(connection, among(column, [3, 4, 5]))
    assert wanted not in _plan(connection, column + 0 == 3)


def test_two_lists_of_one_statement_are_told_apart(connection) -> None:
    either = among(NUMBERS.c.id, [1, 2]) & among(NUMBERS.c.other, [2, 4])

    assert list(connection.scalars(_ordered(either))) == [2]


def _ordered(condition: ColumnElement[bool]) -> Select[int]:
    return select(NUMBERS.c.id).where(condition).order_by(NUMBERS.c.id)


def _plan(connection: Connection, condition: ColumnElement[bool]) -> str:
    """How the database would go about it."""
    with statements() as asked:
        connection.scalars(select(NUMBERS.c.id).where(condition)).all()
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    rows = connection.exec_driver_sql(explain + asked[-1][0], asked[-1][1])
    return "\n".join(str(row[-1]) for row in rows)
