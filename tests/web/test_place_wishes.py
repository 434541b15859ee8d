"""Somebody lives where nobody here is licensed: they can wait, are told once, and are forgotten in time."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from practice.booking.waiting import actions as waiting
from practice.booking.waiting.models import PlaceWish
from practice.database import db
from practice.intake import retention
from practice.people import Person
from practice.work import begin_work

SAID = {"first_name": "Noa", "email": "noa@mail.example", "region": "US-TX"}


def people(practice):
    with practice.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Person))


def letters(mailer):
    return [letter for letter in mailer.sent if letter.to == SAID["email"]]


def test_whoever_leaves_an_address_is_told_once_when_somebody_is_licensed_there(practice, browser, mailer):
    assert browser.submit("/intake/places", SAID).location == "/intake/places"
    assert "We write to you once" in browser.get("/intake/places").text
    for _ in range(2):
        with practice.app.app_context(), begin_work() as work:
            waiting.tell_of_places(work, ["US-TX", "US-NY"])
        practice.work_until_idle()

    [letter] = letters(mailer)
    assert "Texas" not in letter.subject + letter.text
    assert practice.breaches() == []


def test_a_licence_somewhere_else_tells_nobody(practice, browser, mailer):
    browser.submit("/intake/places", SAID)
    with practice.app.app_context(), begin_work() as work:
        waiting.tell_of_places(work, ["US-CA"])
    practice.work_until_idle()

    assert letters(mailer) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"first_name": ""}, "Write what we should call you."),
        ({"email": ""}, "Write your email address."),
        ({"email": "noa"}, "email address"),
        ({"region": ""}, "Choose a place."),
        ({"region": "XX"}, "Not a valid choice"),
    ],
)
@pytest.mark.databases("sqlite")
def test_what_is_missing_is_said_at_its_field_and_nothing_is_kept(practice, browser, wrong, words):
    refused = browser.submit("/intake/places", {**SAID, **wrong})

    assert refused.status_code == 422
    assert words in refused.text
    assert "<title>Error: Where we can work" in refused.text
    assert people(practice) == 0


def test_after_half_a_year_whoever_waited_is_forgotten(practice, browser, clock):
    browser.submit("/intake/places", SAID)
    clock.advance(days=179)
    practice.work_until_idle()
    assert people(practice) == 1

    clock.advance(days=2)
    with practice.app.app_context(), begin_work() as work:
        retention.erase_place_wishes(work)
    with practice.app.app_context():
        assert db.session.scalars(select(PlaceWish)).all() == []
    assert people(practice) == 0
    assert practice.breaches() == []
