"""The page of who is on duty, whose a request is, and desk hours: what staff press, and what stands there then."""

from __future__ import annotations

import pytest

from practice.booking.licence import fits
from practice.profile import profile
from tests.support.staff import audit, desk, hire, request_of, send_request

PAGE = "/staff/duty"
CRISIS = {"self_harm": "plan"}


def said(browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return " ".join(answer.text.split())


def test_nobody_named_is_said_and_a_clinician_can_put_another_on_duty_and_end_it(practice):
    mara, noor = desk(practice, "clinician"), hire(practice, "clinician", email="noor@practice.example")
    assert "Nobody is named, so every clinician is on duty" in said(mara, PAGE)
    number = noor.actor.removeprefix("staff:")
    assert mara.submit(PAGE, {"account": number}, form="/dates").status_code == 302
    assert "<b>noor@practice.example</b> is on duty" in said(mara, PAGE)
    assert "<b>noor@practice.example</b>" in said(mara, "/staff/")
    assert mara.submit(PAGE, {}, form="/end").status_code == 302
    assert "Nobody is named" in said(mara, PAGE)
    assert "Who was on duty before" in said(mara, PAGE)
    assert [action for _, action, _ in audit(practice, "duty_set", "duty_ended")] == ["duty_set", "duty_ended"]


def test_the_week_is_kept_and_shown_again(practice):
    owner, noor = desk(practice, "owner"), hire(practice, "clinician", email="noor@practice.example")
    number = noor.actor.removeprefix("staff:")
    assert owner.submit(PAGE, {"day_2": number, "day_4": number}, form="/week").status_code == 302  # it is a Wednesday
    assert said(owner, PAGE).count(f'<option selected value="{number}">') >= 2
    assert "<b>noor@practice.example</b> is on duty" in said(owner, PAGE)


@pytest.mark.parametrize(
    "typed", [{"first": "2027-05-09", "last": "2027-05-07"}, {"first": "soon"}, {"account": "999"}]
)
def test_dates_that_make_no_turn_are_named(practice, typed):
    answer = desk(practice, "clinician").submit(PAGE, typed, form="/dates")
    assert answer.status_code == 422
    assert "error-summary" in answer.text


def test_a_coordinator_and_a_therapist_have_no_such_page(practice):
    for role in ("coordinator", "therapist"):
        assert desk(practice, role).get(PAGE).status_code == 404


def test_a_request_is_taken_and_handed_over_and_a_page_that_is_out_of_date_changes_nothing(practice):
    mara, noor = desk(practice, "clinician"), desk(practice, "owner")
    other = hire(practice, "clinician", email="other@practice.example")  # so that nobody is the only one
    reference = send_request(practice)
    practice.work_until_idle()
    address = f"/staff/intakes/{reference}"
    assert "Nobody has it yet" in said(mara, address)
    stale = noor.get(address)
    assert mara.submit(address, {}, form="/take").status_code == 302
    assert "Yours." in said(mara, address)
    assert "clinician-desk@practice.example has it" in said(noor, "/staff/intakes")
    assert noor.send_form(stale, {}, form="/take").status_code == 409
    number = other.actor.removeprefix("staff:")
    assert mara.submit(address, {"to": number}, form="/hand-over").status_code == 302
    with practice.app.app_context():
        assert request_of(practice, reference).owner == other.actor
    assert len(audit(practice, "request_given")) == 2


def test_whoever_coordinates_sees_whose_it_is_and_can_t_take_it(practice):
    hire(practice, "clinician", email="other@practice.example")
    reference = send_request(practice)
    practice.work_until_idle()
    coordinator = desk(practice, "coordinator")
    page = said(coordinator, f"/staff/intakes/{reference}")
    assert "other@practice.example has it" in page
    assert "/take" not in page


def test_what_waits_too_long_is_marked_and_red_is_marked_for_clinicians_alone(practice, clock):
    hire(practice, "clinician", email="other@practice.example")
    send_request(practice, preferred_name="Ruth", control="often")
    clock.advance(hours=9)  # five o'clock
    owner, coordinator = desk(practice, "owner"), desk(practice, "coordinator")
    assert "First look overdue" in said(owner, "/staff/intakes")
    assert "look overdue" not in said(coordinator, "/staff/intakes")
    clock.advance(days=1)
    coordinator = desk(practice, "coordinator", "therapist")  # the others’ sessions lay idle for too long
    assert "First look overdue" in said(coordinator, "/staff/intakes")


def test_unread_urgent_notices_stand_first_with_their_age(practice, clock):
    clinician = desk(practice, "clinician")
    send_request(practice, preferred_name="Ruth", control="often")
    clock.advance(minutes=5)
    send_request(practice, preferred_name="Zora", email="zora@mail.example", **CRISIS)
    practice.work_until_idle()
    clock.advance(minutes=12)
    page = said(clinician, "/staff/")
    assert page.index("Zora") < page.index("Ruth")
    assert "Urgent, and read by nobody for 12 minutes." in page
    assert "Urgent" not in said(desk(practice, "coordinator"), "/staff/")


def test_the_owner_says_desk_hours_and_what_can_t_be_read_is_refused(practice):
    owner = desk(practice, "owner")
    address = "/staff/setup/desk"
    assert "Monday to Friday, 9:00 am to 5:00 pm" in said(owner, address)
    assert owner.submit(address, {"weekly": "weekdays"}).status_code == 422
    stale = owner.get(address)
    assert owner.submit(address, {"weekly": "tue 10:00-12:00", "holidays": ""}).status_code == 302
    with practice.app.app_context():
        assert (profile().desk_hours, profile().desk_holidays) == ("tue 10:00-12:00", None)
    assert owner.send_form(stale, {"weekly": "mon 10:00-12:00"}).status_code == 409
    assert [action for _, action, _ in audit(practice, "desk_hours_set")] == ["desk_hours_set"]


@pytest.mark.parametrize(
    ("places", "licensed", "fit"),
    [
        (["US-NY"], ["US-NY"], True),
        (["US-NY", "US-NY"], ["US-NY", "US-NJ"], True),
        (["US-NY", "US-CA"], ["US-NY"], False),
        (["US-NY", ""], ["US-NY"], False),
        ([], ["US-NY"], False),
    ],
)
def test_a_licence_fits_where_it_reaches_everybody_who_attends(places, licensed, fit):
    assert fits(places, licensed) is fit
