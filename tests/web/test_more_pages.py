"""The pages of what is asked before the session: for both, page by page, nothing lost."""

from __future__ import annotations

import re

import pytest

from practice.couples import find_couple
from practice.database import db
from practice.intake.models import Intake
from practice.intake.queries import codes_of
from practice.people import Person
from tests.support.browsing import forms_of
from tests.support.intake import (
    MORE,
    PARTNERS,
    answer_more,
    asked_on,
    invite,
    join_and_send,
    send,
    send_more,
    walk_more,
)

SQLITE = pytest.mark.databases("sqlite")
BOOKERS_PAGES = [
    ["pronouns"],
    ["relationship_status", "together_length", "living_arrangement", "agreement_type", "children_home"],
    ["breach_main", "breach_last_when", "discovery_how", "breach_ongoing", "impact_now", "breach_story"],
    [*(name for name in MORE if name.startswith("step")), "trust_now", "trust_self_seen", "next_small_sign"],
    ["barriers_me", "barriers_us"],
    ["lean", "goals_concrete", "goals_own_words", "prior_therapy", "prior_helped", "substance_concern"],
    ["length_pref", "therapist_pref", "court_involved"],
    ["own_force", "harm_other"],
]  # fmt: skip


def more(number):
    return f"/intake/more-{number}"


def questions_on(page):
    return [name for name in asked_on(page.text) if name != "csrf_token" and not name.startswith("lane")]


def title_of(page):
    return re.search("<title>(.*?)</title>", page.text, re.DOTALL)[1].split("·")[0].strip()


def saved(practice):
    with practice.app.app_context():
        return codes_of(db.session.query(Intake).order_by(Intake.id.desc()).first())


@SQLITE
def test_the_booker_is_asked_the_rest_one_topic_a_page(browser):
    send(browser)
    assert walk_more(browser, MORE) == [more(number) for number in range(1, 9)]
    for number, asked in enumerate(BOOKERS_PAGES, start=1):
        page = browser.get(more(number))
        assert questions_on(page) == asked
        assert title_of(page) == f"Intake, part {number}"
        assert f"Part {number} of 8" in page.text
        assert "Leave this page" in page.text
        assert page.headers["Cache-Control"] == "no-store"


@SQLITE
def test_the_partner_is_asked_everything_and_just_for_you_right_after_the_start(practice):
    partner = practice.browser(invite(practice))
    assert walk_more(partner, PARTNERS) == [more(number) for number in range(1, 11)]
    assert questions_on(partner.get(more(1))) == [
        "ack_not_emergency", "age_18_plus", "private_now", "session_location",
    ]  # fmt: skip
    assert questions_on(partner.get(more(2))) == [
        "control", "safe_to_speak", "own_force", "court_order", "self_harm", "harm_other", "alone_call",
    ]  # fmt: skip
    assert {"email", "code", "code_again", "legal_name", "date_of_birth"} <= set(questions_on(partner.get(more(3))))
    assert questions_on(partner.get(more(5))) == ["trust_role", "breach_types", "breach_pattern", "breach_known_since"]
    assert questions_on(partner.get(more(6))) == BOOKERS_PAGES[2]


@SQLITE
def test_the_partners_first_page_says_that_nobody_has_decided_who_is_right(practice, browser):
    partner = practice.browser(invite(practice))
    words = "Nobody here has decided who is right"
    assert words in partner.get(more(1)).text
    answer_more(partner, more(1), PARTNERS)
    assert words not in partner.get(more(2)).text
    send(browser)
    assert words not in browser.get(more(1)).text


@SQLITE
@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"breach_types": ["other"]}, {"breach_main"}),
        ({"breach_pattern": "many_small"}, {"breach_last_when", "breach_ongoing"}),
        ({}, set()),
    ],
)
def test_what_was_answered_first_decides_what_is_asked_later(practice, browser, changes, missing):
    send(browser, **changes)
    walk_more(browser, MORE)
    assert set(BOOKERS_PAGES[2]) - set(questions_on(browser.get(more(3)))) == missing
    assert set(MORE) - set(saved(practice)) == missing

    partner = practice.browser(invite(practice))
    walk_more(partner, {**PARTNERS, **changes})
    assert set(BOOKERS_PAGES[2]) - set(questions_on(partner.get(more(6)))) == missing
    assert set(PARTNERS) - set(saved(practice)) - {"attending", "format_pref", "together_length", "children_home",
        "length_pref", "code", "code_again"} == missing  # fmt: skip


def test_a_question_that_a_later_answer_took_back_is_not_sent(practice):
    partner = practice.browser(invite(practice))
    walk_more(partner, PARTNERS)
    answer_more(partner, more(5), {**PARTNERS, "breach_types": ["other"], "breach_pattern": "many_small"})
    assert saved(practice)["breach_main"] == "money_hidden"  # kept, in case they go back on it
    assert partner.submit("/intake/more/check").location == "/you"
    assert not {"breach_main", "breach_last_when", "breach_ongoing"} & set(saved(practice))
    assert practice.breaches() == []


@SQLITE
def test_what_weighs_most_is_asked_anew_when_it_is_no_choice_any_more(practice):
    partner = practice.browser(invite(practice))
    walk_more(partner, PARTNERS)
    again = answer_more(partner, more(5), {**PARTNERS, "breach_types": ["other", "lying_omission"]})
    assert again.location == more(6)
    assert partner.get("/intake/more/check").location == more(6)


@SQLITE
def test_therapy_that_nobody_had_is_not_asked_about_and_some_is(practice, browser):
    send(browser)
    walk_more(browser, {**MORE, "prior_therapy": ["none"]})
    assert "prior_helped" not in saved(practice)
    refused = answer_more(browser, more(6), {**MORE, "prior_helped": ""})
    assert refused.status_code == 422
    assert "“Not sure” is an answer" in refused.text


def test_skipped_is_kept_as_empty_and_not_shown_is_not_kept_at_all(practice, browser):
    send(browser, breach_pattern="many_small")
    walk_more(browser, {**MORE, "discovery_how": None, "breach_story": None, "harm_other": None, "barriers_us": None})
    codes = saved(practice)
    assert codes["discovery_how"] == codes["breach_story"] == codes["harm_other"] == ""
    assert codes["barriers_us"] == ()
    assert not {"breach_ongoing", "breach_last_when"} & set(codes)


def test_back_loses_nothing_and_every_page_goes_on_where_somebody_was(practice, browser):
    send(browser)
    for number in (1, 2, 3):
        assert answer_more(browser, more(number), MORE).location == more(number + 1)
    form = forms_of(browser.get(more(3)).text)[-1]
    assert [said.strip() for said in form.fields["breach_story"]] == [MORE["breach_story"]]
    assert form.fields["breach_main"] == ["money_hidden"]
    assert f'href="{more(2)}">Back' in browser.get(more(3)).text
    assert browser.get("/intake/more").location == more(4)
    assert "Part 4 of 8 is next" in browser.get("/you").text


def test_another_process_finds_what_one_has_saved(practice, browser, make_app):
    send(browser)
    answer_more(browser, more(1), MORE)
    answer_more(browser, more(2), MORE)
    cookie = browser.get_cookie("__Host-client", domain="practice.example") or browser.get_cookie("client")
    other = make_app().test_client()
    other.set_cookie(cookie.key, cookie.value, domain=cookie.domain, secure=True)
    assert other.get("/intake/more").location == more(3)
    assert forms_of(other.get(more(2)).text)[-1].fields["relationship_status"] == ["married_civil"]


def test_a_fault_while_a_page_is_saved_leaves_the_pages_before_it(practice, browser, monkeypatch):
    send(browser)
    answer_more(browser, more(1), MORE)

    def break_down(*_arguments, **_named):
        raise RuntimeError

    monkeypatch.setattr("practice.intake.actions.write_lanes", break_down)  # after the answers, before the commit
    assert answer_more(browser, more(2), MORE).status_code == 500
    monkeypatch.undo()
    assert browser.get("/intake/more").location == more(2)
    assert "relationship_status" not in saved(practice)
    assert answer_more(browser, more(2), MORE).location == more(3)


@SQLITE
def test_a_partner_begins_at_the_start_and_nowhere_else(practice):
    partner = practice.browser(invite(practice))
    for path in (more(2), more(9), "/intake/more/check"):
        assert partner.get(path).location == more(1)
    assert partner.get(more(11)).status_code == partner.get(more(0)).status_code == 404


@SQLITE
def test_a_partner_who_is_under_18_is_stopped_and_nothing_is_kept(practice):
    partner = practice.browser(invite(practice))
    stopped = answer_more(partner, more(1), {**PARTNERS, "age_18_plus": "no"})
    assert stopped.location == "/intake/lines"
    with practice.app.app_context():
        assert db.session.query(Intake).count() == db.session.query(Person).count() == 0


@SQLITE
def test_a_joined_partner_who_is_stopped_is_forgotten_and_the_couple_ends(practice):
    inviter = practice.new_client()
    joined = invite(practice, inviter)
    partner = practice.browser(joined)
    for number in (1, 2, 3):
        answer_more(partner, more(number), PARTNERS)
    assert answer_more(partner, more(1), {**PARTNERS, "age_18_plus": "no"}).location == "/intake/lines"
    practice.work_until_idle()
    with practice.app.app_context():
        assert db.session.query(Intake).count() == 0
        assert find_couple(inviter.person_id) is None
        assert practice.person(joined).contact_sealed is practice.person(joined).code_hash is None
    assert practice.breaches() == []


@SQLITE
def test_not_right_now_stores_nothing_and_says_how_to_come_back(practice):
    partner = practice.browser(invite(practice))
    assert answer_more(partner, more(1), {**PARTNERS, "private_now": "later"}).location == "/intake/more/later"
    page = partner.get("/intake/more/later").text
    assert "return code" in page
    assert 'href="/you"' in page
    assert 'href="/you"' not in practice.browser().get("/intake/more/later").text
    assert saved(practice) == {}


def test_a_place_without_a_license_loses_nothing_and_is_seen_at_the_desk(practice):
    partner = practice.browser(invite(practice))
    assert answer_more(partner, more(1), {**PARTNERS, "session_location": "FR"}).location == "/intake/more/place"
    page = partner.get("/intake/more/place")
    assert "what you saved is kept" in page.text
    assert f'href="{more(2)}">Go on' in page.text
    assert saved(practice)["session_location"] == "FR"
    walk_more(partner, {**PARTNERS, "session_location": "FR"})
    assert partner.submit("/intake/more/check").location == "/you"


@SQLITE
@pytest.mark.parametrize("audience", ["booker", "partner"])
def test_everybody_sees_the_same_lines_after_just_for_you(practice, browser, audience):
    if audience == "partner":
        browser, said, number = practice.browser(invite(practice)), PARTNERS, 2
        answer_more(browser, more(1), said)
    else:
        send(browser)
        said, number = MORE, 8
        walk_more(browser, said)
    seen = []
    for private in ({}, {"own_force": "yes"}, {"harm_other": "yes"}, dict.fromkeys(("own_force", "harm_other"))):
        assert answer_more(browser, more(number), {**said, **private}).location == "/intake/more/support"
        seen.append(browser.get("/intake/more/support").text)
    assert "988" in seen[0]
    assert set(seen) == {seen[0]}


@SQLITE
def test_strangers_are_led_to_the_start_and_lose_nothing_silently(practice, browser):
    for path in ("/intake/more", more(1), "/intake/more/support", "/intake/more/next", "/intake/more/check"):
        assert browser.get(path).location == "/schedule"
    send(browser)
    page = browser.get(more(1))
    browser.submit("/schedule", form="/intake/close")
    with_token = practice.browser()
    token = forms_of(with_token.get("/schedule").text)[-1].fields["csrf_token"]
    late = with_token.post(more(1), data={"csrf_token": token, "pronouns": "they"})
    assert page.status_code == 200
    assert late.status_code == 410
    assert "open for a long time" in late.text


@SQLITE
def test_once_it_is_sent_nothing_is_asked_any_more(browser):
    send(browser)
    page = browser.get(more(1))
    assert send_more(browser).location == "/you"
    assert "Some questions before the session" not in browser.get("/you").text
    assert browser.get(more(1)).location == "/you"
    assert browser.send_form(page, {"pronouns": "she"}).location == "/you"


@SQLITE
def test_a_partner_goes_the_whole_way(practice):
    partner, browser = join_and_send(practice)
    assert "Thank you. Your answers are with us." in browser.get("/you").text
    assert browser.get("/intake/more").location == "/you"
    with practice.app.app_context():
        intake = db.session.query(Intake).filter_by(person_id=partner.person_id).one()
        assert intake.submitted_at == intake.completed_at is not None


@SQLITE
def test_an_open_question_is_named_where_errors_are_listed_and_not_again_below_itself(browser):
    send(browser)
    answer_more(browser, more(1), MORE)

    page = answer_more(browser, more(2), {**MORE, "together_length": None}).text

    assert page.count("Choose an answer to “How long have you been together?”") == 1
    at_field = re.search(r'<p class="field-error" id="together_length-error">(.*?)</p>', page)[1]
    assert re.sub(r"<[^>]*>", "", at_field) == "Error: Choose an answer."
