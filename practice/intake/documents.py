"""The data that ships with the intake: the questionnaire and the help lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from practice.intake.parsing import parse
from practice.intake.questions import BOOKER, PARTNER, Questionnaire

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class HelpLine:
    """Somebody to turn to. `where` narrows it to some regions of its country; empty means all of it."""

    name: str
    how: str
    hours: str
    dial: str  # digits for a tel: link; empty where there is no number
    web: str
    where: tuple[str, ...]
    source: str
    checked: date


@dataclass(frozen=True)
class HelpLines:
    """The lines of one region, by what they are for."""

    emergency: str
    crisis: tuple[HelpLine, ...]
    abuse: tuple[HelpLine, ...]
    youth: tuple[HelpLine, ...]


@cache
def current_questionnaire() -> Questionnaire:
    """The questionnaire that new intakes are asked."""
    return read_questionnaire(current_document())


@cache
def current_document() -> str:
    """The data of the current questionnaire, as JSON; read_questionnaire() makes the same questionnaire of it."""
    data: dict[str, Any] = yaml.safe_load((FOLDER / "questionnaire.yaml").read_text(encoding="utf-8"))
    return json.dumps(data, ensure_ascii=False)


@lru_cache(maxsize=32)
def read_questionnaire(document: str, audience: str = BOOKER) -> Questionnaire:
    """The questionnaire that this JSON describes, as somebody of this audience is asked it."""
    found = parse(json.loads(document))
    return found.for_partner() if audience == PARTNER else found


def help_lines(region: str) -> HelpLines:
    """The lines for somebody in this region (a code as in practice.regions, or of a whole country)."""
    countries = _read_lines()
    entry = countries.get(region[:2], countries["elsewhere"])
    whole = len(region) == 2  # no narrower place is known
    found = {
        kind: tuple(line for line in entry[kind] if whole or not line.where or region in line.where)
        for kind in ("crisis", "abuse", "youth")
    }
    return HelpLines(emergency=entry["emergency"], **found)


@cache
def _read_lines() -> dict[str, dict[str, Any]]:
    data = yaml.safe_load((FOLDER / "lines.yaml").read_text(encoding="utf-8"))
    found = {}
    for country, entry in data.items():
        lines = {kind: tuple(_line(line) for line in entry[kind]) for kind in ("crisis", "abuse", "youth")}
        for code in (country, *entry.get("also", ())):
            found[code] = {"emergency": entry["emergency"], **lines}
    return found


def _line(entry: dict[str, Any]) -> HelpLine:
    return HelpLine(
        name=entry["name"],
        how=entry["how"],
        hours=entry["hours"],
        dial=entry.get("dial", ""),
        web=entry.get("web", ""),
        where=tuple(entry.get("where", ())),
        source=entry["source"],
        checked=entry["checked"],
    )
