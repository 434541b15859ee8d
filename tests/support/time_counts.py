"""How often each thing comes about in the stories about time: one in which it never does proves nothing about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

from hypothesis.stateful import rule

happened: Counter[str] = Counter()
RULES: set[str] = set()
EVENTS = {
    "held", "held with any", "held instead", "paid", "let go", "checkout opened", "cancelled by the client",
    "cancelled by staff", "left as it had begun", "declined", "moved by the client", "moved by staff",
    "moved to another room", "marked", "marked otherwise", "reserved", "blocked", "unblocked", "went away", "came back",
    "room retired", "room used again", "wished", "wish withdrawn", "offered from the list", "offered to a later wish",
    "offered in a room that another therapist left", "offer taken", "offer left", "lapsed",
}  # fmt: skip
REFUSALS = {
    "hold: NotOffered", "hold: SlotTaken", "hold: NoRoom", "hold with any: NotOffered", "hold with any: SlotTaken",
    "hold with any: NoRoom", "hold instead: NotOffered", "hold instead: SlotTaken", "move: NotOffered",
    "move: SlotTaken", "move: NoRoom", "move: TooLateToMove", "mark: TooEarly", "reserve: NotOffered",
    "reserve: SlotTaken", "reserve: NoRoom", "block: SlotTaken", "block: NotABlock", "wish: TooManyWishes",
}  # fmt: skip


def counted_rule(**drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule of Hypothesis that counts its steps."""

    def decorate(follow: Callable[..., None]) -> Any:
        RULES.add(name := f"rule {follow.__name__}")

        @wraps(follow)
        def counting(self: Any, **values: Any) -> None:
            happened["step"] += 1
            happened[name] += 1
            follow(self, **values)

        return rule(**drawn)(counting)

    return decorate


def never() -> set[str]:
    """What should have come about, and didn't."""
    return {what for what in RULES | EVENTS | REFUSALS if not happened[what]}
