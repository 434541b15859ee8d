"""The pulse's questions, as they ship."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from practice.intake.questions import Questionnaire
from practice.pulse.parsing import parse_pulse

FILE = Path(__file__).resolve().parent / "pulse.yaml"


@cache
def current_questions() -> Questionnaire:
    """What is asked now."""
    return read_questions(current_document())


@cache
def current_document() -> str:
    """The data of it, as JSON; read_questions() makes the same questions of it."""
    data: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return json.dumps(data, ensure_ascii=False)


@lru_cache(maxsize=32)
def read_questions(document: str) -> Questionnaire:
    """The questions that this JSON describes."""
    return parse_pulse(json.loads(document))
