"""What became of a session, as its page tells staff: by whom, the client included."""

from __future__ import annotations

from datetime import timedelta

from practice.booking.lifecycle import State
from tests.support.clock import MONDAY_NINE
from tests.support.offers import confirmed, see
from tests.support.staff import desk, in_order
from tests.support.story import Practice

TUESDAY_NINE = MONDAY_NINE + timedelta(days=1)


def told(practice: Practice, reference: str) -> str:
    return " ".join(desk(practice, "owner").get(f"/staff/schedule/sessions/{reference}").text.split())


def test_what_the_client_does_stands_in_the_history_with_who_did_it(practice: Practice) -> None:
    held = confirmed(practice, MONDAY_NINE)
    browser = practice.browser(held.payer)
    browser.submit(f"/bookings/{held.reference}/move", {"start": TUESDAY_NINE.isoformat()}, form="/move")
    browser.submit(f"/bookings/{held.reference}/cancel", {})
    assert see(practice, held).state is State.CANCELLED

    page = told(practice, held.reference)
    assert in_order(
        page, ["<br>Time taken", "<br>Confirmed", ", the client</span><br>Moved", "client</span><br>Cancelled"]
    )
