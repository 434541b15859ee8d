"""The languages that we tell times, dates and zones in, by code. Pure."""

from __future__ import annotations

from practice.languages import DEFAULT
from practice.telling.english import English
from practice.telling.spanish import Spanish
from practice.telling.tongue import Tongue

TONGUES: dict[str, Tongue] = {DEFAULT: English(), "es": Spanish()}
