"""A last look at therapists' own calendars before a time is taken. How it is done, wiring.py says."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import cast

from flask import current_app

EXTENSION = "practice.fresh_look"

Look = Callable[[Collection[int]], None]
"""Reads what the calendars of these therapists, by id, say now. It takes a second at most, and no trouble is told."""


def look_again(therapist_ids: Collection[int]) -> None:
    """Have what these therapists' calendars say be as new as can be had in a moment. Call it outside any work."""
    for look in cast(tuple[Look, ...], current_app.extensions[EXTENSION]):
        look(therapist_ids)
