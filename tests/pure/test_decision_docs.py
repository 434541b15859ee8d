"""docs/adr/: each decision has a number of its own, in its file's name and in its heading."""

from __future__ import annotations

import re
from pathlib import Path

FILES = sorted((Path(__file__).parents[2] / "docs" / "adr").glob("*.md"))


def test_each_decision_has_the_next_number_and_says_it_in_its_heading():
    assert [int(file.name[:4]) for file in FILES] == list(range(1, len(FILES) + 1))
    for file in FILES:
        heading = re.match(r"# (\d+)\. ", file.read_text())
        assert heading is not None, file.name
        assert int(heading[1]) == int(file.name[:4])
