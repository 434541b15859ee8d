"""Sending what was asked before the session: who sees what from when, and who is told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from practice.booking.models import Eligibility
from practice.couples import find_couple
from practice.database import db
from practice.errors import Conflict
from practice.intake import actions, completing, queries, retention, running_out
from practice.intake.messages import IntakeCompleted, UrgentIntake
from practice.intake.models import Intake
from practice.intake.session_part import find_session_part
from practice.outbox import OutboxMessage
from practice.people import MailedLink, Person, make_link
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.intake import CODE, MORE, PARTNERS, answer_more, invite, join_and_send, send, send_more, walk_more
from tests.support.staff import audit, desk
from tests.support.story import Client

SQLITE = pytest.mark.databases("sqlite")
LAST = "/intake/more-8"
STORY = MORE["breach_story"]


def only(practice):
    return db.session.scalars(select(Intake)).one()


def reference_of(practice):
    with practice.app.app_context():
        return only(practice).reference


def posted(practice, kind):
    """What was said of this kind, in order: once, however many rooms listen."""
    with practice.app.app_context():
        found = select(OutboxMessage).where(OutboxMessage.kind == kind.KIND).order_by(OutboxMessage.id)
        rows = list(db.session.scalars(found))
        return [row.payload for row in rows if row.handler == rows[0].handler]


def test_clinicians_see_nothing_of_it_and_are_warned_of_nothing_until_it_is_sent(practice, browser):
    send(browser)
    walk_more(browser, {**MORE, "own_force": "yes", "court_involved": "yes"})
    clinician, path = desk(practice, "clinician"), f"/staff/intakes/{reference_of(practice)}"
    before = [clinician.get(path).text, clinician.get(f"{path}/just-for-you").text]
    assert "isn’t sent yet" in before[0]
    for page in before:
        assert STORY not in page
        assert "frightened your partner" not in page
    with practice.app.app_context():
        assert queries.flags_of(only(practice)) == ()
        assert not set(MORE) & set(queries.sent_codes_of(only(practice)))

    assert browser.submit("/intake/more/check").location == "/you"
    after = [clinician.get(path).text, clinician.get(f"{path}/just-for-you").text]
    assert STORY in after[0]
    assert "frightened your partner" in after[1]
    with practice.app.app_context():
        assert {flag.code for flag in queries.flags_of(only(practice))} == {"own_force", "court"}
    assert practice.breaches() == []


def test_paying_meanwhile_warns_of_nothing_that_was_not_sent(practice, browser):
    send(browser)
    walk_more(browser, {**MORE, "own_force": "yes"})
    with practice.app.app_context(), begin_work() as work:
        person = work.session.scalars(select(Person)).one()
        actions.save_moment(work, person, "pay", {"legal_name": "Robin Doe"})
    with practice.app.app_context():
        assert queries.flags_of(only(practice)) == ()
        assert queries.codes_of(only(practice))["breach_story"] == STORY
    assert practice.breaches() == []


def test_the_desk_hears_that_something_came_and_nothing_else(practice, browser, mailer):
    send(browser)
    practice.work_until_idle()
    mailer.sent.clear()
    send_more(browser)
    practice.work_until_idle()
    (letter,) = mailer.sent
    assert letter.message["Subject"] == "Something new on the desk"
    assert STORY not in str(letter.message)
    assert audit(practice, "intake_completed")[0][2] == reference_of(practice)
    assert len(posted(practice, IntakeCompleted)) == 1


@SQLITE
@pytest.mark.parametrize(
    ("first", "then", "calls"),
    [
        ({}, {}, 0),
        ({}, {"harm_other": "yes"}, 1),
        ({"self_harm": "plan"}, {}, 1),  # it was called then, and nothing is new
        ({"self_harm": "plan"}, {"harm_other": "yes"}, 2),
    ],
)
def test_a_clinician_is_called_for_a_crisis_answer_that_is_new(practice, browser, mailer, first, then, calls):
    colleague = desk(practice, "clinician")
    assert colleague
    send(browser, **first)
    walk_more(browser, {**MORE, **then})
    page = browser.get("/intake/more/next")
    if then:
        assert "Thank you for telling us" in page.text
        assert 'href="/intake/times">open times</a> there are individual sessions too' in page.text
        assert browser.submit("/intake/more/next").location == "/you"  # sent from there
    else:
        assert page.location == "/intake/more/check"
        browser.submit("/intake/more/check")
    assert len(posted(practice, UrgentIntake)) == calls
    practice.work_until_idle()
    assert [sent.message["Subject"] for sent in mailer.sent].count("Please open the desk now") == calls


@SQLITE
def test_a_partner_in_crisis_is_told_who_reads_it_and_goes_on(practice):
    partner = practice.browser(invite(practice))
    answer_more(partner, "/intake/more-1", PARTNERS)
    answer_more(partner, "/intake/more-2", {**PARTNERS, "self_harm": "plan"})
    page = partner.get("/intake/more/next")
    assert "Thank you for telling us" in page.text
    assert '<a class="button" href="/intake/more-3">Go on with the questions' in page.text
    assert "/intake/times" not in page.text  # nothing of theirs opens them


def test_a_partner_is_granted_nothing_to_book(practice):
    partner, browser = join_and_send(practice)
    with practice.app.app_context():
        assert db.session.get(Eligibility, partner.person_id) is None
        assert queries.find_submitted(db.session.get(Person, partner.person_id)) is not None
        assert queries.find_request(db.session.get(Person, partner.person_id)) is None
    assert browser.get("/intake/times").location == "/schedule"
    assert practice.breaches() == []


def test_sending_twice_sends_once(practice, browser):
    send(browser)
    walk_more(browser, MORE)
    check = browser.get("/intake/more/check")
    assert browser.send_form(check).location == browser.send_form(check).location == "/you"
    with practice.app.app_context(), begin_work() as work:
        completing.complete(work, only(practice).reference)
    assert len(posted(practice, IntakeCompleted)) == 1
    assert len(audit(practice, "intake_completed")) == 1


def test_what_is_missing_or_was_never_begun_can_not_be_sent(practice, browser):
    send(browser)
    with practice.app.app_context(), pytest.raises(Conflict), begin_work() as work:
        completing.complete(work, only(practice).reference)
    walk_more(browser, MORE)
    with practice.app.app_context(), begin_work() as work:
        page = queries.questionnaire_of(only(practice)).pages("session")[4]
        actions.save_page(work, only(practice).reference, page, {})
    assert browser.get("/intake/more/check").location == "/intake/more-5"


def test_after_sending_a_page_is_not_saved_any_more(practice, browser):
    send(browser)
    send_more(browser)
    with practice.app.app_context(), pytest.raises(actions.SessionPartSent), begin_work() as work:
        page = queries.questionnaire_of(only(practice)).pages("session")[0]
        actions.save_page(work, only(practice).reference, page, {"pronouns": "late"})


@SQLITE
def test_a_declined_request_asks_nothing_more(practice, browser):
    send(browser)
    with practice.app.app_context(), begin_work() as work:
        only(practice).review_state = "declined"
        work.session.flush()
    with practice.app.app_context():
        assert find_session_part(db.session.scalars(select(Person)).one()) is None


def newest(practice):
    person = db.session.scalars(select(Person).order_by(Person.id.desc())).first()
    return Client(person.id, person.reference, "Robin", "robin@mail.example")


def test_what_was_saved_and_not_sent_goes_after_thirty_days_unless_a_session_is_coming(practice, browser, clock):
    send(browser)
    with practice.app.app_context():
        robin = newest(practice)
    practice.confirm(practice.hold(MONDAY_NINE, robin))
    walk_more(browser, MORE)
    clock.advance(days=2)  # before the session
    with practice.app.app_context():
        assert running_out.find_unsent_parts(clock.now()) == []
    clock.advance(days=40)
    with practice.app.app_context(), begin_work() as work:
        [reference] = running_out.find_unsent_parts(work.now)
        retention.erase_unsent_part(work, reference)
    with practice.app.app_context():
        codes = queries.codes_of(only(practice))
        assert not set(MORE) & set(codes)
        assert codes["trust_role"] == "hurt"
        assert running_out.find_unsent_parts(clock.now()) == running_out.find_run_out(clock.now()) == []
    assert audit(practice, "unsent_part_erased")
    assert [one for one in practice.breaches() if not one.startswith("I3")] == []  # nobody paid in this story


def test_what_a_partner_sent_stays_with_the_session_of_whom_they_come_with(practice, clock):
    inviter = practice.new_client()
    partner, _ = join_and_send(practice, inviter)
    practice.confirm(practice.hold(MONDAY_NINE, inviter))
    alone, _ = join_and_send(practice)
    clock.advance(days=60)
    with practice.app.app_context():
        theirs = {
            person.id: intake.reference
            for intake, person in db.session.execute(select(Intake, Person).join(Person, Intake.person_id == Person.id))
        }
        assert running_out.find_run_out(clock.now()) == [theirs[alone.person_id]]
        assert partner.person_id in theirs


def test_a_joined_partners_draft_that_ran_out_is_erased_once_and_the_couple_ends(practice, clock):
    inviter = practice.new_client()
    browser = practice.browser(invite(practice, inviter))
    for number in (1, 2, 3):
        answer_more(browser, f"/intake/more-{number}", PARTNERS)
    for _ in range(2):  # the second night finds nothing left
        clock.advance(days=31)
        practice.work_until_idle()
    assert browser.get("/intake/more").location == "/schedule"
    assert len(audit(practice, "draft_erased")) == 1
    with practice.app.app_context():
        assert find_couple(inviter.person_id) is None
    assert practice.breaches() == []


# Coming back by a link.


def link_for(practice, target=None):
    with practice.app.app_context(), begin_work() as work:
        person = work.session.scalars(select(Person).order_by(Person.id.desc())).first()
        return "/return/" + make_link(work, person, "return", target)


def come_back(practice, link):
    return practice.browser().submit(link, {"code": CODE}).location


def test_a_link_leads_to_the_open_part_or_to_their_own_page(practice, browser):
    send(browser)
    assert come_back(practice, link_for(practice)) == "/intake/times"  # a time comes first
    with practice.app.app_context():
        robin = newest(practice)
    practice.confirm(practice.hold(MONDAY_NINE, robin))
    assert come_back(practice, link_for(practice)) == "/you"
    assert come_back(practice, link_for(practice, reference_of(practice))) == "/intake/more-1"
    answer_more(browser, "/intake/more-1", MORE)
    assert come_back(practice, link_for(practice)) == "/intake/more-2"
    send_more(browser)
    assert come_back(practice, link_for(practice)) == "/you"
    assert come_back(practice, link_for(practice, reference_of(practice))) == "/you"


def test_a_partners_link_leads_to_their_page_once_they_have_a_code(practice):
    browser = practice.browser(invite(practice))
    for number in (1, 2, 3):
        answer_more(browser, f"/intake/more-{number}", PARTNERS)
    assert come_back(practice, link_for(practice)) == "/intake/more-4"
    with practice.app.app_context():
        assert db.session.scalars(select(MailedLink)).one().revoked_at is not None


@SQLITE
def test_the_page_of_a_booking_says_what_is_still_asked_until_it_is_sent(practice, browser):
    send(browser)
    with practice.app.app_context():
        robin = newest(practice)
    held = practice.hold(MONDAY_NINE, robin)
    practice.confirm(held)
    words = "Some questions before the session"
    assert words in browser.get(f"/bookings/{held.reference}").text
    answer_more(browser, "/intake/more-1", MORE)
    assert "Part 2 of 8 is next" in browser.get(f"/bookings/{held.reference}").text
    send_more(browser)
    assert words not in browser.get(f"/bookings/{held.reference}").text
