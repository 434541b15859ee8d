"""The pulse's words in another language: labels change, codes never do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from practice.intake.questions import Field, Section

Words = Mapping[tuple[str, str], str]
"""By the name of a field and the English, which may mean something else in another field."""


def words_of(english: Mapping[str, Any], other: Mapping[str, Any]) -> Words:
    """What each text of one document is in the other one.

    :raises KeyError: where the other document lacks a field, a scale, a code or a text.
    """
    scales = {
        name: {label: other["scales"][name][code] for code, label in labels.items()}
        for name, labels in english["scales"].items()
    }
    fields = {entry["name"]: entry for entry in other["fields"]}
    found = dict[tuple[str, str], str]()
    for entry in english["fields"]:
        name, said = entry["name"], fields[entry["name"]]
        texts = {entry[part]: said[part] for part in ("question", "hint") if part in entry}
        texts |= {label: said["options"][code] for code, label in entry.get("options", {}).items()}
        texts |= scales.get(entry.get("scale", ""), {})
        found |= {(name, text): words for text, words in texts.items()}
    return found


def translate(section: Section, words: Words) -> Section:
    """The same questions in these words; a text that they lack stays as it is."""
    return replace(section, fields=tuple(_translate(field, words) for field in section.fields))


def _translate(field: Field, words: Words) -> Field:
    def said(text: str) -> str:
        return words.get((field.name, text), text)

    return replace(
        field,
        question=said(field.question),
        hint=said(field.hint),
        options=tuple(replace(option, label=said(option.label)) for option in field.options),
    )
