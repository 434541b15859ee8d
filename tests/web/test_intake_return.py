"""Coming back: a mailed link and the code, never one without the other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from practice.database import db
from practice.intake.messages import RETURN, SendReturnLink
from practice.intake.models import Intake
from practice.outbox import OutboxMessage
from practice.people import Contact, MailedLink, Person, add_person, make_link, save_contact
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.intake import CODE, answer_until, part, send
from tests.support.story import Client

EMAIL = "robin@mail.example"


def link_for(practice, purpose=RETURN, target=None):
    """A mailed link of the only person there is."""
    with practice.app.app_context(), begin_work() as work:
        person = work.session.scalars(select(Person).order_by(Person.id)).first()
        return "/return/" + make_link(work, person, purpose, target)


def test_a_first_code_is_asked_for_as_what_must_be_chosen(practice):
    entered = practice.new_client()
    with practice.app.app_context(), begin_work() as work:
        link = "/return/" + make_link(work, work.session.get_one(Person, entered.person_id), RETURN)

    page = practice.browser().get(link)

    assert page.text.count('type="password"') == 2
    assert "(optional)" not in page.text
    assert page.text.count("Choose a code of your own") == 1  # as the heading
    assert page.text.count("reads your mail") == 1


def test_link_and_code_lead_back_to_where_somebody_was(practice, browser):
    answer_until(browser, 3)
    link, other = link_for(practice), practice.browser()
    page = other.get(link)
    assert page.status_code == 200
    assert "Robin" not in page.text
    assert other.send_form(page, {"code": CODE}).location == part(4)
    assert other.get("/intake/part-4").status_code == 200


def test_a_wrong_code_opens_nothing_and_is_explained_kindly(practice, browser):
    answer_until(browser, 3)
    link, other = link_for(practice), practice.browser()
    wrong = other.submit(link, {"code": "green kettle"})
    assert wrong.status_code == 422
    assert "<title>Error: Your code" in wrong.text
    assert "Check it and try again" in wrong.text
    assert other.get(part(4)).location == "/schedule"
    assert other.submit(link, {"code": CODE}).status_code == 302  # the link itself is still good


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("typed", ["", " ", "x" * 200])
def test_an_empty_or_endless_code_is_refused(practice, browser, typed):
    answer_until(browser, 2)
    assert practice.browser().submit(link_for(practice), {"code": typed}).status_code == 422


@pytest.mark.databases("sqlite")
def test_the_code_fits_however_its_letters_are_composed(practice, browser):
    answer_until(browser, 2, code="caf\u00e9 bleu", code_again="cafe\u0301 bleu")
    assert practice.browser().submit(link_for(practice), {"code": " cafe\u0301 bleu "}).status_code == 302


def test_only_so_many_wrong_codes_are_taken(practice, browser):
    answer_until(browser, 3)
    link, other = link_for(practice), practice.browser()
    page = other.get(link)
    for _ in range(5):
        assert other.send_form(page, {"code": "green kettle"}).status_code == 422
    assert other.send_form(page, {"code": CODE}).status_code == 429
    # counted for the person: another link and another browser change nothing
    assert practice.browser().submit(link_for(practice), {"code": CODE}).status_code == 429


def test_looking_at_a_link_changes_nothing(practice, browser):
    answer_until(browser, 3)
    link, scanner = link_for(practice), practice.browser()
    for _ in range(3):
        assert scanner.get(link).status_code == 200
        assert scanner.head(link).status_code == 200
    assert scanner.get(part(4)).location == "/schedule"
    assert practice.browser().submit(link, {"code": CODE}).status_code == 302


def test_a_link_that_was_asked_for_works_once(practice, browser):
    answer_until(browser, 3)
    link = link_for(practice)
    assert practice.browser().submit(link, {"code": CODE}).status_code == 302
    again = practice.browser().get(link)
    assert again.status_code == 410
    assert "Robin" not in again.text
    assert "Ask for a new link" in again.text


def test_a_link_that_ran_out_or_was_withdrawn_is_gone_without_data(practice, browser, clock):
    answer_until(browser, 3)
    withdrawn, old = link_for(practice), link_for(practice)
    with practice.app.app_context(), begin_work() as work:
        work.session.scalars(select(MailedLink)).first().revoked_at = work.now
    answers = sorted(practice.browser().get(link).status_code for link in (withdrawn, old))
    assert answers == [200, 410]
    clock.advance(days=61)
    for link in (withdrawn, old):
        gone = practice.browser().get(link)
        assert gone.status_code == 410
        assert "robin" not in gone.text.lower()


def test_a_link_withdrawn_while_the_code_is_typed_opens_nothing(practice, browser):
    answer_until(browser, 3)
    link, other = link_for(practice), practice.browser()
    page = other.get(link)
    with practice.app.app_context(), begin_work() as work:
        work.session.scalars(select(MailedLink)).one().revoked_at = work.now
    assert other.send_form(page, {"code": CODE}).status_code == 410


@pytest.mark.databases("sqlite")
def test_an_unknown_link_and_one_for_another_purpose_look_alike(practice, browser):
    answer_until(browser, 3)
    other = link_for(practice, purpose="feed")
    assert practice.browser().get(other).status_code == 404
    assert practice.browser().get("/return/" + "x" * 43).status_code == 404


def test_a_link_to_a_booking_leads_there_again_and_again(practice, browser):
    send(browser)
    with practice.app.app_context():
        person = db.session.scalars(select(Person)).one()
        robin = Client(person.id, person.reference, "Robin", EMAIL)
    held = practice.hold(MONDAY_NINE, robin)
    link = link_for(practice, target=held.reference)
    for _ in range(2):
        other = practice.browser()
        assert other.submit(link, {"code": CODE}).location == f"/bookings/{held.reference}"
        assert other.get(f"/bookings/{held.reference}").status_code == 200


def test_after_sending_a_link_leads_to_the_times(practice, browser):
    send(browser)
    assert practice.browser().submit(link_for(practice), {"code": CODE}).location == "/intake/times"


def test_a_link_signs_another_person_out_first(practice, browser):
    answer_until(browser, 3)
    link = link_for(practice)
    other = practice.browser()
    answer_until(other, 5, email="kim@mail.example", preferred_name="Kim")
    assert other.submit(link, {"code": CODE}).location == part(4)


def asked(practice, address):
    """What asking for a link answers: status, where to, and the page there."""
    stranger = practice.browser()
    answer = stranger.submit("/schedule", {"email": address}, form="/intake/link")
    return answer.status_code, answer.location, stranger.get(answer.location).text


def test_a_known_and_an_unknown_address_get_the_same_answer(practice, browser):
    answer_until(browser, 3)
    assert asked(practice, EMAIL) == asked(practice, "nobody@mail.example")


def letters_due(practice):
    with practice.app.app_context():
        kinds = db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
        return [kind for kind in kinds if kind == "return_link_asked"]


def test_the_web_does_the_same_for_both_and_the_worker_knows_the_difference(practice, browser, monkeypatch):
    answer_until(browser, 3)
    found = []
    asked(practice, EMAIL.upper())
    asked(practice, "nobody@mail.example")
    assert len(letters_due(practice)) == 2
    real = practice.app.extensions["practice.handlers"]
    monkeypatch.setitem(practice.app.extensions, "practice.handlers", {**real, SendReturnLink: (on_send(found),)})
    practice.work_until_idle()
    with practice.app.app_context():
        assert found == [db.session.scalars(select(Person.reference)).one()]


def on_send(found):
    def on_send_return_link(message):
        found.append(message.person)

    return on_send_return_link


def test_asking_twice_in_a_minute_posts_once(practice, browser, clock):
    asked(practice, EMAIL)
    asked(practice, EMAIL)
    assert len(letters_due(practice)) == 1
    clock.advance(minutes=1)
    asked(practice, EMAIL)
    assert len(letters_due(practice)) == 2


@pytest.mark.databases("sqlite")
def test_one_address_is_not_flooded(practice):
    for _ in range(4):
        assert asked(practice, EMAIL)[0] == 302
    stranger = practice.browser()
    assert stranger.submit("/schedule", {"email": EMAIL}, form="/intake/link").status_code == 429


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "typed", ["", "robin", "a" * 100_000 + "@mail.example", "robin@mail.example\r\nBcc: x@y.example"]
)
def test_a_wrong_address_is_explained_on_the_same_page(browser, typed):
    page = browser.submit("/schedule", {"email": typed}, form="/intake/link")
    assert page.status_code == 422
    assert "<title>Error: Schedule a session" in page.text
    assert 'href="#email"' in page.text
    assert "The first open times" in page.text


def test_a_draft_runs_out_after_thirty_days_and_is_erased_at_night(practice, browser, clock):
    answer_until(browser, 3)
    clock.advance(days=29)
    practice.work_until_idle()
    assert practice.browser().submit(link_for(practice), {"code": CODE}).location == part(4)
    clock.advance(days=1, minutes=1)
    assert practice.browser().submit(link_for(practice), {"code": CODE}).location == "/schedule"
    clock.advance(days=1)
    practice.work_until_idle()
    with practice.app.app_context():
        assert db.session.query(Intake).count() == db.session.query(Person).count() == 0


def test_the_nightly_sweep_goes_on_night_after_night(practice, browser, clock):
    answer_until(browser, 1)
    for _ in range(3):
        clock.advance(days=1)
        practice.work_until_idle()
    with practice.app.app_context():
        due = db.session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.kind == "retention_sweep", OutboxMessage.handler.startswith("intake."))
            .order_by(OutboxMessage.id)
        ).all()
    assert [row.state for row in due] == ["done", "done", "done", "waiting"]
    assert all(timedelta() < row.due_at - clock.now() < timedelta(days=1) for row in due if row.state == "waiting")


def entered_by_staff(practice):
    """Somebody whom the practice entered: an address, and no code yet."""
    with practice.app.app_context(), begin_work() as work:
        person = add_person(work, "America/New_York")
        save_contact(person, Contact(first_name="Noa", email="noa@mail.example"))
    return link_for(practice, target="b_kept")


def test_somebody_whom_the_practice_entered_chooses_a_code_first(practice, browser):
    link = entered_by_staff(practice)
    page = browser.get(link)
    assert "<title>Choose your code" in page.text
    assert "Noa" not in page.text

    assert (
        browser.send_form(page, {"code": "quiet kettle", "code_again": "quiet kettle"}).location == "/bookings/b_kept"
    )
    other = practice.browser()
    assert "<title>Your code" in other.get(link).text
    assert other.submit(link, {"code": "another one"}).status_code == 422
    assert other.submit(link, {"code": "quiet kettle"}).status_code == 302


@pytest.mark.parametrize(("code", "again"), [("short", "short"), ("quiet kettle", "quiet cattle"), ("", "")])
def test_a_first_code_that_is_too_short_or_typed_in_two_ways_is_refused(practice, browser, code, again):
    link = entered_by_staff(practice)
    refused = browser.submit(link, {"code": code, "code_again": again})

    assert refused.status_code == 422
    assert "<title>Error: Choose your code" in refused.text
    assert "<title>Choose your code" in practice.browser().get(link).text


def test_of_two_who_choose_the_first_code_the_second_is_told_that_the_link_is_used(practice, browser):
    link = entered_by_staff(practice)
    first, second = browser.get(link), practice.browser()
    later = second.get(link)
    assert browser.send_form(first, {"code": "quiet kettle", "code_again": "quiet kettle"}).status_code == 302

    refused = second.send_form(later, {"code": "loud kettle", "code_again": "loud kettle"})
    assert refused.status_code == 422  # it asks for the code by now, and that isn't it
    assert second.submit(link, {"code": "loud kettle"}).status_code == 422
