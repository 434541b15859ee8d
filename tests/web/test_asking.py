"""Asking a client for more, and offering a call: what reaches them, what comes back, and what never does."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from practice.audit import AuditEntry
from practice.database import db
from practice.intake.corrections import corrections_of
from practice.intake.models import Intake
from practice.intake.queries import sent_codes_of
from practice.people import hash_code
from practice.review.models import ReviewStep
from practice.review.steps import steps_of
from tests.support.answering_couples import intake_of, two
from tests.support.browsing import Browser
from tests.support.fake_mail import FakeMailer
from tests.support.intake import CODE, send
from tests.support.offers import work_in
from tests.support.staff import audit, desk, request_of, without_tokens
from tests.support.story import Practice

OWN = "/you/request"
QUESTION = "Who else knows of it, Questioncanary?"
ANSWER = "Only my sister, Answercanary."


@pytest.fixture
def sent(practice: Practice, browser: Browser) -> Browser:
    """A browser of somebody who sent what is asked before booking."""
    assert send(browser).status_code == 302
    return browser


def reference_of(practice: Practice) -> str:
    with practice.app.app_context():
        return db.session.scalars(select(Intake.reference).order_by(Intake.id).limit(1)).one()


def page_of(practice: Practice) -> str:
    return f"/staff/intakes/{reference_of(practice)}"


def stage_of(practice: Practice) -> str:
    with practice.app.app_context():
        return request_of(practice, reference_of(practice)).review_state


def ask(practice: Practice, staff: Browser, *fields: str, question: str = "") -> None:
    said = {"fields": list(fields), "question": question}
    answer = staff.submit(page_of(practice) + "/ask", said, form="/ask")
    assert answer.status_code == 302, answer.text
    practice.work_until_idle()


def word_on(page: str) -> str:
    found = re.search(r"How it stands: <b>([^<]+)</b>", page)
    assert found is not None
    return found[1]


def test_asked_answered_and_back_in_review(practice: Practice, sent: Browser, mailer: FakeMailer) -> None:
    staff = desk(practice, "clinician")
    mailer.sent.clear()
    ask(practice, staff, "access_needs", question=QUESTION)

    [letter] = [one for one in mailer.sent if one.subject == "There is something on your page"]
    assert "canary" not in letter.text.lower()
    assert "We need something" in sent.get("/you").text
    closed = sent.get(OWN)
    assert QUESTION not in closed.text
    assert sent.send_form(closed, {"code": CODE}).location == OWN
    page = sent.get(OWN)
    assert word_on(page.text) == "We need something"
    assert QUESTION in page.text

    answer = sent.send_form(page, {"own-answer": ANSWER, "access_needs": "A ramp"}, form="/you/request")
    practice.work_until_idle()

    assert answer.location == "/you"
    assert stage_of(practice) == "in_review"
    today = staff.get("/staff/").text
    assert "answered what you asked" in today
    shown = staff.get(page_of(practice)).text
    assert QUESTION in shown
    assert ANSWER in shown
    assert "A ramp" in shown
    with practice.app.app_context():
        intake = request_of(practice, reference_of(practice))
        assert sent_codes_of(intake)["access_needs"] == "A ramp"
        [correction] = corrections_of(intake)
        assert list(correction.answers) == ["access_needs"]
        details = " ".join(db.session.scalars(select(AuditEntry.detail)))
        assert "canary" not in details
    assert [action for _, action, _ in audit(practice, "information_asked", "information_given")] == [
        "information_asked",
        "information_given",
    ]
    assert practice.breaches() == []
    assert "Reviewing" in sent.get("/you").text


def test_just_for_you_is_never_offered_and_never_asked_whatever_is_sent(practice: Practice, sent: Browser) -> None:
    staff = desk(practice, "clinician")
    page = staff.get(page_of(practice) + "/ask")
    for private in ("control", "self_harm", "safe_to_speak", "others_see_messages", "alone_call", "email", "attending"):
        assert f'value="{private}"' not in page.text

    refused = staff.send_form(page, {"fields": ["control"], "question": ""}, form="/ask")

    assert refused.status_code == 422
    assert stage_of(practice) == "new"


def test_who_asks_nothing_is_told_so_and_nothing_changes(practice: Practice, sent: Browser) -> None:
    answer = desk(practice, "clinician").submit(page_of(practice) + "/ask", {"question": "  "}, form="/ask")

    assert answer.status_code == 422
    assert "Choose at least one question" in answer.text
    assert "<title>Error:" in answer.text
    assert stage_of(practice) == "new"


def test_an_empty_answer_is_an_error_that_keeps_what_was_typed(practice: Practice, sent: Browser) -> None:
    ask(practice, desk(practice, "clinician"), "access_needs", question=QUESTION)
    sent.submit(OWN, {"code": CODE})

    wrong = sent.submit(OWN, {"own-answer": " ", "access_needs": "A ramp"}, form="/you/request")

    assert wrong.status_code == 422
    assert "<title>Error:" in wrong.text
    assert "Write an answer" in wrong.text
    assert "A ramp" in wrong.text
    assert stage_of(practice) == "info_requested"


def test_what_was_taken_back_leaves_nothing_and_a_late_answer_is_not_kept(practice: Practice, sent: Browser) -> None:
    staff = desk(practice, "clinician")
    ask(practice, staff, question=QUESTION)
    sent.submit(OWN, {"code": CODE})
    before = sent.get(OWN)
    assert staff.submit(page_of(practice), form="/take-back").status_code == 302

    late = sent.send_form(before, {"own-answer": ANSWER}, form="/you/request")

    assert late.status_code == 409
    assert "This page changed while you had it open" in late.text
    assert QUESTION not in late.text
    with practice.app.app_context():
        taken = steps_of(request_of(practice, reference_of(practice)))
        assert [one.step for one in taken] == ["ask", "take_back"]
    assert word_on(sent.get(OWN).text) == "Reviewing"


def test_asking_again_takes_the_place_of_what_was_asked(practice: Practice, sent: Browser) -> None:
    staff = desk(practice, "clinician")
    ask(practice, staff, question=QUESTION)
    ask(practice, staff, question="Something else?")
    sent.submit(OWN, {"code": CODE})

    page = sent.get(OWN).text

    assert QUESTION not in page
    assert "Something else?" in page


def test_a_question_taken_back_before_its_letter_went_out_sends_none(
    practice: Practice, sent: Browser, mailer: FakeMailer
) -> None:
    practice.work_until_idle()
    mailer.sent.clear()
    staff = desk(practice, "clinician")
    staff.submit(page_of(practice) + "/ask", {"question": QUESTION}, form="/ask")
    staff.submit(page_of(practice), form="/take-back")
    practice.work_until_idle()

    assert "There is something on your page" not in [one.subject for one in mailer.sent]


def test_two_reviewers_never_overwrite_each_other_even_back_at_the_same_stage(
    practice: Practice, sent: Browser
) -> None:
    one, other = desk(practice, "clinician"), desk(practice, "owner")
    before = other.get(page_of(practice) + "/ask")
    ask(practice, one, question=QUESTION)
    one.submit(page_of(practice), form="/take-back")
    stale = other.get(page_of(practice))
    ask(practice, one, question=QUESTION)
    one.submit(page_of(practice), form="/take-back")  # in review again, two steps later

    lost = other.send_form(before, {"question": "Mine?"}, form="/ask")
    assert lost.status_code == 409
    assert "This request changed while you read it" in lost.text
    assert "Mine?" in lost.text
    assert lost.text.count("Somebody was faster: <b>clinician-desk@practice.example</b>.") == 4
    assert other.send_form(stale, form="/accept").status_code == 409
    assert stage_of(practice) == "in_review"


@pytest.mark.databases("sqlite")
def test_what_was_typed_is_shown_to_copy_where_the_request_cannot_go_on_so(practice: Practice, sent: Browser) -> None:
    one, other = desk(practice, "clinician"), desk(practice, "owner")
    before = other.get(page_of(practice) + "/ask")
    one.submit(page_of(practice) + "/decline")

    lost = other.send_form(before, {"fields": ["breach_types"], "question": "Mine?\n<b>Really</b>"}, form="/ask")

    assert lost.status_code == 409
    assert "This request can’t go on so" in lost.text
    assert "Mine?" in lost.text
    assert "&lt;b&gt;Really" in lost.text
    assert "breach_types" not in lost.text  # the words of a choice, never its code
    assert "What you sent" not in other.get(page_of(practice) + "/ask").text
    assert stage_of(practice) == "declined"


def test_a_call_is_offered_in_the_ways_that_they_allowed_and_noted(
    practice: Practice, sent: Browser, mailer: FakeMailer
) -> None:
    staff = desk(practice, "clinician")
    page = staff.get(page_of(practice) + "/call")
    ways = set(re.findall(r'name="way"[^>]*value="(\w+)"', page.text)) or set(
        re.findall(r'value="(called|book|kept)"', page.text)
    )
    assert "kept" in ways
    assert ('type="radio"' in page.text) == (len(ways) > 1)  # one way alone is a sentence
    assert staff.send_form(page, {"way": "kept"}, form="/call").status_code == 302
    practice.work_until_idle()
    assert stage_of(practice) == "individual_call"
    sent.submit(OWN, {"code": CODE})
    own = sent.get(OWN).text
    assert word_on(own) == "We need something"
    assert "speak with you by yourself" in own

    assert staff.submit(page_of(practice), form="/called").status_code == 302

    assert stage_of(practice) == "in_review"
    assert word_on(sent.get(OWN).text) == "Reviewing"


def test_taking_a_request_begins_its_review_and_the_coordinator_sees_the_word_and_no_step(
    practice: Practice, sent: Browser
) -> None:
    staff = desk(practice, "clinician")
    staff.submit(page_of(practice), form="/take")
    assert stage_of(practice) == "in_review"
    ask(practice, staff, question=QUESTION)

    page = desk(practice, "coordinator").get(page_of(practice)).text

    assert "The client sees: <b>We need something</b>" in page
    for hidden in (QUESTION, "What it went through", "Asked for something"):
        assert hidden not in page


def test_of_two_who_come_together_the_other_sees_nothing_of_it(practice: Practice, mailer: FakeMailer) -> None:
    couple = two(practice)
    practice.work_until_idle()
    staff = desk(practice, "clinician")
    with work_in(practice) as work:
        for client in (couple.one, couple.other):
            practice.person(client).code_hash = hash_code(CODE)
        work.session.flush()
    kim = practice.browser(couple.other)
    assert kim.submit(OWN, {"code": CODE}).location == OWN
    pages = ("/you", "/you/answers", OWN, "/you/data", "/schedule")
    before = [without_tokens(kim.get(page).text) for page in pages]
    letters = len([one for one in mailer.sent if couple.other.email in str(one.to)])
    reference = intake_of(practice, couple.one)

    said = {"fields": ["lean"], "question": QUESTION}
    assert staff.submit(f"/staff/intakes/{reference}/ask", said, form="/ask").status_code == 302
    practice.work_until_idle()

    assert [without_tokens(kim.get(page).text) for page in pages] == before
    assert len([one for one in mailer.sent if couple.other.email in str(one.to)]) == letters
    assert "We need something" in practice.browser(couple.one).get("/you").text  # it can tell


def test_everything_of_it_goes_with_its_person(practice: Practice, sent: Browser) -> None:
    ask(practice, desk(practice, "clinician"), question=QUESTION)
    with practice.app.app_context():
        rows = list(db.session.scalars(select(ReviewStep)))
        assert rows
        assert all(b"canary" not in (row.sealed or b"").lower() for row in rows)
