"""The questionnaire in other languages: the same questions and codes, in other words. Pure.

A questionnaire's data carries the words itself, under the language's code, so that whoever was asked in Spanish is
always shown what they were asked: `{"es": {scales, sections, fields}}`, by the same names and codes. A change of the
practice's (tailoring.py) has its own beside its English ones: `{"question": …, "es": {"question": …}}`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from practice.intake.instruments import PREFIX, instrument_words
from practice.intake.questions import Field, Option, Questionnaire, Section
from practice.intake.wording import LONGEST_LABEL, WORDS, Problem, wrong_text
from practice.languages import N_, OTHERS, Sentence

OF_SECTION = ("title", "intro")
OF_FIELD = ("question", "hint", "missing", "notice")
OPTIONS = "options"
Place = tuple[str, ...]  # ("sections", id, key), ("fields", name, key) or ("fields", name, "options", code)
Words = Mapping[Place, str]


def english_of(document: Mapping[str, Any]) -> dict[Place, str]:
    """Every text that clients read of this questionnaire, by its place."""
    found: dict[Place, str] = {}
    for section in document["sections"]:
        found |= _texts(("sections", section["id"]), section, OF_SECTION)
        for field in section["fields"]:
            labels = document["scales"][field["scale"]] if "scale" in field else field.get(OPTIONS, {})
            found |= _texts(("fields", field["name"]), {**field, OPTIONS: labels}, OF_FIELD)
    return found


def words_of(document: Mapping[str, Any], language: str) -> dict[Place, str]:
    """The texts of this questionnaire in another language, as far as it has them."""
    said = document.get(language, {})
    found: dict[Place, str] = {}
    for section in document["sections"]:
        found |= _texts(("sections", section["id"]), said.get("sections", {}).get(section["id"], {}), OF_SECTION)
        for field in section["fields"]:
            own = said.get("fields", {}).get(field["name"], {})
            labels = said.get("scales", {}).get(field.get("scale"), {})
            found |= _texts(("fields", field["name"]), {**own, OPTIONS: {**labels, **own.get(OPTIONS, {})}}, OF_FIELD)
    asked = english_of(document)
    return {place: text for place, text in found.items() if place in asked}


def unsaid(document: Mapping[str, Any], language: str) -> list[Place]:
    """The texts that have no words in another language. Those of instruments are their owners' to give."""
    known = words_of(document, language)
    return [place for place in english_of(document) if place not in known and not place[1].startswith(PREFIX)]


def known_words(document: Mapping[str, Any], shipped: Mapping[str, Any], language: str) -> Words:
    """The words of a questionnaire; what it hasn't itself is taken from what ships, where the English is the same."""
    there, said = english_of(shipped), words_of(shipped, language)
    same = {place for place, text in english_of(document).items() if there.get(place) == text}
    return {**{place: said[place] for place in same if place in said}, **words_of(document, language)}


def names_in(document: Mapping[str, Any], language: str) -> dict[str, str]:
    """What its English texts are called in another language, for whoever writes it and reads that language."""
    english, said = english_of(document), words_of(document, language)
    return {english[place]: text for place, text in said.items()}


def reworded(document: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A copy of this questionnaire's data to read: in that language, as far as it has the words, else in English."""
    found, said = copy.deepcopy(dict(document)), words_of(document, language)
    for section in found["sections"]:
        section |= {
            key: said.get(("sections", section["id"], key), section[key]) for key in OF_SECTION if key in section
        }
        for field in section["fields"]:
            field |= {key: said.get(("fields", field["name"], key), field[key]) for key in OF_FIELD if key in field}
            labels = found["scales"][field.pop("scale")] if "scale" in field else field.get(OPTIONS, {})
            if labels:
                field[OPTIONS] = {
                    code: said.get(("fields", field["name"], OPTIONS, code), label) for code, label in labels.items()
                }
    return found


def translate(found: Questionnaire, words: Words) -> Questionnaire:
    """A questionnaire whose questions are in these words; what they haven't stays English."""
    return replace(found, sections=tuple(_section(section, words) for section in found.sections))


def add_words(document: dict[str, Any], base: Mapping[str, Any], overlay: Mapping[str, Any]) -> None:
    """Give a tailored document its words: the practice's, else the shipped ones where the English is as shipped."""
    shipped, now = english_of(base), english_of(document)
    for language in OTHERS:
        known, given = words_of(base, language), dict(_given(document, overlay, language))
        wanted = {
            place: given.get(place) or known[place]
            for place, text in now.items()
            if place in given or (place in known and shipped[place] == text)
        }
        if wanted != words_of(document, language):
            document[language] = _nested(document.get(language, {}), wanted)


def wrong_words(part: str, name: str, language: str, entry: object, labels: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with the words that a change has in another language; `labels` are its answers in English."""
    speaks_of = OF_SECTION if part == "sections" else OF_FIELD
    if not isinstance(entry, Mapping):
        yield Problem(part, name, Sentence(N_("These words can’t be read. Write them once more.")), language)
        return
    for key, said in entry.items():
        if key == OPTIONS and isinstance(said, Mapping):
            for code, label in said.items():
                if wrong := "" if code not in labels else wrong_text(label, LONGEST_LABEL, empty=True):
                    yield Problem(part, name, wrong, f"{language}_option_{code}")
        elif key not in WORDS or key not in speaks_of:
            words = Sentence(N_("%(part)s of it can’t be said in another language."), part=str(key))
            yield Problem(part, name, words, f"{language}_{key}")
        elif wrong := wrong_text(said, WORDS[key], empty=True):
            yield Problem(part, name, wrong, f"{language}_{key}")


def place_in_words(document: Mapping[str, Any], place: Place) -> str:
    """Which text that is, for whoever writes it: what it belongs to, and its English."""
    english = english_of(document)
    text, whose = english[place], english[(*place[:2], "title" if place[0] == "sections" else "question")]
    if text == whose:
        return Sentence(N_("“%(text)s”"), text=text)
    return Sentence(N_("“%(whose)s”: “%(text)s”"), whose=whose, text=text)


def _texts(place: Place, entry: Mapping[str, Any], keys: tuple[str, ...]) -> dict[Place, str]:
    found = {(*place, key): entry[key] for key in keys if entry.get(key)}
    return {**found, **{(*place, OPTIONS, code): label for code, label in entry.get(OPTIONS, {}).items() if label}}


def _given(document: Mapping[str, Any], overlay: Mapping[str, Any], language: str) -> Iterator[tuple[Place, str]]:
    """The words that the practice gives, and those that its instruments come with."""
    for part, keys in (("sections", OF_SECTION), ("fields", OF_FIELD), ("own", OF_FIELD)):
        for name, change in overlay.get(part, {}).items():
            entry = change.get(language)
            if isinstance(entry, Mapping):
                yield from _texts(("fields" if part == "own" else part, name), entry, keys).items()
    for data in document.get("instruments", ()):
        yield from instrument_words(data, language).items()


def _nested(stands: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Words as a questionnaire's data has them. Scales are kept for what still uses them as they are."""
    found: dict[str, Any] = {"scales": copy.deepcopy(dict(stands.get("scales", {}))), "sections": {}, "fields": {}}
    for (part, name, *path), text in words.items():
        entry = found[part].setdefault(name, {})
        for step in path[:-1]:
            entry = entry.setdefault(step, {})
        entry[path[-1]] = text
    return found


def _section(section: Section, words: Words) -> Section:
    def said(key: str, english: str) -> str:
        return words.get(("sections", section.id, key), english)

    return replace(
        section,
        title=said("title", section.title),
        intro=said("intro", section.intro),
        fields=tuple(_field(field, words) for field in section.fields),
    )


def _field(field: Field, words: Words) -> Field:
    def said(key: str, english: str) -> str:
        return words.get(("fields", field.name, key), english)

    return replace(
        field,
        question=said("question", field.question),
        hint=said("hint", field.hint),
        missing=said("missing", field.missing),
        notice=said("notice", field.notice),
        options=tuple(
            Option(one.code, words.get(("fields", field.name, OPTIONS, one.code), one.label)) for one in field.options
        ),
    )
