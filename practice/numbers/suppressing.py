"""Small numbers are kept back: what is said of fewer than five people may be said of somebody known. Pure.

A number that is kept back must not come out of the others either, for whoever knows about how many people there were.
So, where any is, at least two are, together of five people or more; and how many there were in all is not said.
"""

from __future__ import annotations

from collections.abc import Sequence

from practice.numbers.series import HIDDEN, Value

LEAST = 5
"""Of how many people something must be said to be shown."""


def suppress(counts: Sequence[int]) -> tuple[Value, ...]:
    """The counts that may be shown, each in its place. Zero is kept back like any other small number: that nobody said
    something is also said of everybody.
    """
    by_size = sorted(range(len(counts)), key=lambda place: (counts[place], place))
    hidden = {place for place in by_size if counts[place] < LEAST}
    for place in by_size:
        if not hidden or sum(counts[one] for one in hidden) >= LEAST:  # then they are two or more
            break
        hidden.add(place)
    return tuple(HIDDEN if place in hidden else count for place, count in enumerate(counts))
