"""What may be typed and chosen before the session: long text survives, too long text is kept and explained."""

from __future__ import annotations

import re

import pytest

from practice.database import db
from practice.intake.models import Intake
from practice.intake.queries import codes_of
from tests.support.browsing import forms_of
from tests.support.intake import MORE, answer_more, send

TRUST, BARRIERS, GOALS, HOME = "/intake/more-3", "/intake/more-5", "/intake/more-6", "/intake/more-2"
ARABIC = "لم أعد أعرف ما أصدّق، وكل ما أريده أن نتكلم بهدوء. "
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"  # one picture, seven characters
MARKS = "Zo\u0308e\u0301 \u0301\u0323 nin\u0303o "


def saved(practice):
    with practice.app.app_context():
        return codes_of(db.session.query(Intake).one())


def test_a_long_story_in_arabic_emoji_and_combining_marks_survives_whole(practice, browser):
    story = (ARABIC + FAMILY + "\n\n" + MARKS) * 40
    story = story[:1498] + "e\u0301"
    send(browser)
    assert answer_more(browser, TRUST, {**MORE, "breach_story": story.replace("\n", "\r\n")}).status_code == 302
    assert saved(practice)["breach_story"] == story
    assert len(saved(practice)["breach_story"]) == 1500
    shown = forms_of(browser.get(TRUST).text)[-1].fields["breach_story"][0]
    assert shown.strip() == story
    assert FAMILY in browser.get(TRUST).text


def test_ten_thousand_characters_get_a_kind_error_and_nothing_is_lost(practice, browser):
    typed = "Ein langer Brief. " * 555 + "und Schluss"
    send(browser)
    page = answer_more(browser, TRUST, {**MORE, "breach_story": typed})
    assert page.status_code == 422
    assert "takes 1,500 characters at most; this has 10,001" in page.text
    assert "Nothing of it is lost" in page.text
    assert 'href="#breach_story"' in page.text
    assert forms_of(page.text)[-1].fields["breach_story"][0].strip() == typed
    assert "breach_story" not in saved(practice)


@pytest.mark.databases("sqlite")
def test_the_limit_stands_beside_the_field_before_anybody_reaches_it(browser):
    send(browser)
    page = browser.get(TRUST).text
    assert "Up to 1,500 characters." in page
    assert 'data-longest="1500"' in page
    assert "maxlength" not in page  # it would cut off silently
    assert "js/count.js" in page


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("path", "field", "codes", "label"),
    [
        (HOME, "children_home", ["none", "u5"], "None"),
        (HOME, "children_home", ["u5", "prefer_not"], "Prefer not to say"),
        (BARRIERS, "barriers_me", ["none", "blame"], "none of these"),
        (BARRIERS, "barriers_us", ["avoid", "none"], "none of these"),
        (GOALS, "prior_therapy", ["none", "couple"], "No"),
    ],
)
def test_an_answer_that_contradicts_the_others_is_pointed_out_kindly(browser, path, field, codes, label):
    send(browser)
    page = answer_more(browser, path, {**MORE, field: codes})
    assert page.status_code == 422
    assert f"“{label}” can’t be true together with the others" in page.text
    assert sorted(forms_of(page.text)[-1].fields[field]) == sorted(codes)
    assert answer_more(browser, path, {**MORE, field: codes[:1], "prior_helped": "Little"}).status_code == 302


@pytest.mark.databases("sqlite")
def test_an_answer_of_one_long_line_has_a_box_of_two_rows_and_stays_one_line(practice, browser):
    send(browser)
    box = re.search(r'<textarea[^>]*name="prior_helped"[^>]*>', browser.get(GOALS).text)
    assert box
    assert 'rows="2"' in box[0]
    typed = "Being listened to, \r\n\r\n and time"
    assert answer_more(browser, GOALS, {**MORE, "prior_helped": typed}).status_code == 302
    assert saved(practice)["prior_helped"] == "Being listened to, and time"


@pytest.mark.databases("sqlite")
def test_everything_wrong_is_said_at_once_and_everything_typed_is_kept(browser):
    send(browser)
    page = answer_more(
        browser, GOALS, {**MORE, "lean": None, "goals_concrete": ["honest_talk", "money_plan", "closeness", "coparent"],
                         "lane_goals_own_words": "anybody"},
    )  # fmt: skip
    assert page.status_code == 422
    for wrong in ('href="#lean-0"', 'href="#goals_concrete-0"', 'href="#lane_goals_own_words"'):
        assert wrong in page.text
    assert "<details open>" in page.text
    assert MORE["goals_own_words"] in page.text


def test_what_only_clinicians_read_is_never_shown_again_and_kept_when_left_empty(practice, browser):
    send(browser)
    said = {**MORE, "court_involved": "yes", "substance_concern": "some", "own_force": "yes", "harm_other": "yes"}
    for path in (GOALS, "/intake/more-7", "/intake/more-8"):
        answer_more(browser, path, said)
        fields = forms_of(browser.get(path).text)[-1].fields
        assert not {"court_involved", "substance_concern", "own_force", "harm_other"} & set(fields)
        assert browser.send_form(browser.get(path)).status_code == 302
    codes = saved(practice)
    assert (codes["court_involved"], codes["substance_concern"]) == ("yes", "some")
    assert (codes["own_force"], codes["harm_other"]) == ("yes", "yes")
