"""docs/privacy.md lists every column that is sealed, hashed or otherwise not plain."""

import re
from pathlib import Path

from sqlalchemy import LargeBinary

from practice.database import Model

DOC = Path(__file__).parents[2] / "docs" / "privacy.md"


def test_every_binary_column_is_on_the_page_and_no_other():
    listed = set(re.findall(r"^\| `(\w+\.\w+)` \|", DOC.read_text(), re.MULTILINE))

    columns = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }

    assert listed == columns
