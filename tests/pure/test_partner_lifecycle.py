"""The table of how somebody stands with whoever comes with them."""

import re
from itertools import product
from pathlib import Path

import pytest

from practice.partners.lifecycle import COUPLED, TRANSITIONS, NoSuchStep, Standing, Step, next_standing

DOC = Path(__file__).parents[2] / "docs" / "couples.md"
ROW = re.compile(r"^\| ([a-z_]+) \| ([a-z_]+) \| ([a-z_]+) \|$", re.MULTILINE)


def test_the_page_shows_exactly_the_table():
    shown = {(Standing(row[0]), Step(row[1])): Standing(row[2]) for row in ROW.findall(DOC.read_text())}

    assert shown == TRANSITIONS


def test_only_joining_leads_into_a_couple_and_only_leaving_leads_out_of_it():
    into = {step for (before, step), after in TRANSITIONS.items() if after in COUPLED and before not in COUPLED}
    out = {step for (before, step), after in TRANSITIONS.items() if before in COUPLED and after not in COUPLED}

    assert (into, out) == ({Step.JOIN}, {Step.LEAVE})


@pytest.mark.parametrize(("standing", "step"), sorted(set(product(Standing, Step)) - set(TRANSITIONS)))
def test_what_is_not_in_the_table_is_a_bug_of_the_caller(standing, step):
    with pytest.raises(NoSuchStep):
        next_standing(standing, step)
