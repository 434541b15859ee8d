"""The first thirty seconds of a request: what a reviewer weighs before everything else, on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import Booking
from practice.consents.queries import Standing
from practice.intake.desk import desk_hours
from practice.intake.models import Intake
from practice.intake.queries import questionnaire_of, sent_codes_of
from practice.intake.questions import BOOKER, Answers, Questionnaire
from practice.intake.safety import Band
from practice.languages import N_
from practice.people import Person, contact_of
from practice.review.lifecycle import ON_DESK
from practice.review.repair_steps import STEPS, Step, mark_of
from practice.review.sight import Sight
from practice.review.targets import Targets, red_targets_of, targets_of
from practice.speaking import gettext as _

STORY = ("trust_role", "breach_main", "breach_pattern", "breach_known_since")
WHICH, MAIN, ONGOING = "breach_types", "breach_main", "breach_ongoing"
GOAL, LEAN, OWN_WORDS = "goal_direction", "lean", "goals_own_words"
NOT_SAID = N_("Not answered")

OF_BOOKINGS = {
    State.IN_REVIEW: N_("The card’s authorization ends %(time)s"),
    State.HELD: N_("The time is kept for paying until %(time)s"),
    State.RESERVED: N_("The time is kept by us until %(time)s"),
}


@dataclass(frozen=True)
class Side:
    """One of the people, in the words of what they sent. What was not asked or not answered is empty."""

    name: str
    story: list[str]  # role, what weighs most, pattern, since when it is in the open
    ongoing: str
    goal: str
    lean: str
    own_words: str
    steps: list[Step]


@dataclass(frozen=True)
class Deadline:
    """By when something must be done, and what: a sentence of the catalogues that says the `time`."""

    what: str
    at: datetime


@dataclass(frozen=True)
class Head:
    """A request at a glance. `sides`: whoever's answers the reader may see, their own first; none for a coordinator."""

    sides: list[Side]
    missing: list[str]
    deadlines: list[Deadline]  # the next one first
    overdue: str


def read_head(
    intake: Intake,
    other: Intake | None,
    sight: Sight,
    now: datetime,
    *,
    band: Band | None,
    bookings: Sequence[Booking],
    agreements: Sequence[Standing],
    company: str,
) -> Head:
    """One request. `other` is what came of the partner, where this reader may see it; `company` says who is missing."""
    clinical = sight is Sight.CLINICAL
    targets = _targets(intake, band, now) if intake.review_state in ON_DESK else None
    return Head(
        sides=[_side(one) for one in (intake, other) if one is not None] if clinical else [],
        missing=_missing(intake, bookings, agreements, company),
        deadlines=_deadlines(intake, targets, bookings),
        overdue=targets.overdue(looked=intake.looked_at, now=now) if targets is not None else "",
    )


def _targets(intake: Intake, band: Band | None, now: datetime) -> Targets:
    reckon = red_targets_of if band is Band.RED else targets_of
    return reckon(intake.submitted_at or now, desk_hours(now))


def _side(intake: Intake) -> Side:
    questions, answers = questionnaire_of(intake), sent_codes_of(intake)
    story = [WHICH if name == MAIN and not answers.get(MAIN) else name for name in STORY]
    return Side(
        name=_name_of(intake.person),
        story=[said for said in (_said(questions, answers, name) for name in story) if said],
        ongoing=_said(questions, answers, ONGOING),
        goal=_said(questions, answers, GOAL),
        lean=_said(questions, answers, LEAN),
        own_words=_said(questions, answers, OWN_WORDS),
        steps=[_step_of(questions, answers, name) for name in STEPS],
    )


def _step_of(questions: Questionnaire, answers: Answers, name: str) -> Step:
    said = _said(questions, answers, name)
    return Step(STEPS[name], said or _(NOT_SAID), mark_of(str(answers.get(name, ""))), answered=bool(said))


def _said(questions: Questionnaire, answers: Answers, name: str) -> str:
    """An answer in the words of its page; empty where there is none, or this version asked nothing like it."""
    field = next((one for one in questions.fields() if one.name == name), None)
    return questions.said(field, answers) if field is not None and answers.get(name) else ""


def _name_of(person: Person) -> str:
    contact = contact_of(person)
    return contact.first_name if contact is not None else ""


def _missing(intake: Intake, bookings: Sequence[Booking], agreements: Sequence[Standing], company: str) -> list[str]:
    found = []
    if intake.audience == BOOKER and intake.completed_at is None:
        found.append(_("The part before the session"))
    if company:
        found.append(company)
    if intake.audience == BOOKER and not any(one.state in CLAIMING for one in bookings):
        found.append(_("A time"))
    found += [one.document.title for one in agreements if one.document.required and not one.is_current]
    return found


def _deadlines(intake: Intake, targets: Targets | None, bookings: Sequence[Booking]) -> list[Deadline]:
    found = [
        Deadline(OF_BOOKINGS[one.state], one.deadline_at)
        for one in bookings
        if one.state in OF_BOOKINGS and one.deadline_at is not None and one.approved_at is None
    ]
    if targets is not None:
        if intake.looked_at is None:
            found.append(Deadline(N_("First look due %(time)s"), targets.look_by))
        found.append(Deadline(N_("Decision due %(time)s"), targets.decide_by))
    return sorted(found, key=lambda one: one.at)
