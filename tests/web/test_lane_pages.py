"""Choosing who may speak of an answer: for a page, otherwise where somebody wishes; and how the desk reads it."""

from __future__ import annotations

import re

import pytest

from practice.database import db
from practice.intake import queries
from practice.intake.models import Intake, IntakeAnswers
from practice.profile import NO_SECRETS, PracticeProfile
from practice.work import begin_work
from tests.support.browsing import forms_of
from tests.support.intake import CODE, MORE, answer_more, send, walk_more
from tests.support.staff import desk

TRUST = "/intake/more-3"


def keep_no_secrets(practice):
    with practice.app.app_context(), begin_work() as work:
        work.session.query(PracticeProfile).one().secrets_policy = NO_SECRETS


def lanes(practice):
    with practice.app.app_context():
        return queries.lanes_of(db.session.query(Intake).one())


def test_one_choice_holds_for_a_page_and_for_what_its_topic_asked_before(practice, browser):
    send(browser)
    answer_more(browser, TRUST, {**MORE, "lane": "may_raise"})
    chosen = lanes(practice)
    assert {"breach_story", "discovery_how", "trust_role", "breach_types"} <= set(chosen)
    assert set(chosen.values()) == {"may_raise"}


def test_a_single_answer_may_differ_and_stays_so_on_the_way_back(practice, browser):
    send(browser)
    answer_more(browser, TRUST, {**MORE, "lane": "may_raise", "lane_breach_story": "talk_first"})
    assert lanes(practice)["breach_story"] == "talk_first"
    assert lanes(practice)["impact_now"] == "may_raise"
    page = browser.get(TRUST)
    form = forms_of(page.text)[-1].fields
    assert (form["lane"], form["lane_breach_story"], form["lane_impact_now"]) == (["may_raise"], ["talk_first"], [""])
    assert "<details open>" in page.text


def test_until_somebody_chooses_it_is_for_the_therapist_alone(practice, browser):
    send(browser)
    assert forms_of(browser.get(TRUST).text)[-1].fields["lane"] == ["only_therapist"]
    answer_more(browser, TRUST, {**MORE, "lane": None})
    assert set(lanes(practice).values()) == {"only_therapist"}


def test_where_no_secrets_are_kept_that_is_not_offered_and_not_taken(practice, browser):
    keep_no_secrets(practice)
    send(browser)
    page = browser.get(TRUST)
    assert "only_therapist" not in page.text
    assert "keeps no secrets between partners" in page.text
    refused = answer_more(browser, TRUST, {**MORE, "lane": "only_therapist"})
    assert refused.status_code == 422
    assert "<title>Error: Intake, part 3" in refused.text
    assert MORE["breach_story"] in refused.text
    assert answer_more(browser, TRUST, MORE).status_code == 302
    assert set(lanes(practice).values()) == {"talk_first"}


@pytest.mark.databases("sqlite")
def test_before_the_two_questions_a_sentence_says_what_may_become_of_the_answer(browser):
    send(browser)
    text = browser.get(TRUST).text
    places = [text.index(words) for words in (
        "When did it last happen?", "a court may ask for records", "How did it come into the open?",
        "is it still going on?",
    )]  # fmt: skip
    assert places == sorted(places)
    assert text.count("a court may ask for records") == 1  # the two stand together


def test_the_desk_reads_the_lane_beside_each_answer_once_it_is_sent(practice, browser):
    send(browser)
    walk_more(browser, {**MORE, "lane": "may_raise", "lane_breach_story": "talk_first"})
    check = browser.get("/intake/more/check").text
    assert "Talk with me alone first" in check
    clinician = desk(practice, "clinician")
    with practice.app.app_context():
        path = f"/staff/intakes/{db.session.query(Intake).one().reference}"
    assert "May be raised" not in clinician.get(path).text  # what was chosen and not sent is nobody's business
    browser.submit("/intake/more/check")
    page = clinician.get(path).text
    story = page[page.index(MORE["breach_story"]) :]
    assert re.sub(r"\s+", " ", story).startswith(f'{MORE["breach_story"]}</p><p class="fine">Talk with me alone first')
    assert page.count("May be raised in a session") > 10
    assert "may be raised" not in desk(practice, "coordinator").get(path).text.lower()


def test_nobody_is_told_who_may_speak_of_what_was_left_empty(browser):
    send(browser)
    walk_more(browser, {**MORE, "goals_own_words": ""})
    check = browser.get("/intake/more/check").text
    browser.submit("/intake/more/check")

    for page in (check, browser.submit("/you/answers", {"code": CODE}, follow_redirects=True).text):
        assert "Only for my therapist" in page
        assert re.search(r"<dd>\s*<p>Left empty</p>", page)
        assert not re.search(r'<p>Left empty</p>\s*<p class="fine">', page)


def test_lanes_are_sealed(practice, browser):
    send(browser)
    answer_more(browser, TRUST, {**MORE, "lane": "may_raise"})
    with practice.app.app_context():
        row = db.session.query(IntakeAnswers).filter_by(section="trust").one()
        assert b"may_raise" not in row.lanes_sealed
        assert db.session.query(IntakeAnswers).filter_by(section="start").one().lanes_sealed is None
