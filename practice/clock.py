"""The only place that asks the machine for the time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol, cast

from flask import current_app

EXTENSION = "practice.clock"


class Clock(Protocol):
    """Tells the time, as aware UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def clock() -> Clock:
    """The clock of the current app."""
    return cast(Clock, current_app.extensions[EXTENSION])
