"""A client's own page."""

from __future__ import annotations

from tests.support.clock import MONDAY_NINE, MONDAY_TEN


def test_what_is_coming_leads_to_its_page_and_what_is_over_is_put_away(practice, clock):
    client = practice.new_client()
    first = practice.hold(MONDAY_NINE, client)
    practice.confirm(first)
    second = practice.hold(MONDAY_TEN, client)
    practice.confirm(second)
    page = practice.browser(client).get("/you").text
    assert page.index(first.reference) < page.index(second.reference)
    assert "Earlier appointments" not in page

    clock.advance(days=30)
    page = practice.browser(client).get("/you").text
    assert "No appointment is coming" in page
    assert page.index("Earlier appointments") < page.index(second.reference) < page.index(first.reference)


def test_nobody_elses_appointments_stand_there(practice):
    booked = practice.hold(MONDAY_NINE)

    assert booked.reference not in practice.browser(practice.new_client()).get("/you").text
