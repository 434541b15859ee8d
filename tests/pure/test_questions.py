"""The questionnaire as data: what it asks when, and how wrong data is refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from practice.intake.documents import current_document, current_questionnaire, help_lines, read_questionnaire
from practice.intake.parsing import BadQuestionnaire, parse
from practice.intake.questions import MOMENTS, SKIPPED, Condition

SMALL: dict[str, Any] = {
    "version": "7",
    "scales": {"size": {"big": "Big", "small": "Small"}},
    "sections": [
        {
            "id": "pets",
            "title": "Pets",
            "fields": [
                {
                    "name": "animals", "moment": "book", "kind": "checkboxes", "required": True, "who": "both",
                    "visibility": "own", "question": "Which?", "options": {"cat": "A cat", "dog": "A dog"},
                },
                {
                    "name": "dog_size", "moment": "book", "kind": "radio", "required": True, "who": "both",
                    "visibility": "own", "question": "How big?", "scale": "size",
                    "when": {"animals": {"any_of": ["dog"]}},
                },
                {
                    "name": "bark", "moment": "session", "kind": "text", "required": False, "who": "both",
                    "visibility": "clin", "question": "What does it say?", "when": {"dog_size": {"none_of": ["small"]}},
                },
                {
                    "name": "dearest", "moment": "session", "kind": "radio_from", "required": True, "who": "both",
                    "visibility": "own", "question": "Dearest?", "options_from": "animals",
                    "when": {"animals": {"at_least": 2}},
                },
            ],
        },
    ],
}  # fmt: skip


def small(**changes: Any) -> dict[str, Any]:
    """SMALL with some keys of its second field replaced; None takes a key away."""
    document = copy.deepcopy(SMALL)
    field = document["sections"][0]["fields"][1]
    for key, value in changes.items():
        if value is None:
            del field[key]
        else:
            field[key] = value
    return document


def test_a_field_is_shown_only_when_its_condition_holds():
    pets = parse(SMALL)
    assert pets.shown({}) == {"animals"}
    assert pets.shown({"animals": ("cat",)}) == {"animals"}
    assert pets.shown({"animals": ("dog",)}) == {"animals", "dog_size"}
    assert pets.shown({"animals": ("cat", "dog")}) == {"animals", "dog_size", "dearest"}


def test_none_of_waits_for_an_answer():
    pets = parse(SMALL)
    assert "bark" not in pets.shown({"animals": ("dog",)})
    assert "bark" not in pets.shown({"animals": ("dog",), "dog_size": "small"})
    assert "bark" in pets.shown({"animals": ("dog",), "dog_size": "big"})


def test_an_answer_to_a_question_that_is_not_asked_any_more_shows_nothing():
    assert "bark" not in parse(SMALL).shown({"animals": ("cat",), "dog_size": "big"})


def test_options_taken_from_another_field_are_those_chosen_there():
    pets = parse(SMALL)
    dearest = pets.field("dearest")
    assert [option.code for option in pets.choices(dearest, {"animals": ("dog",)})] == ["dog"]
    assert pets.unknown_codes({"animals": ("dog",), "dearest": "cat"}) == ["dearest"]


def test_codes_that_no_question_knows_are_found():
    pets = parse(SMALL)
    assert pets.unknown_codes({"animals": ("cat", "dog"), "dog_size": "big", "bark": "anything at all"}) == []
    assert pets.unknown_codes({"animals": ("horse",)}) == ["animals"]
    assert pets.unknown_codes({"colour": "red"}) == ["colour"]


def test_answers_are_said_in_the_words_of_the_page():
    pets = parse(SMALL)
    answers = {"animals": ("cat", "dog"), "dog_size": "big", "bark": "", "dearest": ""}
    assert [pets.said(field, answers) for field in pets.fields()] == ["A cat; A dog", "Big", SKIPPED, SKIPPED]


def test_the_hash_changes_with_a_word_and_with_the_order_of_options():
    reworded = small(question="How very big?")
    reordered = copy.deepcopy(SMALL)
    reordered["scales"]["size"] = {"small": "Small", "big": "Big"}
    assert len({parse(SMALL).hash, parse(reworded).hash, parse(reordered).hash}) == 3
    assert parse(SMALL).hash == parse(copy.deepcopy(SMALL)).hash


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"moment": "later"}, "moment must be one of"),
        ({"kind": "slider"}, "kind must be one of"),
        ({"visibility": None}, "visibility must be one of"),
        ({"question": ""}, "question is missing"),
        ({"required": "yes"}, "required must be true or false"),
        ({"colour": "red"}, "no field has colour"),
        ({"scale": "weight"}, "there is no scale weight"),
        ({"scale": None}, "radio and checkboxes have options"),
        ({"scale": None, "options": {True: "Yes"}}, "must be quoted text"),
        ({"scale": None, "options": {0: "None"}}, "must be quoted text"),
        ({"scale": None, "options": ["big"]}, "options must be a mapping"),
        ({"options_from": "animals"}, "radio_from says whose options"),
        ({"name": "animals"}, "there are two of this name"),
        ({"when": {"bark": {"any_of": ["x"]}}}, "which is no earlier field"),
        ({"when": {"animals": {"any_of": ["horse"]}}}, "animals has no option horse"),
        ({"when": {"animals": {"if": "dog"}}}, "says any_of, none_of or at_least"),
        ({"when": {"animals": "__import__('os')"}}, "says any_of, none_of or at_least"),
        ({"longest": 0}, "longest must be a number above 0"),
        ({"alone": ["big"]}, "alone names some of the options of checkboxes"),
        ({"notice": " "}, "notice is missing"),
        ({"most": True}, "most must be a number above 0"),
    ],
)
def test_data_that_breaks_a_rule_is_refused_with_its_place(changes, says):
    with pytest.raises(BadQuestionnaire, match=says):
        parse(small(**changes))


@pytest.mark.parametrize("broken", [{}, {"version": 1}, {"version": "1"}, {"version": "1", "sections": []}])
def test_a_questionnaire_without_version_or_sections_is_refused(broken):
    with pytest.raises(BadQuestionnaire):
        parse(broken)


@pytest.mark.parametrize(("code", "known"), [("cat", True), ("horse", False)])
def test_only_an_option_of_the_question_can_stand_alone(code, known):
    document = copy.deepcopy(SMALL)
    document["sections"][0]["fields"][0]["alone"] = [code]
    if known:
        assert parse(document).field("animals").alone == {code}
        return
    with pytest.raises(BadQuestionnaire, match="alone names some of the options"):
        parse(document)


def test_options_can_only_be_taken_from_what_was_asked_at_an_earlier_moment():
    document = copy.deepcopy(SMALL)
    document["sections"][0]["fields"][0]["moment"] = "session"
    with pytest.raises(BadQuestionnaire, match="must be asked at an earlier moment"):
        parse(document)


def test_a_condition_can_ask_for_several_choices():
    two = Condition("animals", at_least=2)
    assert not two.holds({"animals": ("cat",)})
    assert two.holds({"animals": ("cat", "dog")})


# What ships.


def test_the_shipped_questionnaire_has_a_moment_for_every_field():
    fields = list(current_questionnaire().fields())
    assert {field.moment for field in fields} == set(MOMENTS)
    assert len(fields) == 61


def test_before_booking_there_are_seven_short_pages_and_just_for_you_is_the_last():
    pages = current_questionnaire().pages("book")
    assert [page.section.id for page in pages] == [
        "start", "about_you", "relationship", "trust", "goals", "practical", "just_for_you",
    ]  # fmt: skip
    assert sum(len(page.fields) for page in pages) == 23


def test_everything_on_just_for_you_can_be_skipped_and_is_never_shown_again():
    page = current_questionnaire().pages("book")[-1]
    assert all(field.write_only and not field.required for field in page.fields)


def test_the_answers_that_could_endanger_somebody_are_write_only():
    write_only = {field.name for field in current_questionnaire().fields() if field.write_only}
    assert {"others_see_messages", "safe_contact_note", "partner_knows", "control", "self_harm"} <= write_only


def test_a_phone_number_is_asked_only_when_calling_is_allowed():
    asked = current_questionnaire().shown
    assert "phone" not in asked({"contact_ok": ("email",)})
    assert "phone" in asked({"contact_ok": ("email", "voicemail")})


def test_the_safe_way_is_asked_only_when_somebody_else_could_look():
    asked = current_questionnaire().shown
    assert "safe_contact_note" not in asked({"others_see_messages": "no"})
    assert "safe_contact_note" in asked({"others_see_messages": "maybe"})


def test_a_stored_copy_gives_the_same_questionnaire_back():
    assert read_questionnaire(current_document()) == current_questionnaire()
    assert json.loads(current_document())["version"] == current_questionnaire().version


def test_help_lines_name_their_source_and_the_day_somebody_looked():
    for region in ("US-NY", "CA-QC", "GB-SCT", "GB-ENG", "PR", "FR", "GB"):
        lines = help_lines(region)
        assert lines.emergency in {"911", "999", "112"}
        for line in (*lines.crisis, *lines.abuse, *lines.youth):
            assert line.source
            assert line.checked.year >= 2026
            assert line.dial == "" or line.dial.isdigit()
        assert lines.crisis
        assert lines.abuse
        assert lines.youth


def test_help_lines_fit_the_region():
    assert help_lines("US-NY").emergency == help_lines("PR").emergency == "911"
    assert {line.dial for line in help_lines("GB-SCT").abuse} == {"08000271234", "08088010327"}
    assert "08000271234" not in {line.dial for line in help_lines("GB-ENG").abuse}
    assert help_lines("GB").abuse[0].dial == "08082000247"
    assert help_lines("FR").emergency == "112"


def test_a_partner_is_asked_what_both_answer_all_before_the_session_and_just_for_you_before_the_rest():
    whole = current_questionnaire()

    partners = whole.for_partner()

    assert [section.id for section in partners.sections][:3] == ["start", "just_for_you", "about_you"]
    assert {field.name for field in partners.fields()} == {
        field.name for field in whole.fields() if field.who == "both"
    }
    assert {field.moment for field in partners.fields()} == {"session"}
    assert partners.pages("book") == ()
    assert not {field.name for field in partners.fields()} & {"attending", "partner_knows", "insurance_use"}


def test_no_question_of_the_partners_hangs_on_one_that_they_are_not_asked():
    partners = current_questionnaire().for_partner()

    asked = {field.name for field in partners.fields()}
    needed = {condition.field for field in partners.fields() for condition in field.when}
    assert needed <= asked


def test_a_date_is_said_as_people_write_it_in_the_language_of_the_questions() -> None:
    asked = current_questionnaire()
    born = asked.field("date_of_birth")

    assert asked.said(born, {"date_of_birth": "1985-03-31"}) == "31 March 1985"
    assert asked.spoken_in("es", str).said(born, {"date_of_birth": "1985-03-31"}) == "31 de marzo de 1985"
    assert asked.said(born, {"date_of_birth": ""}) == SKIPPED
