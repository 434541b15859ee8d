"""The flags of one person's answers, or of two people's, with what clinicians decided about each.

A decision counts for as long as the answers behind its flag are the same, and the rule that raised it is. Where they
were corrected, all that was ever answered stands behind it: what comes back after a correction is looked at anew. A
flag of an answer that was taken back stands until a clinician clears it (docs/safety.md).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from practice.clearing.models import FlagDecision
from practice.clearing.two_keys import open_for_two
from practice.database import db
from practice.intake.corrections import Correction, corrections_of, earlier_answers
from practice.intake.models import Intake
from practice.intake.queries import flags_of, sent_codes_of
from practice.intake.questions import Answers
from practice.intake.safety import Band, Flag, flags_for, worst_band
from practice.sealing import CannotOpen, keyring, vault

Said = dict[str, list[Any]]  # by field: what one answered, or what each of two did
Kept = Mapping[str, Any]


@dataclass(frozen=True)
class Decided:
    """What a clinician decided about a flag."""

    decision: FlagDecision
    reason: str


@dataclass(frozen=True)
class Seen:
    """A flag, and what was decided of it as long as the answers behind it are the same. `mark` stands for all of it.

    `until`: the answers that raised it were taken back then.
    """

    flag: Flag
    said: Said
    decided: Decided | None
    mark: str
    until: datetime | None = None


def flags_seen(intake: Intake, answers: Answers | None = None) -> tuple[Seen, ...]:
    """The flags of one sent intake, the gravest first: as they were raised, what today's rules find besides, and those
    of answers that were taken back.

    `answers` are sent_codes_of(intake), where the caller has them already.
    """
    answers = sent_codes_of(intake) if answers is None else answers
    return flags_among(intake, answers, corrections_of(intake), find_decisions(FlagDecision.intake_id == intake.id))


def flags_among(
    intake: Intake,
    answers: Answers,
    corrections: Sequence[Correction],
    decided: Mapping[str, tuple[FlagDecision, Kept]],
) -> tuple[Seen, ...]:
    """What flags_seen() says, for whoever has read everything already: see there."""
    raised = flags_of(intake)
    known = {flag.code for flag in raised}
    besides = [flag for flag in flags_for(answers, set(answers)) if flag.code not in known]
    there = {flag.code for flag in (*raised, *besides)}
    taken_back = {
        flag.code: (flag, one.row.corrected_at) for one in corrections for flag in one.flags if flag.code not in there
    }
    found = [(flag, None) for flag in (*raised, *besides)] + list(taken_back.values())
    return tuple(
        see(flag, intake.reference, ever_answered(answers, corrections, flag.sources), decided, until)
        for flag, until in sorted(found, key=lambda one: one[0].band is not Band.RED)
    )


def ever_answered(answers: Answers, corrections: Iterable[Correction], fields: Collection[str]) -> list[Answers]:
    """What stands, after everything that stood before corrections of these fields, the oldest first."""
    return [*earlier_answers(answers, corrections, fields), answers]


def find_open_band(flags: Iterable[Seen]) -> Band | None:
    """How soon a clinician should look: the worst of the flags that nobody has cleared."""
    return worst_band(one.flag for one in flags if one.decided is None)


def find_decisions(which: ColumnElement[bool]) -> dict[str, tuple[FlagDecision, Kept]]:
    """The last decision about each flag, by its code; none where whoever it is about was erased."""
    return open_decisions(db.session.scalars(select(FlagDecision).where(which).order_by(FlagDecision.id)))


def open_decisions(decisions: Iterable[FlagDecision]) -> dict[str, tuple[FlagDecision, Kept]]:
    """The last of these decisions about each flag, by its code; they are about the same, and the oldest comes first."""
    found: dict[str, tuple[FlagDecision, Kept]] = {}
    for decision in decisions:
        try:
            kept = open_decision(decision)
        except CannotOpen:
            continue
        found[str(kept["code"])] = (decision, kept)
    return found


def open_decision(decision: FlagDecision) -> Kept:
    """What a decision keeps sealed: `code` of the flag, `reason`, `answers`.

    :raises CannotOpen: when whoever it is about was erased.
    """
    row = decision.reference
    if decision.couple is not None:
        plain = open_for_two(decision.couple, decision.sealed, table="flag_decision", row=row, column="sealed")
    elif decision.intake is not None:
        person = decision.intake.person_id
        plain = vault().open(person, decision.sealed, table="flag_decision", row=row, column="sealed")
    else:
        raise LookupError(f"{row} is about nobody")
    return dict(json.loads(plain))


def see(
    flag: Flag,
    about: str,
    people: Sequence[Answers],
    decided: Mapping[str, tuple[FlagDecision, Kept]],
    until: datetime | None = None,
) -> Seen:
    """A flag of whoever `about` refers to (an intake, or a couple), with what was decided of it.

    `people`: what each of them answered, and, where that was corrected, all that they answered before.
    """
    said = said_by(people, flag.sources)
    found, kept = decided.get(flag.code, (None, {}))
    counts = found is not None and found.rule_version == flag.rule_version and kept["answers"] == said
    told = [about, flag.code, flag.rule_version, json.dumps(said, sort_keys=True), str(counts)]
    judged = Decided(found, str(kept["reason"])) if found is not None and counts else None
    return Seen(flag, said, judged, keyed_mark("flag", told), until)


def said_by(people: Sequence[Answers], fields: Iterable[str]) -> Said:
    """What each of them answered, by field, as JSON gives it back: where several options were chosen, a list."""
    return dict(json.loads(json.dumps({name: [one.get(name, "") for one in people] for name in fields})))


def keyed_mark(what: str, told: Iterable[str]) -> str:
    """A mark that stands in pages. Keyed, so that nobody who reads it can try which answers make the same."""
    text = "\n".join((what, *told))
    return hmac.digest(keyring().audit_key, text.encode(), hashlib.sha256).hex()[:32]
