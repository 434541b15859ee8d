"""What clearing promises of its own tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.booking.lifecycle import State
from practice.clearing.flags import Seen, ever_answered, flags_seen, open_decision, said_by
from practice.clearing.models import Clearance, Conversion, FlagDecision
from practice.clearing.of_two import ever_answered_by_two, steps_of_two
from practice.clearing.queries import JointTime, open_codes, read_joint_time
from practice.intake.corrections import corrections_of
from practice.intake.couple_safety import COUPLE_RULES
from practice.intake.queries import sent_codes_of
from practice.intake.questions import Answers
from practice.intake.safety import RULES
from practice.invariants import Invariant
from practice.sealing import CannotOpen

KNOWN = {rule.code for rule in RULES} | {rule.code for rule in COUPLE_RULES}


def check_clearances(session: Session) -> Iterator[str]:
    """I11: nobody cleared the joint time of two people of whom one had not sent their answers.

    Each clearance names, for each of the two seats, sent answers of the person who sits there, saved before it.
    """
    for given in session.scalars(select(Clearance).order_by(Clearance.id)):
        seats = {member.seat: member.person_id for member in given.couple.members}
        if {one.seat for one in given.readings} != set(seats) or len(seats) != 2:
            yield f"clearance {given.reference} doesn’t name the answers of both"
            continue
        for one in given.readings:
            sent = one.intake.submitted_at
            if one.intake.person_id != seats[one.seat]:
                yield f"clearance {given.reference} names answers of somebody else"
            if sent is None or sent > given.cleared_at or one.saved_at > given.cleared_at:
                yield f"clearance {given.reference} names answers that were not sent then"
        if any(one.intake.erased_at is not None for one in given.readings):
            continue
        try:
            open_codes(given)
        except CannotOpen as error:
            yield f"clearance {given.reference}: {error}"


def check_decisions(session: Session) -> Iterator[str]:
    """I11: whatever a clinician cleared was a flag of sent answers, and is one for as long as these are the same."""
    for decision in session.scalars(select(FlagDecision).order_by(FlagDecision.id)):
        intake = decision.intake
        if intake is not None and intake.erased_at is not None:
            continue
        if intake is not None and (intake.submitted_at is None or intake.submitted_at > decision.decided_at):
            yield f"decision {decision.reference} is about answers that were not sent"
            continue
        try:
            kept = open_decision(decision)
        except CannotOpen:
            if intake is not None:
                yield f"decision {decision.reference} doesn’t open"
            continue  # about two people: one of them was erased
        people: list[Answers] = []
        flags: tuple[Seen, ...] = ()
        if intake is not None:
            people = ever_answered(sent_codes_of(intake), corrections_of(intake), kept["answers"])
            flags = flags_seen(intake)
        elif decision.couple is not None:
            joint = read_joint_time(decision.couple)
            people, flags = _ever_answered_by_two(joint, kept["answers"]), joint.flags
        now = said_by(people, kept["answers"])
        if kept["code"] in KNOWN and now == kept["answers"] and kept["code"] not in {one.flag.code for one in flags}:
            yield f"decision {decision.reference} is about a flag that its answers don’t raise"


def _ever_answered_by_two(joint: JointTime, fields: Collection[str]) -> list[Answers]:
    first, second = joint.sides
    if first.intake is None or second.intake is None:
        return [first.answers, second.answers]
    now = (first.answers, second.answers)
    return ever_answered_by_two(steps_of_two((first.intake, second.intake), now), now, fields)


def check_conversions(session: Session) -> Iterator[str]:
    """I11: whatever a clinician called off is cancelled, never charged for, and was one of the two's."""
    for decided in session.scalars(select(Conversion).order_by(Conversion.id)):
        booking = decided.booking
        if booking.called_off_at is None or booking.state is not State.CANCELLED or booking.fee_minor is not None:
            yield f"booking {booking.reference} was called off, and stands or costs something"


OWN = (
    Invariant("I11", "Joint time was cleared only where both had answered", check_clearances),
    Invariant("I11", "Every cleared flag was there", check_decisions),
    Invariant("I11", "A session that was called off is never charged for", check_conversions),
)
