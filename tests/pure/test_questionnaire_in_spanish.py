"""The questionnaire says the same in Spanish as in English: every text, the same codes, and nothing else."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import pytest
import yaml

from practice.intake import changes
from practice.intake.documents import FOLDER, LINE_KINDS, line_words, list_countries, shipped_data, shipped_lines
from practice.intake.instrument_files import load_instrument
from practice.intake.instruments import BadInstrument
from practice.intake.parsing import parse
from practice.intake.tailoring import tailor
from practice.intake.translating import english_of, known_words, translate, unsaid, words_of
from practice.intake.wording import LONGEST_LABEL, WORDS
from practice.regions import GROUPS, REGIONS, groups_in, names_in, region_name

BASE = shipped_data()
GOAL = ("fields", "goal_direction", "question")


def in_spanish(document: dict[str, Any]):
    return translate(parse(document), known_words(document, BASE, "es")).spoken_in("es", str)


def published(overlay: dict[str, Any]) -> dict[str, Any]:
    found = tailor(BASE, overlay, "9.p1")
    assert found.problems == ()
    return found.document


def texts_in(entry: Any) -> int:
    return sum(map(texts_in, entry.values())) if isinstance(entry, dict) else 1


def test_every_text_has_its_spanish():
    assert unsaid(BASE, "es") == []


def test_there_is_no_spanish_of_what_nobody_is_asked():
    spanish = yaml.safe_load((FOLDER / "questionnaire.es.yaml").read_text())
    assert set(spanish) == {"scales", "sections", "fields"}
    assert {name: list(labels) for name, labels in spanish["scales"].items()} == {
        name: list(labels) for name, labels in BASE["scales"].items()
    }
    fields = {field["name"]: field for section in BASE["sections"] for field in section["fields"]}
    for name, words in spanish["fields"].items():
        assert set(words) <= {"question", "hint", "missing", "notice", "options"} & set(fields[name]), name
        assert list(words.get("options", {})) == list(fields[name].get("options", {})), name
    of_scales = sum(len(BASE["scales"][field["scale"]]) for field in fields.values() if "scale" in field)
    assert texts_in(spanish["sections"]) + texts_in(spanish["fields"]) + of_scales == len(words_of(BASE, "es"))


def test_only_words_differ():
    english, spanish = parse(BASE), in_spanish(BASE)
    assert spanish.hash == english.hash
    for one, other in zip(english.fields(), spanish.fields(), strict=True):
        assert [option.code for option in one.options] == [option.code for option in other.options]
        assert (one.name, one.moment, one.kind, one.when, one.visibility, one.private, one.alone) == (
            other.name, other.moment, other.kind, other.when, other.visibility, other.private, other.alone,
        )  # fmt: skip
        assert one.question != other.question, one.name


def test_numbers_are_the_same_and_words_fit_their_places():
    english, spanish = english_of(BASE), words_of(BASE, "es")
    for place, text in spanish.items():
        assert sorted(re.findall(r"\d+", text)) == sorted(re.findall(r"\d+", english[place])), place
        assert len(text) <= WORDS.get(place[-1], LONGEST_LABEL if "options" in place else 1200), place


def test_two_answers_of_a_question_never_have_the_same_words():
    for field in in_spanish(BASE).fields():
        assert len({option.label for option in field.options}) == len(field.options), field.name


def test_a_version_from_before_is_said_in_spanish_where_its_english_is_ours():
    old = deepcopy(BASE)
    del old["es"]
    old["sections"][0]["title"] = "Before you begin"
    found = in_spanish(old)
    assert found.sections[0].title == "Before you begin"
    assert found.field("goal_direction").question == words_of(BASE, "es")[GOAL]


def test_changed_english_has_no_spanish_until_it_is_given():
    document = published({"fields": {"goal_direction": {"question": "What now?"}}})
    assert unsaid(document, "es") == [GOAL]
    assert in_spanish(document).field("goal_direction").question == "What now?"
    said = published({"fields": {"goal_direction": {"question": "What now?", "es": {"question": "¿Y ahora?"}}}})
    assert unsaid(said, "es") == []
    assert in_spanish(said).field("goal_direction").question == "¿Y ahora?"


def test_another_label_of_a_scale_leaves_the_other_questions_of_the_scale_alone():
    document = published({"fields": {"step1_named": {"options": {"0": "Not yet"}}}})
    assert unsaid(document, "es") == [("fields", "step1_named", "options", "0")]
    found = in_spanish(document)
    assert found.field("step1_named").options[1].label == found.field("step2_talked").options[1].label


def test_better_spanish_needs_no_other_english():
    document = published({"sections": {"goals": {"es": {"title": "Sus metas"}}}})
    assert in_spanish(document).sections[6].title == "Sus metas"
    assert unsaid(document, "es") == []


def test_an_own_question_needs_its_spanish():
    own = {
        "section": "goals", "kind": "radio", "question": "Tea?", "who": "both", "moment": "session",
        "visibility": "own", "required": False, "options": {"a_1": "Green", "a_2": "Black"},
    }  # fmt: skip
    place = ("fields", "practice_tea")
    assert unsaid(published({"own": {"practice_tea": own}}), "es") == [
        (*place, "question"), (*place, "options", "a_1"), (*place, "options", "a_2"),
    ]  # fmt: skip
    said = {**own, "es": {"question": "¿Té?", "options": {"a_1": "Verde", "a_2": "Negro"}}}
    assert unsaid(published({"own": {"practice_tea": said}}), "es") == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"es": "¿Y ahora?"}, "es"),
        ({"es": {"question": "x" * 401}}, "es_question"),
        ({"es": {"kind": "text"}}, "es_kind"),
        ({"es": {"options": {"repair": "x" * 201}}}, "es_option_repair"),
    ],
)
def test_words_that_cant_be_shown_are_refused_where_they_stand(change, key):
    found = tailor(BASE, {"fields": {"goal_direction": change}}, "9.p1")
    assert [problem.key for problem in found.problems] == [key]


def test_what_is_as_shipped_in_both_languages_is_no_change():
    place = GOAL[:2]
    shipped = {key[2]: text for key, text in words_of(BASE, "es").items() if key[:2] == place and len(key) == 3}
    words = {"question": english_of(BASE)[GOAL], "es": shipped}
    assert changes.reword_field(BASE, {}, "goal_direction", words) == {}


def test_spanish_that_stayed_while_its_english_changed_is_forgotten():
    stays = words_of(BASE, "es")[GOAL]
    typed = {"question": "What now?", "es": {"question": stays}}
    assert changes.forget_stale(BASE, GOAL[:2], typed)["es"] == {}
    fresh = {"question": "What now?", "es": {"question": "¿Y ahora?"}}
    assert changes.forget_stale(BASE, GOAL[:2], fresh) == fresh


def test_the_list_of_changes_shows_the_spanish_too():
    after = published({"fields": {"goal_direction": {"es": {"question": "¿Y ahora?"}}}})
    (line,) = changes.differences(BASE, after)
    assert (line.what, line.before, line.after) == ("in Spanish", words_of(BASE, "es")[GOAL], "¿Y ahora?")


INSTRUMENT = """
id: tea
title: "Tea"
source: "ours"
licence: {holder: "us", terms: "ours", since: 2026-03-01}
scales: {often: {"0": "Never", "1": "Often"}}
items: [{code: cup, question: "A cup?", scale: often}]
scoring: {method: sum}
"""
ITS_SPANISH = """
es:
  title: "Té"
  scales: {often: {"0": "Nunca", "1": "A menudo"}}
  items: {cup: "¿Una taza?"}
"""


def test_an_instrument_is_asked_in_the_words_of_its_owner_or_in_english():
    plain = published({"instruments": {"tea": load_instrument(INSTRUMENT)}})
    assert unsaid(plain, "es") == []  # nobody else may translate it
    assert in_spanish(plain).field("ins_tea_cup").question == "A cup?"
    spoken = published({"instruments": {"tea": load_instrument(INSTRUMENT + ITS_SPANISH)}})
    assert in_spanish(spoken).field("ins_tea_cup").question == "¿Una taza?"
    assert [one.label for one in in_spanish(spoken).field("ins_tea_cup").options] == ["Nunca", "A menudo"]


def test_half_an_instrument_in_spanish_is_refused():
    with pytest.raises(BadInstrument, match="es items cup"):
        load_instrument(INSTRUMENT + ITS_SPANISH.replace('items: {cup: "¿Una taza?"}', "items: {}"))
    with pytest.raises(BadInstrument, match="es scales often 1"):
        load_instrument(INSTRUMENT + ITS_SPANISH.replace(', "1": "A menudo"', ""))


def test_every_help_line_says_in_spanish_how_it_is_reached_and_no_other():
    lines = [
        line for country in list_countries() for kind in LINE_KINDS for line in getattr(shipped_lines(country), kind)
    ]
    said = line_words("es")
    assert set(said) == {words for line in lines for words in (line.how, line.hours)}
    for english, spanish in said.items():
        assert re.findall(r"[\d-]{3,}|\w+\.\w+|[A-Z]{4,}", english) == re.findall(
            r"[\d-]{3,}|\w+\.\w+|[A-Z]{4,}", spanish
        ), english


def test_places_have_their_spanish_names_in_spanish_order():
    assert region_name("US-NM", "es") == "Nuevo México"
    assert region_name("US-TX", "es") == "Texas"
    assert region_name("DE", "es") == "Alemania"
    assert region_name("US-NM") == "New Mexico"
    assert set(names_in("es")) == set(REGIONS)
    groups = groups_in("es")
    assert [set(names) for names in groups.values()] == [set(names) for names in GROUPS.values()]
    assert list(groups) == ["Estados Unidos", "Canadá", "Reino Unido", "Otros países"]
    assert list(groups["Otros países"]).index("ES") < list(groups["Otros países"]).index("ET")  # España, Etiopía


def test_the_data_is_plain_enough_to_be_kept():
    assert json.loads(json.dumps(BASE)) == BASE
