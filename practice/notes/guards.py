"""What the database itself refuses about notes, on both databases: changing what was signed, or saved once.

Triggers, since no constraint can look at the row of before. The migration that makes the tables makes the same ones; a
test compares them. Rows can be deleted: erasing a person must.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import DDL, MetaData, event

REFUSED = "a signed note is never changed"
_SIGNED = "(SELECT signed_at FROM note WHERE id = NEW.note_id)"


class Guard(NamedTuple):
    """One trigger: before what on which table, and when it refuses."""

    name: str
    before: str
    table: str
    refuses: str


GUARDS = (
    Guard("note_signed_stays", "UPDATE", "note", "OLD.signed_at IS NOT NULL"),
    Guard("note_version_stays", "UPDATE", "note_version", "OLD.note_id IS NOT NULL"),
    Guard("note_version_of_draft", "INSERT", "note_version", f"{_SIGNED} IS NOT NULL"),
    Guard("note_addendum_stays", "UPDATE", "note_addendum", "OLD.note_id IS NOT NULL"),
    Guard("note_addendum_of_signed", "INSERT", "note_addendum", f"{_SIGNED} IS NULL"),
)


def statements(dialect: str) -> Iterator[str]:
    """What makes the triggers, once the tables are there."""
    for guard in GUARDS:
        if dialect == "sqlite":
            yield (
                f"CREATE TRIGGER {guard.name} BEFORE {guard.before} ON {guard.table} WHEN {guard.refuses}"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
            continue
        # A WHEN of PostgreSQL's may not ask other tables, so the function does.
        yield (
            f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {guard.refuses} THEN"
            f" RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            f" RETURN NEW; END $$"
        )
        yield (
            f"CREATE TRIGGER {guard.name} BEFORE {guard.before} ON {guard.table}"
            f" FOR EACH ROW EXECUTE FUNCTION {guard.name}()"
        )


def attach(metadata: MetaData) -> None:
    """Have the triggers made wherever the tables are."""
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(dialect):
            ddl: DDL = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(metadata, "after_create", ddl.execute_if(dialect=dialect))
