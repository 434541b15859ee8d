"""The flags of two people together, also those that one of them took back by a correction. Only reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from practice.clearing.flags import Kept, Seen, see
from practice.clearing.models import FlagDecision
from practice.intake.corrections import Correction, before, corrections_of
from practice.intake.couple_safety import flags_for_two
from practice.intake.models import Intake
from practice.intake.questions import Answers

Pair = tuple[Answers, Answers]
Corrected = tuple[Sequence[Correction], Sequence[Correction]]


@dataclass(frozen=True)
class Step:
    """What the two answered until one of them corrected something. `fields` are those that changed then."""

    people: Pair
    until: datetime
    fields: frozenset[str]


def flags_seen_of_two(
    about: str, intakes: tuple[Intake, Intake], now: Pair, decided: Mapping[str, tuple[FlagDecision, Kept]]
) -> tuple[Seen, ...]:
    """The flags of a couple (`about`: its reference) who both sent; `now` is what they answered.

    As of one person's answers, a flag that was there and was taken back stands until a clinician clears it.
    """
    return flags_among_two(about, steps_of_two(intakes, now), now, decided)


def flags_among_two(
    about: str, steps: list[Step], now: Pair, decided: Mapping[str, tuple[FlagDecision, Kept]]
) -> tuple[Seen, ...]:
    """What flags_seen_of_two() says, for whoever has read everything already: `steps` are those of steps_of_two()."""
    there = flags_for_two(*now)
    known = {flag.code for flag in there}
    taken_back = {
        flag.code: (flag, step.until)
        for step in steps
        for flag in flags_for_two(*step.people)
        if flag.code not in known and step.fields & set(flag.sources)
    }
    found = [(flag, None) for flag in there] + list(taken_back.values())
    return tuple(
        see(flag, about, ever_answered_by_two(steps, now, flag.sources), decided, until) for flag, until in found
    )


def ever_answered_by_two(steps: list[Step], now: Pair, fields: Collection[str]) -> list[Answers]:
    """What both answer now, after all that they answered before corrections of these fields, the oldest first."""
    return [said for step in steps if step.fields & set(fields) for said in step.people] + list(now)


def steps_of_two(intakes: tuple[Intake, Intake], now: Pair) -> list[Step]:
    """Each state in which both had sent their answers and that a correction ended, the oldest first."""
    first, second = intakes
    return steps_among_two(intakes, (corrections_of(first), corrections_of(second)), now)


def steps_among_two(intakes: tuple[Intake, Intake], corrected: Corrected, now: Pair) -> list[Step]:
    """What steps_of_two() says, of corrections that were read already."""
    sent = [intake.submitted_at for intake in intakes if intake.submitted_at is not None]
    return list(_backwards(corrected, now, max(sent)))[::-1]


def _backwards(corrected: Corrected, now: Pair, since: datetime) -> Iterator[Step]:
    made: list[tuple[datetime, int, int, Correction]] = [
        (one.row.corrected_at, one.row.id, seat, one)
        for seat, listed in enumerate(corrected)
        for one in listed
        if one.row.corrected_at >= since
    ]
    people = list(now)
    for at, _, seat, one in sorted(made, key=lambda step: step[:2], reverse=True):
        people[seat] = before(people[seat], one)
        yield Step((people[0], people[1]), at, frozenset(one.answers))
