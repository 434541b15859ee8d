"""Help lines: the owner's own, each with source and date, kept in every version, and read by whoever is there."""

from __future__ import annotations

import re
from datetime import date

import pytest

from practice.database import db
from practice.intake.lines import find_old, lines_for
from practice.intake.models import HelpLineList
from tests.support.intake import answer_until
from tests.support.staff import audit, desk

LISTS = "/staff/setup/lines"
LINE = f"{LISTS}/US/crisis/1"
NEW = {
    "name": "Night Line",
    "how": "Call 555 0100",
    "es_how": "Llame al 555 0100",
    "hours": "day and night, free",
    "es_hours": "día y noche, gratis",
    "dial": "5550100",
    "source": "nightline.example",
    "checked": "2027-05-01",
}


@pytest.fixture
def owner(practice):
    return desk(practice, "owner")


def crisis_lines(practice, region: str) -> list[str]:
    with practice.app.app_context():
        return [line.name for line in lines_for(region).crisis]


def test_a_line_is_changed_for_its_own_country_and_every_list_is_kept(practice, owner, browser):
    shipped = crisis_lines(practice, "US-NY")
    assert owner.submit(LINE, NEW).status_code == 302
    assert crisis_lines(practice, "US-NY") == [shipped[0], "Night Line"]
    assert "Night Line" not in crisis_lines(practice, "GB")
    answer_until(browser, 7)
    assert "Night Line" in browser.get("/intake/support").text
    assert owner.submit(f"{LISTS}/US/crisis/2", {**NEW, "name": "Day Line"}).status_code == 302
    assert owner.submit(LINE, {"remove": "y"}).status_code == 302
    assert crisis_lines(practice, "US-NY") == [shipped[0], "Day Line"]
    assert owner.submit(LISTS, {}, form="/US/shipped").status_code == 302
    assert crisis_lines(practice, "US-NY") == shipped
    with practice.app.app_context():
        assert [one.number for one in db.session.query(HelpLineList).order_by(HelpLineList.number)] == [1, 2, 3, 4]
    assert [subject for _, _, subject in audit(practice, "help_lines_saved")] == ["US"] * 4


def test_what_is_typed_in_several_lines_is_read_as_one(practice, owner, browser):
    page = owner.get(LINE).text
    assert re.search(r'<textarea[^>]* name="how"', page)

    assert owner.submit(LINE, {**NEW, "how": "Call 555 0100,\r\n\r\n or  text it"}).status_code == 302

    with practice.app.app_context():
        [line] = [one for one in lines_for("US-NY").crisis if one.name == "Night Line"]
        assert line.how == "Call 555 0100, or text it"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", ""),
        ("checked", ""),
        ("checked", "2027-05-06"),  # tomorrow
        ("name", ""),
        ("es_how", ""),
        ("es_hours", " "),
        ("dial", "call us"),
        ("web", "http://nightline.example"),
        ("where", "US-XX"),
    ],
)
def test_a_line_without_source_or_date_or_with_something_odd_is_refused(practice, owner, field, value):
    answer = owner.submit(LINE, {**NEW, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "Night Line" not in crisis_lines(practice, "US")


def test_the_last_line_of_a_kind_stays(practice, owner):
    assert owner.submit(f"{LISTS}/US/abuse/0", {"remove": "y"}).status_code == 422


def test_a_page_that_is_out_of_date_changes_nothing(practice, owner):
    stale = owner.get(LINE)
    assert owner.submit(LINE, NEW).status_code == 302
    assert owner.send_form(stale, {**NEW, "name": "Other Line"}).status_code == 409
    assert "Other Line" not in crisis_lines(practice, "US")


def test_lines_that_nobody_checked_for_half_a_year_are_named_to_the_owner(practice, owner, clock):
    assert "six months ago" not in owner.get("/staff/").text
    clock.advance(days=30)
    page = desk(practice, "owner", "clinician").get("/staff/").text
    assert "were last checked over six months ago" in page
    with practice.app.app_context():
        assert find_old(date(2027, 5, 25)) == []
        assert find_old(date(2027, 5, 26)) != []


def test_the_frame_names_the_number_of_where_somebody_is(practice, browser):
    number = '<a href="tel:{0}">{0}</a> first.'
    assert number.format("911") in browser.get("/intake/lines").text
    assert number.format("999") in browser.get("/intake/lines?in=GB").text
    assert number.format("911") in browser.get("/intake/lines?in=nowhere").text
    british = practice.browser(practice.new_client(region="GB-ENG"))
    assert number.format("999") in british.get("/fees").text
