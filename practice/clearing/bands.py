"""How soon a clinician should look, of many requests at once: as many queries for two hundred as for one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from practice.clearing.flags import find_open_band, flags_among, open_decisions
from practice.clearing.models import FlagDecision
from practice.clearing.of_two import flags_among_two, steps_among_two
from practice.couples import Couple
from practice.database import among, db
from practice.intake.corrections import Correction, read_corrections
from practice.intake.models import Intake
from practice.intake.queries import read_sent_codes
from practice.intake.questions import Answers
from practice.intake.safety import Band


@dataclass(frozen=True)
class Bands:
    """The worst flag that nobody has cleared: by intake, and by couple where both have sent. `answers`: by intake."""

    of_one: dict[int, Band | None]
    of_two: dict[int, Band | None]
    answers: dict[int, Answers]


@dataclass(frozen=True)
class _Read:
    answers: dict[int, Answers]  # each by intake
    corrections: dict[int, list[Correction]]
    of_one: dict[int, list[FlagDecision]]
    of_two: dict[int, list[FlagDecision]]  # by couple


def read_bands(intakes: Sequence[Intake], couples: Collection[Couple], newest: Mapping[int, Intake]) -> Bands:
    """The bands of sent intakes, and of couples whose members are read already, as find_newest_of() says."""
    theirs = [newest[one.person_id] for couple in couples for one in couple.members if one.person_id in newest]
    read = _read({one.id: one for one in (*intakes, *theirs)}, couples)
    of_two = {}
    for couple in couples:
        first, second = (newest.get(member.person_id) for member in couple.members)
        if first is not None and second is not None:
            of_two[couple.id] = _of_two(couple, (first, second), read)
    return Bands({one.id: _of_one(one, read) for one in intakes}, of_two, read.answers)


def _of_one(intake: Intake, read: _Read) -> Band | None:
    decided = open_decisions(read.of_one.get(intake.id, ()))
    return find_open_band(flags_among(intake, read.answers[intake.id], read.corrections[intake.id], decided))


def _of_two(couple: Couple, intakes: tuple[Intake, Intake], read: _Read) -> Band | None:
    first, second = intakes
    now = (read.answers[first.id], read.answers[second.id])
    steps = steps_among_two(intakes, (read.corrections[first.id], read.corrections[second.id]), now)
    decided = open_decisions(read.of_two.get(couple.id, ()))
    return find_open_band(flags_among_two(couple.reference, steps, now, decided))


def _read(intakes: dict[int, Intake], couples: Iterable[Couple]) -> _Read:
    answers: dict[int, Answers] = {**read_sent_codes(list(intakes.values()))}
    about = or_(among(FlagDecision.intake_id, intakes), among(FlagDecision.couple_id, [one.id for one in couples]))
    of_one, of_two = dict[int, list[FlagDecision]](), dict[int, list[FlagDecision]]()
    for decision in db.session.scalars(select(FlagDecision).where(about).order_by(FlagDecision.id)):
        if decision.intake_id is not None:
            of_one.setdefault(decision.intake_id, []).append(decision)
        elif decision.couple_id is not None:
            of_two.setdefault(decision.couple_id, []).append(decision)
    return _Read(answers, read_corrections(list(intakes.values())), of_one, of_two)
