"""Letters to whoever waits for somebody licensed where they are."""

from __future__ import annotations

import re

from sqlalchemy import select

from practice.booking.waiting.actions import tell_of_places, wish_for_place
from practice.database import db
from practice.notify.messages import SendLetter
from practice.outbox import OutboxMessage
from practice.people import Contact, contact_of, forget_person, save_contact
from tests.support.offers import work_in

LINK = re.compile(r"/return/")


def open_places(practice, *regions):
    with work_in(practice) as work:
        tell_of_places(work, regions)
    practice.work_until_idle()


def wait_for(practice, client, region):
    with work_in(practice) as work:
        wish_for_place(work, practice.person(client), region)


def test_whoever_waits_for_a_place_hears_once_that_it_has_opened(practice, mailer):
    here, elsewhere = practice.new_client(), practice.new_client()
    wait_for(practice, here, "US-VT")
    wait_for(practice, elsewhere, "US-ME")

    open_places(practice, "US-VT", "US-NH")
    open_places(practice, "US-VT")

    [letter] = mailer.sent
    assert letter.to == here.email
    assert letter.subject == "Your appointment request"
    assert "https://practice.example/schedule" in letter.text
    assert LINK.findall(letter.text) == []
    assert "VT" not in letter.text


def test_whoever_asks_again_is_told_again(practice, mailer, clock):
    client = practice.new_client()
    for _ in range(2):
        wait_for(practice, client, "US-VT")
        open_places(practice, "US-VT")
        clock.advance(days=1)

    assert len(mailer.letters_to(client.email)) == 2


def test_nobody_is_told_who_takes_no_mail_or_was_forgotten(practice, mailer):
    silent, gone = practice.new_client(), practice.new_client()
    for client in (silent, gone):
        wait_for(practice, client, "US-VT")
    with work_in(practice) as work:
        person = practice.person(silent)
        save_contact(person, Contact(**{**contact_of(person).__dict__, "channels": ("call",)}))
        tell_of_places(work, ["US-VT"])
        forget_person(work, practice.person(gone))

    practice.work_until_idle()

    assert mailer.sent == []
    with practice.app.app_context():
        assert set(db.session.scalars(select(OutboxMessage.state))) == {"done"}


def test_no_outbox_row_carries_a_place_an_address_or_a_name(practice):
    client = practice.new_client()
    wait_for(practice, client, "US-VT")
    open_places(practice, "US-VT")

    with practice.app.app_context():
        rows = db.session.scalars(select(OutboxMessage)).all()
        assert SendLetter.KIND in {row.kind for row in rows}
        for row in rows:
            for private in (client.email, client.name, "US-VT"):
                assert private not in row.payload + row.key
