"""Declining somebody who hasn't paid: nothing is promised back, and what was kept for them ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from practice.booking.lifecycle import State
from tests.support.clock import MONDAY_NINE
from tests.support.offers import keep_for, see
from tests.support.staff import booked, desk, request_of, send_request
from tests.support.story import Client, Practice


@pytest.fixture
def found(practice: Practice) -> str:
    return send_request(practice)


@pytest.fixture
def client(practice: Practice, found: str) -> Client:
    """Whoever sent the request."""
    with practice.app.app_context():
        return replace(practice.new_client(), person_id=request_of(practice, found).person_id)


def test_nothing_is_said_to_go_back_where_nothing_was_paid(practice: Practice, found: str) -> None:
    held = practice.hold(MONDAY_NINE)
    booked(practice, found, held.reference)

    page = desk(practice, "clinician").submit(f"/staff/intakes/{found}/decline", follow_redirects=True).text

    assert "Declined." in page
    assert "goes back in full" not in page


def test_a_time_that_staff_keep_for_them_ends_with_their_request(
    practice: Practice, found: str, client: Client
) -> None:
    held = keep_for(practice, client, MONDAY_NINE)

    desk(practice, "clinician").submit(f"/staff/intakes/{found}/decline")

    assert see(practice, held).state is State.CANCELLED
