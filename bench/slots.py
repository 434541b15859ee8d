"""Open slots against tight Python that does the same for one plain case with whole UTC minutes and text."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from zoneinfo import ZoneInfo

from bench.figure import Figure
from practice.booking.slots import Schedule, SlotRules, open_slots
from practice.spans import EPOCH, Span

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ZONE = "America/New_York"
FIRST = date(2026, 5, 4)
NOW = datetime(2026, 5, 4, 11, tzinfo=UTC)
OPENS, CLOSES, SESSION, STEP, BEFORE, AFTER, NOTICE = 9 * 60, 18 * 60, 50, 15, 5, 10, 24 * 60
HORIZON = 120 * 24 * 60
BUSY_SPANS = 2_000
ROUNDS = 300

SCHEDULE = Schedule(ZONE, {weekday: ((wall(9), wall(18)),) for weekday in range(7)})
RULES = SlotRules(
    session=SESSION * MINUTE,
    step=STEP * MINUTE,
    before=BEFORE * MINUTE,
    after=AFTER * MINUTE,
    notice=NOTICE * MINUTE,
    horizon=HORIZON * MINUTE,
    daily_cap=None,
)


def measure() -> Iterator[Figure]:
    """One therapist, open all week, with all busy spans inside the days that are asked for."""
    for days in (30, 90):
        busy = busy_spans(days)
        whole_minutes = [((span.start - EPOCH) // MINUTE, (span.end - EPOCH) // MINUTE) for span in busy]
        last = FIRST + (days - 1) * DAY

        def ours(busy: list[Span] = busy, last: date = last) -> list[Span]:
            return open_slots(SCHEDULE, RULES, busy, now=NOW, first=FIRST, last=last)

        def tight(busy: list[tuple[int, int]] = whole_minutes, days: int = days) -> list[str]:
            return tight_slots(busy, (NOW - EPOCH) // MINUTE, days)

        found = [slot.start.isoformat() for slot in ours()]
        if found != tight():
            raise AssertionError("the two that are compared must find the same")
        measured, limit = best_of_turns(ours, tight)
        yield Figure(
            f"open slots, {days} days, {BUSY_SPANS:,} busy spans ({len(found)} found)",
            "ms",
            measured * 1000,
            limit * 1000,
            at_most=1.5,
        )


def busy_spans(days: int) -> list[Span]:
    """Short busy times all over the days, in no order, the same in each run."""
    chance = random.Random(days)  # noqa: S311 - not a secret
    midnight = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    starts = [midnight + chance.randrange(days * 288) * 5 * MINUTE for _ in range(BUSY_SPANS)]
    return [Span(start, start + chance.randint(1, 3) * 5 * MINUTE) for start in starts]


def tight_slots(busy: list[tuple[int, int]], now: int, days: int) -> list[str]:
    """The starts as ISO text. Knows one window a day, no overrides, no cap, no clock change within a day."""
    soonest, latest = now + NOTICE, now + HORIZON
    needed = SESSION + AFTER
    zone = ZoneInfo(ZONE)
    first = FIRST.toordinal()
    epoch = EPOCH.toordinal()
    low, high = (first - epoch - 1) * 1440, (first - epoch + days + 1) * 1440
    near = [span for span in busy if span[1] > low and span[0] < high]
    near.sort()
    near.append((1 << 60, 1 << 60))
    upcoming = iter(near)
    busy_start, busy_end = next(upcoming)
    free_from = soonest
    found: list[str] = []
    for ordinal in range(first, first + days):
        day = date.fromordinal(ordinal)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
        offset = noon.utcoffset()
        midnight = (ordinal - epoch) * 1440 - (offset.days * 1440 + offset.seconds // 60 if offset else 0)
        start, final = midnight + OPENS, min(midnight + CLOSES - SESSION, latest)
        while start <= final:
            end = start + needed
            while busy_start < end:
                if busy_end + BEFORE > free_from:  # noqa: PLR1730 - max() is slower
                    free_from = busy_end + BEFORE
                busy_start, busy_end = next(upcoming)
            if start >= free_from:
                found.append(datetime.fromtimestamp(start * 60, UTC).isoformat())
                start += STEP
            else:
                start -= (start - free_from) // STEP * STEP
    return found


def best_of_turns(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """The shortest time of each in seconds, taken turn by turn, so that a busy machine slows both."""
    best = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for place, run in enumerate((one, other)):
            began = time.perf_counter()
            run()
            best[place] = min(best[place], time.perf_counter() - began)
    return best[0], best[1]
