"""What comes before a client's yes to a time. Booking doesn't know what that is: rooms above say so, in wiring.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import current_app
from flask.typing import ResponseReturnValue

from practice.people import Person

EXTENSION = "practice.coming_first"

Gate = Callable[[Person | None, str | None], ResponseReturnValue | None]


def comes_first(person: Person | None, back_to: str) -> ResponseReturnValue | None:
    """Where this person must go first, if anywhere; they come back to the address `back_to`."""
    for gate in cast(tuple[Gate, ...], current_app.extensions[EXTENSION]):
        if (first := gate(person, back_to)) is not None:
            return first
    return None
