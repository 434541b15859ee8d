"""What clearing reads: whether a couple's joint time may start, which flags still count, and what was decided when.

For clinical eyes alone. Nothing that a client sees or is offered asks here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from practice.booking.lifecycle import State as BookingState
from practice.booking.models import Booking
from practice.booking.offers.models import FOR_TWO, Offering
from practice.clearing.flags import Seen, find_decisions, flags_seen, keyed_mark
from practice.clearing.lifecycle import LastClearance, State, state_of
from practice.clearing.models import Clearance, Conversion, FlagDecision
from practice.clearing.of_two import flags_seen_of_two
from practice.clearing.two_keys import open_for_two
from practice.couples import Couple, find_couple
from practice.database import db
from practice.errors import NotFound
from practice.intake.corrections import corrections_of
from practice.intake.couple_safety import COUPLE_RULE_VERSION
from practice.intake.models import Intake
from practice.intake.queries import find_submitted, questionnaire_of, sent_codes_of
from practice.intake.questions import Answer
from practice.intake.safety import RULE_VERSION
from practice.people import Person
from practice.sealing import CannotOpen

JUST_FOR_YOU = "just_for_you"
ADMIN = "admin"  # how to reach somebody and the like: no reason to look again
RULES_NOW = f"{RULE_VERSION}/{COUPLE_RULE_VERSION}"
LONGEST_REASON = 1000


class Missing(StrEnum):
    """Why somebody's part is not there yet."""

    NOT_SENT = "not_sent"
    NOT_ALONE = "not_alone"  # Just for you was not shown in full: what was shown and left empty counts as answered


@dataclass(frozen=True)
class Side:
    """One of the two: what they sent last, if anything, and what the rules find in it."""

    seat: int
    person: Person
    intake: Intake | None
    answers: Mapping[str, Answer]
    missing: Missing | None
    flags: tuple[Seen, ...]


@dataclass(frozen=True)
class JointTime:
    """A couple's joint time as a clinician reads it. `mark` stands for everything here: who decides sends it back."""

    couple: Couple
    sides: tuple[Side, Side]
    flags: tuple[Seen, ...]  # of the two together; none before both have sent
    state: State
    last: Clearance | None
    mark: str


@dataclass(frozen=True)
class Plan:
    """How a couple's session begins, as its therapist reads it. `state` is None before a second person has joined."""

    state: State | None
    couple: str | None  # its reference
    last: Clearance | None


@dataclass(frozen=True)
class Words:
    """Why joint time was cleared and why that was taken back; empty where somebody was erased since."""

    reason: str
    withdrawn: str


def get_couple(reference: str) -> Couple:
    """A couple, also one that has ended.

    :raises NotFound: when there is none of this reference.
    """
    couple = db.session.scalars(select(Couple).where(Couple.reference == reference)).one_or_none()
    if couple is None:
        raise NotFound
    return couple


def read_joint_time(couple: Couple) -> JointTime:
    """Everything that a clinician weighs before joint time, computed from what stands now."""
    first, second = (_side(member.seat, member.person) for member in couple.members)
    flags: tuple[Seen, ...] = ()
    if first.intake is not None and second.intake is not None:
        decided = find_decisions(FlagDecision.couple_id == couple.id)
        said = (first.answers, second.answers)
        flags = flags_seen_of_two(couple.reference, (first.intake, second.intake), said, decided)
    last = find_last_clearance(couple)
    complete = couple.ended_at is None and first.missing is None and second.missing is None
    sides = (first, second)
    stands = None
    if last is not None:
        stands = LastClearance(last.withdrawn_at is not None, _fits(last, sides, flags))
    state = state_of(complete=complete, last=stands)
    told = [couple.reference, str(couple.ended_at), read_mark(sides), *(one.mark for one in flags), str(state)]
    told += [one.mark for side in sides for one in side.flags]
    told += [last.reference, str(last.withdrawn_at)] if last is not None else []
    return JointTime(couple, sides, flags, state, last, keyed_mark("joint time", told))


def find_plan(booking: Booking) -> Plan | None:
    """How a session begins; None where only one person comes."""
    if booking.offering.attendance != FOR_TWO:
        return None
    couple = find_couple(booking.person_id)
    if couple is None:
        return Plan(None, None, None)
    joint = read_joint_time(couple)
    return Plan(joint.state, couple.reference, joint.last)


def find_last_clearance(couple: Couple) -> Clearance | None:
    """The clearance that was given last, whatever became of it."""
    found = select(Clearance).where(Clearance.couple_id == couple.id).order_by(Clearance.number.desc())
    return db.session.scalars(found.limit(1)).one_or_none()


def list_clearances(couple: Couple) -> list[tuple[Clearance, Words]]:
    """Every clearance of a couple with its reasons, the newest first."""
    found = select(Clearance).where(Clearance.couple_id == couple.id).order_by(Clearance.number.desc())
    return [(one, _words(one)) for one in db.session.scalars(found)]


def list_conversions(couple: Couple) -> list[tuple[Conversion, str]]:
    """The sessions of a couple that a clinician called off, each with the reason; the newest first."""
    found = select(Conversion).where(Conversion.couple_id == couple.id).order_by(Conversion.id.desc())
    listed = []
    for one in db.session.scalars(found):
        row = one.booking.reference
        listed.append((one, _opened(couple, one.reason_sealed, "conversion", row, "reason")))
    return listed


def list_coming(couple: Couple, now: datetime) -> list[Booking]:
    """The sessions of the two together that stand and are still to come, whoever of them booked; the next one first."""
    people = [member.person_id for member in couple.members]
    found = (
        select(Booking)
        .join(Offering, Offering.id == Booking.offering_id)
        .where(Booking.person_id.in_(people), Booking.state == BookingState.CONFIRMED, Booking.starts_at > now)
        .where(Offering.attendance == FOR_TWO)
    )
    return list(db.session.scalars(found.order_by(Booking.starts_at, Booking.id)))


def read_mark(sides: Iterable[Side]) -> str:
    """A mark of what both answered that a clinician weighs; another answer makes another mark.

    So does a correction: an answer that was taken back and put there again is not what was read.
    """
    told = []
    for side in sides:
        if side.intake is None:
            told.append("nothing")
            continue
        weighed = {field.name for field in questionnaire_of(side.intake).fields() if field.visibility != ADMIN}
        said = {name: answer for name, answer in side.answers.items() if name in weighed}
        made = [one.row.number for one in corrections_of(side.intake) if weighed & set(one.answers)]
        corrected = f" {made[-1]}" if made else ""  # marks from before there were corrections stay good
        told.append(f"{side.intake.reference}{corrected} {json.dumps(said, sort_keys=True)}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def open_codes(clearance: Clearance) -> dict[str, object]:
    """What a clearance keeps sealed: `reason`, `flags` (their codes), `read` (read_mark()).

    :raises CannotOpen: when one of the two was erased.
    """
    plain = open_for_two(
        clearance.couple, clearance.sealed, table="clearance", row=clearance.reference, column="sealed"
    )
    return dict(json.loads(plain))


def _side(seat: int, person: Person) -> Side:
    intake = find_submitted(person)
    if intake is None:
        return Side(seat, person, None, {}, Missing.NOT_SENT, ())
    answers = sent_codes_of(intake)
    questions = questionnaire_of(intake)
    shown = questions.shown(answers)
    alone = [field.name for section in questions.sections if section.id == JUST_FOR_YOU for field in section.fields]
    complete = bool(alone) and all(name in answers for name in alone if name in shown)
    return Side(seat, person, intake, answers, None if complete else Missing.NOT_ALONE, flags_seen(intake, answers))


def _fits(last: Clearance, sides: tuple[Side, Side], flags: tuple[Seen, ...]) -> bool:
    """Whether the clearance read what stands now: the same answers, and no flag that it had not seen."""
    try:
        kept = open_codes(last)
    except CannotOpen:
        return False
    known = kept["flags"]
    assert isinstance(known, list)
    return kept["read"] == read_mark(sides) and codes_there(sides, flags) <= set(known)


def codes_there(sides: Iterable[Side], flags: Iterable[Seen]) -> set[str]:
    """Which flags there are, of each (by seat) and of the two."""
    return {f"{side.seat}:{one.flag.code}" for side in sides for one in side.flags} | {
        f"both:{one.flag.code}" for one in flags
    }


def _words(clearance: Clearance) -> Words:
    try:
        reason = str(open_codes(clearance)["reason"])
    except CannotOpen:
        return Words("", "")
    if clearance.withdrawn_sealed is None:
        return Words(reason, "")
    sealed, row = clearance.withdrawn_sealed, clearance.reference
    return Words(reason, _opened(clearance.couple, sealed, "clearance", row, "withdrawn"))


def _opened(couple: Couple, sealed: bytes, table: str, row: str, column: str) -> str:
    try:
        return open_for_two(couple, sealed, table=table, row=row, column=column)
    except CannotOpen:
        return ""
