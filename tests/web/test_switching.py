"""Another language for a page that is being filled in: what was typed comes along, nothing is checked or kept."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from practice.database import db
from practice.intake.models import Intake, IntakeAnswers
from practice.notes.models import Note, NoteVersion
from practice.people import Person
from tests.support.answering_couples import two
from tests.support.browsing import Browser, FormOnPage, forms_of
from tests.support.couples import client_for_two, invite_by_mail, token_in_mail
from tests.support.intake import CODE, MORE, PARTS, answer, answer_until, part, send, send_more
from tests.support.spanish import words_on
from tests.support.staff import desk
from tests.support.story import Practice

pytestmark = pytest.mark.databases("sqlite")  # nothing of it reaches a database
SPANISH = '<html lang="es">'


def count(practice: Practice, *models: Any) -> list[int]:
    with practice.app.app_context():
        return [db.session.query(model).count() for model in models]


def form_with(page: TestResponse, name: str) -> FormOnPage:
    """The form that has this field."""
    [found] = [form for form in forms_of(page.text) if name in form.fields]
    return found


def switch(browser: Browser, page: TestResponse, typed: dict[str, Any], language: str = "es") -> TestResponse:
    """Type, and press the other language in the foot of the page."""
    pressed = rf'<button form="(\w+)" formaction="([^"]+)" formnovalidate name="(\w+)" value="{language}"'
    [(ident, target, name)] = re.findall(pressed, page.text)
    [opened] = re.findall(rf'<form id="{ident}" method="post" action="([^"]+)"', page.text)
    [form] = [one for one in forms_of(page.text) if one.action == html.unescape(opened)]
    target = html.unescape(target)
    assert target.partition("?")[0] == form.action == page.request.path
    # What Enter presses is the first button of a form: it must stay the page's own.
    assert page.text.index('type="submit"', page.text.index(f'id="{ident}"')) < page.text.index(
        f'button form="{ident}"'
    )
    return browser.post(target, data={**form.fields, **typed, name: language})


def test_what_was_typed_on_a_page_of_the_intake_comes_along_and_nothing_is_kept(
    practice: Practice, browser: Browser
) -> None:
    answer(browser, 1)
    before = count(practice, Intake, IntakeAnswers, Person)
    typed = {**PARTS[2], "preferred_name": "Róbin & Co", "email": "not an address", "code_again": "another"}

    page = switch(browser, browser.get(part(2)), typed)

    assert page.status_code == 200
    assert SPANISH in page.text
    assert "Sobre usted" in words_on(page.text)
    assert "error-summary" not in page.text
    shown = form_with(page, "email").fields
    assert {name: shown[name] for name in typed} == {
        name: said if isinstance(said, list) else [said] for name, said in typed.items()
    }
    assert count(practice, Intake, IntakeAnswers, Person) == before
    assert form_with(browser.get(part(2)), "email").fields["email"] == [""]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Set-Cookie"].startswith("lang=es;")


def test_it_goes_back_and_forth_and_is_then_saved_as_it_was_typed(practice: Practice, browser: Browser) -> None:
    answer(browser, 1)
    spanish = switch(browser, browser.get(part(2)), PARTS[2])
    english = switch(browser, spanish, form_with(spanish, "email").fields, "en")
    assert '<html lang="en">' in english.text

    assert browser.send_form(english, form=part(2)).location == part(3)
    assert form_with(browser.get(part(2)), "email").fields["preferred_name"] == ["Robin"]


def test_a_first_page_that_only_changes_its_language_stops_nobody_and_begins_nothing(
    practice: Practice, browser: Browser
) -> None:
    typed = {**PARTS[1], "age_18_plus": "no"}

    page = switch(browser, browser.get(part(1)), typed)

    assert (page.status_code, SPANISH in page.text) == (200, True)
    assert form_with(page, "age_18_plus").fields["age_18_plus"] == ["no"]
    assert count(practice, Intake, Person) == [0, 0]
    assert browser.get_cookie("client") is None


def test_what_is_never_shown_again_comes_along_this_once_and_is_not_kept(browser: Browser) -> None:
    answer_until(browser, 6)
    page = switch(browser, browser.get(part(7)), {"control": "often", "self_harm": "plan"})

    assert form_with(page, "control").fields["control"] == ["often"]
    assert "control" not in form_with(browser.get(part(7)), "csrf_token").fields


def test_answers_before_the_session_and_who_may_speak_of_them_come_along(practice: Practice, browser: Browser) -> None:
    send(browser)
    path = "/intake/more-3"
    typed = {"breach_story": "It began with\r\na letter.", "lane": "talk_first", "lane_breach_story": "only_therapist"}

    page = switch(browser, browser.get(path), typed)

    assert (page.status_code, SPANISH in page.text) == (200, True)
    shown = form_with(page, "breach_story").fields
    assert shown["breach_story"][0].split() == typed["breach_story"].split()
    assert (shown["lane"], shown["lane_breach_story"]) == (["talk_first"], ["only_therapist"])
    assert form_with(browser.get(path), "breach_story").fields["breach_story"][0].strip() == ""


def test_a_correction_comes_along(browser: Browser) -> None:
    send(browser)
    send_more(browser)
    answers = browser.send_form(browser.get("/you/answers"), {"code": CODE}, follow_redirects=True).text
    paths = re.findall(r'href="(/you/answers/\w+/\d+)"', answers)
    [path] = [one for one in paths if 'name="breach_story"' in browser.get(one).text]

    page = switch(browser, browser.get(path), {"breach_story": "It began otherwise."})

    assert (page.status_code, SPANISH in page.text) == (200, True)
    assert form_with(page, "breach_story").fields["breach_story"][0].strip() == "It began otherwise."
    assert form_with(browser.get(path), "breach_story").fields["breach_story"][0].strip() == MORE["breach_story"]


def test_whoever_is_invited_takes_along_what_they_typed_and_has_not_joined(practice: Practice, mailer: Any) -> None:
    invite_by_mail(practice.browser(client_for_two(practice)))
    path = f"/join/{token_in_mail(practice, mailer)}/you"
    guest, before = practice.browser(), count(practice, Person)

    page = switch(guest, guest.get(path), {"preferred_name": "Mika", "age_18_plus": "no"})

    assert (page.status_code, SPANISH in page.text) == (200, True)
    assert form_with(page, "preferred_name").fields["preferred_name"] == ["Mika"]
    assert count(practice, Person) == before


def test_a_note_comes_along_unsigned(practice: Practice) -> None:
    couple, clinician = two(practice, {}, {}), desk(practice, "clinician")
    path = f"/staff/notes/people/{couple.one.reference}"

    page = switch(clinician, clinician.get(path), {"text": "Half a thou", "then": "sign"})

    assert (page.status_code, SPANISH in page.text) == (200, True)
    assert form_with(page, "text").fields["text"][0].strip() == "Half a thou"
    assert count(practice, Note) == [0]

    clinician.get("/staff?lang=en")
    kept = str(clinician.submit(path, {"text": "A draft", "then": "keep"}, form=path).location)
    page = switch(clinician, clinician.get(kept), {"text": "A better draft"})

    assert (page.status_code, SPANISH in page.text) == (200, True)
    assert form_with(page, "text").fields["text"][0].strip() == "A better draft"
    assert count(practice, Note, NoteVersion) == [1, 1]

    clinician.get("/staff?lang=en")
    typed = clinician.get(kept)
    clinician.submit(kept, {"text": "A draft", "then": "sign"}, form=kept)  # in another tab
    page = switch(clinician, typed, {"text": "What came after"})

    assert form_with(page, "text").fields["text"][0].strip() == "What came after"
    assert form_with(page, "text").action == f"{kept}/addenda"


def test_it_is_asked_before_something_typed_elsewhere_is_lost(practice: Practice) -> None:
    for path in ("/schedule", "/staff/sign-in"):
        page = practice.browser().get(path).text
        assert page.count("<dialog") == 1
        assert re.search(r'<a [^>]+hreflang="es" lang="es" data-language>Español</a>', page)
    for path in (part(1), "/", "/times/any"):  # it comes along; nothing can be typed
        assert "<dialog" not in practice.browser().get(path).text


def test_a_forged_form_changes_no_language_either(browser: Browser) -> None:
    sent = browser.post(f"{part(1)}?lang=es", data={"only_language": "es", "age_18_plus": "no"})

    assert sent.status_code == 400
