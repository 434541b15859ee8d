"""Whether a couple's joint time may start, as one table. docs/safety.md shows it, and a test compares the two. Pure.

Nothing is stored of where it stands: state_of() reads it off what was answered and what clinicians did. So newer
answers end a clearing by themselves, with nobody and nothing that has to run for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a couple's joint time stands. Only `cleared` lets it start."""

    WAITING = "waiting"  # one of the two has not answered Just for you, in what they sent
    READY = "ready"  # a clinician can look at it
    CLEARED = "cleared"
    ENDED = "ended"  # it was cleared, and one of the two has answered anew since
    WITHDRAWN = "withdrawn"  # it was cleared, and a clinician took that back


class Trigger(StrEnum):
    """What moves it."""

    ANSWERED = "answered"  # the last missing part came
    CLEAR = "clear"
    TAKE_BACK = "take_back"
    NEWER_ANSWERS = "newer_answers"  # or a flag that was not there when it was cleared
    PARTS_MISSING = "parts_missing"  # the answers were erased, or newer ones leave a part out


TRANSITIONS: dict[tuple[State, Trigger], State] = {
    (State.WAITING, Trigger.ANSWERED): State.READY,
    (State.READY, Trigger.CLEAR): State.CLEARED,
    (State.READY, Trigger.NEWER_ANSWERS): State.READY,
    (State.READY, Trigger.PARTS_MISSING): State.WAITING,
    (State.CLEARED, Trigger.TAKE_BACK): State.WITHDRAWN,
    (State.CLEARED, Trigger.NEWER_ANSWERS): State.ENDED,
    (State.CLEARED, Trigger.PARTS_MISSING): State.WAITING,
    (State.ENDED, Trigger.CLEAR): State.CLEARED,
    (State.ENDED, Trigger.NEWER_ANSWERS): State.ENDED,
    (State.ENDED, Trigger.PARTS_MISSING): State.WAITING,
    (State.WITHDRAWN, Trigger.CLEAR): State.CLEARED,
    (State.WITHDRAWN, Trigger.NEWER_ANSWERS): State.WITHDRAWN,
    (State.WITHDRAWN, Trigger.PARTS_MISSING): State.WAITING,
}

CLEARABLE = frozenset(state for state, trigger in TRANSITIONS if trigger is Trigger.CLEAR)


@dataclass(frozen=True)
class LastClearance:
    """What counts of the clearance that was given last. `fits`: it read the very answers and flags that stand now."""

    taken_back: bool
    fits: bool


def state_of(*, complete: bool, last: LastClearance | None) -> State:
    """Where joint time stands. `complete`: both have answered Just for you in what they sent."""
    if not complete:
        return State.WAITING
    if last is None:
        return State.READY
    if last.taken_back:
        return State.WITHDRAWN
    return State.CLEARED if last.fits else State.ENDED
