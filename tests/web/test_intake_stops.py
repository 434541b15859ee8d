"""Where the way ends, or has a page more: too young, not now, no license, and a person in a crisis."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from practice.audit import AuditEntry
from practice.booking.offers.models import Therapist
from practice.database import Model, db
from practice.intake.messages import IntakeSubmitted, UrgentIntake
from practice.intake.models import Intake
from practice.people import Person
from practice.sealing import PersonKey
from practice.work import begin_work
from tests.support.intake import PARTS, answer, answer_until, part, send

CRISIS = [{"self_harm": "plan"}, {"self_harm": "prefer_talk"}]
SETTLED = {
    "practice_profile",
    "therapist",
    "resource",
    "offering",
    "kept_mark",
    "therapist_offering",
    "weekly_hours",
}


def rows(practice, *models):
    with practice.app.app_context():
        return [db.session.scalar(select(func.count()).select_from(model)) for model in models]


def tables_with_rows(practice):
    """Every table that has a row, besides those of the practice itself."""
    with practice.app.app_context():
        return {
            table.name
            for table in Model.metadata.sorted_tables
            if table.name not in SETTLED and db.session.scalar(select(func.count()).select_from(table))
        }


@pytest.fixture
def posted(monkeypatch):
    """The messages that were posted, as they were posted."""
    found = []
    monkeypatch.setattr("practice.work.enqueue", lambda _session, message, **_times: found.append(message))
    return found


def test_somebody_under_18_gets_other_lines_and_nothing_is_stored(practice, browser):
    stopped = answer(browser, 1, age_18_plus="no")
    assert stopped.location == "/intake/lines"
    assert tables_with_rows(practice) == set()
    page = browser.get("/intake/lines")
    assert re.search(r"last checked \d+ \w+ 20\d\d\.", page.text)
    assert "1-800-422-4453" in page.text
    assert "Nothing that you chose or typed here is stored." in page.text


def test_who_chose_their_age_by_mistake_finds_the_way_back(browser):
    answer(browser, 1, age_18_plus="no")
    assert f'<a href="{part(1)}">I chose that by mistake</a>' in browser.get("/intake/lines").text


def test_under_18_comes_before_every_other_question_of_the_page(practice, browser):
    only_age = dict.fromkeys(PARTS[1]) | {"age_18_plus": "no"}
    assert answer(browser, 1, **only_age).location == "/intake/lines"
    assert answer(browser, 1, **{**only_age, "private_now": "later"}).location == "/intake/lines"


def test_under_18_erases_the_draft_of_this_browser_and_its_person(practice, browser):
    answer_until(browser, 5)
    assert answer(browser, 1, age_18_plus="no").location == "/intake/lines"
    assert rows(practice, Intake, Person, PersonKey) == [0, 0, 0]
    assert browser.get(part(3)).location == "/schedule"
    with practice.app.app_context():
        assert db.session.scalars(select(AuditEntry.action)).all() == ["draft_erased"]
    assert practice.breaches() == []


def test_under_18_does_not_touch_what_was_sent_before(practice, browser):
    send(browser)
    answer(browser, 1)
    assert answer(browser, 1, age_18_plus="no").location == "/intake/lines"
    assert rows(practice, Intake, Person, PersonKey) == [1, 1, 1]


def test_not_right_now_stores_nothing_and_says_how_to_come_back(practice, browser):
    assert answer(browser, 1, private_now="later", session_location="").location == "/intake/later"
    assert tables_with_rows(practice) == set()
    assert "Schedule a session" in browser.get("/intake/later").text


def test_not_right_now_leaves_an_earlier_draft_as_it_was(practice, browser):
    answer_until(browser, 4)
    answer(browser, 1, private_now="later")
    assert browser.get("/schedule").text.count("/intake/part-5") == 1


def test_outside_every_license_nothing_is_stored_or_offered(practice, browser):
    assert answer(browser, 1, session_location="GB-SCT").location == "/intake/places"
    assert tables_with_rows(practice) == set()
    page = browser.get("/intake/places").text
    assert "California and New York" in page
    assert "$" not in page
    assert "/times/" not in page


def test_moving_outside_every_license_ends_the_way_of_a_draft_too(browser):
    answer_until(browser, 7)
    assert answer(browser, 1, session_location="FR").location == "/intake/places"
    answer(browser, 5)
    assert browser.submit("/intake/check").location == "/intake/places"


def test_a_license_that_ends_meanwhile_is_noticed_at_the_end(practice, browser):
    answer_until(browser, 7, session_location="US-CA")
    with practice.app.app_context(), begin_work() as work:
        work.session.scalars(select(Therapist).where(Therapist.slug == "noor-haddad")).one().active = False
    assert browser.submit("/intake/check").location == "/intake/places"
    with practice.app.app_context():
        assert db.session.scalars(select(Intake.submitted_at)).one() is None


@pytest.mark.parametrize("private", [{}, *CRISIS, {"control": "often"}, dict.fromkeys(PARTS[7])])
def test_everybody_sees_the_same_support_page(browser, private):
    answer_until(browser, 6)
    assert answer(browser, 7, **private).location == "/intake/support"
    page = browser.get("/intake/support").text
    assert "Call or text 988" in page
    assert "1-800-799-7233" in page
    assert "Everybody sees this page, in the same words." in page


@pytest.mark.databases("sqlite")
def test_the_support_page_has_the_lines_of_the_place(practice, browser):
    with practice.app.app_context(), begin_work() as work:
        work.session.scalars(select(Therapist).where(Therapist.slug == "noor-haddad")).one().licence_places = ["GB-SCT"]
    answer_until(browser, 7, session_location="GB-SCT")
    page = browser.get("/intake/support").text
    assert "116 123" in page
    assert "0800 027 1234" in page
    assert "988" not in page


@pytest.mark.parametrize("private", CRISIS)
def test_a_crisis_answer_adds_a_page_with_true_hours_and_contact_alone(browser, private):
    answer_until(browser, 7, **private)
    page = browser.get("/intake/next")
    assert page.status_code == 200
    assert "Monday to Friday, 9:00 am to 5:00 pm (Eastern Time)" in page.text
    assert "Nobody has read your answers yet" in page.text
    assert "+1 555 010 0100" in page.text
    assert "Call or text 988" in page.text


def test_a_crisis_answer_can_be_sent_from_that_page_and_couple_times_stay_bookable(browser):
    answer_until(browser, 7, self_harm="plan")
    sent = browser.submit("/intake/next")
    assert sent.location == "/intake/times"
    assert "/times/ada-lindqvist?offering=couple-50" in browser.get("/intake/times").text
    assert 'name="start"' in browser.get("/times/ada-lindqvist?offering=couple-50").text


@pytest.mark.parametrize(
    "private", [{}, {"self_harm": "often"}, {"control": "often"}, {"court_order": "yes"}, {"self_harm": None}]
)
def test_without_a_crisis_answer_the_way_goes_straight_on(browser, private):
    answer_until(browser, 7, **private)
    assert browser.get("/intake/next").location == "/intake/check"


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(("private", "calls"), [({}, 0), ({"control": "often"}, 0), *[(one, 1) for one in CRISIS]])
def test_only_a_crisis_answer_calls_staff_urgently_and_the_call_says_nothing(practice, browser, posted, private, calls):
    send(browser, **private)
    with practice.app.app_context():
        reference = db.session.scalars(select(Intake.reference)).one()
    assert IntakeSubmitted(reference) in posted
    assert posted.count(UrgentIntake(reference)) == calls
    assert UrgentIntake(reference).payload() == {"reference": reference, "moment": "book"}
