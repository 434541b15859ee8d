"""A client's own answers: behind the code, page by page, in the words of then; and what becomes of a correction."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from practice.database import db
from practice.intake.correctable import sent_pages
from practice.intake.corrections import history_of
from practice.intake.models import AnswerCorrection, Intake, QuestionnaireCopy
from practice.intake.queries import lanes_of, questionnaire_of, sent_codes_of
from tests.support.consents import with_documents
from tests.support.intake import CODE, MORE, PARTNERS, join_and_send, send, send_more
from tests.support.offers import work_in
from tests.support.staff import without_tokens
from tests.support.story import Client

pytestmark = pytest.mark.databases("sqlite")  # tests/db/test_correcting.py runs on both
ANSWERS = "/you/answers"
STORY = MORE["breach_story"]


def only(practice) -> Intake:
    return db.session.scalars(select(Intake).order_by(Intake.id).limit(1)).one()


def path_to(practice, name: str, reference: str | None = None) -> str:
    """The address at which the page with this question is corrected."""
    with practice.app.app_context():
        found = select(Intake).where(Intake.reference == reference) if reference else None
        intake = db.session.scalars(found).one() if found is not None else only(practice)
        pages = sent_pages(questionnaire_of(intake), sent_codes_of(intake))
        number = next(page.number for page in pages if any(field.name == name for field in page.fields))
        return f"{ANSWERS}/{intake.reference}/{number}"


def said(practice) -> dict[str, Any]:
    with practice.app.app_context():
        return sent_codes_of(only(practice))


def count(practice) -> int:
    with practice.app.app_context():
        return len(list(db.session.scalars(select(AnswerCorrection))))


@pytest.fixture
def sent(practice, browser):
    """A browser of somebody who sent both parts."""
    send(browser)
    send_more(browser)
    return browser


@pytest.fixture
def opened(sent):
    """The same, with the code typed."""
    assert sent.submit(ANSWERS, {"code": CODE}).location == ANSWERS
    return sent


class TestBehindTheCode:
    def test_nothing_is_shown_before_the_code_is_typed(self, practice, sent):
        assert f'href="{ANSWERS}"' in sent.get("/you").text
        for path in (ANSWERS, path_to(practice, "breach_story")):
            page = sent.get(path)
            assert page.status_code == 200
            assert "we ask for your" in page.text
            assert STORY not in page.text
            assert "Naming what broke trust" not in page.text

    def test_a_wrong_code_opens_nothing_and_is_counted(self, practice, sent):
        for _ in range(5):
            wrong = sent.submit(ANSWERS, {"code": "not this one"})
            assert wrong.status_code == 422
            assert "That isn’t the code that you chose" in wrong.text
            assert "<title>Error:" in wrong.text
        assert sent.submit(path_to(practice, "lean"), {"code": CODE}).status_code == 429

    def test_they_close_after_a_quarter_of_an_hour_and_what_was_typed_meanwhile_is_saved_with_the_code(
        self, practice, opened
    ):
        page = opened.get(path_to(practice, "breach_story"))
        practice.clock.advance(minutes=16)
        kept = opened.send_form(page, {"breach_story": "Typed for a long time"})
        assert kept.status_code == 422
        assert "What you typed is kept" in kept.text
        assert STORY not in kept.text
        assert said(practice)["breach_story"] == STORY

        again = opened.send_form(kept, {"code": "wrong"})
        assert again.status_code == 422
        assert opened.send_form(again, {"code": CODE}).location == ANSWERS
        assert said(practice)["breach_story"] == "Typed for a long time"

    def test_whoever_goes_on_looking_keeps_them_open(self, practice, opened):
        for _ in range(4):
            practice.clock.advance(minutes=10)
            assert STORY in opened.get(ANSWERS).text
        practice.clock.advance(minutes=15)
        assert STORY not in opened.get(ANSWERS).text

    def test_another_browser_of_theirs_asks_for_itself(self, practice, opened):
        with practice.app.app_context():
            person = only(practice).person
        other = practice.browser(Client(person.id, person.reference, "Robin", ""))
        assert STORY not in other.get(ANSWERS).text

    def test_somebody_elses_answers_do_not_exist(self, practice, opened):
        partner, theirs = join_and_send(practice)
        assert partner
        assert theirs.submit(ANSWERS, {"code": CODE}).status_code == 302
        foreign = theirs.get(path_to(practice, "breach_story"))
        assert foreign.status_code == 404
        assert foreign.text == theirs.get(f"{ANSWERS}/i_nothinghere/3").text


class TestWhatIsShown:
    def test_every_answer_stands_there_with_its_words_and_who_may_speak_of_it(self, opened):
        page = opened.get(ANSWERS).text
        for words in (STORY, "A shared money plan", "Captions, please", "Hidden debt, spending or accounts"):
            assert words in page
        assert "Only for my therapist" in page

    def test_what_is_never_shown_again_is_not_there_whatever_was_answered(self, practice, browser, opened):
        calm = opened.get(ANSWERS).text
        for words in ("frightened your partner", "ending your life", "court order", "see your messages or phone"):
            assert words not in calm
        other = practice.browser()
        send(other, control="often", self_harm="plan", others_see_messages="yes", safe_contact_note="Never at night")
        send_more(other, harm_other="yes", substance_concern="yes", court_involved="yes")
        other.submit(ANSWERS, {"code": CODE})
        grave = other.get(ANSWERS).text
        with practice.app.app_context():
            first, second = (one.reference for one in db.session.scalars(select(Intake).order_by(Intake.id)))
        assert without_tokens(grave).replace(second, first) == without_tokens(calm)

    def test_how_to_say_something_new_stands_there_with_the_lines(self, opened):
        page = opened.get(ANSWERS).text
        assert "tell a clinician" in page
        assert 'href="tel:988"' in page

    def test_what_others_build_on_is_changed_elsewhere(self, practice, opened):
        page = opened.get(ANSWERS).text
        assert 'href="/you/contact"' in page
        for name in ("session_location", "preferred_name", "attending", "self_harm"):
            assert opened.get(path_to(practice, name)).status_code == 404
        assert 'name="email"' not in opened.get(path_to(practice, "pronouns")).text

    def test_an_invited_partner_has_theirs(self, practice):
        partner, theirs = join_and_send(practice)
        assert partner
        theirs.submit(ANSWERS, {"code": CODE})
        assert PARTNERS["breach_story"] in theirs.get(ANSWERS).text
        path = path_to(practice, "pronouns")
        page = theirs.get(path)
        assert 'name="pronouns"' in page.text
        assert 'name="legal_name"' not in page.text
        assert theirs.send_form(page, {"pronouns": "she"}).location == ANSWERS
        assert said(practice)["pronouns"] == "she"
        assert practice.breaches() == []


class TestCorrecting:
    def test_the_page_is_the_one_that_asked_with_what_was_sent_in_it(self, practice, opened):
        page = opened.get(path_to(practice, "breach_story")).text
        assert STORY in page
        assert re.search(r'<input checked [^>]*name="discovery_how"[^>]*value="found"', page)
        assert 'name="lane"' in page

    def test_a_correction_is_saved_and_said_to_be_one(self, practice, opened):
        saved = opened.submit(path_to(practice, "goals_own_words"), {"goals_own_words": "We would sing."})
        assert saved.location == ANSWERS
        page = opened.get(ANSWERS).text
        assert "Your change is saved" in page
        assert "We would sing." in page
        assert "We would laugh again." not in page
        assert "Corrected on Wednesday 5 May 2027" in page
        assert practice.breaches() == []

    def test_every_page_saved_as_it_stands_changes_nothing_and_makes_no_history(self, practice, opened):
        with practice.app.app_context():
            intake = only(practice)
            before = sent_codes_of(intake), lanes_of(intake)
            numbers = [page.number for page in sent_pages(questionnaire_of(intake), sent_codes_of(intake))]
            reference = intake.reference
        tried = 0
        for number in numbers:
            path = f"{ANSWERS}/{reference}/{number}"
            if opened.get(path).status_code == 200:
                assert opened.submit(path).location == ANSWERS
                with practice.app.app_context():
                    assert not history_of(only(practice)), path
                assert "Nothing was changed." in opened.get(ANSWERS).text
                tried += 1
        assert tried >= 8
        assert count(practice) == 0
        with practice.app.app_context():
            assert (sent_codes_of(only(practice)), lanes_of(only(practice))) == before

    def test_what_is_required_stays_required_and_what_was_typed_is_kept(self, practice, opened):
        wrong = opened.submit(path_to(practice, "impact_now"), {"impact_now": None, "breach_story": "Something else"})
        assert wrong.status_code == 422
        assert "<title>Error:" in wrong.text
        assert "Something else" in wrong.text
        assert count(practice) == 0

    def test_a_change_that_asks_more_asks_it_on_the_same_page_before_anything_is_saved(self, practice, opened):
        path = path_to(practice, "breach_types")
        more = opened.submit(path, {"breach_types": ["privacy_invaded", "other"]})
        assert more.status_code == 422
        assert "Nothing is saved yet" in more.text
        assert "Which weighs most right now?" in more.text
        assert "Error:" not in more.text
        assert 'name="lane_breach_main"' in more.text  # who may speak of it is asked with it
        assert count(practice) == 0

        wrong = opened.send_form(more, {"breach_types": ["privacy_invaded", "other"]})
        assert wrong.status_code == 422
        assert "<title>Error:" in wrong.text
        right = opened.send_form(wrong, {"breach_types": ["privacy_invaded", "other"], "breach_main": "other"})
        assert right.location == ANSWERS
        assert said(practice)["breach_types"] == ("privacy_invaded", "other")
        assert said(practice)["breach_main"] == "other"
        assert practice.breaches() == []

    def test_an_answer_that_takes_others_back_needs_nothing_more(self, practice, opened):
        assert opened.submit(path_to(practice, "breach_pattern"), {"breach_pattern": "many_small"}).location == ANSWERS
        assert not {"breach_last_when", "breach_ongoing"} & set(said(practice))
        assert "is it still going on?" not in opened.get(ANSWERS).text
        with practice.app.app_context():
            assert {"breach_last_when", "breach_ongoing"} < set(history_of(only(practice)))

    def test_who_may_speak_of_single_answers_is_changed_too(self, practice, opened):
        opened.submit(path_to(practice, "lean"), {"lane_lean": "may_raise"})
        with practice.app.app_context():
            lanes = lanes_of(only(practice))
        assert lanes["lean"] == "may_raise"
        assert lanes["goals_own_words"] == "only_therapist"
        assert count(practice) == 1

    def test_the_second_of_two_browsers_is_told_keeps_what_was_typed_and_may_save_it_then(self, practice, opened):
        path = path_to(practice, "goals_own_words")
        page = opened.get(path)
        opened.submit(path, {"goals_own_words": "From the other browser"})
        lost = opened.send_form(page, {"goals_own_words": "From this browser"})
        assert lost.status_code == 409
        assert "changed while you had them open" in lost.text
        assert "From this browser" in lost.text
        assert "From the other browser" in lost.text
        assert said(practice)["goals_own_words"] == "From the other browser"
        assert opened.send_form(lost).location == ANSWERS
        assert said(practice)["goals_own_words"] == "From this browser"

    def test_another_language_doesnt_make_it_read_anew(self, practice, opened):
        path = path_to(practice, "goals_own_words")
        page = opened.get(path)
        opened.submit(path, {"goals_own_words": "From the other browser"})
        switched = opened.send_form(page, {"goals_own_words": "From this browser", "only_language": "es"})

        assert "From this browser" in switched.text
        assert opened.send_form(switched).status_code == 409
        assert said(practice)["goals_own_words"] == "From the other browser"

    def test_fields_that_are_not_on_the_page_are_ignored(self, practice, opened):
        before = said(practice)
        opened.submit(
            path_to(practice, "goals_own_words"),
            {"goals_own_words": "Only this", "self_harm": "no", "attending": "individual", "also": "control"},
        )
        assert said(practice) == {**before, "goals_own_words": "Only this"}

    def test_they_are_asked_as_they_were_asked_then(self, practice, opened):
        with practice.app.app_context(), work_in(practice) as work:
            copy = work.session.scalars(select(QuestionnaireCopy)).one()
            old = json.loads(copy.document)
            for section in old["sections"]:
                for field in section["fields"]:
                    if field["name"] == "lean":
                        field["question"] = "As it was asked then: I am…"
            copy.document = json.dumps(old)
        assert "As it was asked then" in opened.get(path_to(practice, "lean")).text

    def test_new_words_of_consent_come_first(self, practice, opened):
        with_documents(practice)
        path = path_to(practice, "lean")
        assert opened.get(path).location.startswith("/intake/agree?then=/you/answers/")
        assert opened.get(ANSWERS).status_code == 200  # reading needs no agreement

    def test_before_the_second_part_is_sent_the_first_can_be_corrected_and_the_draft_stays(self, practice, browser):
        send(browser)
        browser.submit(ANSWERS, {"code": CODE})
        assert "Before you answer" not in browser.get(ANSWERS).text
        path = path_to(practice, "breach_known_since")
        assert 'name="lane"' not in browser.get(path).text
        assert browser.submit(path, {"breach_known_since": "lt_2w"}).location == ANSWERS
        assert browser.get("/intake/more").location == "/intake/more-1"
        assert practice.breaches() == []
