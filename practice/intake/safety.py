"""What clinicians are warned of. Pure: answers in, flags out; a clinician decides what they mean.

A flag never changes what is offered to anybody (noninterference). A question that was not shown raises nothing; one
that was shown and left empty was skipped, which is worth asking about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from practice.intake.questions import Answers, chosen_codes
from practice.languages import N_

RULE_VERSION = "2"
"""Raised with every change of RULES; a test holds the two together. A flag keeps the version that raised it.

1: the first. 2: also asks for fear of the reaction among what somebody notices between the two of them.
"""


class Band(StrEnum):
    """How soon a clinician should look."""

    RED = "red"
    AMBER = "amber"


@dataclass(frozen=True)
class Flag:
    """One warning: its code, band, the version of the rules that raised it, and the fields it comes from."""

    code: str
    band: Band
    rule_version: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """Raises its flag when the field was answered with one of the codes, or, with `skipped`, shown and left empty."""

    code: str
    band: Band
    field: str
    codes: frozenset[str]
    says: str
    skipped: bool = False

    def applies(self, answers: Answers, shown: Collection[str]) -> bool:
        """Whether these answers raise the flag."""
        if self.field not in shown:
            return False
        chosen = chosen_codes(answers, self.field)
        return bool(self.codes & set(chosen)) if chosen else self.skipped


def _red(field: str, codes: Iterable[str], says: str) -> Rule:
    return Rule(field, Band.RED, field, frozenset(codes), says)


def _unsaid(field: str, says: str) -> Rule:
    return Rule(f"{field}_unsaid", Band.AMBER, field, frozenset({"not_sure", "prefer_not"}), says, skipped=True)


def _amber(code: str, field: str, codes: Iterable[str], says: str) -> Rule:
    return Rule(code, Band.AMBER, field, frozenset(codes), says)


RULES = (
    _red("self_harm", ("plan", "prefer_talk"), N_("Thoughts of suicide or self-harm, with a plan or a wish to talk")),
    _red("harm_other", ("yes",), N_("Worried about seriously hurting someone")),
    _red("control", ("sometimes", "often"), N_("No choice about money, phone or people")),
    _red("safe_to_speak", ("no",), N_("Not safe to speak in a joint session")),
    _red("own_force", ("yes",), N_("Has used force, threats or fear in the last year")),
    _red("court_order", ("yes",), N_("A court order about contact")),
    _amber("self_harm_thoughts", "self_harm", ("passing", "often"), N_("Thoughts of suicide or self-harm, no plan")),
    _unsaid("self_harm", N_("Left the question on self-harm open")),
    _unsaid("harm_other", N_("Left the question on hurting someone open")),
    _unsaid("control", N_("Left the question on having no choice open")),
    _unsaid("safe_to_speak", N_("Unsure, or left open, whether it is safe to speak together")),
    _unsaid("own_force", N_("Left the question on own force open")),
    _unsaid("court_order", N_("Left the question on a court order open")),
    _amber("newly_known", "breach_known_since", ("lt_2w",), N_("In the open for less than two weeks")),
    _amber("ongoing", "breach_ongoing", ("ongoing", "partly"), N_("Still going on, or partly")),
    _amber("not_in_the_open", "discovery_how", ("not_open_yet",), N_("Not all of it is in the open")),
    _amber("fears_reaction", "barriers_me", ("afraid",), N_("Holds back for fear of the reaction")),
    _amber(
        "fear_between_us", "barriers_us", ("afraid",), N_("Notices between them that fear of the reaction holds back")
    ),
    _amber("substance", "substance_concern", ("some", "yes"), N_("Alcohol, drugs or gambling are a worry")),
    _amber("court", "court_involved", ("considering", "yes"), N_("A court, custody case or lawyer")),
)

CRISIS = {"self_harm": frozenset({"plan", "prefer_talk"}), "harm_other": frozenset({"yes"})}


def flags_for(answers: Answers, shown: Collection[str]) -> tuple[Flag, ...]:
    """The flags of one person's answers, the gravest first. `shown` are the names of the fields they were shown."""
    return tuple(
        Flag(rule.code, rule.band, RULE_VERSION, (rule.field,)) for rule in RULES if rule.applies(answers, shown)
    )


def crisis_answers(answers: Answers) -> frozenset[tuple[str, str]]:
    """Those of the answers, as (field, code), for which a clinician is called at once."""
    return frozenset(
        (field, code) for field, codes in CRISIS.items() for code in chosen_codes(answers, field) if code in codes
    )


def is_crisis(answers: Answers) -> bool:
    """Whether this person, alone, is told who reads this and by when, and is offered individual contact."""
    return bool(crisis_answers(answers))


def worst_band(flags: Iterable[Flag]) -> Band | None:
    """Red, amber, or None where nothing was raised."""
    bands = {flag.band for flag in flags}
    return Band.RED if Band.RED in bands else Band.AMBER if bands else None


def explain(flag: Flag) -> str:
    """What the rule says, in English for whoever says it to a clinician; the code where the rule exists no longer."""
    return next((rule.says for rule in RULES if rule.code == flag.code), flag.code)
