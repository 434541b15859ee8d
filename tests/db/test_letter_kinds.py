"""Every kind of letter, and what it may bring to somebody whose messages others could see: words, and nothing else.

A new kind fails here until somebody has written down to whom it goes and whether it may carry a calendar part.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.notify import actions
from practice.notify.messages import CALENDAR, CLIENT, Kind, SendLetter
from practice.people import ContactChange, contact_of
from practice.portal.actions import change_contact
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE

WITH_CALENDAR = {"booked", "moved", "cancelled_all", "cancelled_part", "cancelled_nothing", "called_off", "declined"}
ABOUT_A_BOOKING = {
    "reserved", "offered", "not_kept", "payment_returned", "given_back", "fee_paid", "fee_asked", "reviewing",
    "turned_down", "lapsed", "estimate", "authorisation_released",
}  # fmt: skip
ABOUT_A_PERSON = {"way_back", "place_opened", "page_changed"}
ABOUT_A_REQUEST = {"something_waits", "ready_to_book"}  # tests/web/test_asking.py
ABOUT_A_CHANGE = {"address_changed"}
TO_AN_ADDRESS_OF_BEFORE = {"taken_out"}  # tests/db/test_calendar_letters.py has it
AGAIN_AND_AGAIN = {"near", "missing", "pulse"}  # tests/db/test_reminders.py and test_pulse.py have them
TO_WHOEVER_IS_INVITED = {"invitation"}  # tests/web/test_joining.py
TO_STAFF_ALONE = {
    "review_runs_out", "request_arrived", "answers_arrived", "taken_back", "money_waits", "urgent", "call_wished",
    "record_due", "record_overdue", "collides", "calendar_fails",
    "calendar_stopped", "calendar_asks", "staff_invitation", "staff_password",
}  # fmt: skip
TO_CLIENTS = WITH_CALENDAR | ABOUT_A_BOOKING | ABOUT_A_PERSON | ABOUT_A_CHANGE
MAY_LEAD_TO = re.compile(r"https://practice\.example/(return/[\w-]{43}|schedule)")


def test_every_kind_of_letter_has_its_place_here():
    assert {kind.value for kind in Kind} == (
        TO_CLIENTS
        | ABOUT_A_REQUEST
        | TO_STAFF_ALONE
        | AGAIN_AND_AGAIN
        | TO_WHOEVER_IS_INVITED
        | TO_AN_ADDRESS_OF_BEFORE
    )
    assert {kind.value for kind in CALENDAR} == WITH_CALENDAR | TO_AN_ADDRESS_OF_BEFORE


@pytest.mark.parametrize("careful", [True, False])
@pytest.mark.parametrize("kind", sorted(TO_CLIENTS))
@pytest.mark.databases("sqlite")
def test_a_letter_brings_a_calendar_part_only_where_nobody_else_reads_and_a_document_never(
    practice, monkeypatch, kind, careful
):
    monkeypatch.setattr(actions, "_still_true", lambda *_: True)
    client = practice.new_client(calendar_by_mail=not careful)
    held = practice.hold(MONDAY_NINE, client)
    with practice.app.test_request_context(), begin_work() as work:
        booking = work.session.scalars(select(Booking).where(Booking.reference == held.reference)).one()
        booking.confirmed_at = work.now
        booking.state = State.CANCELLED if kind.startswith(("cancelled", "called_off")) else State.CONFIRMED
        booking.deadline_at = work.now + timedelta(hours=5)
        about = held.reference
        if kind in ABOUT_A_PERSON:
            about = client.reference
        if kind in ABOUT_A_CHANGE:
            about = _change(work, practice, client)
        addressed = actions.write_letter(work, SendLetter(kind, about, CLIENT, "0", since=""))
    assert addressed is not None
    letter = addressed.letter
    assert (letter.calendar is not None) is (kind in WITH_CALENDAR and not careful)
    assert MAY_LEAD_TO.fullmatch(letter.link.address)
    assert not [words for words in letter.paragraphs if "http" in words or ".pdf" in words]


def _change(work, practice, client) -> str:

    before = contact_of(practice.person(client))
    change_contact(work, client.person_id, replace(before, email="elsewhere@mail.example"))
    return work.session.scalars(select(ContactChange.reference)).one()
