"""Who is on duty at an instant. Pure: turns in, an account out; docs/duty.md tells it in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn, weekly or between two instants (aware UTC, the end not included). A later one’s `number` is higher."""

    number: int
    account: int
    weekday: int | None = None
    starts: datetime | None = None
    ends: datetime | None = None

    def covers(self, at: datetime, zone: str) -> bool:
        """Whether it is this turn's time. A weekday is that of the practice's zone, from midnight to midnight."""
        if self.weekday is not None:
            return at.astimezone(ZoneInfo(zone)).weekday() == self.weekday
        return self.starts is not None and self.ends is not None and self.starts <= at < self.ends


def on_duty(turns: Sequence[Turn], at: datetime, zone: str, clinicians: Collection[int]) -> int | None:
    """The account on duty, or None where nobody is named, which means every clinician.

    Dates go before the week, and what was said later before what was said earlier. Somebody who is no clinician any
    more is passed over, as if nobody had named them.
    """
    named = [turn for turn in turns if turn.account in clinicians and turn.covers(at, zone)]
    if not named:
        return None
    return max(named, key=lambda turn: (turn.weekday is None, turn.number)).account
