"""Pages about the whole record: asking with the code, the desk's steps, the review, reading what was handed over."""

from __future__ import annotations

import json
import re

import pytest

from practice.people import hash_code
from practice.rights.access import actions, queries
from practice.rights.access.redacting import LEFT_OUT
from practice.rights.access.rules import HANDED_FOR, State, Way
from practice.staff.queries import find_account
from tests.support import access
from tests.support.answering_couples import intake_of, two
from tests.support.browsing import Browser
from tests.support.couples import client_for_two
from tests.support.fake_mail import FakeMailer
from tests.support.notes import note_on_request
from tests.support.offers import work_in
from tests.support.staff import audit, desk, without_tokens
from tests.support.story import Client, Practice

pytestmark = pytest.mark.databases("sqlite")  # tests/db/test_access.py runs on both
CODE = "blue kettle"
NOTE = "Kim drinks.\nThey sleep <b>badly</b>."


@pytest.fixture
def client(practice: Practice) -> Client:
    made = client_for_two(practice)
    with_code(practice, made)
    return made


@pytest.fixture
def clinician(practice: Practice, client: Client) -> Browser:
    """Somebody who decides, and who wrote a note before."""
    browser = desk(practice, "clinician")
    note(practice, client, NOTE)
    return browser


def with_code(practice: Practice, client: Client) -> None:
    chosen = hash_code(CODE)
    with work_in(practice):
        practice.person(client).code_hash = chosen


def note(practice: Practice, client: Client, words: str) -> None:
    about = intake_of(practice, client)
    with work_in(practice) as work:
        account = find_account("clinician-desk@practice.example")
        assert account is not None
        note_on_request(work, account, about, words)


def state(practice: Practice, client: Client) -> str | None:
    with practice.app.app_context():
        found = queries.find_last(client.person_id)
        return found.state if found is not None else None


def checked(practice: Practice, client: Client) -> str:
    reference = access.ask(practice, client)
    access.check(practice, reference)
    return f"/staff/data/access/{reference}"


def keys(page: str) -> list[str]:
    """Of the texts on a page of a review, in order."""
    return re.findall(r'name="marked_([0-9a-f]+)"', page)


# A client


def test_their_page_leads_to_it_and_it_is_asked_for_with_the_code_and_taken_back(
    practice: Practice, client: Client
) -> None:
    browser = practice.browser(client)
    assert 'href="/you/record"' in browser.get("/you").text
    assert 'href="/you/record/ask"' in browser.get("/you/record").text
    refused = browser.submit("/you/record/ask", {"code": "red kettle"}, form="/you/record/ask")
    assert (refused.status_code, state(practice, client)) == (422, None)
    assert "Error:" in refused.text

    assert browser.submit("/you/record/ask", {"code": CODE}, form="/you/record/ask").status_code == 302
    page = browser.get("/you/record").text
    assert "Friday 4 June 2027" in page  # thirty days after
    assert "makes sure that it is you" in page
    assert "We have your request" in browser.get("/you/record/ask").text
    wrong = browser.send_form(browser.get("/you/record"), {"code": "red kettle"}, form="/you/record/back")
    assert (wrong.status_code, state(practice, client)) == (422, State.ASKED)
    back = browser.send_form(browser.get("/you/record"), {"code": CODE}, form="/you/record/back")
    assert (back.status_code, state(practice, client)) == (302, State.TAKEN_BACK)
    assert "took your request back" in browser.get("/you/record").text


def test_guessing_the_code_ends_soon_and_who_has_none_is_told_what_to_do(practice: Practice, client: Client) -> None:
    access.handed_over(practice, client)
    browser = practice.browser(client)
    for _ in range(5):
        assert browser.submit("/you/record", {"code": "red kettle"}, form="/you/record/read").status_code == 422
    assert browser.submit("/you/record", {"code": CODE}, form="/you/record/read").status_code == 429
    assert audit(practice, "access_read") == []

    other = practice.new_client()
    page = practice.browser(other).get("/you/record/ask").text
    assert "Call or write to us" in page
    assert 'type="password"' not in page


def test_what_was_handed_over_is_read_as_a_page_and_as_a_file_until_its_time_is_over(
    practice: Practice, client: Client
) -> None:
    reference = access.handed_over(practice, client)
    browser = practice.browser(client)
    page = browser.get("/you/record").text
    assert "Nothing was left out of it." in page
    assert "What you can do" not in page

    shown = browser.submit("/you/record", {"code": CODE, "kind": "page"}, form="/you/record/read")
    file = browser.submit("/you/record", {"code": CODE, "kind": "json"}, form="/you/record/read")

    assert (shown.status_code, file.status_code) == (200, 200)
    assert file.headers["Content-Disposition"] == 'attachment; filename="record-2027-05-05.json"'
    assert shown.headers["Cache-Control"] == "no-store"
    assert json.loads(file.text)["person"] == client.reference
    assert audit(practice, "access_read") == [(f"client:{client.reference}", "access_read", reference)] * 2

    practice.clock.advance(seconds=HANDED_FOR.total_seconds())
    assert "Show me my record" not in practice.browser(client).get("/you/record").text
    late = browser.send_form(browser.get("/you/record/ask"), {"code": CODE, "kind": "page"})
    assert late.status_code == 302  # asking again; there is nothing to read
    token = token_of(browser)
    assert browser.post("/you/record/read", data={"code": CODE, "kind": "json", **token}).status_code == 404


def test_a_copy_read_in_another_language_says_in_which_its_words_are(practice: Practice, client: Client) -> None:
    access.handed_over(practice, client)  # in the language of their letters
    browser = practice.browser(client)
    said = {"code": CODE, "kind": "page"}

    same = browser.submit("/you/record?lang=en", said, form="/you/record/read").text
    other = browser.submit("/you/record?lang=es", said, form="/you/record/read").text

    assert 'class="notice" lang' not in same
    assert '<p class="notice" lang="en">' in other
    assert re.search(r'<dt lang="en">[^<]+</dt><dd><div lang="en"><p>', other)
    assert "<h2>Contacto</h2>" in other  # what the page says of it is in the page's language


def token_of(browser: Browser) -> dict[str, str]:
    """The CSRF token of this browser."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/you/record").text)
    assert found is not None
    return {"csrf_token": found[1]}


# The desk


def test_the_desk_enters_what_came_by_letter_and_a_wrong_day_keeps_what_was_typed(
    practice: Practice, client: Client
) -> None:
    owner, home = desk(practice, "owner"), f"/staff/data/{client.reference}"
    assert f'href="{home}/access"' in owner.get(home).text
    for typed, said in (
        ({"way": "letter", "arrived": "2027-05-06"}, "at most a year ago"),
        ({"way": "letter", "arrived": "soon"}, "Write the date like"),
        ({"way": None, "arrived": "2027-05-03"}, "Say how it came"),
    ):
        wrong = owner.submit(f"{home}/access", typed, form="/access")
        assert wrong.status_code == 422
        assert said in wrong.text
        assert "Error:" in wrong.text
        assert str(typed["arrived"]) in wrong.text
    assert state(practice, client) is None

    done = owner.submit(f"{home}/access", {"way": "letter", "arrived": "2027-05-03"}, form="/access")
    page = owner.get(done.location).text
    assert "2 June 2027" in page
    assert "Nobody has made sure yet" in page
    assert client.name in owner.get("/staff/data/").text
    assert "They wait for their whole record" in owner.get(home).text
    assert "waits already" in owner.get(f"{home}/access").text


def test_identity_more_time_and_taking_back_are_noted_once_and_an_old_page_is_told(
    practice: Practice, client: Client
) -> None:
    access.ask(practice, client)
    owner = desk(practice, "owner")
    home = f"/staff/data/access/{access.open_request(practice, client)}"
    page = owner.get(home)
    assert re.search(r'value="code"[^>]*checked|checked[^>]*value="code"', page.text)  # they asked with it
    assert owner.send_form(page, {"how": "call", "remark": "Sounded calm"}, form="/identity").status_code == 302
    assert "Sounded calm" in owner.get(home).text
    assert owner.send_form(page, {"how": "code"}, form="/identity").status_code == 409

    assert owner.send_form(page, {"words": " "}, form="/extension").status_code == 422
    assert owner.send_form(page, {"words": "Papers are far"}, form="/extension").status_code == 302
    assert owner.send_form(page, {"words": "Once more"}, form="/extension").status_code == 422
    own = practice.browser(client).get("/you/record").text
    assert "Papers are far" in own
    assert "Sunday 4 July 2027" in own
    assert "Sounded calm" not in own

    assert owner.send_form(owner.get(home), {}, form="/back").status_code == 302
    assert owner.send_form(page, {}, form="/back").status_code == 409
    assert state(practice, client) == State.TAKEN_BACK


def test_an_owner_neither_reviews_nor_decides_nor_reads_why(practice: Practice, client: Client) -> None:
    home = checked(practice, client)
    owner = desk(practice, "owner")
    page = owner.get(home).text
    assert f"{home}/review" not in page
    for path in ("/review/1", "/preview"):
        assert owner.get(f"{home}{path}").status_code == 404
    with work_in(practice) as work:
        actions.refuse(work, "staff:1", home.rpartition("/")[2], "Their partner would read it")
    assert "would read it" not in owner.get(home).text


# The review


def test_before_somebody_made_sure_who_asks_there_is_no_review(
    practice: Practice, client: Client, clinician: Browser
) -> None:
    home = f"/staff/data/access/{access.ask(practice, client)}"
    assert f"{home}/review" not in clinician.get(home).text
    assert clinician.get(f"{home}/review/1").status_code == 404
    assert clinician.get(f"{home}/preview").status_code == 404


def test_a_clinician_marks_saves_comes_back_and_hands_over(
    practice: Practice, client: Client, clinician: Browser
) -> None:
    home = checked(practice, client)
    page = clinician.get(f"{home}/review/1")
    assert page.text.count("Not looked at yet") == 1
    assert "&lt;b&gt;badly" in page.text
    key = keys(page.text)[0]
    fields = {f"choice_{key}": "passages", f"marked_{key}": NOTE.replace("Kim drinks.", "[[Kim drinks.]]")}
    assert clinician.send_form(page, fields, form="/review/1").location == f"{home}/preview"

    again = clinician.get(f"{home}/review/1").text
    assert "[[Kim drinks.]]" in again
    assert "Not looked at yet" not in again
    preview = clinician.get(f"{home}/preview")
    assert LEFT_OUT in preview.text
    assert preview.text.index(LEFT_OUT) < preview.text.index('id="deciding"')
    assert "that something was left out, and what they can do" in " ".join(preview.text.split())
    assert "Kim drinks" not in preview.text
    decided = {"outcome": "parts", "reason": "It speaks of Kim", "spoken": "y"}
    assert clinician.send_form(preview, decided, form="/decision").status_code == 302

    assert "It speaks of Kim" in clinician.get(home).text
    assert LEFT_OUT in clinician.get(f"{home}/preview").text
    browser = practice.browser(client)
    own = browser.get("/you/record").text
    assert "Some of it was left out" in own
    assert "Office for Civil Rights" in own
    assert "another clinician" in own
    shown = browser.submit("/you/record", {"code": CODE, "kind": "page"}, form="/you/record/read").text
    assert LEFT_OUT in shown
    assert "Kim drinks" not in shown
    assert "It speaks of Kim" not in own + shown
    assert practice.breaches() == []


def test_words_that_were_changed_are_named_and_kept_and_nothing_is_saved(
    practice: Practice, client: Client, clinician: Browser
) -> None:
    home = checked(practice, client)
    page = clinician.get(f"{home}/review/1")
    key = keys(page.text)[0]
    for typed, said in (("[[Kim drank]]", "not those that were written"), ("[[Kim drinks.", "is missing")):
        wrong = clinician.send_form(page, {f"choice_{key}": "passages", f"marked_{key}": typed}, form="/review/1")
        assert wrong.status_code == 422
        assert said in wrong.text
        assert "Note of clinician-desk@practice.example" in wrong.text
        assert typed in wrong.text
        assert f'href="#marked_{key}"' in wrong.text
    with practice.app.app_context():
        assert queries.read_review(queries.get_request(home.rpartition("/")[2])).revision == 0


def test_a_page_that_was_open_while_somebody_else_saved_keeps_what_was_typed(
    practice: Practice, client: Client, clinician: Browser
) -> None:
    home = checked(practice, client)
    page = clinician.get(f"{home}/review/1")
    key = keys(page.text)[0]
    assert clinician.send_form(page, {f"choice_{key}": "keep"}, form="/review/1").status_code == 302
    lost = clinician.send_form(page, {f"choice_{key}": "leave"}, form="/review/1")
    assert lost.status_code == 409
    assert re.search(r'checked[^>]*value="leave"|value="leave"[^>]*checked', lost.text)


def test_many_texts_come_in_pages_and_each_page_saves_its_own(
    practice: Practice, client: Client, clinician: Browser
) -> None:
    for number in range(9):
        note(practice, client, f"Note number {number}")
    home = checked(practice, client)
    first = clinician.get(f"{home}/review/1")
    assert len(keys(first.text)) == 8
    assert "Page 1 of 2" in first.text
    went = clinician.send_form(first, {f"choice_{key}": "keep" for key in keys(first.text)}, form="/review/1")
    assert went.location == f"{home}/review/2"
    second = clinician.get(went.location)
    clinician.send_form(second, {f"choice_{key}": "leave" for key in keys(second.text)}, form="/review/2")
    with practice.app.app_context():
        request = queries.get_request(home.rpartition("/")[2])
        prepared = queries.prepare(request, queries.read_review(request), practice.clock.now())
    assert (prepared.redacted.unseen, prepared.redacted.left_out) == ((), 3)
    assert clinician.get(f"{home}/review/3").status_code == 404


def test_a_decision_needs_a_reason_a_talk_and_what_was_looked_at(
    practice: Practice, client: Client, clinician: Browser
) -> None:
    home = checked(practice, client)
    preview = clinician.get(f"{home}/preview")
    whole = {"outcome": "whole", "reason": "No harm", "spoken": "y"}
    for missing, said in (("reason", "Write why"), ("spoken", "Speak with them alone first"), ("outcome", "Say what")):
        wrong = clinician.send_form(preview, {**whole, missing: None}, form="/decision")
        assert wrong.status_code == 422
        assert said in wrong.text
    unseen = clinician.send_form(preview, whole, form="/decision")
    assert unseen.status_code == 422
    assert "was not looked at" in unseen.text
    assert "No harm" in unseen.text  # what was typed

    access.look(practice, home.rpartition("/")[2])
    preview = clinician.get(f"{home}/preview")
    assert clinician.send_form(preview, {**whole, "outcome": "parts"}, form="/decision").status_code == 422
    note(practice, client, "They called.")
    assert clinician.send_form(preview, whole, form="/decision").status_code == 422
    assert state(practice, client) == State.CHECKED


def test_refusing_altogether_needs_no_talk_and_says_what_they_can_do(
    practice: Practice, client: Client, clinician: Browser, mailer: FakeMailer
) -> None:
    home = checked(practice, client)
    refused = {"outcome": "nothing", "reason": "It would harm Kim"}
    preview = clinician.get(f"{home}/preview")
    assert clinician.send_form(preview, refused, form="/decision").status_code == 302
    assert clinician.send_form(preview, refused, form="/decision").status_code == 409
    practice.work_until_idle()

    own = practice.browser(client).get("/you/record").text
    assert "We don’t hand the record over" in own
    assert "Office for Civil Rights" in own
    assert "harm Kim" not in own
    assert [letter.subject for letter in mailer.sent if letter.to == client.email] == ["About your appointments"]
    assert clinician.get(f"{home}/preview").status_code == 404


# Today, and what the other one sees


def test_today_counts_what_waits_for_whoever_decides_and_for_nobody_else(
    practice: Practice, client: Client, clinician: Browser
) -> None:
    coordinator = desk(practice, "coordinator")
    assert "whole record" not in clinician.get("/staff/").text
    access.ask(practice, client)
    assert "1 request for a whole record waits." in clinician.get("/staff/").text
    practice.clock.advance(days=23)
    clinician, coordinator = desk(practice, "clinician", "owner"), desk(practice, "coordinator", "therapist")
    assert "1 request for a whole record is due within a week." in clinician.get("/staff/").text
    assert "Within a week" in clinician.get("/staff/data/").text
    practice.clock.advance(minutes=30)
    assert "whole record" not in coordinator.get("/staff/").text
    other = client_for_two(practice)
    with_code(practice, other)
    practice.browser(other).submit("/you/erasure", {"code": CODE}, form="/you/erasure")
    assert "1 request to be erased waits." in clinician.get("/staff/").text


def test_overdue_is_named_so(practice: Practice, client: Client, clinician: Browser) -> None:
    with work_in(practice) as work:
        day = queries.today_at(work.now).replace(month=3)
        actions.enter(work, "staff:1", practice.person(client), Way.LETTER, day)
    assert "1 request for a whole record is overdue." in clinician.get("/staff/").text
    assert "Overdue" in clinician.get("/staff/data/").text
    assert "Overdue" in clinician.get(f"/staff/data/access/{access.open_request(practice, client)}").text


def test_nothing_of_it_reaches_the_other_one(practice: Practice, mailer: FakeMailer) -> None:
    """The same pages and letters, to the byte, whether their partner asked and was handed over or not."""
    couple = two(practice, {}, {})
    other = practice.browser(couple.other)
    paths = ("/you", "/you/record", "/you/record/ask", "/you/data", "/you/erasure", "/schedule")

    def seen() -> list[str]:
        return [without_tokens(other.get(path).text) for path in paths]

    before = seen()
    practice.work_until_idle()
    mailer.sent.clear()
    access.handed_over(practice, couple.one)
    practice.work_until_idle()

    assert seen() == before
    assert [letter.to for letter in mailer.sent] == [couple.one.email]
    assert without_tokens(practice.browser(couple.one).get("/you/record").text) != before[1]  # the control


def test_while_somebody_waits_the_whole_record_is_handed_out_there_alone(
    practice: Practice, client: Client, clinician: Browser
) -> None:
    home = f"/staff/data/{client.reference}"
    before = clinician.get(home)
    access.ask(practice, client)
    page = clinician.get(home).text
    assert "Review it, and hand it over there" in page
    assert "Whole, as a file" not in page
    token = before.text.split('name="csrf_token" value="')[1].split('"')[0]
    asked = {"scope": "whole", "kind": "json", "csrf_token": token}
    refused = clinician.post(f"{home}/export", data=asked)
    assert refused.status_code == 409
    assert "They wait for an answer" in refused.text
