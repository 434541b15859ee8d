"""A practice's changes to the questionnaire: whatever fits keeps what the program and people's safety build on."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice.intake import changes
from practice.intake.documents import shipped_data, shipped_questionnaire
from practice.intake.parsing import parse
from practice.intake.protected import LAST_SECTION, SAFETY, protection
from practice.intake.tailoring import RANK, arrange, fields_of, options_of, tailor

BASE = shipped_data()
HOMES = {field["name"]: section["id"] for section, field in fields_of(BASE)}
NAMES = sorted(HOMES)
SECTIONS = [section["id"] for section in BASE["sections"]]
OWN = {
    "section": "goals",
    "kind": "radio",
    "question": "How did you hear of us?",
    "options": {"a_1": "From a friend", "a_2": "From a doctor"},
    "who": "booker",
    "moment": "session",
    "visibility": "admin",
    "required": False,
}


def words_of(overlay: dict[str, Any]) -> str:
    return " ".join(problem.words for problem in tailor(BASE, overlay, "1.p1").problems)


def made(overlay: dict[str, Any]) -> dict[str, Any]:
    found = tailor(BASE, overlay, "1.p1")
    assert found.problems == ()
    return found.document


def entry(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(field for _, field in fields_of(document) if field["name"] == name)


def test_without_changes_it_is_what_ships_under_the_practices_label():
    assert tailor(BASE, {}, "1.p1").document == {**BASE, "version": "1.p1"}


def test_other_words_are_shown_and_codes_stay():
    changed = made(
        {
            "sections": {"goals": {"title": "Hopes", "intro": ""}},
            "fields": {"goal_direction": {"question": "What now?", "options": {"repair": "To mend it"}}},
        }
    )
    field = parse(changed).field("goal_direction")
    assert (field.question, field.options[0]) == ("What now?", type(field.options[0])("repair", "To mend it"))
    assert [option.code for option in field.options] == [
        option.code for option in shipped_questionnaire().field("goal_direction").options
    ]
    section = next(one for one in parse(changed).sections if one.id == "goals")
    assert (section.title, section.intro) == ("Hopes", "")


def test_a_scale_that_is_shared_is_reworded_for_one_question_alone():
    changed = parse(made({"fields": {"step1_named": {"options": {"0": "Not yet"}}}}))
    assert changed.field("step1_named").options[0].label == "Not yet"
    assert changed.field("step2_talked").options[0].label == "Not started"


@pytest.mark.parametrize("name", [name for name in NAMES if protection(name, HOMES[name])])
def test_what_is_protected_is_always_asked_and_the_page_says_why(name):
    said = words_of({"fields": {name: {"off": True}}})
    assert protection(name, HOMES[name]).reason in said


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        ({"fields": {"breach_types": {"off": True}}}, "Which weighs most right now?” builds on"),
        ({"fields": {"email": {"moment": "session"}}}, "It can’t be asked then. We reach people by it"),
        ({"fields": {"self_harm": {"moment": "session"}}}, "It can’t be asked then. Everyone is asked this alone"),
        ({"fields": {"legal_name": {"moment": "book"}}}, "It can’t be asked then. Estimates"),
        ({"fields": {"pronouns": {"moment": "pay"}}}, "It can’t be asked then"),
        ({"fields": {"trust_role": {"kind": "text"}}}, "kind of a question that we ship can’t be changed"),
        ({"fields": {"trust_role": {"visibility": "admin"}}}, "visibility of a question that we ship"),
        ({"fields": {"control": {"private": False}}}, "private of a question that we ship"),
        ({"fields": {"trust_role": {"question": "  "}}}, "Write something here"),
        ({"fields": {"trust_role": {"question": "x" * 401}}}, "400 characters at most; this has 401"),
        ({"fields": {"trust_role": {"hint": "a\u202eb"}}}, "a character that can’t be shown"),
        ({"fields": {"trust_role": {"options": {"gone": "x"}}}}, "The answer gone isn’t offered any more"),
        ({"fields": {"trust_role": {"options": {"hurt": "I’m not sure"}}}}, "Two answers have the same words"),
        ({"fields": {"no_such": {"question": "x"}}}, "The question no_such isn’t asked any more"),
        ({"sections": {"no_such": {"title": "x"}}}, "There is no section no_such any more"),
        ({"order": {"trust": ["breach_main", "breach_types"]}}, "which must stand before it"),
        ({"order": {"start": ["private_now"]}}, "The order of this section is the same for everybody"),
        ({"order": {"": ["just_for_you", "trust"]}}, "“Just for you” stay where they are"),
        ({"colours": {}}, "There is no kind of change called colours"),
        ({"own": {"practice_x": {**OWN, "section": "just_for_you"}}}, "are the same for everybody"),
        ({"own": {"control": OWN}}, "begins with practice_"),
        ({"own": {"practice_x": {**OWN, "options": {}}}}, "Write at least two answers"),
        ({"own": {"practice_x": {**OWN, "kind": "text"}}}, "none where people write"),
        ({"own": {"practice_x": {**OWN, "when": {"no_such": {"any_of": ["x"]}}}}}, "no_such"),
        (
            {"own": {"practice_x": {**OWN, "visibility": "own", "when": {"lean": {"any_of": ["9"]}}}}},
            "lean has no option 9",
        ),
        *(
            (
                {
                    "own": {
                        "practice_x": {**OWN, "who": "booker", "moment": "session", "visibility": sees, "when": when}
                    }
                },
                "whose answer fewer people read",
            )
            for sees, when in (
                ("own", {"others_see_messages": {"any_of": ["yes"]}}),
                ("own", {"substance_concern": {"any_of": ["yes"]}}),
                ("admin", {"trust_role": {"any_of": ["hurt"]}}),
            )
        ),
        (
            {"own": {"practice_x": {**OWN, "moment": "book", "when": {"lean": {"any_of": ["0"]}}}}},
            "which is asked only later",
        ),
        (
            {"own": {"practice_x": {**OWN, "who": "both", "when": {"attending": {"any_of": ["couple"]}}}}},
            "which only the person who books is asked",
        ),
    ],
)
def test_what_does_not_fit_is_said_with_its_place_and_its_way_out(overlay, words):
    assert words in words_of(overlay)


def test_what_builds_on_a_question_can_be_switched_off_with_it():
    gone = {"fields": {"breach_types": {"off": True}, "breach_main": {"off": True}}}
    assert {field["name"] for _, field in fields_of(made(gone))} == set(NAMES) - set(gone["fields"])


def test_a_section_without_questions_is_gone():
    off = {"fields": {"barriers_us": {"off": True}}}
    assert "Clinicians are warned by it" in words_of({"fields": {**off["fields"], "barriers_me": {"off": True}}})
    lone = {**BASE, "sections": [*BASE["sections"], {"id": "extra", "title": "Extra", "fields": [_plain("lone")]}]}
    assert "extra" not in [
        one["id"] for one in tailor(lone, {"fields": {"lone": {"off": True}}}, "2").document["sections"]
    ]


def _plain(name: str) -> dict[str, Any]:
    shape = {"moment": "session", "kind": "text", "required": False, "who": "both", "visibility": "own"}
    return {"name": name, "question": name, **shape}


def test_a_question_of_the_practices_own_is_asked_at_the_end_of_its_section():
    field = list(parse(made({"own": {"practice_x": OWN}})).fields())
    names = [one.name for one in field]
    assert names[names.index("practice_x") - 1] == "substance_concern"
    assert names[names.index("practice_x") + 1] == "format_pref"


# A better questionnaire ships


def upgraded() -> dict[str, Any]:
    newer = json.loads(json.dumps({**BASE, "version": "2"}))
    trust = next(one for one in newer["sections"] if one["id"] == "trust")
    trust["fields"].insert(1, _plain("brand_new"))
    return newer


def test_changes_go_on_the_better_questionnaire_and_new_questions_come_with_it():
    order = [field["name"] for section, field in fields_of(BASE) if section["id"] == "trust"]
    order.remove("breach_story")
    overlay = {
        "fields": {"trust_role": {"question": "Your side?"}},
        "order": {"trust": ["breach_story", *order]},
    }
    found = tailor(upgraded(), overlay, "2.p1")
    assert found.fits
    names = [field["name"] for section, field in fields_of(found.document) if section["id"] == "trust"]
    assert names[:3] == ["breach_story", "trust_role", "brand_new"]
    assert entry(found.document, "trust_role")["question"] == "Your side?"


def test_what_no_longer_fits_is_said_and_everything_else_is_still_shown():
    newer = upgraded()
    about = next(one for one in newer["sections"] if one["id"] == "about_you")
    about["fields"] = [field for field in about["fields"] if field["name"] != "pronouns"]
    overlay = {"fields": {"pronouns": {"hint": "Any"}, "trust_role": {"question": "Your side?"}}}
    found = tailor(newer, overlay, "2.p1")
    assert [(problem.part, problem.name) for problem in found.problems] == [("fields", "pronouns")]
    assert entry(found.document, "trust_role")["question"] == "Your side?"


# Whatever anybody does


TEXT = st.text(max_size=30)
MOMENTS = st.sampled_from(["book", "session", "pay", "invite", "never"])
FIELD = st.fixed_dictionaries(
    {},
    optional={
        "question": TEXT,
        "hint": TEXT,
        "off": st.booleans(),
        "moment": MOMENTS,
        "kind": st.just("text"),
        "options": st.dictionaries(
            st.sampled_from(["yes", "no", "not_sure", "0", "prefer_not", "x"]), TEXT, max_size=2
        ),
    },
)
OWN_ENTRY = st.fixed_dictionaries(
    {
        "section": st.sampled_from(SECTIONS),
        "kind": st.sampled_from(["text", "radio", "checkboxes", "zero_to_ten", "date"]),
        "question": TEXT,
        "who": st.sampled_from(["booker", "both"]),
        "moment": MOMENTS,
        "visibility": st.sampled_from(["own", "clin"]),
        "required": st.booleans(),
    },
    optional={
        "options": st.dictionaries(st.sampled_from(["a_1", "a_2", "A b"]), TEXT, max_size=3),
        "when": st.dictionaries(
            st.sampled_from(NAMES),
            st.fixed_dictionaries({"any_of": st.lists(st.sampled_from(["yes", "no"]))}),
            max_size=1,
        ),
    },
)
OVERLAYS = st.fixed_dictionaries(
    {},
    optional={
        "fields": st.dictionaries(st.sampled_from([*NAMES, "gone"]), FIELD, max_size=3),
        "sections": st.dictionaries(st.sampled_from(SECTIONS), st.fixed_dictionaries({"title": TEXT}), max_size=2),
        "order": st.dictionaries(
            st.sampled_from(["", *SECTIONS]), st.lists(st.sampled_from([*NAMES, *SECTIONS]), max_size=6), max_size=2
        ),
        "own": st.dictionaries(st.sampled_from(["practice_a", "practice_b", "email"]), OWN_ENTRY, max_size=2),
    },
)


@given(OVERLAYS)
@settings(max_examples=400, deadline=None)
def test_any_changes_that_pass_keep_codes_conditions_and_what_is_protected(overlay):
    found = tailor(BASE, overlay, "1.p1")
    parse(found.document)  # also where something doesn't fit: the page is always there
    if found.fits:
        hold_promises(found.document)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_row_of_presses_and_words_on_the_pages_keeps_them_too(data):
    overlay: dict[str, Any] = {}
    for _ in range(data.draw(st.integers(1, 12))):
        stands = tailor(BASE, overlay, "1.p1")
        name = data.draw(st.sampled_from(NAMES))
        step = data.draw(st.sampled_from(["up", "down", "off", "on", "section", "moment", "own"]))
        match step:
            case "up" | "down":
                tried = changes.move_field(stands.document, overlay, name, step)
            case "off":
                tried = changes.switch_off(overlay, name)
            case "on":
                tried = changes.switch_on(overlay, name)
            case "section":
                way = data.draw(st.sampled_from(["up", "down"]))
                tried = changes.move_section(stands.document, overlay, data.draw(st.sampled_from(SECTIONS)), way)
            case "moment":
                tried = changes.reword_field(BASE, overlay, name, {"moment": data.draw(MOMENTS)})
            case _:
                tried = changes.put_own(overlay, "practice_a", data.draw(OWN_ENTRY))
        after = tailor(BASE, tried, "1.p1")
        if after.fits:  # what doesn't fit, the page refuses
            overlay = tried
            hold_promises(after.document)


def hold_promises(document: dict[str, Any]) -> None:
    whole = parse(document)
    now = {field["name"]: (section["id"], field) for section, field in fields_of(document)}
    for section, shipped in fields_of(BASE):
        name = shipped["name"]
        stands = protection(name, section["id"])
        if name not in now:
            assert stands is None, f"{name} was lost"
            continue
        home, field = now[name]
        assert home == section["id"]
        assert list(options_of(document, field)) == list(options_of(BASE, shipped))
        for key in ("kind", "required", "who", "visibility", "private", "options_from", "when", "most", "longest"):
            assert field.get(key) == shipped.get(key)
        if field["moment"] != shipped["moment"]:
            assert {field["moment"], shipped["moment"]} == {"book", "session"}
            assert stands is None or field["moment"] in stands.moments
    seen: dict[str, str] = {}
    for field in whole.fields():
        for condition in field.when:
            assert RANK[seen[condition.field]] <= RANK[field.moment]
        seen[field.name] = field.moment
    assert [section.id for section in whole.sections][:2] == SECTIONS[:2]
    assert whole.sections[-1].id == LAST_SECTION
    assert [one.id for one in whole.for_partner().sections][:2] == ["start", LAST_SECTION]
    assert whole.pages("book")[-1].section.id == LAST_SECTION


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 12)))
def test_an_order_loses_nothing_and_keeps_what_it_does_not_name_behind_its_neighbour(names, wanted):
    named = [str(name) for name in names]
    found = arrange(named, [str(name) for name in wanted])
    assert sorted(found) == sorted(named)
    kept = [str(name) for name in dict.fromkeys(wanted) if str(name) in named]
    assert [name for name in found if name in kept] == kept


# One list


def test_every_question_that_code_names_is_protected():
    """Whoever builds on an answer by its name must have its question asked: here is where they hear of it."""
    rooms = Path(__file__).parents[2] / "practice"
    # They leave out what wasn't asked.
    shown_only = {
        *("intake/protected.py", "numbers/reading.py", "review/heads.py", "review/queries.py"),
        "review/repair_steps.py",
    }
    named: set[str] = set()
    for path in rooms.rglob("*.py"):
        where = path.relative_to(rooms).as_posix()
        if where in shown_only or where.startswith(("demo/", "sandbox/")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in HOMES:
                named.add(node.value)
    assert named >= SAFETY
    assert {name for name in named if protection(name, HOMES[name]) is None} == set()


def test_differences_name_what_is_new_other_and_gone():
    after = made(
        {
            "sections": {"goals": {"title": "Hopes"}},
            "fields": {"pronouns": {"off": True}, "lean": {"moment": "book", "options": {"0": "leaving"}}},
            "own": {"practice_x": OWN},
            "order": {"": ["practical", "relationship", "trust", "steps", "barriers", "goals"]},
        }
    )
    said = {(one.what, one.before, one.after) for one in changes.differences(BASE, after)}
    assert ("title", "What you hope for", "Hopes") in said
    assert ("no longer asked", "Pronouns", "") in said
    assert ("moment", "session", "book") in said
    assert ("an answer", "on my way out", "leaving") in said
    assert ("a new question", "", "How did you hear of us?") in said
    assert any(what == "their order" for what, _, _ in said)
    assert changes.differences(after, after) == []


def test_what_is_typed_as_it_ships_is_no_change():
    shipped = entry(BASE, "lean")
    same = {"question": shipped["question"], "hint": "", "options": dict(shipped["options"]), "moment": "session"}
    assert changes.reword_field(BASE, {}, "lean", same) == {}
    off = changes.switch_off({}, "lean")
    assert changes.reword_field(BASE, off, "lean", same) == off
    assert changes.switch_on(off, "lean") == {}


def test_the_code_of_an_answer_belongs_to_its_words():
    assert changes.answer_code("From  a friend") == changes.answer_code("From a friend")
    assert changes.answer_code("From a friend") != changes.answer_code("From a doctor")
