"""In which language somebody is written to: as their browser asks at first, in every way in which people come."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from practice.booking.waiting import actions as waiting
from practice.database import db
from practice.people import Person, forget_person
from practice.work import begin_work
from tests.support.couples import client_for_two, come_along, invite_by_mail, token_in_mail
from tests.support.intake import answer

SPANISH = "es-MX,es;q=0.9,en;q=0.8"
ENGLISH = "en-US,en;q=0.9,es;q=0.8"


def asking(practice, header):
    """A stranger's browser that asks for these languages."""
    browser = practice.browser()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = header
    return browser


def newest(practice):
    with practice.app.app_context():
        return db.session.scalars(select(Person).order_by(Person.id.desc()).limit(1)).one()


@pytest.mark.parametrize(("header", "language"), [(SPANISH, "es"), (ENGLISH, "en"), ("xx\x7f;q=;,", "en")])
def test_whoever_begins_is_written_to_as_their_browser_asks(practice, header, language):
    assert answer(asking(practice, header), 1).status_code == 302

    assert newest(practice).language == language


def test_the_language_is_their_own_and_does_not_follow_another_browser(practice):
    begun = asking(practice, SPANISH)
    answer(begun, 1)
    begun.environ_base["HTTP_ACCEPT_LANGUAGE"] = ENGLISH
    answer(begun, 2)

    assert newest(practice).language == "es"


def test_whoever_waits_for_a_licence_is_told_in_their_language(practice, mailer):
    said = {"first_name": "Noa", "email": "noa@mail.example", "region": "US-TX"}
    asking(practice, SPANISH).submit("/intake/places", said)
    with practice.app.app_context(), begin_work() as work:
        waiting.tell_of_places(work, ["US-TX"])
    practice.work_until_idle()

    [sent] = [one for one in mailer.sent if one.to == "noa@mail.example"]
    assert sent.subject == "Su solicitud de cita"


def test_whoever_comes_along_has_a_language_of_their_own(practice, mailer):
    inviter = client_for_two(practice)
    invite_by_mail(practice.browser(inviter))
    token = token_in_mail(practice, mailer)

    assert come_along(asking(practice, SPANISH), token).status_code == 302

    assert newest(practice).language == "es"
    with practice.app.app_context():
        assert practice.person(inviter).language == "en"


@pytest.mark.databases("sqlite")
def test_nothing_of_the_language_stays_of_somebody_who_is_erased(practice):
    answer(asking(practice, SPANISH), 1)
    with practice.app.app_context(), begin_work() as work:
        forget_person(work, work.session.scalars(select(Person)).one())

    assert newest(practice).language == "en"
