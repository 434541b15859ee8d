"""What to do with the object of a session in a therapist's own calendar, once it isn't as we left it. Pure.

docs/caldav.md shows the table, and a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from practice.spans import Span


class Step(StrEnum):
    """What follows from what was found."""

    CREATE = "create"
    OVERWRITE = "overwrite"  # under the condition that it is still what was found
    ADOPT = "adopt"  # note its new tag, and leave it
    ASK_MOVED = "ask moved"
    ASK_DELETED = "ask deleted"
    LEAVE = "leave"  # it isn't ours: touch nothing


class Ours(StrEnum):
    """What we know of an object of ours."""

    NEW = "new"  # meant to be there; whether a first write arrived isn't known
    CHANGED = "changed"  # the session changed since we knew it to be there, or first tried to write it
    SETTLED = "settled"  # it was there as the session says


class Seen(StrEnum):
    """What is there."""

    NOTHING = "nothing"
    AS_MEANT = "as meant"
    AS_BEFORE = "as before"  # at the time at which we last knew it to be
    ELSEWHEN = "elsewhen"
    CALLED_OFF = "called off"  # marked as cancelled
    FOREIGN = "foreign"


TABLE: dict[tuple[Seen, Ours], Step] = {
    (Seen.NOTHING, Ours.NEW): Step.CREATE,
    (Seen.NOTHING, Ours.CHANGED): Step.CREATE,
    (Seen.NOTHING, Ours.SETTLED): Step.ASK_DELETED,
    (Seen.AS_MEANT, Ours.NEW): Step.OVERWRITE,
    (Seen.AS_MEANT, Ours.CHANGED): Step.OVERWRITE,
    (Seen.AS_MEANT, Ours.SETTLED): Step.ADOPT,
    (Seen.AS_BEFORE, Ours.NEW): Step.OVERWRITE,
    (Seen.AS_BEFORE, Ours.CHANGED): Step.OVERWRITE,
    (Seen.AS_BEFORE, Ours.SETTLED): Step.ADOPT,
    (Seen.ELSEWHEN, Ours.NEW): Step.ASK_MOVED,
    (Seen.ELSEWHEN, Ours.CHANGED): Step.OVERWRITE,
    (Seen.ELSEWHEN, Ours.SETTLED): Step.ASK_MOVED,
    (Seen.CALLED_OFF, Ours.NEW): Step.OVERWRITE,
    (Seen.CALLED_OFF, Ours.CHANGED): Step.OVERWRITE,
    (Seen.CALLED_OFF, Ours.SETTLED): Step.ASK_DELETED,
    (Seen.FOREIGN, Ours.NEW): Step.LEAVE,
    (Seen.FOREIGN, Ours.CHANGED): Step.LEAVE,
    (Seen.FOREIGN, Ours.SETTLED): Step.LEAVE,
}


@dataclass(frozen=True, slots=True)
class Found:
    """An object as its server has it. `span` is None where it has no two instants, as on a whole day.

    `addressed`: it has an organizer or attendees, which we never write.
    """

    etag: str
    uid: str
    span: Span | None
    cancelled: bool
    addressed: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of an object: its UID, when it is meant to be, and when we last knew it to be."""

    uid: str
    ours: Ours
    meant: Span
    before: Span | None


def see(known: Known, found: Found | None) -> Seen:
    """Which of the table's lines it is."""
    if found is None:
        return Seen.NOTHING
    arrived = known.ours is Ours.SETTLED or known.before is not None
    if found.uid != known.uid or (found.addressed and not arrived):
        return Seen.FOREIGN
    if found.cancelled:
        return Seen.CALLED_OFF
    if found.span == known.meant:
        return Seen.AS_MEANT
    if found.span is not None and found.span == known.before:
        return Seen.AS_BEFORE
    return Seen.ELSEWHEN


def decide(known: Known, found: Found | None) -> Step:
    """What to do with it."""
    return TABLE[see(known, found), known.ours]
