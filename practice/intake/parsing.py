"""Reads the questionnaire's data into values, and refuses what breaks its rules. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from practice.intake.questions import DEFAULT_LONGEST, KINDS, MOMENTS, Condition, Field, Option, Questionnaire, Section

VISIBILITIES = ("own", "admin", "clin")
WHO = ("booker", "both")
WITH_OPTIONS = frozenset({"radio", "checkboxes"})
CODE = re.compile(r"[a-z0-9_]{1,40}")
KNOWN = frozenset(
    {
        "name", "moment", "kind", "question", "required", "who", "visibility", "private", "hint", "missing", "options",
        "options_from", "scale", "when", "longest", "most", "autocomplete", "alone", "notice",
    }
)  # fmt: skip


class BadQuestionnaire(ValueError):
    """The questionnaire's data breaks its own rules; the text names the place."""


def parse(document: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire that a mapping (as read from YAML or JSON) describes.

    :raises BadQuestionnaire: naming the place and the rule that it breaks.
    """
    version = _text(document, "version", "the questionnaire")
    scales = _mapping(document, "scales", "the questionnaire")
    sections = tuple(_section(entry, scales) for entry in _list(document, "sections", "the questionnaire"))
    found = Questionnaire(version=version, hash=_hash(document), sections=sections)
    _check_names(found)
    return found


def _section(entry: Mapping[str, Any], scales: Mapping[str, Any]) -> Section:
    place = f"section {entry.get('id', '?')}"
    return Section(
        id=_text(entry, "id", place),
        title=_text(entry, "title", place),
        intro=_text(entry, "intro", place) if "intro" in entry else "",
        fields=tuple(_field(field, scales) for field in _list(entry, "fields", place)),
    )


def _field(entry: Mapping[str, Any], scales: Mapping[str, Any]) -> Field:
    place = f"field {entry.get('name', '?')}"
    if strange := set(entry) - KNOWN:
        raise BadQuestionnaire(f"{place}: no field has {', '.join(sorted(strange))}")
    options = _mapping(scales, entry["scale"], "scales") if "scale" in entry else _mapping(entry, "options", place)
    if "scale" in entry and not options:
        raise BadQuestionnaire(f"{place}: there is no scale {entry['scale']}")
    field = Field(
        name=_text(entry, "name", place),
        moment=_one_of(entry, "moment", MOMENTS, place),
        kind=_one_of(entry, "kind", KINDS, place),
        question=_text(entry, "question", place),
        required=_flag(entry, "required", place),
        who=_one_of(entry, "who", WHO, place),
        visibility=_one_of(entry, "visibility", VISIBILITIES, place),
        private=_flag(entry, "private", place, default=False),
        hint=_text(entry, "hint", place) if "hint" in entry else "",
        missing=_text(entry, "missing", place) if "missing" in entry else "",
        options=tuple(Option(_code(code, place), str(label)) for code, label in options.items()),
        options_from=_text(entry, "options_from", place) if "options_from" in entry else None,
        when=tuple(_condition(name, rule, place) for name, rule in _mapping(entry, "when", place).items()),
        longest=_number(entry, "longest", place, DEFAULT_LONGEST),
        most=_number(entry, "most", place, 1) if "most" in entry else None,
        autocomplete=_text(entry, "autocomplete", place) if "autocomplete" in entry else "off",
        alone=frozenset(_code(code, place) for code in entry.get("alone", ())),
        notice=_text(entry, "notice", place) if "notice" in entry else "",
    )
    if (field.kind in WITH_OPTIONS) != bool(field.options):
        raise BadQuestionnaire(f"{place}: radio and checkboxes have options, and nothing else has")
    if (field.kind == "radio_from") != (field.options_from is not None):
        raise BadQuestionnaire(f"{place}: radio_from says whose options it takes, and nothing else does")
    if field.alone and (not field.multiple or field.alone - {option.code for option in field.options}):
        raise BadQuestionnaire(f"{place}: alone names some of the options of checkboxes, and nothing else has it")
    return field


def _condition(name: str, rule: Mapping[str, Any], place: str) -> Condition:
    if not isinstance(rule, Mapping) or not rule or set(rule) - {"any_of", "none_of", "at_least"}:
        raise BadQuestionnaire(f"{place}: a condition on {name} says any_of, none_of or at_least")
    return Condition(
        field=name,
        any_of=frozenset(_code(code, place) for code in rule.get("any_of", ())),
        none_of=frozenset(_code(code, place) for code in rule.get("none_of", ())),
        at_least=_number(rule, "at_least", place, 1),
    )


def _check_names(found: Questionnaire) -> None:
    if len({section.id for section in found.sections}) != len(found.sections):
        raise BadQuestionnaire("two sections have the same id")
    earlier: dict[str, Field] = {}
    for field in found.fields():
        if field.name in earlier:
            raise BadQuestionnaire(f"field {field.name}: there are two of this name")
        needed = [condition.field for condition in field.when]
        for name in [*needed, field.options_from] if field.options_from else needed:
            if name not in earlier:
                raise BadQuestionnaire(f"field {field.name}: it builds on {name}, which is no earlier field")
        if field.options_from and earlier[field.options_from].moment == field.moment:
            raise BadQuestionnaire(
                f"field {field.name}: {field.options_from}, whose options it takes, must be asked at an earlier moment"
            )
        for condition in field.when:
            codes = {option.code for option in earlier[condition.field].options}
            if strange := (condition.any_of | condition.none_of) - codes:
                raise BadQuestionnaire(
                    f"field {field.name}: {condition.field} has no option {', '.join(sorted(strange))}"
                )
        earlier[field.name] = field


def _hash(document: Mapping[str, Any]) -> str:
    try:
        canonical = json.dumps(document, ensure_ascii=False)  # as ordered: the order of options is what was asked
    except TypeError as error:
        raise BadQuestionnaire(f"the questionnaire holds something that is no text, number or list: {error}") from None
    return hashlib.sha256(canonical.encode()).hexdigest()


def _text(entry: Mapping[str, Any], key: str, place: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadQuestionnaire(f"{place}: {key} is missing or no text (quote it)")
    return value


def _one_of(entry: Mapping[str, Any], key: str, allowed: Sequence[str], place: str) -> str:
    value = entry.get(key)
    if value not in allowed:
        raise BadQuestionnaire(f"{place}: {key} must be one of {', '.join(allowed)}, not {value!r}")
    return str(value)


def _flag(entry: Mapping[str, Any], key: str, place: str, default: bool | None = None) -> bool:
    value = entry.get(key, default)
    if not isinstance(value, bool):
        raise BadQuestionnaire(f"{place}: {key} must be true or false")
    return value


def _number(entry: Mapping[str, Any], key: str, place: str, default: int) -> int:
    value = entry.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadQuestionnaire(f"{place}: {key} must be a number above 0")
    return value


def _code(value: object, place: str) -> str:
    if not isinstance(value, str) or not CODE.fullmatch(value):
        raise BadQuestionnaire(f"{place}: the code {value!r} must be quoted text of a-z, 0-9 and _")
    return value


def _list(entry: Mapping[str, Any], key: str, place: str) -> Sequence[Mapping[str, Any]]:
    value = entry.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(item, Mapping) for item in value):
        raise BadQuestionnaire(f"{place}: {key} must be a list of mappings, and not empty")
    return value


def _mapping(entry: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
    value = entry.get(key, {})
    if not isinstance(value, Mapping):
        raise BadQuestionnaire(f"{place}: {key} must be a mapping")
    return value
