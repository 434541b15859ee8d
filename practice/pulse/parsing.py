"""Reads the pulse's data into the intake's own values, and refuses what breaks its rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from practice.intake.parsing import BadQuestionnaire, parse
from practice.intake.questions import SESSION, Questionnaire

TRUST, ALONE = "pulse_trust", "pulse_alone"  # the line is drawn from the one; only clinicians read the other
PREFIX = "pulse_"
KINDS = ("radio", "zero_to_ten")
KNOWN = frozenset({"name", "kind", "question", "hint", "options", "scale", "visibility"})
SECTION = {"id": "pulse", "title": "How it goes"}


class BadPulse(BadQuestionnaire):
    """The pulse's data breaks its own rules; the text names the place."""


def parse_pulse(document: Mapping[str, Any]) -> Questionnaire:
    """The questions that a mapping (as read from YAML or JSON) describes: a questionnaire of one section.

    Whatever is the same for all of them is not said in the data: everybody is asked, and nothing must be answered.

    :raises BadPulse: naming the place and the rule that it breaks.
    """
    entries = document.get("fields")
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise BadPulse("the pulse: fields must be a list of mappings")
    whole = {
        "version": document.get("version"),
        "scales": document.get("scales", {}),
        "sections": [{**SECTION, "fields": [_whole_field(entry) for entry in entries]}],
    }
    try:
        found = parse(whole)
    except BadQuestionnaire as wrong:
        raise BadPulse(str(wrong)) from None
    kinds = {field.name: (field.kind, field.visibility) for field in found.fields()}
    if kinds.get(TRUST) != ("zero_to_ten", "own"):
        raise BadPulse(f"field {TRUST}: the line is drawn from it, so it must be there, from 0 to 10, visibility own")
    if kinds.get(ALONE, ("", "clin"))[1] != "clin":
        raise BadPulse(f"field {ALONE}: only clinicians may read it, so its visibility must be clin")
    return found


def _whole_field(entry: Mapping[str, Any]) -> dict[str, Any]:
    place = f"field {entry.get('name', '?')}"
    if strange := set(entry) - KNOWN:
        raise BadPulse(f"{place}: no question of the pulse has {', '.join(sorted(strange))}")
    if not str(entry.get("name", "")).startswith(PREFIX):
        raise BadPulse(f"{place}: its name must begin with {PREFIX}")
    if entry.get("kind") not in KINDS:
        raise BadPulse(f"{place}: kind must be one of {', '.join(KINDS)}")
    return {"visibility": "own", **entry, "moment": SESSION, "required": False, "who": "both"}
