"""What was asked before the session, sent from several tabs at once: it is sent once, and told once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from practice.database import db
from practice.intake.messages import IntakeCompleted
from practice.intake.models import Intake
from practice.notify.handlers import on_intake_completed
from practice.outbox import OutboxMessage, handler_name
from tests.support.intake import MORE, send, walk_more
from tests.support.racing import DONE, PROCESSES, Play
from tests.support.staff import audit


@pytest.fixture
def answered(practice, browser):
    """The reference of an intake whose every page is answered, and not sent."""
    send(browser)
    walk_more(browser, MORE)
    with practice.app.app_context():
        return db.session.scalars(select(Intake.reference)).one()


def told(practice):
    """How often the desk is told; others that listen to the same message are not counted."""
    with practice.app.app_context():
        ours = OutboxMessage.kind == IntakeCompleted.KIND, OutboxMessage.handler == handler_name(on_intake_completed)
        return len(db.session.scalars(select(OutboxMessage.id).where(*ours)).all())


def test_answers_that_are_sent_from_several_tabs_are_sent_once(practice, answered, processes):
    assert processes.race([Play("send_answers", (answered,))] * PROCESSES) == [DONE] * PROCESSES
    assert len(audit(practice, "intake_completed")) == told(practice) == 1
    assert practice.breaches() == []


def test_without_the_lock_each_tab_would_send_them(practice, answered, processes):
    processes.race([Play("send_answers", (answered,))] * PROCESSES, without="locks before an intake is changed")
    assert len(audit(practice, "intake_completed")) > 1
