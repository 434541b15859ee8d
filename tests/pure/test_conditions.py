"""Every question that is asked of some: asked of them, and of nobody else. A new condition fails until it is tested."""

from __future__ import annotations

from typing import Any

import pytest

from practice.intake.documents import current_questionnaire

# For each such question: answers that call for it, and answers that don't. An empty answer never does.
CASES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "phone": (
        [{"contact_ok": ("call",)}, {"contact_ok": ("email", "voicemail")}],
        [{"contact_ok": ("email",)}, {"contact_ok": ()}, {}],
    ),
    "safe_contact_note": (
        [{"others_see_messages": "maybe"}, {"others_see_messages": "yes"}],
        [{"others_see_messages": "no"}, {"others_see_messages": ""}, {}],
    ),
    "partner_knows": (
        [{"attending": "couple"}, {"attending": "couple_unsure"}],
        [{"attending": "individual"}, {"attending": ""}, {}],
    ),
    "breach_main": (
        [{"breach_types": ("lying_omission", "other")}, {"breach_types": ("other", "prefer_talk", "money_hidden")}],
        [{"breach_types": ("lying_omission",)}, {"breach_types": ()}, {}],
    ),
    "breach_last_when": (
        [{"breach_pattern": code} for code in ("single", "repeated", "not_sure")],
        [{"breach_pattern": "many_small"}, {"breach_pattern": ""}, {}],
    ),
    "breach_ongoing": (
        [{"breach_pattern": code} for code in ("single", "repeated", "not_sure")],
        [{"breach_pattern": "many_small"}, {"breach_pattern": ""}, {}],
    ),
    "prior_helped": (
        [{"prior_therapy": ("couple",)}, {"prior_therapy": ("individual", "other")}],
        [{"prior_therapy": ("none",)}, {"prior_therapy": ("none", "couple")}, {"prior_therapy": ()}, {}],
    ),
}
WHOLE = current_questionnaire()
AUDIENCES = {"booker": WHOLE, "partner": WHOLE.for_partner()}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_condition_of_the_questionnaire_has_a_case(audience):
    conditional = {field.name for field in AUDIENCES[audience].fields() if field.when}
    assert conditional <= set(CASES)
    if audience == "booker":
        assert conditional == set(CASES)


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("name", CASES)
def test_it_is_asked_of_those_whom_it_is_for_and_of_nobody_else(audience, name):
    questionnaire = AUDIENCES[audience]
    if name not in {field.name for field in questionnaire.fields()}:
        assert WHOLE.field(name).who == "booker"
        return
    for_them, for_others = CASES[name]
    for answers in for_them:
        assert name in questionnaire.shown(answers), answers
    for answers in for_others:
        assert name not in questionnaire.shown(answers), answers


@pytest.mark.parametrize("name", CASES)
def test_each_code_that_a_condition_names_and_each_that_it_does_not_was_tried(name):
    """For conditions on one choice: every code of that question stands in a case."""
    (condition,) = WHOLE.field(name).when
    asked = WHOLE.field(condition.field)
    if asked.multiple:
        return
    tried = {answers.get(condition.field) for side in CASES[name] for answers in side}
    assert {option.code for option in asked.options} <= tried


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("name", CASES)
def test_its_page_has_it_only_where_it_may_be_called_for(audience, name):
    """What an earlier page decides is decided; what the page itself decides can't be known before it is sent."""
    questionnaire = AUDIENCES[audience]
    found = [
        page
        for moment in ("book", "pay", "invite", "session")
        for page in questionnaire.pages(moment)
        if name in {field.name for field in page.fields}
    ]
    if not found:
        assert audience == "partner"
        return
    (page,) = found
    (condition,) = WHOLE.field(name).when
    same_page = condition.field in {field.name for field in page.fields}
    for_them, for_others = CASES[name]
    for answers in for_them:
        assert name in {field.name for field in questionnaire.askable(page, answers)}
    for answers in for_others:
        assert (name in {field.name for field in questionnaire.askable(page, answers)}) == same_page


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_question_takes_its_options_from_its_own_page(audience):
    questionnaire = AUDIENCES[audience]
    for moment in ("book", "pay", "invite", "session"):
        for page in questionnaire.pages(moment):
            here = {field.name for field in page.fields}
            assert not here & {field.options_from for field in page.fields}
