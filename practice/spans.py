"""Stretches of time, and the five-minute ticks that the database claims.

A span is half-open, [start, end): one that ends at ten and one that starts at ten touch, but don't overlap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TICK = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The time from `start` up to, not including, `end`, both aware UTC; ordered by start, then end.

    An aware time of another zone is kept as the same instant in UTC, so that arithmetic never crosses a clock change.
    :raises ValueError: for a naive time, or an end that isn't after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            object.__setattr__(self, "start", utc(self.start))
            object.__setattr__(self, "end", utc(self.end))
        if self.start >= self.end:
            raise ValueError(f"a span must end after it starts: {self.start} to {self.end}")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def widened(self, before: timedelta, after: timedelta) -> "Span":
        """This span with `before` added in front and `after` behind: a session with its buffers."""
        return Span(self.start - before, self.end + after)


def utc(instant: datetime) -> datetime:
    """The same instant in UTC.

    :raises ValueError: for a naive time, which names no instant.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"a time without a zone: {instant}")
    return instant.astimezone(UTC)


def overlap(one: Span, other: Span) -> bool:
    """Whether the two share any instant; touching isn't sharing."""
    return one.start < other.end and other.start < one.end


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time as few spans: sorted, none overlapping or touching another."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            if span.end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of `spans` without `taken`: sorted, none overlapping or touching another."""
    left: list[Span] = []
    holes = merge(taken)
    passed = 0
    for span in merge(spans):
        start = span.start
        while passed < len(holes) and holes[passed].start < span.end:
            hole = holes[passed]
            if hole.start > start:
                left.append(Span(start, hole.start))
            start = max(start, hole.end)
            if hole.end > span.end:
                break  # it may reach into the next span as well
            passed += 1
        if start < span.end:
            left.append(Span(start, span.end))
    return left


def aligned(instant: datetime) -> bool:
    """Whether an aware time lies on a five-minute tick of UTC."""
    return not (instant - EPOCH) % TICK


def ticks(span: Span) -> range:
    """The ticks that a span covers; a tick is a count of five minutes since the epoch.

    :raises ValueError: for a span that begins or ends between two ticks, since rounding would claim the wrong time.
    """
    if not (aligned(span.start) and aligned(span.end)):
        raise ValueError(f"not on five minutes: {span.start} to {span.end}")
    return range((span.start - EPOCH) // TICK, (span.end - EPOCH) // TICK)
