"""Two people who come together: joined through the real actions, and what a browser does on the way there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from practice.couples import find_couple
from practice.intake import actions as intake_actions
from practice.intake.documents import current_questionnaire
from practice.intake.questions import TICKED
from practice.intake.steps import BOOK
from practice.partners import actions, joining, pausing
from practice.partners.models import Invitation
from practice.people import Person
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.fake_mail import FakeMailer
from tests.support.intake import PARTS
from tests.support.story import Client, Practice

JOIN_LINK = re.compile(r"https://practice\.example/join/([\w-]{43})")
JOIN_CODE = re.compile(r"<code>([a-z0-9]{4}-[a-z0-9]{4})</code>")
THEIR_CODE = "green lamp post"


@dataclass(frozen=True)
class Pair:
    """Two clients who are joined: the one who invited, and the one who came along."""

    inviter: Client
    invited: Client
    reference: str

    def __iter__(self) -> Any:
        return iter((self.inviter, self.invited))


def practice_couple(practice: Practice, *, inviter: Client | None = None, invited: Client | None = None) -> Pair:
    """Two clients who are joined by an invitation; each with an intake sent, so that either may do what clients do."""
    one, other = inviter or client_for_two(practice), invited or practice.new_client()
    with practice.app.test_request_context(), begin_work() as work:
        person = work.session.get_one(Person, one.person_id)
        code = actions.invite_by_code(work, person)
        invitation = work.session.scalars(select(Invitation).order_by(Invitation.id.desc()).limit(1)).one()
        token = actions.make_way_in(work, invitation)
        assert len(code) == 9
        work.session.flush()
        joining.join_as_client(work, token, work.session.get_one(Person, other.person_id))
    with practice.app.app_context():
        couple = find_couple(one.person_id)
        assert couple is not None
        return Pair(one, other, couple.reference)


def client_for_two(practice: Practice, **answers: Any) -> Client:
    """A client whose intake is sent and says that both hope to come."""
    client = practice.new_client()
    send_intake(practice, client, **answers)
    return client


def send_intake(practice: Practice, client: Client, **answers: Any) -> None:
    """Answer and send the intake for a client, keeping how they are reached."""
    said: dict[str, Any] = {name: value for part in PARTS.values() for name, value in part.items()}
    said |= {"ack_not_emergency": TICKED, "preferred_name": client.name, "email": client.email, **answers}
    typed = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    questions = current_questionnaire()
    shown = questions.shown(typed)
    with practice.app.test_request_context(), begin_work() as work:
        person = work.session.get_one(Person, client.person_id)
        intake = intake_actions.start_draft(work, person, person.zone)
        for page in questions.pages(BOOK):
            asked = {field.name: typed.get(field.name, field.empty) for field in page.fields if field.name in shown}
            intake_actions.save_page(work, intake.reference, page, asked, code_hash="no code fits this")
        intake_actions.submit(work, intake.reference)


def pause(practice: Practice, client: Client, reason: str = "") -> None:
    """This client pauses joint sessions."""
    with practice.app.app_context(), begin_work() as work:
        pausing.pause(work, work.session.get_one(Person, client.person_id), reason)


def resume(practice: Practice, client: Client) -> None:
    """This client takes their pause back."""
    with practice.app.app_context(), begin_work() as work:
        pausing.resume(work, work.session.get_one(Person, client.person_id))


def leave(practice: Practice, client: Client) -> None:
    """This client comes on their own from now on."""
    with practice.app.app_context(), begin_work() as work:
        pausing.leave(work, work.session.get_one(Person, client.person_id))


def invite_by_mail(browser: Browser, email: str = "mika@mail.example") -> None:
    """Say that the other one knows, and have a letter sent."""
    page = browser.submit("/you/invite", {"partner_knows": "yes"})
    assert page.status_code == 200, page.text
    sent = browser.send_form(page, {"email": email}, form="/invite/mail")
    assert sent.status_code == 200, sent.text


def token_in_mail(practice: Practice, mailer: FakeMailer, email: str = "mika@mail.example") -> str:
    """The token in the last invitation to this address."""
    practice.work_until_idle()
    return JOIN_LINK.findall(mailer.last_to(email).text)[0]


def make_code(browser: Browser, knows: str = "not_yet") -> str:
    """Answer the question, and have a code made; what the page shows."""
    page = browser.submit("/you/invite", {"partner_knows": knows})
    return JOIN_CODE.findall(browser.send_form(page, {}, form="/invite/code").text)[0]


def come_along(browser: Browser, token: str, **changes: Any) -> Any:
    """Fill in how to be reached, and join; the answer."""
    said = {**PARTS[2], "age_18_plus": "yes", "preferred_name": "Mika", "email": "mika@mail.example", **changes}
    said |= {"code": THEIR_CODE, "code_again": THEIR_CODE}
    return browser.submit(f"/join/{token}/you", said)
