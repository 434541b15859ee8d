"""What clinicians are warned of when two people come together. Pure: both people's answers in, flags out.

These are for clinicians alone: each of them says something of what both have answered. Like all flags they change
nothing that anybody is offered. All are amber: who wants something else than the other is no danger to them by that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from practice.intake.questions import Answers, chosen_codes
from practice.intake.safety import Band, Flag
from practice.languages import N_

COUPLE_RULE_VERSION = "1"
"""Raised with every change of COUPLE_RULES; a test holds the two together."""

CONFLICTING_GOALS = frozenset(
    {
        frozenset({"repair", "separate_well"}),  # one wants to stay together, the other to part
        frozenset({"decide", "separate_well"}),  # one is still deciding what the other has decided
    }
)
"""The pairs of goal_direction that pull apart. Repairing and deciding do not: that is how many begin, and how far apart
the two are shows in how they lean. Wanting to understand, wanting support and not knowing yet contradict nothing."""

LEANS_APART = 2  # of 0 (on my way out) to 4 (fully in)


@dataclass(frozen=True)
class CoupleRule:
    """Raises its flag when what both answered to one field meets the condition, whoever of the two said which.

    Whoever was not asked yet, or left it empty, raises nothing.
    """

    code: str
    field: str
    met: Callable[[str, str], bool]
    says: str

    def applies(self, one: Answers, other: Answers) -> bool:
        """Whether these two people's answers raise the flag."""
        said = [chosen_codes(answers, self.field) for answers in (one, other)]
        return all(said) and self.met(said[0][0], said[1][0])


def _goals_conflict(one: str, other: str) -> bool:
    return frozenset({one, other}) in CONFLICTING_GOALS


def _lean_apart(one: str, other: str) -> bool:
    return abs(int(one) - int(other)) >= LEANS_APART


def _both_hurt(one: str, other: str) -> bool:
    return one == other == "hurt"


COUPLE_RULES = (
    CoupleRule("goals_conflict", "goal_direction", _goals_conflict, N_("What the two want most pulls apart")),
    CoupleRule("leans_apart", "lean", _lean_apart, N_("One leans in where the other leans out")),
    CoupleRule("both_hurt", "trust_role", _both_hurt, N_("Both say that their own trust was hurt")),
)


def flags_for_two(one: Answers, other: Answers) -> tuple[Flag, ...]:
    """The flags of two people who come together, in the order of the rules; who of them is named first is no matter."""
    return tuple(
        Flag(rule.code, Band.AMBER, COUPLE_RULE_VERSION, (rule.field,))
        for rule in COUPLE_RULES
        if rule.applies(one, other)
    )


def explain_for_two(flag: Flag) -> str:
    """What the rule says, in English for whoever says it to a clinician; the code where the rule exists no longer."""
    return next((rule.says for rule in COUPLE_RULES if rule.code == flag.code), flag.code)
