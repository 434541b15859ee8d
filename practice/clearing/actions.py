"""What clinicians decide: joint time, flags, a session that is called off. The only writer of clearing's tables.

Whoever calls these has asked whether this actor may. `seen` is the mark of what they read: where something else stands
by now, nothing is done.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Select, delete, select

from practice.audit import record
from practice.booking import actions as booking_actions
from practice.booking.calling_off import call_off_standing
from practice.clearing.flags import Seen, flags_seen
from practice.clearing.lifecycle import CLEARABLE, State
from practice.clearing.models import INTO, Clearance, ClearanceReading, Conversion, FlagDecision
from practice.clearing.queries import (
    RULES_NOW,
    JointTime,
    codes_there,
    list_coming,
    read_joint_time,
    read_mark,
)
from practice.clearing.two_keys import seal_for_two
from practice.couples import Couple
from practice.errors import Conflict, NotFound, Refused
from practice.intake.models import Intake
from practice.intake.queries import SENT
from practice.languages import N_
from practice.sealing import vault
from practice.tokens import reference
from practice.work import Work


class ReadMeanwhile(Conflict):
    """Newer answers, or somebody else's decision, came between the reading and the deciding."""

    title = N_("Something new came in while you read")
    way_out = N_("Read it as it stands now, and decide then. Nothing that you sent was done.")


class ReasonNeeded(Refused):
    """A decision about somebody's safety without a why."""

    title = N_("Say why, in a few words")


def clear(work: Work, actor: str, couple: str, *, seen: str, reason: str) -> Clearance:
    """A clinician says yes to a couple's joint time.

    :raises NotFound: when there is no such couple (any more).
    :raises ReadMeanwhile: when it stands otherwise than they read.
    :raises Refused: when one of the two has not answered.
    :raises ReasonNeeded: without a reason.
    """
    joint = _lock(work, couple, seen)
    why = _reason(reason)
    if joint.state is State.CLEARED:
        raise ReadMeanwhile
    if joint.state not in CLEARABLE:
        raise Refused
    given = Clearance(
        reference=reference("k"),
        couple_id=joint.couple.id,
        number=1 if joint.last is None else joint.last.number + 1,
        cleared_at=work.now,
        cleared_by=actor,
        rule_version=RULES_NOW,
    )
    read = {"reason": why, "flags": sorted(codes_there(joint.sides, joint.flags)), "read": read_mark(joint.sides)}
    given.sealed = seal_for_two(joint.couple, json.dumps(read), table="clearance", row=given.reference, column="sealed")
    given.readings = [
        ClearanceReading(seat=side.seat, intake_id=side.intake.id, saved_at=side.intake.saved_at)
        for side in joint.sides
        if side.intake is not None
    ]
    work.session.add(given)
    work.session.flush()
    record(work, actor, "joint_time_cleared", couple, {"clearance": given.reference, "rules": RULES_NOW})
    return given


def take_back(work: Work, actor: str, couple: str, *, seen: str, reason: str) -> None:
    """A clinician takes the yes back.

    Raises what clear() raises; Refused where nothing is cleared.
    """
    joint = _lock(work, couple, seen)
    why = _reason(reason)
    if joint.state is not State.CLEARED or joint.last is None:
        raise Refused
    last = joint.last
    last.withdrawn_at, last.withdrawn_by = work.now, actor
    last.withdrawn_sealed = seal_for_two(joint.couple, why, table="clearance", row=last.reference, column="withdrawn")
    work.session.flush()
    record(work, actor, "joint_time_taken_back", couple, {"clearance": last.reference})


def clear_flag(work: Work, actor: str, intake: str, *, seen: str, reason: str) -> FlagDecision:
    """A clinician has looked into a flag of somebody's answers, and clears it. `seen` is its mark, and says which.

    :raises NotFound: when no such answers were sent.
    :raises ReadMeanwhile: when the answers behind it changed, or somebody cleared it.
    :raises ReasonNeeded: without a reason.
    """
    row = _lock_intakes(work, select(Intake.id).where(Intake.reference == intake))
    if not row:
        raise NotFound
    [found] = row
    flag = _find(flags_seen(found), seen)
    decision = _decision(work, actor, flag)
    decision.intake_id = found.id
    decision.sealed = vault().seal(
        found.person_id, _judged(flag, reason), table="flag_decision", row=decision.reference, column="sealed"
    )
    return _keep(work, decision, intake)


def clear_flag_of_two(work: Work, actor: str, couple: str, *, seen: str, reason: str) -> FlagDecision:
    """The same of a flag that the rules found in two people's answers together."""
    joint = _lock(work, couple)
    flag = _find(joint.flags, seen)
    decision = _decision(work, actor, flag)
    decision.couple_id = joint.couple.id
    decision.sealed = seal_for_two(
        joint.couple, _judged(flag, reason), table="flag_decision", row=decision.reference, column="sealed"
    )
    return _keep(work, decision, couple)


def convert(
    work: Work, actor: str, couple: str, booking: str, *, seen: str, turned_into: str, reason: str
) -> Conversion:
    """A clinician calls a couple's session off: all that was paid goes back, and both hear the same neutral words.

    `turned_into` is one of INTO, for the desk alone: the letter is the same.

    :raises NotFound: when the couple has no such session.
    :raises ReadMeanwhile: when something else stands than they read.
    :raises ReasonNeeded: without a reason.
    """
    joint = _lock(work, couple, seen)
    why = _reason(reason)
    if turned_into not in INTO:
        raise Refused
    session = booking_actions.lock(work, booking)
    if session.id not in {one.id for one in list_coming(joint.couple, work.now)}:
        if session.person_id in {side.person.id for side in joint.sides}:
            raise ReadMeanwhile  # it was one of theirs, and doesn't stand any more
        raise NotFound
    call_off_standing(work, session, actor)
    decided = Conversion(
        booking_id=session.id,
        couple_id=joint.couple.id,
        turned_into=turned_into,
        decided_at=work.now,
        decided_by=actor,
        reason_sealed=seal_for_two(joint.couple, why, table="conversion", row=session.reference, column="reason"),
    )
    work.session.add(decided)
    work.session.flush()
    # The session's own entry is that of any session that is called off: the desk reads it too.
    record(work, actor, "session_called_off", session.reference)
    record(work, actor, "session_converted", couple, {"booking": session.reference})
    return decided


def forget_decisions(work: Work, person_id: int) -> None:
    """Erase what was decided about this person's answers alone: that there was a flag tells of them too.

    What was decided about two people stays as a row that can't be opened any more.
    """
    theirs = select(Intake.id).where(Intake.person_id == person_id)
    work.session.execute(delete(FlagDecision).where(FlagDecision.intake_id.in_(theirs)))


def _lock(work: Work, couple: str, seen: str | None = None) -> JointTime:
    """A couple's joint time as it stands now, with the couple and both people's answers locked until the work ends.

    Of two clinicians the second reads what the first has decided; nobody answers anew in between.
    """
    found = select(Couple).where(Couple.reference == couple).with_for_update(of=Couple)
    row = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if row is None or row.ended_at is not None:
        raise NotFound
    people = [member.person_id for member in row.members]
    _lock_intakes(work, select(Intake.id).where(Intake.person_id.in_(people)))
    joint = read_joint_time(row)
    if seen is not None and joint.mark != seen:
        raise ReadMeanwhile
    return joint


def _lock_intakes(work: Work, which: Select[int]) -> list[Intake]:
    """The sent intakes among these, locked in order of id, as the database has them now."""
    found = select(Intake).where(Intake.id.in_(which), SENT).order_by(Intake.id).with_for_update(of=Intake)
    return list(work.session.scalars(found.execution_options(populate_existing=True)))


def _find(flags: Iterable[Seen], seen: str) -> Seen:
    for flag in flags:
        if flag.mark == seen and flag.decided is None:
            return flag
    raise ReadMeanwhile


def _reason(typed: str) -> str:
    why = typed.strip()
    if not why:
        raise ReasonNeeded
    return why


def _judged(seen: Seen, reason: str) -> str:
    return json.dumps({"code": seen.flag.code, "reason": _reason(reason), "answers": seen.said})


def _decision(work: Work, actor: str, seen: Seen) -> FlagDecision:
    return FlagDecision(
        reference=reference("j"),
        rule_version=seen.flag.rule_version,
        decided_at=work.now,
        decided_by=actor,
    )


def _keep(work: Work, decision: FlagDecision, about: str) -> FlagDecision:
    work.session.add(decision)
    work.session.flush()
    record(work, decision.decided_by, "flag_cleared", about, {"decision": decision.reference})
    return decision
