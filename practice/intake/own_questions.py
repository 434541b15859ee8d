"""A question of the practice's own: what it may be. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from practice.intake.protected import CLOSED_SECTIONS, MOVABLE
from practice.intake.translating import wrong_words
from practice.intake.wording import LONGEST_LABEL, MAY_BE_EMPTY, WORDS, Problem, wrong_text
from practice.languages import N_, OTHERS, Sentence

OWN_PREFIX = "practice_"
OWN_KINDS = ("text", "textarea", "radio", "checkboxes", "zero_to_ten")
OWN_WHO = ("booker", "both")
OWN_VISIBILITIES = ("own", "admin", "clin")
OWN_KEYS = frozenset(
    {"section", "kind", "question", "hint", "options", "who", "moment", "visibility", "required", "when", *OTHERS}
)
OWN_LONGEST = {"text": 300, "textarea": 1500}
CHOSEN = ("radio", "checkboxes")
MOST_OWN = 60


def add_own(document: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[Problem]:
    """Put the practice's questions at the end of their sections; yields what is wrong with those that don't fit."""
    sections = {section["id"]: section for section in document["sections"]}
    if len(own) > MOST_OWN:
        yield Problem("own", "", Sentence(N_("%(most)s questions of your own at most."), most=MOST_OWN))
    for name, entry in own.items():
        problems = list(_check_own(name, entry, sections))
        if not problems:
            for language in OTHERS:
                problems += wrong_words("own", name, language, entry.get(language, {}), entry.get("options", {}))
        yield from problems
        if not problems:
            made = {
                key: value
                for key, value in entry.items()
                if key not in ("section", *OTHERS) and value not in ("", {}, [])
            }
            made["name"] = name
            if entry["kind"] in OWN_LONGEST:
                made["longest"] = OWN_LONGEST[entry["kind"]]
            sections[entry["section"]]["fields"].append(made)


def _check_own(name: str, entry: Mapping[str, Any], sections: Mapping[str, Any]) -> Iterator[Problem]:
    def wrong(key: str, words: str, **values: object) -> Problem:
        return Problem("own", name, Sentence(words, **values), key)

    if not name.startswith(OWN_PREFIX) or len(name) > 40 or not name.isidentifier() or not name.islower():
        yield wrong("", N_("A question of your own has a name that begins with practice_."))
    for key in set(entry) - OWN_KEYS:
        yield wrong(str(key), N_("A question of your own has no %(part)s."), part=str(key))
    if entry.get("section") not in sections or entry["section"] in CLOSED_SECTIONS:
        yield wrong(
            "section", N_("Choose a section; “Before you start” and “Just for you” are the same for everybody.")
        )
    for key, allowed in (
        ("kind", OWN_KINDS), ("moment", MOVABLE), ("who", OWN_WHO), ("visibility", OWN_VISIBILITIES),
    ):  # fmt: skip
        if entry.get(key) not in allowed:
            yield wrong(key, N_("Choose one of these."))
    if not isinstance(entry.get("required"), bool):
        yield wrong("required", N_("Required, or not."))
    for key in ("question", "hint"):
        if (key == "question" or key in entry) and (
            said := wrong_text(entry.get(key), WORDS[key], empty=key in MAY_BE_EMPTY)
        ):
            yield Problem("own", name, said, key)
    yield from (wrong("when", said) for said in _wrong_condition(entry.get("when", {})))
    options = entry.get("options", {})
    if not isinstance(options, Mapping):
        yield wrong("options", N_("Write each answer on a line of its own."))
    elif (entry.get("kind") in CHOSEN) != bool(options) or len(options) == 1:
        yield wrong(
            "options", N_("Write at least two answers to choose from, and none where people write or give a number.")
        )
    elif any(wrong_text(label, LONGEST_LABEL, empty=False) for label in options.values()):
        yield wrong("options", N_("Each answer has 1 to %(longest)s characters."), longest=LONGEST_LABEL)
    elif len(set(options.values())) != len(options):
        yield wrong("options", N_("Two answers have the same words."))


def _wrong_condition(when: object) -> Iterator[str]:
    rules = list(when.items()) if isinstance(when, Mapping) else [("", None)]
    for name, rule in rules:
        if (
            not isinstance(name, str)
            or not isinstance(rule, Mapping)
            or set(rule) not in ({"any_of"}, {"none_of"})
            or not all(isinstance(codes, list) and codes for codes in rule.values())
        ):
            yield N_("Choose an earlier question and one of its answers.")
