"""What clinicians are warned of: every rule from both sides."""

from __future__ import annotations

import hashlib

import pytest

from practice.intake.documents import current_questionnaire
from practice.intake.safety import (
    CRISIS,
    RULE_VERSION,
    RULES,
    Band,
    Flag,
    Rule,
    explain,
    flags_for,
    is_crisis,
    worst_band,
)

EVERYTHING = frozenset(field.name for field in current_questionnaire().fields())
CALM = {
    "self_harm": "no", "harm_other": "no", "control": "no", "safe_to_speak": "yes", "own_force": "no",
    "court_order": "no", "alone_call": "no", "breach_known_since": "y1_3", "breach_ongoing": "ended",
    "discovery_how": "found", "barriers_me": ("blame",), "barriers_us": ("loop",),
    "substance_concern": "no", "court_involved": "no",
}  # fmt: skip


def codes(**changes: object) -> set[str]:
    return {flag.code for flag in flags_for({**CALM, **changes}, EVERYTHING)}  # type: ignore[dict-item]


def test_calm_answers_raise_nothing():
    assert codes() == set()
    assert worst_band(flags_for(CALM, EVERYTHING)) is None


@pytest.mark.parametrize(
    ("field", "answer", "flag"),
    [
        ("control", "sometimes", "control"),
        ("control", "often", "control"),
        ("safe_to_speak", "no", "safe_to_speak"),
        ("own_force", "yes", "own_force"),
        ("court_order", "yes", "court_order"),
        ("harm_other", "yes", "harm_other"),
        ("self_harm", "plan", "self_harm"),
        ("self_harm", "prefer_talk", "self_harm"),
    ],
)
def test_a_red_answer_raises_one_red_flag(field, answer, flag):
    (raised,) = flags_for({**CALM, field: answer}, EVERYTHING)
    assert raised == Flag(flag, Band.RED, "2", (field,))


@pytest.mark.parametrize(
    ("field", "answer", "flag"),
    [
        ("self_harm", "passing", "self_harm_thoughts"),
        ("self_harm", "often", "self_harm_thoughts"),
        ("control", "prefer_not", "control_unsaid"),
        ("safe_to_speak", "not_sure", "safe_to_speak_unsaid"),
        ("safe_to_speak", "prefer_not", "safe_to_speak_unsaid"),
        ("own_force", "prefer_not", "own_force_unsaid"),
        ("court_order", "prefer_not", "court_order_unsaid"),
        ("harm_other", "prefer_not", "harm_other_unsaid"),
        ("breach_known_since", "lt_2w", "newly_known"),
        ("breach_ongoing", "ongoing", "ongoing"),
        ("breach_ongoing", "partly", "ongoing"),
        ("discovery_how", "not_open_yet", "not_in_the_open"),
        ("barriers_me", ("blame", "afraid"), "fears_reaction"),
        ("barriers_us", ("afraid", "loop"), "fear_between_us"),
        ("substance_concern", "some", "substance"),
        ("substance_concern", "yes", "substance"),
        ("court_involved", "considering", "court"),
        ("court_involved", "yes", "court"),
    ],
)
def test_an_amber_answer_raises_one_amber_flag(field, answer, flag):
    (raised,) = flags_for({**CALM, field: answer}, EVERYTHING)
    assert (raised.code, raised.band, raised.sources) == (flag, Band.AMBER, (field,))


UNSAID = {"not_sure", "prefer_not", ""}
RAISED_BY = {
    "self_harm": {"plan", "prefer_talk"},
    "harm_other": {"yes"},
    "control": {"sometimes", "often"},
    "safe_to_speak": {"no"},
    "own_force": {"yes"},
    "court_order": {"yes"},
    "self_harm_thoughts": {"passing", "often"},
    "self_harm_unsaid": UNSAID,
    "harm_other_unsaid": UNSAID,
    "control_unsaid": UNSAID,
    "safe_to_speak_unsaid": UNSAID,
    "own_force_unsaid": UNSAID,
    "court_order_unsaid": UNSAID,
    "newly_known": {"lt_2w"},
    "ongoing": {"ongoing", "partly"},
    "not_in_the_open": {"not_open_yet"},
    "fears_reaction": {"afraid"},
    "fear_between_us": {"afraid"},
    "substance": {"some", "yes"},
    "court": {"considering", "yes"},
}
"""Which answers raise which flag, written down once more in care's own words. No other answer does."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_is_raised_by_its_answers_and_by_no_other(rule: Rule):
    field = current_questionnaire().field(rule.field)
    for answer in (*(option.code for option in field.options), ""):
        said = ((answer,) if field.multiple else answer) if answer else field.empty
        raised = rule.code in codes(**{rule.field: said})
        assert raised is (answer in RAISED_BY[rule.code]), f"{rule.code}: {answer!r}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_whose_question_was_not_shown_raises_nothing(rule: Rule):
    for answer in RAISED_BY[rule.code]:
        assert rule.code not in {one.code for one in flags_for({**CALM, rule.field: answer}, EVERYTHING - {rule.field})}


RULES_OF_VERSION = {"2": "86149514bdf3e8e4"}


def test_whoever_changes_the_rules_raises_their_version():
    """Where this fails: raise RULE_VERSION, and write the new fingerprint beside the old ones."""
    rules = [(one.code, one.band, one.field, sorted(one.codes), one.skipped) for one in RULES]
    assert RULES_OF_VERSION.get(RULE_VERSION) == hashlib.sha256(repr(rules).encode()).hexdigest()[:16]


@pytest.mark.parametrize("field", ["self_harm", "harm_other", "control", "safe_to_speak", "own_force", "court_order"])
def test_a_safety_question_shown_and_left_empty_was_skipped(field):
    assert codes(**{field: ""}) == {f"{field}_unsaid"}


@pytest.mark.parametrize("field", ["self_harm", "harm_other", "control", "safe_to_speak", "own_force", "court_order"])
def test_a_safety_question_that_was_not_shown_yet_raises_nothing(field):
    assert flags_for({**CALM, field: ""}, EVERYTHING - {field}) == ()


def test_an_answer_to_a_question_that_is_not_shown_raises_nothing():
    assert flags_for({**CALM, "self_harm": "plan"}, EVERYTHING - {"self_harm"}) == ()


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("safe_to_speak", "mostly"),
        ("alone_call", "yes"),
        ("alone_call", "not_sure"),
        ("alone_call", ""),
        ("breach_known_since", "w2_m3"),
        ("breach_known_since", ""),
        ("breach_known_since", "not_sure"),
        ("breach_ongoing", "not_sure"),
        ("discovery_how", "bit_by_bit"),
        ("barriers_me", ()),
        ("substance_concern", ""),
        ("court_involved", "prefer_not"),
    ],
)
def test_near_neighbours_raise_nothing(field, answer):
    assert codes(**{field: answer}) == set()


def test_the_gravest_flag_comes_first_and_gives_the_band():
    flags = flags_for({**CALM, "court_order": "yes", "self_harm": "plan", "control": ""}, EVERYTHING)
    assert [flag.code for flag in flags] == ["self_harm", "court_order", "control_unsaid"]
    assert worst_band(flags) is Band.RED
    assert worst_band(flags[2:]) is Band.AMBER


@pytest.mark.parametrize(
    ("field", "answer", "crisis"),
    [
        ("self_harm", "plan", True),
        ("self_harm", "prefer_talk", True),
        ("harm_other", "yes", True),
        ("self_harm", "often", False),
        ("self_harm", "", False),
        ("harm_other", "prefer_not", False),
        ("own_force", "yes", False),
        ("control", "often", False),
    ],
)
def test_only_a_crisis_answer_adds_the_page_for_that_person_alone(field, answer, crisis):
    assert is_crisis({**CALM, field: answer}) is crisis


def test_the_rules_name_fields_and_codes_that_the_questionnaire_has():
    questionnaire = current_questionnaire()
    for rule in RULES:
        options = {option.code for option in questionnaire.field(rule.field).options}
        if rule.skipped:
            assert options & rule.codes or rule.field == "self_harm"
        else:
            assert rule.codes <= options, rule.code
    for field, answers in CRISIS.items():
        assert answers <= {option.code for option in questionnaire.field(field).options}


def test_every_flag_can_be_explained_and_an_old_one_by_its_code():
    assert len({rule.code for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert explain(Flag(rule.code, rule.band, "1", (rule.field,))) == rule.says
    assert explain(Flag("retired", Band.AMBER, "0", ())) == "retired"
