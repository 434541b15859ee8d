"""The part before the session: whose is open, how far they are, and until when it is kept. Only reads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from practice.database import db
from practice.intake.models import CLOSED, Intake
from practice.intake.queries import INTAKE_LIFE, codes_of, find_request, questionnaire_of, sent_codes_of
from practice.intake.questions import BOOKER, PARTNER, SESSION, Answer, Page, Questionnaire
from practice.intake.safety import crisis_answers
from practice.intake.steps import open_page
from practice.people import Person

ALL_MINUTES = {BOOKER: 15, PARTNER: 20}  # what the whole part takes most people, by audience


@dataclass(frozen=True)
class SessionPart:
    """Somebody's open part before the session. `answers` are all of theirs so far, from every moment."""

    intake: Intake
    questionnaire: Questionnaire
    answers: dict[str, Answer]

    @property
    def partner(self) -> bool:
        """Whether it is the intake of somebody who was invited."""
        return self.intake.audience == PARTNER

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages that have something to ask, by the answers so far."""
        return self.questionnaire.asked_pages(SESSION, self.answers)

    @property
    def next_page(self) -> Page | None:
        """The first page that waits for an answer; None when only sending is left."""
        return open_page(self.questionnaire, self.answers, SESSION)

    @property
    def newly_in_crisis(self) -> bool:
        """Whether this part has an answer for which a clinician is called at once, and didn't know yet."""
        return bool(crisis_answers(self.answers) - crisis_answers(sent_codes_of(self.intake)))


@dataclass(frozen=True)
class Progress:
    """How far somebody is: the page that comes next (from 1; more than `total` when only sending is left), of how many,
    about how many minutes are left, and until when what they saved is kept at least (None before anything was).
    """

    position: int
    total: int
    minutes: int
    kept_until: datetime | None


def find_session_part(person: Person | None) -> Intake | None:
    """The intake of which this person is still asked the part before the session: an invited partner's own, else what
    they sent last to book. None when it was sent, or nothing is asked of them.
    """
    if person is None:
        return None
    partners = select(Intake).where(
        Intake.person_id == person.id,
        Intake.audience == PARTNER,
        Intake.completed_at.is_(None),
        Intake.erased_at.is_(None),
    )
    invited = db.session.scalars(partners.order_by(Intake.id.desc()).limit(1)).one_or_none()
    if invited is not None:
        return invited
    request = find_request(person)
    if request is None or request.completed_at is not None or request.review_state in CLOSED:
        return None
    return request


def open_session_part(person: Person | None) -> SessionPart | None:
    """The same, opened."""
    intake = find_session_part(person)
    return SessionPart(intake, questionnaire_of(intake), codes_of(intake)) if intake is not None else None


def read_progress(person: Person | None) -> Progress | None:
    """How far this person is with the questions before the session; None when they are asked none."""
    part = open_session_part(person)
    return progress_of(part) if part is not None and part.pages else None


def progress_of(part: SessionPart) -> Progress:
    """How far somebody is with this part."""
    numbers = [page.number for page in part.pages]
    waiting = part.next_page
    done = numbers.index(waiting.number) if waiting is not None else len(numbers)
    return Progress(
        position=done + 1,
        total=len(numbers),
        minutes=minutes_left(part, done),
        kept_until=kept_until(part.intake),
    )


def minutes_left(part: SessionPart, done: int) -> int:
    """About how many minutes are left after so many pages."""
    total = len(part.pages)
    return math.ceil(ALL_MINUTES[part.intake.audience] * (total - done) / total)


def kept_until(intake: Intake) -> datetime | None:
    """Until when what was saved of this part is kept at least; None before anything was."""
    return intake.more_saved_at + INTAKE_LIFE if intake.more_saved_at is not None else None
