"""The page that asks to agree: before the first private question, before a session on a screen, for new words."""

from __future__ import annotations

import hashlib
import re

import pytest
from sqlalchemy import delete, select

from practice.booking.offers.models import Offering
from practice.consents.models import ConsentText
from practice.couples import form_couple
from practice.database import db
from practice.people import Person, takes_mail
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.consents import AGREE, accept, agree, consents_of, document, reword, with_documents
from tests.support.intake import answer, answer_until, answers_to, part, send
from tests.support.staff import without_tokens
from tests.support.story import Client

FOR_TWO = ("therapy", "couple", "privacy")
FOR_THE_RECORDS = {"legal_name": "Robin Quill", "date_of_birth": "1988-04-01", "insurance_use": "no"}


@pytest.fixture
def practice(practice):
    return with_documents(practice)


@pytest.fixture
def robin(practice):
    """A browser in which the first three pages are answered, as one of two."""
    browser = practice.browser()
    answer_until(browser, 3)
    return browser


def newest_client(practice) -> Client:
    with practice.app.app_context():
        person = db.session.scalars(select(Person).order_by(Person.id.desc()).limit(1)).one()
        return Client(person.id, person.reference, "Robin", "robin@mail.example")


def errors(page: str) -> list[str]:
    summary = page.partition('class="error-summary"')[2].partition("</ul>")[0]
    return re.findall(r"<a href=\"#\w+\">([^<]+)</a>", summary)


def ticked(page: str) -> list[str]:
    found = re.findall(r"<input[^>]*type=\"checkbox\"[^>]*>", page)
    return [re.search(r'name="(\w+)"', one)[1] for one in found if "checked" in one]


def test_nothing_is_asked_before_the_first_private_page_and_everything_before_it(practice):
    browser = practice.browser()
    for number in (1, 2, 3):
        assert browser.get(part(number)).status_code == 200
        answer(browser, number)

    for number in (4, 5, 7):  # the sixth asks what the desk may see
        first = browser.get(part(number))
        assert (first.status_code, first.location) == (302, f"{AGREE}?then={part(number)}")


def test_a_private_page_that_is_sent_past_the_question_keeps_nothing(robin, practice):
    token = re.search(r'name="csrf_token" value="([^"]+)"', robin.get(part(3)).text)[1]
    sent = robin.post(part(4), data={**answers_to(4), "csrf_token": token})

    assert sent.location.startswith(AGREE)
    agree(robin, practice, *FOR_TWO)
    assert ticked(robin.get(part(4)).text) == []


def test_the_page_shows_each_document_unticked_in_short_and_whole(robin, practice):
    page = robin.get(f"{AGREE}?then={part(4)}").text

    assert ticked(page) == []
    for key in (*FOR_TWO, "mail"):
        words = document(practice, key)
        assert f"<p>{words.summary}</p>" in page
        assert f"Read all of “{words.title}”" in page
        assert robin.get(f"{AGREE}/{words.number}").status_code == 200
    assert document(practice, "telehealth").title not in page
    assert "<title>Before you go on" in page
    assert re.search(r'Call <a href="tel:\+?\d+">[^<]+</a> or write to', page)


def test_who_comes_alone_is_not_asked_what_holds_for_two(practice):
    browser = practice.browser()
    answer_until(browser, 3, attending="individual")

    assert document(practice, "couple").summary not in browser.get(AGREE).text
    assert agree(browser, practice, "therapy", "privacy", then=part(4)).location == part(4)
    assert browser.get(part(4)).status_code == 200


def test_who_did_not_choose_mail_is_not_asked_about_letters(practice):
    browser = practice.browser()
    answer_until(browser, 3, contact_ok=["call"], phone="212 555 0123")

    assert document(practice, "mail").summary not in browser.get(AGREE).text


def test_what_is_missing_is_named_and_what_was_ticked_stays(robin, practice):
    sent = agree(robin, practice, "couple", "mail")

    assert sent.status_code == 422
    assert "<title>Error: Before you go on" in sent.text
    assert [one.split("“")[1].split("”")[0] for one in errors(sent.text)] == [
        document(practice, key).title for key in ("therapy", "privacy")
    ]
    assert ticked(sent.text) == ["couple", "mail"]
    assert consents_of(practice, newest_client(practice)) == []


def test_agreeing_leads_to_the_page_that_was_asked_for_and_the_rest_of_the_road(robin, practice):
    assert agree(robin, practice, *FOR_TWO, "mail", then=part(4)).location == part(4)
    for number in (4, 5, 6, 7):
        answer(robin, number)

    assert robin.submit("/intake/check").status_code == 302
    assert {one.document for one in consents_of(practice, newest_client(practice))} == {*FOR_TWO, "mail"}
    assert practice.breaches() == []


@pytest.mark.parametrize("letters", [True, False])
def test_letters_go_to_whoever_ticked_them_and_nobody_else(robin, practice, letters):
    agree(robin, practice, *FOR_TWO, *(["mail"] if letters else []))

    with practice.app.app_context():
        assert takes_mail(db.session.get_one(Person, newest_client(practice).person_id)) is letters
    assert robin.get(part(4)).status_code == 200  # it is optional
    answer(robin, 2)  # how they may be reached, sent once more, doesn't undo it
    with practice.app.app_context():
        assert takes_mail(db.session.get_one(Person, newest_client(practice).person_id)) is letters
    assert practice.breaches() == []


def test_a_tick_under_words_that_have_changed_since_agrees_to_nothing(robin, practice):
    page = robin.get(f"{AGREE}?then={part(4)}")
    older = {key: str(document(practice, key).number) for key in FOR_TWO}
    reword(practice, "privacy")

    sent = robin.send_form(page, older)

    assert sent.status_code == 422
    [said] = errors(sent.text)
    assert said.startswith("“Privacy notice” stands here in other words than those that you ticked.")
    assert ticked(sent.text) == ["therapy", "couple"]
    assert consents_of(practice, newest_client(practice)) == []


def test_new_words_in_the_middle_of_the_road_cost_no_answer_and_the_next_page_asks(robin, practice):
    agree(robin, practice, *FOR_TWO)
    page = robin.get(part(4))
    reword(practice, "privacy")

    assert robin.send_form(page, answers_to(4)).location == part(5)
    assert robin.get(part(5)).location == f"{AGREE}?then={part(5)}"
    asked = robin.get(AGREE).text
    assert "These are new, so we ask again." in asked
    assert document(practice, "therapy").summary not in asked
    agree(robin, practice, "privacy", then=part(5))
    assert robin.get(part(5)).status_code == 200
    assert ticked(robin.get(part(4)).text) == ["breach_types", "breach_types"]


def test_leaving_new_words_of_something_optional_unticked_ends_it_and_goes_on(robin, practice):
    agree(robin, practice, *FOR_TWO, "mail")
    reword(practice, "mail")
    assert robin.get(part(4)).location.startswith(AGREE)
    assert "what you agreed to before ends" in robin.get(AGREE).text

    assert robin.submit(f"{AGREE}?then={part(4)}", {}).location == part(4)
    assert robin.get(part(4)).status_code == 200
    assert practice.breaches() == []


def test_a_session_on_a_screen_is_asked_about_before_it_is_paid_and_one_in_a_room_is_not(practice):
    browser = practice.browser()
    answer_until(browser, 3)
    agree(browser, practice, *FOR_TWO)
    for number in (4, 5, 6, 7):
        answer(browser, number)
    browser.submit("/intake/check")
    client = newest_client(practice)

    in_a_room = practice.hold(MONDAY_NINE, client, offering="couple-90-in-person")
    assert browser.get(f"/bookings/{in_a_room.reference}/pay").status_code == 200
    on_a_screen = practice.hold(MONDAY_NINE, client)
    pay = f"/bookings/{on_a_screen.reference}/pay"
    assert browser.get(pay).location == f"{AGREE}?then={pay}"
    page = browser.get(f"{AGREE}?then={pay}").text
    assert document(practice, "privacy").summary not in page
    assert f'<a href="/bookings/{on_a_screen.reference}">Not now</a>' in page

    assert agree(browser, practice, "telehealth", then=pay).location == pay
    assert browser.get(pay).status_code == 200
    assert browser.submit(pay, FOR_THE_RECORDS).status_code in (302, 303)


def test_a_time_without_charge_is_not_said_yes_to_before_agreeing_and_is_kept_meanwhile(practice):
    with practice.app.app_context(), begin_work() as work:
        work.session.scalars(select(Offering).where(Offering.slug == "individual-50")).one().price_minor = 0
    client = practice.new_client()
    accept(practice, client, "therapy", "privacy")
    held = practice.hold(MONDAY_NINE, client, offering="individual-50")
    browser, page = practice.browser(client), f"/bookings/{held.reference}"

    sent = browser.submit(page, form="/confirm")
    assert sent.location == f"{AGREE}?then={page}"
    assert str(practice.state_of(held)) == "held"
    assert agree(browser, practice, "telehealth", then=page).location == page
    browser.submit(page, form="/confirm")
    assert str(practice.state_of(held)) == "confirmed"


def test_a_practice_without_documents_asks_nothing(practice):
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(delete(ConsentText))
    browser = practice.browser()

    assert send(browser).status_code == 302
    assert browser.get(AGREE).location == "/you"
    assert "What you agreed to" not in browser.get("/you").text


@pytest.mark.parametrize(
    "then",
    ["https://elsewhere.example/", "//elsewhere.example", "/staff/", "/intake/../staff", "/\\elsewhere", AGREE, ""],
)
def test_the_way_on_leads_nowhere_but_to_pages_of_theirs(robin, practice, then):
    robin.get(AGREE)

    assert agree(robin, practice, *FOR_TWO, then=then).location == "/you"


def test_a_stranger_is_led_to_the_beginning_and_a_form_open_too_long_says_so(practice, browser):
    assert browser.get(AGREE).location == "/schedule"
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/schedule").text)[1]
    assert browser.post(AGREE, data={"csrf_token": token}).status_code == 410


def test_each_version_stands_at_its_own_address_and_its_plain_text_is_byte_for_byte_what_was_hashed(practice, browser):
    older = document(practice, "privacy")
    newer = reword(practice, "privacy", "Schöne Grüße\r\nمرحبا 👩‍❤️‍👨  \r\n")

    for words in (older, newer):
        raw = browser.get(f"{AGREE}/{words.number}.txt")
        assert raw.content_type == "text/plain; charset=utf-8"
        assert hashlib.sha256(raw.data).hexdigest() == words.sha256
        assert words.sha256 in browser.get(f"{AGREE}/{words.number}").text
    outdated = browser.get(f"{AGREE}/{older.number}").text
    assert "This is an earlier version." in outdated
    assert f'href="{AGREE}/{newer.number}"' in outdated
    assert re.search(rf"Version {older.version}, from \w+ \d+ \w+ \d{{4}} until \w+ \d+ \w+ \d{{4}}\.", outdated)
    assert f"Version {newer.version}, since" in browser.get(f"{AGREE}/{newer.number}").text
    assert "This is an earlier version." not in browser.get(f"{AGREE}/{newer.number}").text
    assert browser.get(f"{AGREE}/999").status_code == 404


def test_tags_in_a_text_stay_words_on_every_page(robin, practice):
    bad = "<script>alert(1)</script> <img src=x onerror=alert(1)> [press](javascript:alert(1))"
    words = reword(practice, "privacy", bad)

    for page in (robin.get(AGREE).text, robin.get(f"{AGREE}/{words.number}").text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page
        assert "&lt;script&gt;" in page


def test_whatever_one_partner_agrees_to_or_takes_back_the_other_sees_the_same(practice):
    seen = []
    for does in (False, True):
        one, other = practice.new_client(), practice.new_client()
        with practice.app.app_context(), begin_work() as work:
            form_couple(
                work, work.session.get_one(Person, one.person_id), work.session.get_one(Person, other.person_id)
            )
        if does:
            accept(practice, one)
            browser = practice.browser(one)
            taken = next(given for given in consents_of(practice, one) if given.document == "therapy")
            browser.submit(f"/you/agreed/{taken.reference}")
        browser = practice.browser(other)
        seen.append([without_tokens(browser.get(path).text) for path in ("/you", "/you/agreed", AGREE, "/schedule")])

    assert seen[0] == seen[1]
