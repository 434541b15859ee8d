"""What clinicians are warned of when two come together: every rule from both sides, whoever of the two says what."""

from __future__ import annotations

import hashlib
from itertools import product

import pytest

from practice.intake.couple_safety import (
    CONFLICTING_GOALS,
    COUPLE_RULE_VERSION,
    COUPLE_RULES,
    CoupleRule,
    explain_for_two,
    flags_for_two,
)
from practice.intake.documents import current_questionnaire
from practice.intake.safety import RULES, Band, Flag

CALM = {"goal_direction": "repair", "lean": "3", "trust_role": "hurt"}
OTHER = {"goal_direction": "repair", "lean": "3", "trust_role": "broke"}
RAISED_BY = {
    "goals_conflict": {("repair", "separate_well"), ("decide", "separate_well")},
    "leans_apart": {("0", "2"), ("0", "3"), ("0", "4"), ("1", "3"), ("1", "4"), ("2", "4")},
    "both_hurt": {("hurt", "hurt")},
}
"""Which pairs of answers raise which flag, either way round. No other pair does."""


def codes(one: dict[str, str], other: dict[str, str]) -> set[str]:
    return {flag.code for flag in flags_for_two(one, other)}


def test_two_calm_people_raise_nothing():
    assert codes(CALM, OTHER) == set()
    assert codes({}, {}) == set()


@pytest.mark.parametrize("rule", COUPLE_RULES, ids=lambda rule: rule.code)
def test_every_rule_is_raised_by_its_pairs_and_by_no_other(rule: CoupleRule):
    options = [option.code for option in current_questionnaire().field(rule.field).options]
    assert len(options) > 2
    for one, other in product((*options, ""), repeat=2):
        expected = {(one, other), (other, one)} & RAISED_BY[rule.code] != set()
        raised = rule.code in codes({**CALM, rule.field: one}, {**OTHER, rule.field: other})
        assert raised is expected, f"{rule.code}: {one!r} and {other!r}"


@pytest.mark.parametrize("rule", COUPLE_RULES, ids=lambda rule: rule.code)
def test_somebody_who_was_not_asked_raises_nothing_with_anybody(rule: CoupleRule):
    for one, _ in RAISED_BY[rule.code]:
        assert codes({rule.field: one}, {}) == codes({}, {rule.field: one}) == set()


def test_a_flag_of_two_is_amber_and_says_its_version_and_source():
    flags = flags_for_two({**CALM, "lean": "0"}, {**OTHER, "lean": "2"})
    assert flags == (Flag("leans_apart", Band.AMBER, "1", ("lean",)),)
    assert explain_for_two(flags[0]) == "One leans in where the other leans out"
    assert explain_for_two(Flag("retired", Band.AMBER, "0", ())) == "retired"


def test_no_rule_of_two_has_the_name_of_one_of_one_person():
    assert {rule.code for rule in COUPLE_RULES}.isdisjoint({rule.code for rule in RULES})
    assert len({rule.code for rule in COUPLE_RULES}) == len(COUPLE_RULES)


def test_conflicting_goals_are_goals_that_can_be_chosen():
    options = {option.code for option in current_questionnaire().field("goal_direction").options}
    assert all(len(pair) == 2 and pair <= options for pair in CONFLICTING_GOALS)


RULES_OF_VERSION = {"1": "3fc5a82f465eae9f"}


def test_whoever_changes_the_rules_of_two_raises_their_version():
    """Where this fails: raise COUPLE_RULE_VERSION, and write the new fingerprint beside the old ones."""
    said = []
    for rule in COUPLE_RULES:
        options = [option.code for option in current_questionnaire().field(rule.field).options]
        raised = [pair for pair in product(options, repeat=2) if rule.met(*pair)]
        said.append((rule.code, rule.field, raised))
    assert RULES_OF_VERSION.get(COUPLE_RULE_VERSION) == hashlib.sha256(repr(said).encode()).hexdigest()[:16]
