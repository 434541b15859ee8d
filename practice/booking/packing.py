"""Kinder packing: times beside other sessions first, so that a day doesn't fall into pieces. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from practice.booking.slots import SlotRules
from practice.spans import Span, merge


def neighbours_first(slots: Sequence[Span], rules: SlotRules, busy: Sequence[Span], zone: str) -> list[Span]:
    """Of each local date the slots that touch a busy span; all of them where none does. Sorted by start.

    A slot touches where less than one step lies between its blocked time and a busy span: so no further slot would
    fit between the two. Costs O(slots log busy + busy log busy).
    """
    taken = merge(busy)
    starts, ends = [span.start for span in taken], [span.end for span in taken]
    local = ZoneInfo(zone)
    days: dict[date, list[Span]] = {}
    for slot in slots:  # not in neighbouring groups: a clock put back over midnight shows a date in two pieces
        days.setdefault(slot.start.astimezone(local).date(), []).append(slot)
    found: list[Span] = []
    for day in days.values():
        touching = [slot for slot in day if _touches(rules.blocked(slot.start), starts, ends, rules.step)]
        found += touching or day
    return sorted(found)


def _touches(blocked: Span, starts: Sequence[datetime], ends: Sequence[datetime], step: timedelta) -> bool:
    following, before = bisect_left(starts, blocked.end), bisect_right(ends, blocked.start) - 1
    behind = following < len(starts) and starts[following] - blocked.end < step
    return behind or (before >= 0 and blocked.start - ends[before] < step)
