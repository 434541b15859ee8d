"""Time that moves only when a test says so."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

# A Wednesday, 8:00 in New York. No clock change is near; tests about those say their own days.
START = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
MONDAY_NINE = datetime(2027, 5, 10, 13, 0, tzinfo=UTC)  # 9:00 in New York, five days on: open in the tests' practice
MONDAY_TEN = MONDAY_NINE + timedelta(hours=1)


class FrozenClock:
    """A clock that stands still until it is advanced; safe to read from several threads."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The instant at which it stands, aware UTC."""
        with self._lock:
            return self._now

    def advance(self, **step: float) -> datetime:
        """Move on by timedelta's own words, as in advance(minutes=45); the new instant."""
        with self._lock:
            self._now += timedelta(**step)
            return self._now

    def set(self, instant: datetime) -> None:
        """Go to an instant, forward or back."""
        with self._lock:
            self._now = instant.astimezone(UTC)
