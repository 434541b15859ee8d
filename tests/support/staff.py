"""Members of staff, their browsers, and somebody's request on their desk."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from practice.audit import AuditEntry
from practice.booking.models import Booking
from practice.booking.offers.queries import get_therapist
from practice.database import db
from practice.intake import actions as intake_actions
from practice.intake.documents import current_questionnaire
from practice.intake.models import Intake
from practice.intake.questions import TICKED
from practice.intake.steps import BOOK
from practice.staff.actions import create_account
from practice.staff.hashing import hash_new
from practice.staff.models import StaffSession
from practice.staff.sessions import PracticeSessions
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.intake import PARTS
from tests.support.story import Practice

PASSWORD = "four quiet brown geese"
SIGN_IN = "/staff/sign-in"
NO_CODE = "no code fits this"


@dataclass(frozen=True)
class Colleague:
    """Somebody who works at the practice."""

    email: str
    actor: str


def hire(
    practice: Practice,
    *roles: str,
    email: str = "sam@practice.example",
    therapist: str | None = None,
    language: str = "en",
) -> Colleague:
    """Give somebody an account; `therapist` is the slug of who they are."""
    with practice.app.app_context():
        hashed = hash_new(PASSWORD, address=email)
        with begin_work() as work:
            account = create_account(
                work,
                email=email,
                password_hash=hashed,
                roles=roles,
                therapist=get_therapist(therapist) if therapist else None,
                language=language,
            )
            return Colleague(account.email, account.actor)


def sign_in(practice: Practice, colleague: Colleague) -> Browser:
    """A browser in which this colleague is signed in."""
    browser = practice.browser()
    answer = browser.submit(SIGN_IN, {"email": colleague.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return browser


def half_way(practice: Practice, colleague: Colleague) -> Browser:
    """A browser in which the password has fitted, and the second factor is asked for."""
    browser = practice.browser()
    answer = browser.submit(SIGN_IN, {"email": colleague.email, "password": PASSWORD})
    assert answer.location.startswith(("/staff/two-factor/code", "/staff/passkey")), answer.location
    return browser


def desk(practice: Practice, *roles: str, therapist: str | None = None) -> Browser:
    """A browser of a new colleague with these roles, signed in."""
    email = "-".join([*roles, therapist or "desk"]) + "@practice.example"
    return sign_in(practice, hire(practice, *roles, email=email, therapist=therapist))


def add_referral(practice: Practice, name: str = "Harbour Clinic") -> Browser:
    """Somebody to refer people to stands on the list; the browser of the owner who wrote it."""
    owner = desk(practice, "owner")
    said = {"name": name, "phone": "+1 212 555 0123", "web": ""}
    said |= {"what_for": "help with drinking", "es_what_for": "ayuda con el alcohol"}
    said |= {"place": "New York", "es_place": "Nueva York"}
    answer = owner.submit("/staff/setup/referrals/new", said, form="/new")
    assert answer.status_code == 302, answer.text
    return owner


def send_request(practice: Practice, **answers: Any) -> str:
    """Somebody new answers the intake and sends it; its reference. Without the pages, which have tests of their own."""
    said: dict[str, Any] = {name: value for part in PARTS.values() for name, value in part.items()}
    said = {**said, "ack_not_emergency": TICKED, **answers}
    typed = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    questions = current_questionnaire()
    shown = questions.shown(typed)
    with practice.app.test_request_context(), begin_work() as work:
        intake = intake_actions.start_draft(work, None, "America/New_York")
        for page in questions.pages(BOOK):
            asked = {field.name: typed.get(field.name, field.empty) for field in page.fields if field.name in shown}
            intake_actions.save_page(work, intake.reference, page, asked, code_hash=NO_CODE)
        return intake_actions.submit(work, intake.reference).reference


def request_of(practice: Practice, reference: str) -> Intake:
    """The row of a request; call inside an app context."""
    return db.session.scalars(select(Intake).where(Intake.reference == reference)).one()


def booked(practice: Practice, reference: str, booking: str) -> None:
    """Make a story's booking that of whoever sent this request."""
    with practice.app.app_context(), begin_work() as work:
        row = work.session.scalars(select(Booking).where(Booking.reference == booking)).one()
        row.person_id = request_of(practice, reference).person_id


def audit(practice: Practice, *actions: str) -> list[tuple[str, str, str]]:
    """What the audit log has of these actions: who, what, about what, in order."""
    with practice.app.app_context():
        found = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.number)
        return [(entry.actor, entry.action, entry.subject) for entry in db.session.scalars(found)]


def without_tokens(html: str) -> str:
    """A page without what differs at every look."""
    return re.sub(r'(name="csrf_token" value)="[^"]*"', r"\1", html)


def in_order(text: str, words: Sequence[str]) -> bool:
    """Whether these stand in the text, in this order."""
    places = [text.find(word) for word in words]
    return -1 not in places and places == sorted(places)


def signed_in_long_ago(practice: Practice) -> None:
    """Let everybody at the desk have typed their password an hour ago."""
    with practice.app.app_context(), begin_work() as work:
        for row in work.session.scalars(select(StaffSession)):
            held = PracticeSessions.tags.loads(row.data)
            held.pop("fs_gexp", None)
            row.data = PracticeSessions.tags.dumps({**held, "fs_paa": time.time() - 3600})
