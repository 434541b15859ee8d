"""The words of the letters as data: that languages agree, placeholders are checked, and nothing else happens."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from practice.languages import LANGUAGES, preferred
from practice.notify.catalogue import BadWords, Voice, catalogue, read_catalogue
from practice.notify.checking import empty_of, fits, problems_of
from practice.notify.neutral import worries_of
from practice.notify.samples import VALUES, cases_of, sample
from practice.notify.wording import PLACEHOLDERS, fill, tidy
from practice.presenting import OFFERED_ZONES
from practice.telling.spanish import Spanish
from tests.pure.test_time_docs import rows
from tests.support.clock import START

NOTIFY = Path(__file__).parents[2] / "practice" / "notify"
MOVED = catalogue()["appointment_moved"]
TOLD = {"a": {"to": "client", "goes": "Now."}}
WORDS = {"subject": "S", "text": ["On {when}."], "link": "L"}


def told(entry, words):
    return [f"{one.field}: {one.words}" for one in problems_of(entry, words)]


def changed(entry, **texts):
    return {**entry.shipped["en"], **texts}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", catalogue())
def test_the_words_that_ship_fit_their_letters_and_are_neutral(key, language):
    entry = catalogue()[key]

    assert fits(entry, entry.shipped[language])
    assert worries_of(entry, entry.shipped[language], ["Ada Lindqvist"]) == []


@pytest.mark.parametrize("key", catalogue())
def test_spanish_is_no_copy_of_english_and_says_the_same_placeholders_in_every_part(key):
    entry = catalogue()[key]
    english, spanish = entry.shipped["en"], entry.shipped["es"]

    assert not [field for field in entry.fields if english[field] == spanish[field]]
    for field in entry.fields:
        assert sorted(re.findall(r"\{\w+\}", english[field])) == sorted(re.findall(r"\{\w+\}", spanish[field]))


def test_every_letter_has_a_function_that_writes_it_and_every_function_has_a_letter():
    written = [
        node.args[1].value
        for file in NOTIFY.glob("*letters.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "write"
    ]

    assert sorted(written) == sorted(catalogue())


def test_the_page_lists_every_letter_and_every_placeholder():
    listed = [[cell.replace("`", "") for cell in row] for row in rows("letters.md", "Letter")]
    assert listed == [
        [
            key,
            entry.goes,
            entry.to,
            ", ".join(f"{{{name}}}" for name in entry.placeholders) or "none",
            ", ".join(case for case in entry.cases if case) or "none",
        ]
        for key, entry in catalogue().items()
    ]
    assert [[cell.replace("`", "") for cell in row] for row in rows("letters.md", "Placeholder")] == [
        [f"{{{name}}}", means] for name, means in PLACEHOLDERS.items()
    ]


@pytest.mark.parametrize(
    ("spanish", "said"),
    [
        ({}, "a stands in one of the two files alone"),
        ({"a": {"subject": "S", "link": "L", "text": ["{when}"]}}, "it should have subject, text, link"),
        ({"a": {**WORDS, "text": ["Pronto."]}}, "{when} is missing"),
        ({"a": {**WORDS, "text": ["{when} {until}"]}}, "{until} is no placeholder of this text"),
        ({"a": {**WORDS, "text": ["{when} {who}"]}}, "nobody gives a value for {who}"),
        ({"a": {**WORDS, "link": ""}}, "Nothing is written here yet"),
    ],
)
def test_languages_that_do_not_agree_stop_the_start_and_are_named(spanish, said):
    with pytest.raises(BadWords, match=re.escape(said)):
        read_catalogue(TOLD, {"en": {"a": WORDS}, "es": spanish})


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("text", "On {wen}.", "text: {wen} is no placeholder of this text. There are: {when}."),
        ("text", "On the day.", "text: {when} is missing"),
        ("subject", "Your appointment {when}", "subject: {when} can’t stand in a subject"),
        ("subject", "Your appointment\r\nBcc: all@mail.example", "subject: It holds a line break"),
        ("link", "Open {when}", "link: {when} is no placeholder of this text. There are none here."),
        ("text", "{when} {{ 7 * 7 }}", "text: {{ 7 * 7 }} is no placeholder"),
        ("text", "{when} {0.__class__}", "text: {0.__class__} is no placeholder"),
        ("text", "{when} {when.__init__.__globals__}", "text: {when.__init__.__globals__} is no placeholder"),
        ("text", "{when} {", "text: { is no placeholder"),
        ("text", "{when} }", "text: } is no placeholder"),
        ("text", "{{when}}", "text: {{when}} is no placeholder"),
        ("text", "{when} {name!r}", "text: {name!r} is no placeholder"),
        ("text", "{when}" + "x" * 2_000, "text: 2000 characters at most; these are 2006."),
        ("subject", "Your appointment\u2028Bcc: x", "subject: It holds a line break"),
        ("subject", "Your appointment\x85Bcc: x", "subject: It holds a line break"),
        ("link", "Open\nit", "link: It holds a line break"),
        ("text", "{when}\x00", "text: It holds a line break or a sign"),
    ],
)
def test_what_a_letter_cannot_be_written_with_is_refused_and_named(field, text, said):
    assert any(one.startswith(said) for one in told(MOVED, changed(MOVED, **{field: text})))
    assert not fits(MOVED, changed(MOVED, **{field: text}))


def test_a_placeholder_of_one_case_has_no_value_in_another():
    entry = catalogue()["request_lapsed"]

    assert told(entry, changed(entry, kept_again="Until {until}; it was {when}.")) == []
    assert told(entry, changed(entry, for_good="Until {until}.")) == [
        "for_good: {until} is no placeholder of this text. There are: {when}."
    ]
    assert "kept_again: {until} is missing" in told(entry, changed(entry, kept_again="Once more."))[0]


def test_a_text_that_is_not_written_yet_is_told_and_not_a_problem():
    words = changed(MOVED, text="")

    assert problems_of(MOVED, words) == []
    assert [one.field for one in empty_of(MOVED, words)] == ["text"]
    assert not fits(MOVED, words)


def test_values_are_put_in_once_and_stay_as_they_are():
    words = changed(MOVED, text="{when}\n\nOnce more: {when}")

    odd = "{when} {0.__class__} {{ 7 * 7 }} <b>"

    assert fill(MOVED, words, {"when": odd}).paragraphs == (odd, f"Once more: {odd}")


def test_a_case_that_a_letter_has_not_is_a_bug_of_the_caller():
    with pytest.raises(LookupError):
        fill(MOVED, MOVED.shipped["en"], VALUES["en"], "paid")
    with pytest.raises(LookupError):  # one of its cases must be chosen
        fill(catalogue()["appointment_cancelled"], catalogue()["appointment_cancelled"].shipped["en"], VALUES["en"])


def test_a_voice_takes_the_practices_own_words_where_there_are_some():
    own = {("appointment_moved", "es"): changed(MOVED, text="Ahora es {when}.")}
    voice = Voice("es", lambda key, language: own.get((key, language)))

    assert voice.say("appointment_moved", {"when": "X"}).paragraphs == ("Ahora es X.",)
    assert voice.say("page_changed", {}).subject == "Sobre sus citas"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", catalogue())
def test_every_letter_can_be_looked_at_in_every_case(key, language):
    entry = catalogue()[key]
    for case in cases_of(entry):
        letter = sample(entry, entry.shipped[language], language, case, "https://practice.example/schedule")
        assert letter.paragraphs
        assert not [one for one in letter.paragraphs if "{" in one]
        assert letter.language == language


@pytest.mark.parametrize(
    ("text", "pointed_out"),
    [
        ("Your therapist is glad.", "therapist"),
        ("Su terapia empieza.", "terapia"),
        ("About your couple session", "couple"),
        ("La confianza vuelve.", "confianza"),
        ("After the affair", "affair"),
        ("It is $180.", "$180"),
        ("Son 90 euros.", "90 euros"),
        ("With Ada Lindqvist.", "Ada Lindqvist"),
        ("See https://elsewhere.example/x", "https://elsewhere.example/x"),
    ],
)
def test_words_that_tell_are_pointed_out(text, pointed_out):
    worry = worries_of(MOVED, changed(MOVED, text=text), ["Ada Lindqvist"])[0]

    assert (worry.field, f"“{pointed_out}”" in worry.words) == ("text", True)


def test_the_text_of_a_letter_to_staff_may_speak_of_sessions_and_its_subject_may_not():
    entry = catalogue()["session_moved"]

    assert worries_of(entry, changed(entry, text="A session on {when}"), []) == []
    assert [one.field for one in worries_of(entry, changed(entry, subject="A session"), [])] == ["subject"]


def test_a_text_is_kept_without_stray_spaces_and_lines():
    assert tidy("text", " One\r\nline. \r\n\r\n\r\n Another \n") == "One line.\n\nAnother"
    assert tidy("subject", " Your appointment ") == "Your appointment"


def test_another_word_that_ships_is_another_fingerprint():
    other = {**MOVED.shipped, "es": {**MOVED.shipped["es"], "link": "Otra"}}

    assert replace(MOVED, shipped=other).fingerprint != MOVED.fingerprint


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en-US,en;q=0.9,es;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,es;q=0.5", "es"),
        ("es;q=0.8,en;q=0.8", "en"),
        ("es;q=0", "en"),
        ("es;q=nan, en;q=0.1", "en"),
        ("es;q=7", "en"),
        ("best, espresso", "en"),
        ("*", "en"),
        (",;=,,es;;q", "en"),
        ("es," * 100_000, "es"),
    ],
)
def test_a_browser_is_written_to_in_spanish_where_it_clearly_prefers_it(header, language):
    assert preferred(header) == language


def test_times_are_said_in_spanish_with_their_zone():
    assert Spanish().local_datetime(START, "America/New_York") == "miércoles 5 de mayo, 8:00 a.m., hora oriental"
    assert Spanish().zone_name("Europe/London") == "hora de Londres"
    assert Spanish().zone_name("UTC") == "hora universal coordinada"


@pytest.mark.parametrize("zone", OFFERED_ZONES)
def test_no_zone_is_said_in_english_or_as_a_summer_that_it_may_not_be(zone):
    assert not re.search(r"verano|desconocid|GMT|Time", Spanish().zone_name(zone))
    assert Spanish().zone_name(zone).startswith("hora ")
