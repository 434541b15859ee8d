"""The pages before booking: one topic a page, nothing lost, nothing said that isn't asked."""

from __future__ import annotations

import re

import pytest

from practice.database import db
from practice.intake.models import Intake, IntakeAnswers
from practice.people import Person
from tests.support.browsing import forms_of
from tests.support.intake import PARTS, answer, answer_until, answers_to, part, send
from tests.support.story import Client

SQLITE = pytest.mark.databases("sqlite")
LONG = "x" * 5000


def count(practice, model):
    with practice.app.app_context():
        return db.session.query(model).count()


def title_of(page):
    return re.search("<title>(.*?)</title>", page.text, re.DOTALL)[1].split("·")[0].strip()


def test_schedule_shows_times_price_and_rule_before_any_question(browser):
    page = browser.get("/schedule")
    assert page.status_code == 200
    assert page.text.count("Eastern Time</time>") == 3
    assert "$160" in page.text
    assert "48 hours before" in page.text
    assert "How private this is" in page.text
    assert page.text.index("$160") < page.text.index('href="/intake/part-1"')
    assert browser.get_cookie("client") is None


def test_the_three_first_times_are_three_times(browser):
    page = browser.get("/schedule")
    first = re.findall(r'<strong>\s*<time datetime="([^"]+)"', page.text)
    assert len(first) == 3
    assert first == sorted(first)


def test_each_of_the_first_times_leads_to_itself(browser):
    ways = re.findall(r'<a href="(/times/[^"]+start=[^"]+)"><strong>', browser.get("/schedule").text)
    assert len(set(ways)) == 3
    for way in ways:
        assert "The time you chose is open" in browser.get(way.replace("&amp;", "&")).text


def test_the_whole_way_leads_to_the_open_times(practice, browser):
    sent = send(browser)
    assert sent.status_code == 302
    assert sent.location == "/intake/times"
    page = browser.get("/intake/times")
    assert "Ada Lindqvist" in page.text
    assert "/times/ada-lindqvist?offering=couple-50" in page.text
    times = browser.get("/times/ada-lindqvist?offering=couple-50")
    assert 'name="start"' in times.text  # they may be held, not just looked at


def test_where_only_one_therapist_fits_the_way_leads_straight_to_the_times(browser):
    assert send(browser, session_location="US-CA").location == "/times/noor-haddad?offering=couple-50"


def test_somebody_who_comes_alone_is_shown_individual_sessions(browser):
    sent = send(browser, session_location="US-CA", attending="individual")
    assert sent.location == "/times/noor-haddad?offering=individual-50"


def test_where_nobody_sees_people_in_person_the_sessions_by_video_are_offered(browser):
    sent = send(browser, session_location="US-CA", format_pref="in_person")
    assert sent.location == "/times/noor-haddad?offering=couple-50"


def test_who_wants_to_meet_in_person_is_led_there(browser):
    send(browser, format_pref="in_person")
    assert "/times/ada-lindqvist?offering=couple-90-in-person" in browser.get("/intake/times").text


def test_every_page_is_saved_when_it_is_sent_and_back_loses_nothing(browser):
    answer_until(browser, 6)
    form = forms_of(browser.get(part(4)).text)[-1]
    assert form.fields["trust_role"] == ["hurt"]
    assert sorted(form.fields["breach_types"]) == ["lying_omission", "money_hidden"]
    assert forms_of(browser.get(part(2)).text)[-1].fields["email"] == ["robin@mail.example"]
    assert forms_of(browser.get(part(1)).text)[-1].fields["session_location"] == ["US-NY"]


def test_the_first_saved_page_makes_the_draft_and_looking_makes_none(practice, browser):
    browser.get("/schedule")
    browser.get(part(1))
    assert count(practice, Person) == count(practice, Intake) == 0
    answer(browser, 1)
    assert count(practice, Person) == count(practice, Intake) == 1


def test_schedule_leads_back_to_where_somebody_was(browser):
    answer_until(browser, 3)
    page = browser.get("/schedule")
    assert 'href="/intake/part-4">Go on where you were' in page.text
    assert "kept until Friday 4 June" in page.text


def test_a_page_changed_from_the_check_page_leads_back_there(browser):
    answer_until(browser, 7)
    assert answer(browser, 5, goal_direction="decide").location == "/intake/check"
    assert "To decide whether to stay" in browser.get("/intake/check").text


def test_check_your_answers_repeats_what_is_not_private(browser):
    answer_until(browser, 7, contact_ok=["email", "call"], phone="+1 212 555 0123")
    page = browser.get("/intake/check")
    for said in ("Robin", "robin@mail.example", "Email; Phone call", "+1 212 555 0123", "New York", "Both of us"):
        assert said in page.text, said
    assert page.text.count("Change<span") == 7


def test_the_check_page_waits_until_every_page_was_sent(browser):
    answer_until(browser, 6)
    assert browser.get("/intake/check").location == part(7)
    answer_until(browser, 2)
    sent = browser.post(
        "/intake/check", data={"csrf_token": forms_of(browser.get(part(7)).text)[-1].fields["csrf_token"]}
    )
    assert sent.location == part(7)


def test_sending_twice_sends_once(practice, browser):
    answer_until(browser, 7)
    check = browser.get("/intake/check")
    assert browser.send_form(check).location == "/intake/times"
    assert browser.send_form(check).location == "/intake/times"
    with practice.app.app_context():
        assert db.session.query(Intake).filter(Intake.submitted_at.is_not(None)).count() == 1


def test_a_page_sent_after_the_answers_were_sent_changes_nothing(practice, browser):
    answer_until(browser, 7)
    page = browser.get(part(5))
    browser.submit("/intake/check")
    late = browser.send_form(page, answers_to(5, goal_direction="separate_well"))
    assert late.location == "/intake/times"


def test_pages_without_a_draft_lead_to_the_start(browser):
    for path in (part(2), part(7), "/intake/support", "/intake/next", "/intake/check"):
        assert browser.get(path).location == "/schedule"
    assert browser.get("/intake/times").status_code == 404
    assert browser.get(part(8)).status_code == browser.get(part(0)).status_code == 404


def test_a_page_that_was_open_too_long_says_how_to_go_on(browser, clock):
    answer_until(browser, 2)
    page = browser.get(part(3))
    clock.advance(hours=13)
    late = browser.send_form(page, PARTS[3])
    assert late.status_code == 410
    assert "Ask for a link" in late.text


def test_titles_and_addresses_are_neutral(browser):
    answer_until(browser, 6)
    titles = [title_of(browser.get(part(number))) for number in range(1, 8)]
    assert titles == [f"Intake, part {number}" for number in range(1, 8)]
    for path in ("/intake/support", "/intake/next", "/intake/check"):
        assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_every_page_of_the_way_offers_to_leave_it(browser):
    answer_until(browser, 7)
    paths = ["/schedule", *[part(number) for number in range(1, 8)], "/intake/support", "/intake/check"]
    for path in [*paths, "/intake/later", "/intake/lines", "/intake/places", "/intake/link"]:
        assert "Leave this page" in browser.get(path).text, path


def test_closing_on_this_device_keeps_the_draft_and_ends_the_session(practice, browser):
    answer_until(browser, 3)
    assert browser.submit("/schedule", form="/intake/close").location == "/schedule"
    assert browser.get(part(3)).location == "/schedule"
    assert count(practice, Intake) == 1


@SQLITE
def test_progress_is_said_in_words(browser):
    answer_until(browser, 6)
    assert "Part 1 of 7. About 5 minutes to go." in browser.get(part(1)).text
    assert "Part 7 of 7. About 1 minute to go." in browser.get(part(7)).text


@SQLITE
def test_questions_that_depend_on_an_answer_say_so_without_javascript(browser):
    answer_until(browser, 1)
    page = browser.get(part(2)).text
    assert "Only if you chose a phone call or voicemail." in page
    assert "Only if someone else could see your messages." in page


@SQLITE
def test_contact_fields_can_be_filled_by_the_browser_and_nothing_else_is(browser):
    answer_until(browser, 3)
    page = browser.get(part(2)).text
    for token in ("given-name", "email", "tel", "new-password"):
        assert f'autocomplete="{token}"' in page
    assert '<form id="questions" method="post" action="/intake/part-4" autocomplete="off"' in browser.get(part(4)).text


# Wrong, too long, missing: a clear answer, nothing saved, nothing lost.

WRONG = [
    # page, what is sent instead, the field that is named, a part of what is said
    (1, {"ack_not_emergency": None}, "ack_not_emergency", "not for emergencies"),
    (1, {"age_18_plus": None}, "age_18_plus", "Are you 18 or older"),
    (1, {"age_18_plus": "perhaps"}, "age_18_plus", "one of the answers on the page"),
    (1, {"private_now": None}, "private_now", "private enough"),
    (1, {"session_location": ""}, "session_location", "Choose the state"),
    (1, {"session_location": "US-ZZ"}, "session_location", "one of the answers on the page"),
    (2, {"preferred_name": ""}, "preferred_name", "what to call you"),
    (2, {"preferred_name": "   "}, "preferred_name", "what to call you"),
    (2, {"preferred_name": "x" * 81}, "preferred_name", "80 characters at most; this has 81"),
    (2, {"preferred_name": "Ro\x00bin"}, "preferred_name", "can’t be shown"),
    (2, {"preferred_name": "Robin\r\nBcc: all@mail.example"}, "preferred_name", "can’t be shown"),
    (2, {"preferred_name": "\u202enibor"}, "preferred_name", "can’t be shown"),
    (2, {"email": ""}, "email", "Write an email address"),
    (2, {"email": "robin"}, "email", "in full"),
    (2, {"email": "robin@mail.example, kim@mail.example"}, "email", "in full"),
    (2, {"email": "a" * 100_000 + "@mail.example"}, "email", "254 characters at most"),
    (2, {"email": "robin@mail.example\nBcc: all@mail.example"}, "email", "can’t be shown"),
    (2, {"code": "", "code_again": ""}, "code", "at least 6"),
    (2, {"code": "12345", "code_again": "12345"}, "code", "at least 6"),
    (2, {"code": "c" * 129, "code_again": "c" * 129}, "code", "128 characters at most"),
    (2, {"code_again": "another one"}, "code_again", "differ"),
    (2, {"contact_ok": None}, "contact_ok", "at least one way"),
    (2, {"contact_ok": ["email", "pigeon"]}, "contact_ok", "one of the answers on the page"),
    (2, {"contact_ok": ["call"]}, "phone", "Write your phone number"),
    (2, {"contact_ok": ["voicemail"], "phone": "call me"}, "phone", "area code"),
    (2, {"contact_ok": ["call"], "phone": "555"}, "phone", "area code"),
    (2, {"contact_ok": ["call"], "phone": "1" * 30}, "phone", "area code"),
    (2, {"others_see_messages": None}, "others_see_messages", "anyone else see"),
    (2, {"others_see_messages": "yes", "safe_contact_note": LONG}, "safe_contact_note", "200 characters at most"),
    (3, {"attending": None}, "attending", "Who hopes to come"),
    (3, {"attending": "both"}, "attending", "one of the answers on the page"),
    (4, {"trust_role": None}, "trust_role", "closest to your side"),
    (4, {"breach_types": None}, "breach_types", "at least one"),
    (4, {"breach_types": ["lying_omission", "'; DROP TABLE intake; --"]}, "breach_types", "one of the answers"),
    (4, {"breach_pattern": None}, "breach_pattern", "one event or a pattern"),
    (4, {"breach_known_since": "yesterday"}, "breach_known_since", "one of the answers"),
    (5, {"goal_direction": None}, "goal_direction", "most want"),
    (6, {"format_pref": None}, "format_pref", "like to meet"),
    (6, {"access_needs": LONG}, "access_needs", "200 characters at most; this has 5,000"),
    (7, {"control": "maybe"}, "control", "one of the answers"),
    (7, {"self_harm": ["plan<script>"]}, "self_harm", "one of the answers"),
]  # fmt: skip


@SQLITE
@pytest.mark.parametrize(("number", "changes", "field", "says"), WRONG)
def test_a_wrong_answer_is_explained_and_nothing_typed_is_lost(browser, number, changes, field, says):
    if number > 1:
        answer(browser, 1)
    sent = answers_to(number, **changes)
    page = browser.submit(part(number), sent)

    assert page.status_code == 422
    assert title_of(page) == f"Error: Intake, part {number}"
    assert says in re.search(r'<div class="error-summary".*?</div>', page.text, re.DOTALL)[0]
    target = re.search(rf'href="#({field}(?:-0)?)"', page.text)[1]
    assert f'id="{target}"' in page.text
    shown = forms_of(page.text)[-1].fields
    for name, value in sent.items():
        known = [one for one in (value if isinstance(value, list) else [value]) if one is not None]
        if name == field or not known:
            continue
        assert sorted(shown[name]) == sorted(known), name
    if isinstance(sent.get(field), str) and field not in {"age_18_plus", "session_location", "attending"}:
        kept = shown.get(field, [])
        assert kept in ([sent[field]], [sent[field].strip()], []), field


@SQLITE
def test_a_wrong_page_saves_nothing(practice, browser):
    answer_until(browser, 3)
    before = count(practice, IntakeAnswers)
    assert answer(browser, 4, trust_role=None).status_code == 422
    assert count(practice, IntakeAnswers) == before
    assert browser.get("/intake/check").location == part(4)


@SQLITE
def test_a_number_typed_where_no_call_is_allowed_is_not_kept(browser):
    answer_until(browser, 7, phone="not a number at all")
    assert "not a number" not in browser.get("/intake/check").text


@SQLITE
def test_a_code_once_chosen_stays_when_the_page_is_sent_again_without(browser):
    answer_until(browser, 3)
    assert "You have a code" in browser.get(part(2)).text
    assert answer(browser, 2, code="", code_again="", others_see_messages=None).status_code == 302


@SQLITE
def test_extra_fields_are_ignored(practice, browser):
    answer_until(browser, 2)
    sent = browser.submit(part(3), answers_to(3, role="owner", control="often", self_harm="plan", price_minor="1"))
    assert sent.status_code == 302
    answer_until(browser, 6)
    assert browser.get("/intake/check").location == part(7)


@SQLITE
def test_a_form_without_its_token_is_refused(browser):
    answer(browser, 1)
    token = forms_of(browser.get(part(3)).text)[-1].fields["csrf_token"]
    assert browser.post(part(3), data=PARTS[3]).status_code == 400
    assert browser.post(part(3), data={**PARTS[3], "csrf_token": "forged"}).status_code == 400
    with_token = {**PARTS[3], "csrf_token": token}
    assert browser.post(part(3), data=with_token, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.post(part(3), data=with_token, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302


@SQLITE
@pytest.mark.parametrize("base_url", ["https://practice.example", "http://127.0.0.1:5000"])
def test_the_way_works_over_https_and_over_plain_http(browser):
    assert send(browser).location == "/intake/times"


@SQLITE
@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onfocus='alert(1)",
        "javascript:alert(1)",
        "{{ 7 * 7 }}{% raw %}",
        "Robert'); DROP TABLE person;--",
    ],
)
def test_what_is_typed_stays_inert(practice, browser, typed):
    answer_until(browser, 7, preferred_name=typed, access_needs=typed)
    for path in (part(2), part(6), "/intake/check"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in re.findall(r"<dd>(.*?)</dd>", page)
    assert forms_of(browser.get(part(2)).text)[-1].fields["preferred_name"] == [typed]
    wrong = answer(browser, 2, preferred_name=typed, email=typed)
    assert wrong.status_code == 422
    assert "<script>alert" not in wrong.text
    assert "<img src=x" not in wrong.text


def test_when_the_leave_to_book_has_run_out_the_questions_are_asked_again(practice, browser, clock):
    send(browser)
    assert 'href="/intake/times">Go on' in browser.get("/schedule").text
    with practice.app.app_context():
        person = db.session.query(Person).one()
        robin = Client(person.id, person.reference, "Robin", "robin@mail.example")
    later = practice.browser(robin)
    clock.advance(days=31)
    assert ">Begin</a>" in later.get("/schedule").text
    assert "so we ask them again" in later.get("/intake/times").text
