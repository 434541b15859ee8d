"""The pulse's questions, as they ship, in the language that is spoken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from practice.intake.questions import Questionnaire
from practice.languages import DEFAULT
from practice.pulse.parsing import parse_pulse
from practice.pulse.translating import Words, translate, words_of
from practice.speaking import current_language, gettext

FILE = Path(__file__).resolve().parent / "pulse.yaml"


def current_questions() -> Questionnaire:
    """What is asked now."""
    return read_questions(current_document())


@cache
def current_document() -> str:
    """The data of it in English, as JSON; read_questions() makes the same questions of it."""
    return json.dumps(_read(FILE), ensure_ascii=False)


def read_questions(document: str) -> Questionnaire:
    """The questions that this JSON describes. What they said once in other words than now, they say in English."""
    return _read_questions(document, current_language())


@lru_cache(maxsize=64)
def _read_questions(document: str, language: str) -> Questionnaire:
    found = parse_pulse(json.loads(document))
    if language == DEFAULT:
        return found
    asked = replace(found, sections=tuple(translate(section, _words(language)) for section in found.sections))
    return asked.spoken_in(language, gettext)


@cache
def _words(language: str) -> Words:
    return words_of(_read(FILE), _read(FILE.with_suffix(f".{language}.yaml")))


def _read(file: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found
