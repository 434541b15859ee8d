"""docs/numbers.md and docs/audit.md say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from practice import audit
from practice.numbers.periods import CHOICES
from practice.numbers.reading import DESK_KEYS, MONEY, PEOPLE_KEYS
from practice.numbers.suppressing import LEAST
from practice.staff.audit_queries import MOST_IN_A_FILE

DOCS = Path(__file__).parents[2] / "docs"
NUMBERS, AUDIT = ((DOCS / name).read_text() for name in ("numbers.md", "audit.md"))


def test_the_table_has_each_number_and_no_other():
    assert re.findall(r"^\| `([^`]+)` \|", NUMBERS, re.MULTILINE) == [*DESK_KEYS, f"{MONEY}…", *PEOPLE_KEYS]


def test_the_words_have_the_numbers_of_the_code():
    said = f"The last {CHOICES[0]}, {CHOICES[1]} or {CHOICES[2]} weeks can be chosen."
    assert said in " ".join(NUMBERS.split())
    assert f"fewer than {LEAST} people" in NUMBERS
    assert set(re.findall(r"(?:below|of|fewer than) (\d+)\b(?= people|;| is)", NUMBERS)) <= {str(LEAST)}
    assert f"newest {MOST_IN_A_FILE:,} of the entries" in AUDIT
    assert f"{audit.BATCH:,} entries at a time" in AUDIT
