"""The ground of the tests itself: fresh databases, time that stands, nothing that leaves this machine."""

from __future__ import annotations

import smtplib
import socket
from datetime import timedelta

import pytest
from sqlalchemy import select

from practice.booking.claims import SlotTaken
from practice.booking.lifecycle import State
from practice.database import db
from practice.people import Person
from practice.work import begin_work
from tests.support import tripwire
from tests.support.clock import MONDAY_NINE, START


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_begins_with_an_empty_database(practice, time):
    with practice.app.app_context():
        assert db.session.scalars(select(Person)).all() == []

    practice.new_client()


def test_a_story_holds_a_time_and_nobody_else_gets_it(practice):
    held = practice.hold(MONDAY_NINE)

    with pytest.raises(SlotTaken):
        practice.hold(MONDAY_NINE)

    assert practice.state_of(held) is State.HELD


def test_the_clock_moves_only_when_it_is_told_to(app, clock):
    with app.app_context(), begin_work() as work:
        assert work.now == START
    clock.advance(minutes=10)
    with app.app_context(), begin_work() as work:
        assert work.now == START + timedelta(minutes=10)


def test_reaching_for_another_machine_is_refused_and_remembered():
    with pytest.raises(tripwire.BeyondThisMachine):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(tripwire.BeyondThisMachine):
        socket.getaddrinfo("api.stripe.com", 443)

    assert len(tripwire.caught) == 2
    tripwire.caught.clear()


def test_mail_that_nobody_expected_is_refused():
    connection = smtplib.SMTP()
    connection.sock, far_end = socket.socketpair()

    with connection.sock, far_end, pytest.raises(tripwire.UnexpectedMail):
        connection.send("EHLO")

    assert tripwire.caught == ["mail over SMTP"]
    tripwire.caught.clear()
