"""Corrections on the desk: what stood before beside each answer, what is unread, and correcting because they asked."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from practice.clearing.flags import flags_seen
from practice.database import db
from practice.intake.actions import save_moment
from practice.intake.correctable import sent_pages
from practice.intake.models import AnswerCorrection, Intake
from practice.intake.queries import questionnaire_of, sent_codes_of
from tests.support.answering_couples import books, completes, intake_of
from tests.support.clock import MONDAY_NINE
from tests.support.correcting import corrects, corrects_for
from tests.support.offers import ADA, broken, confirmed, work_in
from tests.support.staff import audit, desk, in_order

pytestmark = pytest.mark.databases("sqlite")  # tests/db/test_correcting.py runs on both
UNREAD = "Corrected since a clinician looked"
STORY, NOW = "Canarybefore", "It stands like this now"
ASKED = {"how_asked": "They called, Canaryremark"}


@pytest.fixture
def robin(practice):
    client = books(practice, access_needs="Canaryramp")
    completes(practice, client, breach_story=STORY)
    confirmed(practice, MONDAY_NINE, client, therapist=ADA)
    return client


@pytest.fixture
def request_path(practice, robin):
    return f"/staff/intakes/{intake_of(practice, robin)}"


def page_with(practice, name):
    """The number of the page with this question."""
    with practice.app.app_context():
        intake = db.session.scalars(select(Intake)).one()
        pages = sent_pages(questionnaire_of(intake), sent_codes_of(intake))
        return next(page.number for page in pages if any(field.name == name for field in page.fields))


def said(practice):
    with practice.app.app_context():
        return sent_codes_of(db.session.scalars(select(Intake)).one())


class TestReading:
    def test_clinicians_and_whoever_treats_them_read_what_stood_before_and_the_front_desk_does_not(
        self, practice, robin, request_path
    ):
        corrects(practice, request_path.rpartition("/")[2], breach_story=NOW)
        corrects(practice, request_path.rpartition("/")[2], access_needs="A lift")
        for roles in (["clinician"], ["owner"]):
            page = desk(practice, *roles).get(request_path).text
            assert in_order(page, [NOW, "by themselves", f"Before: {STORY}"])
            assert in_order(page, ["A lift", "Before: Canaryramp"])
        ada = desk(practice, "therapist", therapist=ADA).get(request_path).text
        assert f"Before: {STORY}" in ada
        front = desk(practice, "coordinator").get(request_path)
        assert front.status_code == 200
        assert "A lift" in front.text
        for words in (STORY, "Canaryramp", "Corrected", NOW):
            assert words not in front.text

    def test_what_was_answered_alone_has_its_history_on_the_page_of_it_alone(self, practice, robin, request_path):
        corrects_for(practice, request_path.rpartition("/")[2], control="often")
        corrects_for(practice, request_path.rpartition("/")[2], control="prefer_not")
        clinician = desk(practice, "clinician")
        page, private = (clinician.get(path).text for path in (request_path, f"{request_path}/just-for-you"))
        assert "They asked by phone" not in page
        assert "Before: Often" not in page
        assert "Taken back" in page  # the flag stands, and says so
        assert in_order(private, ["They asked by phone", "Before: Often", "Before: No"])
        assert [who for who, _, _ in audit(practice, "intake_viewed")] == ["staff:1", "staff:1"]
        owner = desk(practice, "owner")
        assert owner.get(f"{request_path}/just-for-you").status_code == 404
        assert "They asked by phone" not in owner.get(request_path).text

    def test_an_answer_that_was_taken_back_with_its_question_is_still_there(self, practice, robin, request_path):
        corrects(practice, request_path.rpartition("/")[2], breach_pattern="many_small")
        page = desk(practice, "clinician").get(request_path).text
        assert in_order(page, ["Not asked any more", "is it still going on?", "Before: No, it has stopped"])

    def test_it_is_unread_until_a_clinician_opens_it_also_once_it_was_accepted(self, practice, robin, request_path):
        clinician, owner = desk(practice, "clinician"), desk(practice, "owner")
        clinician.get(request_path)
        assert clinician.submit(request_path, form="/accept").status_code == 302
        practice.clock.advance(minutes=5)
        clinician.get(request_path)
        assert UNREAD not in clinician.get("/staff/intakes").text
        practice.clock.advance(minutes=5)
        corrects(practice, request_path.rpartition("/")[2], breach_story=NOW)
        practice.clock.advance(minutes=5)

        front = desk(practice, "coordinator")
        for path in ("/staff/intakes", "/staff/intakes?state=decided", request_path):
            assert UNREAD not in front.get(path).text
        for path in ("/staff/intakes", request_path, "/staff/intakes"):
            assert UNREAD in owner.get(path).text
        assert UNREAD in clinician.get(request_path).text
        for path in ("/staff/intakes", request_path):
            assert UNREAD not in clinician.get(path).text

    def test_a_flag_that_was_taken_back_stands_and_is_cleared_like_any_other(self, practice, robin, request_path):
        reference = request_path.rpartition("/")[2]
        corrects_for(practice, reference, control="often")
        practice.clock.advance(minutes=5)
        corrects_for(practice, reference, control="no")
        clinician = desk(practice, "clinician")
        page = clinician.get(request_path).text
        assert in_order(page, ["Red", "No choice about money", "Taken back", "Clear this flag"])
        assert "tag-red" in clinician.get("/staff/intakes").text
        with practice.app.app_context():
            [flag] = flags_seen(db.session.scalars(select(Intake)).one())
        assert clinician.submit(f"{request_path}/flags/{flag.mark}", {"reason": "A slip."}).status_code == 302
        assert "tag-red" not in clinician.get("/staff/intakes").text
        assert in_order(clinician.get(request_path).text, ["Cleared", "Taken back", "A slip."])


class TestCorrectingOnRequest:
    def test_a_clinician_corrects_and_says_how_they_were_asked(self, practice, robin, request_path):
        clinician = desk(practice, "clinician")
        number = page_with(practice, "breach_story")
        assert f'href="{request_path}/correct/{number}"' in clinician.get(request_path).text
        path = f"{request_path}/correct/{number}"
        without = clinician.submit(path, {"breach_story": NOW, "how_asked": ""})
        assert without.status_code == 422
        assert NOW in without.text
        assert said(practice)["breach_story"] == STORY
        assert clinician.submit(path, {"breach_story": NOW, **ASKED}).location == request_path
        page = clinician.get(request_path).text
        assert in_order(page, [NOW, "by clinician", "Canaryremark", f"Before: {STORY}"])
        assert [who for who, _, _ in audit(practice, "intake_corrected")] == ["staff:1"]
        assert broken(practice) == []

    def test_whoever_treats_them_corrects_what_they_read_and_nothing_private(self, practice, robin, request_path):
        ada = desk(practice, "therapist", therapist=ADA)
        path = f"{request_path}/correct/{page_with(practice, 'substance_concern')}"
        page = ada.get(path)
        assert 'name="prior_therapy"' in page.text
        assert 'name="substance_concern"' not in page.text
        assert ada.submit(path, {"prior_therapy": ["none"], "substance_concern": "yes", **ASKED}).status_code == 302
        assert said(practice)["substance_concern"] == "no"
        private = f"{request_path}/just-for-you/correct/{page_with(practice, 'control')}"
        assert ada.get(private).status_code == 404
        assert desk(practice, "coordinator").get(path).status_code == 404

    def test_a_clinician_corrects_what_was_answered_alone_on_its_own_page(self, practice, robin, request_path):
        clinician = desk(practice, "clinician")
        path = f"{request_path}/just-for-you/correct/{page_with(practice, 'control')}"
        assert f'href="{path}"' in clinician.get(f"{request_path}/just-for-you").text
        assert clinician.submit(path, {"control": "often", **ASKED}).location == f"{request_path}/just-for-you"
        assert said(practice)["control"] == "often"
        assert said(practice)["safe_to_speak"] == "yes"  # what stands in the page is sent with it
        assert clinician.submit(path, {"control": None, **ASKED}).status_code == 302
        assert said(practice)["control"] == ""
        assert len(audit(practice, "intake_viewed")) >= 4
        assert broken(practice) == []

    def test_their_legal_name_is_corrected_here_and_who_comes_is_not(self, practice, robin, request_path):
        clinician = desk(practice, "clinician")
        with work_in(practice) as work:
            save_moment(work, practice.person(robin), "pay", {"legal_name": "Robin Quil"})
        path = f"{request_path}/correct/{page_with(practice, 'legal_name')}"
        assert clinician.submit(path, {"legal_name": "Robin Quill", **ASKED}).status_code == 302
        assert said(practice)["legal_name"] == "Robin Quill"
        assert broken(practice) == []
        for name in ("attending", "session_location"):
            assert clinician.get(f"{request_path}/correct/{page_with(practice, name)}").status_code == 404

    def test_the_second_of_two_is_told_and_keeps_what_was_typed(self, practice, robin, request_path):
        clinician = desk(practice, "clinician")
        path = f"{request_path}/correct/{page_with(practice, 'breach_story')}"
        page = clinician.get(path)
        corrects(practice, request_path.rpartition("/")[2], breach_story="Meanwhile by themselves")
        lost = clinician.send_form(page, {"breach_story": NOW, **ASKED})
        assert lost.status_code == 409
        for words in (NOW, "Canaryremark", "Meanwhile by themselves"):
            assert words in lost.text
        assert clinician.send_form(lost).location == request_path
        assert said(practice)["breach_story"] == NOW

    def test_a_page_that_is_saved_as_it_was_makes_no_history(self, practice, robin, request_path):
        clinician = desk(practice, "clinician")
        alone = "/just-for-you"
        for name, private in (("lean", ""), ("breach_types", ""), ("control", alone), ("harm_other", alone)):
            path = f"{request_path}{private}/correct/{page_with(practice, name)}"
            assert clinician.submit(path, ASKED).status_code == 302, path
        with practice.app.app_context():
            assert db.session.scalars(select(AnswerCorrection)).all() == []
