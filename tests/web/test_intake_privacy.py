"""What somebody answers privately stays there: it changes nothing that another could see, and leaks nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from practice.database import Model, db
from practice.intake import actions, queries
from practice.outbox import OutboxMessage
from practice.people import Person
from tests.support.clock import MONDAY_NINE
from tests.support.intake import MORE, PARTS, answer, answer_more, answer_until, own_changes, part, send, send_more
from tests.support.story import Client

CALM: dict[str, object] = {}
PRIVATE = [
    {"control": "often", "safe_to_speak": "no", "court_order": "yes", "self_harm": "often", "alone_call": "yes"},
    {"control": "prefer_not", "safe_to_speak": "not_sure", "court_order": "prefer_not", "self_harm": "passing"},
    dict.fromkeys(PARTS[7]),
    {"others_see_messages": "yes", "safe_contact_note": "Mornings, at work"},
    {"others_see_messages": "maybe"},
]
CRISIS = [{"self_harm": "plan"}, {"self_harm": "prefer_talk"}]


def neutral(page):
    """A page as it would be in any other session: tokens and references are random, and say nothing."""
    page = re.sub(r'<strong class="code">[a-z0-9]{4}-[a-z0-9]{4}<', "", page)
    return re.sub(r'(name="csrf_token" value=")[^"]*|\b[bip]_[a-z0-9]{14}', r"\1", page)


def same_letter(letter):
    """A letter, part by part, as it would be for any other booking: links, ids and boundaries are random."""
    seen = [(name, str(value)) for name, value in letter.items() if name not in {"Message-ID", "Content-Type"}]
    for part_of_it in letter.walk():
        content = (part_of_it.get_payload(decode=True) or b"").decode()
        content = re.sub(r"\r?\n[ \t]", "", content)  # a calendar's folded lines
        content = re.sub(r"/return/[\w-]{43}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", content)
        seen.append((part_of_it.get_content_type(), neutral(content)))
    return seen


def story(practice, mailer, private):
    """Somebody's whole way to a held and cancelled time; everything that could be seen of it, in order."""
    seen = []

    def look(response):
        headers = sorted((name, value) for name, value in response.headers if name != "Set-Cookie")
        seen.append(
            (neutral(response.request.path), response.status_code, neutral(str(headers)), neutral(response.text))
        )
        return response

    browser = practice.browser()
    look(browser.get("/schedule"))
    for number in PARTS:
        look(browser.get(part(number)))
        look(answer(browser, number, **own_changes(number, private)))
    for path in ("/intake/support", "/intake/next", "/intake/check", "/schedule", part(2), part(7)):
        look(browser.get(path))
    look(browser.submit("/intake/check"))
    for path in ("/intake/times", "/schedule", "/times/ada-lindqvist?offering=couple-50"):
        look(browser.get(path))
    for path in ("/times/ada-lindqvist.json?offering=couple-50", "/times/noor-haddad.json?offering=individual-50"):
        look(browser.get(path))
    held = practice.hold(MONDAY_NINE, newest_client(practice.app))
    look(browser.get(f"/bookings/{held.reference}"))
    practice.confirm(held)
    practice.work_until_idle()
    look(browser.get(f"/bookings/{held.reference}"))
    look(browser.submit(f"/bookings/{held.reference}/cancel"))
    practice.work_until_idle()
    letters = [same_letter(sent.message) for sent in mailer.sent if sent.to == "robin@mail.example"]
    mailer.sent.clear()
    assert len(letters) >= 2, "the comparison is about letters too"
    return seen, letters


def newest_client(app: Flask) -> Client:
    with app.app_context():
        person = db.session.scalars(select(Person).order_by(Person.id.desc())).first()
        assert person is not None
        return Client(person.id, person.reference, "Robin", "robin@mail.example")


@pytest.mark.databases("sqlite")  # what a database adds is in the test on crisis answers, which runs on both
@pytest.mark.parametrize("private", PRIVATE)
def test_private_answers_change_nothing_that_can_be_seen(practice, mailer, private):
    calm, other = story(practice, mailer, CALM), story(practice, mailer, private)
    for one, two in zip(calm[0], other[0], strict=True):
        assert one == two, one[0]
    if "others_see_messages" not in private:  # what that one decides is what may be mailed to this person
        assert calm[1] == other[1]


@pytest.mark.parametrize("private", CRISIS)
def test_a_crisis_answer_changes_one_page_for_that_person_alone(practice, mailer, private):
    calm, other = story(practice, mailer, CALM), story(practice, mailer, private)
    differing = [one[0] for one, two in zip(calm[0], other[0], strict=True) if one != two]
    assert differing == ["/intake/next"]
    assert calm[1] == other[1]


def test_an_answer_that_is_not_private_would_be_noticed_by_this_comparison(practice, mailer):
    calm, other = story(practice, mailer, CALM), story(practice, mailer, {"format_pref": "video"})
    assert calm[0] != other[0]


MORE_PRIVATE = [
    {"own_force": "yes", "substance_concern": "yes", "court_involved": "yes"},
    {
        "own_force": "prefer_not",
        "harm_other": "prefer_not",
        "substance_concern": "some",
        "court_involved": "considering",
    },
    {"own_force": None, "harm_other": None, "substance_concern": None},
]


def story_before_the_session(practice, mailer, private):
    """Somebody's whole way through what is asked before the session; everything that they and the desk's inbox see."""
    browser, seen = practice.browser(), []

    def look(response):
        headers = sorted((name, value) for name, value in response.headers if name != "Set-Cookie")
        seen.append(
            (neutral(response.request.path), response.status_code, neutral(str(headers)), neutral(response.text))
        )

    send(browser)
    for number in range(1, 9):
        look(answer_more(browser, f"/intake/more-{number}", {**MORE, **private}))
    for path in ("support", "next", "check"):
        look(browser.get(f"/intake/more/{path}"))
    for number in range(1, 9):
        look(browser.get(f"/intake/more-{number}"))
    look(browser.get("/you"))
    look(browser.submit("/intake/more/check"))
    look(browser.get("/you"))
    practice.work_until_idle()
    letters = [same_letter(sent.message) for sent in mailer.sent]
    mailer.sent.clear()
    return seen, letters


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("private", MORE_PRIVATE)
def test_private_answers_before_the_session_change_nothing_that_can_be_seen(practice, mailer, private):
    calm, other = story_before_the_session(practice, mailer, {}), story_before_the_session(practice, mailer, private)
    for one, two in zip(calm[0], other[0], strict=True):
        assert one == two, one[0]
    assert calm[1] == other[1]


@pytest.mark.databases("sqlite")
def test_a_crisis_answer_before_the_session_changes_one_page_for_that_person_alone(practice, mailer):
    calm = story_before_the_session(practice, mailer, {})
    other = story_before_the_session(practice, mailer, {"harm_other": "yes"})
    assert [one[0] for one, two in zip(calm[0], other[0], strict=True) if one != two] == ["/intake/more/next"]


@pytest.mark.databases("sqlite")
def test_an_answer_that_is_shown_again_would_be_noticed_by_this_comparison_too(practice, mailer):
    calm = story_before_the_session(practice, mailer, {})
    assert calm[0] != story_before_the_session(practice, mailer, {"lean": "0"})[0]


def test_what_is_said_before_the_session_is_found_nowhere_in_the_database(practice, browser, database_url):
    send(browser)
    send_more(browser, breach_story="the quetzalcanary sang", goals_own_words="212 555 0177", lane="may_raise")
    practice.work_until_idle()
    for place, content in stored(practice.app, database_url):
        for trace in (*TRACES, "may_raise"):
            assert trace not in content.lower(), place
    with practice.app.app_context():
        for row in db.session.scalars(select(OutboxMessage)):
            assert "canary" not in row.payload + row.key


def test_private_answers_are_never_shown_again(browser):
    answer_until(browser, 7, **PRIVATE[0], others_see_messages="yes", safe_contact_note="Mornings, at work")
    for path in ("/schedule", part(2), part(7), "/intake/check", "/intake/support"):
        page = browser.get(path).text
        assert "Mornings" not in page
    assert browser.get(part(7)).text.count(" checked") == 0
    others = browser.get(part(2)).text.split("Could anyone else see")[1]
    assert " checked" not in others


def test_only_a_page_that_was_saved_speaks_of_an_answer_before(browser):
    kept, once = "leaving it empty keeps that answer", "Once saved, it isn’t shown here again"
    answer(browser, 1)
    page = browser.get(part(2)).text
    assert once in page
    assert kept not in page
    answer(browser, 2)
    page = browser.get(part(2)).text
    assert kept in page
    assert once not in page
    for number in range(3, 7):
        answer(browser, number)
    assert kept not in browser.get(part(7)).text
    answer(browser, 7)
    assert kept in browser.get(part(7)).text


def test_leaving_a_private_question_empty_keeps_what_was_answered(practice, browser):
    answer_until(browser, 7, **PRIVATE[0], others_see_messages="yes", safe_contact_note="Mornings, at work")
    answer(browser, 7, **dict.fromkeys(PARTS[7], None) | {"court_order": "no"})
    answer(browser, 2, others_see_messages=None, code="", code_again="")
    browser.submit("/intake/check")
    with practice.app.app_context():
        codes = queries.codes_of(queries.find_submitted(db.session.scalars(select(Person)).one()))
    assert (codes["control"], codes["court_order"], codes["self_harm"]) == ("often", "no", "often")
    assert (codes["others_see_messages"], codes["safe_contact_note"]) == ("yes", "Mornings, at work")


def test_saying_that_nobody_else_reads_the_messages_drops_the_note(practice, browser):
    answer_until(browser, 7, others_see_messages="yes", safe_contact_note="Mornings, at work")
    answer(browser, 2, others_see_messages="no", code="", code_again="")
    browser.submit("/intake/check")
    with practice.app.app_context():
        codes = queries.codes_of(queries.find_submitted(db.session.scalars(select(Person)).one()))
    assert "safe_contact_note" not in codes


# A canary: words that no page of ours would say, and that must be found nowhere.

CANARY = {
    "preferred_name": "Quetzalcanary",
    "email": "quetzalcanary@mail.example",
    "phone": "+1 212 555 0177",
    "contact_ok": ["email", "call"],
    "others_see_messages": "maybe",
    "safe_contact_note": "behind the quetzalcanary cage",
    "access_needs": "a perch for a quetzalcanary",
    "code": "quetzal-secret-code",
    "code_again": "quetzal-secret-code",
    "self_harm": "plan",
}
TRACES = ("quetzal", "2125550177", "212 555 0177")
CODES = ("lying_omission", "money_hidden", "prefer_talk", "self_harm", "repeated", "m3_12", "separate_well")


def stored(app: Flask, url: str) -> list[tuple[str, str]]:
    """Everything that the database holds, table by table, as text; files as they lie on the disk besides."""
    found = []
    with app.app_context():
        for table in Model.metadata.sorted_tables:
            rows = db.session.execute(text(f'SELECT * FROM "{table.name}"')).all()
            found += [
                (table.name, repr([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]))
                for row in rows
            ]
        db.session.rollback()
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        for path in file.parent.glob(file.name + "*"):
            found.append(("file " + path.name, path.read_bytes().decode("latin-1")))
    return found


def test_answers_are_found_nowhere_in_the_database(practice, browser, database_url):
    send(browser, **CANARY)
    practice.work_until_idle()
    kept = stored(practice.app, database_url)
    assert {"intake", "intake_answers", "person"} <= {place for place, _ in kept}
    for place, content in kept:
        for trace in TRACES:
            assert trace not in content.lower(), place
        if place != "questionnaire_copy" and not place.startswith("file"):  # the questions themselves are no secret
            for code in CODES:
                assert code not in content, place


def test_answers_are_in_no_address_and_no_message(practice, browser):
    locations = []
    for number in PARTS:
        locations.append(answer(browser, number, **own_changes(number, CANARY)).location)
    locations.append(browser.submit("/intake/next").location)
    assert all(re.fullmatch(r"/intake/(part-\d|support|check|times)", where) for where in locations), locations
    with practice.app.app_context():
        for row in db.session.scalars(select(OutboxMessage)):
            assert "quetzal" not in (row.payload + row.key).lower()


@pytest.mark.parametrize("fault", ["anything", "database"])
def test_a_fault_in_the_middle_tells_nothing_of_what_was_typed(practice, browser, monkeypatch, capfd, fault):
    answer_until(browser, 1)

    def break_down(*_arguments, **_named):
        if fault == "database":
            db.session.execute(text("SELECT nothing FROM nowhere WHERE x = :typed"), {"typed": "quetzalcanary"})
        raise RuntimeError("quetzalcanary")

    monkeypatch.setattr(actions, "save_contact", break_down)
    page = answer(browser, 2, **own_changes(2, CANARY))
    assert page.status_code in {500, 503}
    written = capfd.readouterr()
    for content in (page.text, written.out, written.err):
        assert not any(trace in content.lower() for trace in TRACES)
    assert "unexpected_error" in written.out + written.err or page.status_code == 503
    monkeypatch.undo()
    assert answer(browser, 2, **own_changes(2, CANARY)).status_code == 302  # and nothing was half saved


@pytest.mark.databases("sqlite")
def test_who_shares_an_inbox_gets_the_same_letters_without_a_calendar_in_them(practice, mailer):
    calm = story(practice, mailer, CALM)[1]
    shared = story(practice, mailer, {"others_see_messages": "yes"})[1]
    assert "text/calendar" in dict(calm[0])
    assert not any("text/calendar" in dict(letter) for letter in shared)
    assert [dict(letter)["Subject"] for letter in shared] == [dict(letter)["Subject"] for letter in calm]
