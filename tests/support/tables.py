"""What the tables of the product say of themselves."""

from __future__ import annotations

import practice.wiring  # noqa: F401 - knows every table
from practice.database import Model


def leading_to_people() -> set[str]:
    """Every table with a person's rows: it names a person, or a row of a table that does."""
    found = {"person"}
    while True:
        more = {
            table.name
            for table in Model.metadata.tables.values()
            if any(key.column.table.name in found for key in table.foreign_keys)
        }
        if more <= found:
            return found
        found |= more
