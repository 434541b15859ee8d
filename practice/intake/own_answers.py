"""What somebody sent, as their own page shows it: whatever is shown again, and when it was corrected. Only reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from practice.errors import NotFound
from practice.intake.correctable import (
    ASKED_ONCE,
    ELSEWHERE,
    Reach,
    asked_again,
    sent_pages,
    within,
)
from practice.intake.corrections import Earlier, history_of
from practice.intake.lanes import default_lane
from practice.intake.models import Intake
from practice.intake.queries import find_newest_sent, find_submitted, lanes_of, questionnaire_of, sent_codes_of
from practice.intake.questions import BOOKER, PARTNER, SESSION, Field, Page, Questionnaire
from practice.people import Person
from practice.profile import profile


@dataclass(frozen=True)
class OwnAnswer:
    """One answer in words, who may speak of it (one of lanes.LANES; None where that is no question), and its last
    correction.
    """

    field: Field
    said: str
    lane: str | None
    corrected: Earlier | None


@dataclass(frozen=True)
class OwnSheet:
    """A page that was sent. `open`: something of it can be corrected; `elsewhere`: something is changed elsewhere;
    `unseen`: it asked something that is never shown again.
    """

    page: Page
    answers: list[OwnAnswer]
    open: bool
    elsewhere: bool
    unseen: bool

    @property
    def before_session(self) -> bool:
        """Whether it was asked before the session, not before booking."""
        return self.page.moment == SESSION


@dataclass(frozen=True)
class OwnIntake:
    """Everything that somebody sent in one go, or in two. `counts`: whether it is what their therapists go by, and can
    be corrected.
    """

    intake: Intake
    counts: bool
    sheets: list[OwnSheet]


def list_own(person: Person) -> list[OwnIntake]:
    """What this person sent last to book, and what they sent last as whoever was invited; the newest first."""
    newest = find_submitted(person)
    return [OwnIntake(intake, intake == newest, _sheets(intake)) for intake in _own_intakes(person)]


def find_own(person: Person, reference: str) -> Intake:
    """What this person sent last, which is what they can correct.

    :raises NotFound: when that isn't of this reference: not theirs, or a later one took its place.
    """
    newest = find_submitted(person)
    if newest is None or newest.reference != reference:
        raise NotFound
    return newest


def own_fields(intake: Intake) -> list[tuple[Page, tuple[Field, ...]]]:
    """By page, every question of what was sent that its author is shown again and can answer anew."""
    questionnaire, sent = questionnaire_of(intake), sent_codes_of(intake)
    found = [
        (page, asked_again(questionnaire, within(page, Reach.OWN), sent)) for page in sent_pages(questionnaire, sent)
    ]
    return [(page, fields) for page, fields in found if fields]


def region_of(person: Person) -> str:
    """Where this person said that they would be, for the help lines."""
    places = (sent_codes_of(intake).get("session_location") for intake in _own_intakes(person))
    return str(next((place for place in places if place), profile().help_region))


def _own_intakes(person: Person) -> list[Intake]:
    found = (find_newest_sent(person, audience) for audience in (BOOKER, PARTNER))
    return sorted((one for one in found if one is not None), key=lambda one: -one.id)


def _sheets(intake: Intake) -> list[OwnSheet]:
    questionnaire, sent, history = questionnaire_of(intake), sent_codes_of(intake), history_of(intake)
    lanes = _lanes(intake, questionnaire)
    return [
        OwnSheet(
            page=page,
            answers=[
                OwnAnswer(
                    field=field,
                    said=questionnaire.said(field, sent),
                    lane=lanes.get(field.name) if sent[field.name] else None,  # who speaks of nothing
                    corrected=next(iter(history.get(field.name, ())), None),
                )
                for field in page.fields
                if field.name in sent and not field.write_only
            ],
            open=bool(asked_again(questionnaire, within(page, Reach.OWN), sent)),
            elsewhere=any(field.name in ELSEWHERE and field.name in sent for field in page.fields),
            unseen=any(field.write_only for field in page.fields),
        )
        for page in sent_pages(questionnaire, sent)
        if page.moment not in ASKED_ONCE
    ]


def _lanes(intake: Intake, questionnaire: Questionnaire) -> Mapping[str, str]:
    if intake.completed_at is None:
        return {}
    default, chosen = default_lane(profile().secrets_policy), lanes_of(intake)
    return {field.name: chosen.get(field.name, default) for field in questionnaire.fields() if field.may_be_shared}
