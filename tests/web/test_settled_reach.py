"""Once a code guards more than a first draft, no page of questions changes it, or where letters go."""

from __future__ import annotations

from practice.database import db
from practice.intake.models import Intake
from practice.intake.queries import sent_codes_of
from practice.people import Person, code_fits, contact_of
from tests.support.couples import practice_couple
from tests.support.intake import CODE, answer, answer_until, send
from tests.support.story import Client

MINE = "robin@mail.example"


def only_person(practice):
    return db.session.query(Person).one()


def test_in_a_first_draft_a_mistyped_address_and_code_can_be_mended(practice, browser):
    answer_until(browser, 3)

    answer(browser, 2, email="robin.quill@mail.example", code="green door", code_again="green door")

    with practice.app.app_context():
        person = only_person(practice)
        assert contact_of(person).email == "robin.quill@mail.example"
        assert code_fits(person, "green door")


def test_after_sending_a_browser_that_was_left_open_changes_neither_code_nor_address(practice, browser):
    send(browser)
    answer(browser, 1)
    page = browser.get("/intake/part-2")
    assert 'name="code"' not in page.text
    assert "/you/contact" in page.text

    said = {"email": "other@mail.example", "code": "green door", "code_again": "green door"}
    assert answer(browser, 2, **said).status_code == 302

    with practice.app.app_context():
        person = only_person(practice)
        assert contact_of(person).email == MINE
        assert code_fits(person, CODE)
        assert not code_fits(person, "green door")


def test_what_somebody_says_of_who_else_reads_makes_letters_more_careful_and_never_less(practice, browser):
    send(browser)
    answer(browser, 1)
    answer(browser, 2, others_see_messages="maybe")
    with practice.app.app_context():
        assert contact_of(only_person(practice)).calendar_by_mail is False

    answer(browser, 2, others_see_messages="no")
    with practice.app.app_context():
        assert contact_of(only_person(practice)).calendar_by_mail is False


def test_whoever_joined_changes_them_on_their_own_page_alone(practice):
    pair = practice_couple(practice)
    client: Client = pair.invited

    page = practice.browser(client).get("/intake/more-3")

    assert page.status_code in (200, 302)
    assert 'name="code"' not in page.text


def test_what_is_settled_is_not_asked_again(practice, browser):
    send(browser)
    answer(browser, 1)

    page = browser.get("/intake/part-2")

    assert 'name="others_see_messages"' in page.text
    for name in ("preferred_name", "email", "contact_ok", "phone"):
        assert f'name="{name}"' not in page.text, name


def test_an_intake_is_sent_whose_page_did_not_ask_what_is_settled(practice, browser):
    send(browser)
    answer(browser, 1)
    assert browser.submit("/intake/part-2", {"others_see_messages": "no"}).status_code == 302
    for number in range(3, 8):
        answer(browser, number)

    page = browser.get("/intake/check")

    assert MINE not in page.text
    assert "/you/contact" in page.text
    assert browser.submit("/intake/check", {}).status_code == 302
    with practice.app.app_context():
        newest = db.session.query(Intake).order_by(Intake.id.desc()).first()
        assert newest.submitted_at is not None
        sent = sent_codes_of(newest)
        assert (sent["preferred_name"], sent["email"], sent["contact_ok"]) == ("Robin", MINE, ("email",))
