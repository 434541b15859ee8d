"""Two people who come together, and what each of them answers: before booking, before the session, or when invited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from practice.booking.eligibility import Grant, grant_eligibility
from practice.couples import Couple, find_couple, form_couple
from practice.database import db
from practice.intake import actions as intake_actions
from practice.intake import completing
from practice.intake.models import Intake
from practice.intake.queries import codes_of, find_submitted, questionnaire_of
from practice.intake.questions import SESSION, TICKED
from practice.people import Person, add_person
from practice.work import begin_work
from tests.support.intake import PARTS
from tests.support.staff import NO_CODE, send_request
from tests.support.story import Client, Practice

JUST_FOR_YOU = ("control", "safe_to_speak", "own_force", "court_order", "self_harm", "harm_other", "alone_call")
BEFORE_THE_SESSION: dict[str, Any] = {
    "relationship_status": "married_civil", "together_length": "y4_9", "breach_main": "lying_omission",
    "breach_last_when": "m3_12", "discovery_how": "found", "breach_ongoing": "ended", "impact_now": "2",
    "breach_story": "", "step1_named": "2", "step2_talked": "1", "step3_owned": "1", "step4_heard": "1",
    "step5_apology": "0", "step6_change": "0", "trust_now": "4", "barriers_me": ("blame",), "barriers_us": ("loop",),
    "lean": "3", "goals_concrete": ("honest_talk",), "prior_therapy": ("none",), "substance_concern": "no",
    "court_involved": "no", "own_force": "no", "harm_other": "no",
}  # fmt: skip
"""Calm answers to what is asked before the session."""


@dataclass(frozen=True)
class Two:
    """A couple in a story: its reference, who booked, and whom they invited."""

    reference: str
    one: Client
    other: Client


def books(practice: Practice, email: str = "robin@mail.example", name: str = "Robin", **answers: Any) -> Client:
    """Somebody new sends what is asked before booking."""
    intake = send_request(practice, **{"email": email, "preferred_name": name, **answers})
    with practice.app.app_context():
        person = db.session.scalars(select(Person).join(Intake).where(Intake.reference == intake)).one()
        return Client(person.id, person.reference, name, email)


def completes(practice: Practice, client: Client, **answers: Any) -> None:
    """They answer what is asked before the session; again with other answers, they answer anew."""
    with practice.app.app_context(), begin_work() as work:
        person = work.session.get_one(Person, client.person_id)
        intake = find_submitted(person)
        assert intake is not None
        questions = questionnaire_of(intake)
        intake.completed_at = work.now
        said = _typed({**BEFORE_THE_SESSION, **answers})
        shown = questions.shown({**codes_of(intake), **said})
        asked = [field for field in questions.fields() if field.moment == SESSION and field.name in shown]
        intake_actions.save_moment(
            work, person, SESSION, {field.name: said.get(field.name, field.empty) for field in asked}
        )


def accepts(practice: Practice, email: str = "kim@mail.example", name: str = "Kim", **answers: Any) -> Client:
    """Somebody who was invited answers everything, and sends it."""
    client = comes(practice, email, name)
    answers_as_partner(practice, client, **answers)
    return client


def comes(practice: Practice, email: str = "kim@mail.example", name: str = "Kim") -> Client:
    """Somebody who was invited, and has answered nothing yet."""
    with practice.app.app_context(), begin_work() as work:
        person = add_person(work, "America/New_York")
        return Client(person.id, person.reference, name, email)


def answers_as_partner(practice: Practice, client: Client, **answers: Any) -> str:
    """They answer everything that a partner is asked, and send it; the reference of the intake."""
    calm = {name: value for part in PARTS.values() for name, value in part.items()}
    own = {"preferred_name": client.name, "email": client.email, "ack_not_emergency": TICKED}
    own |= {"legal_name": f"{client.name} Ash", "date_of_birth": "1986-03-02"}
    said = _typed({**calm, **BEFORE_THE_SESSION, **own, "trust_role": "broke", **answers})
    with practice.app.app_context(), begin_work() as work:
        person = work.session.get_one(Person, client.person_id)
        intake = intake_actions.start_partner_draft(work, person)
        questions = questionnaire_of(intake)
        shown = questions.shown(said)
        for page in questions.pages(SESSION):
            asked = {field.name: said.get(field.name, field.empty) for field in page.fields if field.name in shown}
            intake_actions.save_page(work, intake.reference, page, asked, code_hash=NO_CODE)
        completing.complete(work, intake.reference)
        return intake.reference


def may_book(practice: Practice, client: Client) -> None:
    """Staff let somebody book who came along and was never asked what opens times."""
    with practice.app.app_context(), begin_work() as work:
        person = work.session.get_one(Person, client.person_id)
        grant_eligibility(work, person, Grant(("individual",), ("video", "in_person"), "US-NY"))


def join(practice: Practice, one: Client, other: Client) -> Two:
    """The two come together from now on."""
    with practice.app.app_context(), begin_work() as work:
        people = [work.session.get_one(Person, client.person_id) for client in (one, other)]
        return Two(form_couple(work, *people).reference, one, other)


def two(practice: Practice, one: Mapping[str, Any] | None = None, other: Mapping[str, Any] | None = None) -> Two:
    """A couple that has answered everything, calmly but for what is said here."""
    robin = books(practice, **{name: value for name, value in (one or {}).items() if name not in BEFORE_THE_SESSION})
    completes(practice, robin, **{name: value for name, value in (one or {}).items() if name in BEFORE_THE_SESSION})
    return join(practice, robin, accepts(practice, **(other or {})))


def intake_of(practice: Practice, client: Client) -> str:
    """The reference of what this client sent last."""
    with practice.app.app_context():
        found = find_submitted(practice.person(client))
        assert found is not None
        return found.reference


def couple_of(practice: Practice, client: Client) -> Couple:
    """The couple that a client is in; call inside an app context."""
    found = find_couple(client.person_id)
    assert found is not None
    return found


def _typed(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in answers.items()}
