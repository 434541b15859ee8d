"""An instrument from its file to the score: clinicians read it, the desk doesn't, and clients never."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from practice.database import db
from practice.intake import documents, edition_queries, editions, queries
from practice.intake.documents import current_questionnaire, shipped_data
from practice.intake.models import Intake
from practice.intake.questions import Page
from practice.opening import practice_findings as doctor
from practice.setup.question_commands import add_instrument
from practice.work import begin_work
from tests.support.intake import answer_until, part, send, send_more
from tests.support.staff import audit, desk, send_request

pytestmark = pytest.mark.databases("sqlite")  # counting is pure; what is stored is an intake's answers

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "instrument.yaml"
SECTION = "ins_small_signs"
SAID = {"kept": "3", "asked": "2", "guessed": "1", "heard": "3"}


def added(practice, file: Path = EXAMPLE):
    return CliRunner().invoke(add_instrument, [str(file)], obj=lambda: practice.app)


def published(practice) -> None:
    with practice.app.app_context(), begin_work() as work:
        editions.publish(work, "staff:1", seen=edition_queries.read_draft().mark)


def request_with(practice, **said: str | None) -> str:
    """A request whose person answered the instrument before the session, and sent that part."""
    browser = practice.browser()
    send(browser)
    send_more(browser, **{f"{SECTION}_{code}": value for code, value in said.items()})
    with practice.app.app_context():
        return str(db.session.scalar(select(Intake.reference).order_by(Intake.id.desc()).limit(1)))


@pytest.fixture
def counted(practice) -> str:
    assert "It is in the draft" in added(practice).output
    published(practice)
    return request_with(practice, **SAID)


def test_clinicians_read_score_and_band_and_the_front_desk_does_not(practice, counted):
    page = desk(practice, "clinician").get(f"/staff/intakes/{counted}").text
    assert "Small signs of trust" in page
    assert "<b>10</b>, Many signs" in page
    assert "4 of 4 answered" in page
    other = desk(practice, "coordinator").get(f"/staff/intakes/{counted}").text
    assert "Many signs" not in other
    assert "Small signs" not in other


def test_without_answers_there_is_no_score_and_with_too_few_the_page_says_so(practice, counted):
    reader = desk(practice, "owner")
    assert "Instruments</h2>" not in reader.get(f"/staff/intakes/{send_request(practice)}").text
    few = request_with(practice, kept=None, asked=None, guessed=None, heard="3")
    assert "Not counted: too much was left empty" in reader.get(f"/staff/intakes/{few}").text


def test_a_private_instrument_is_counted_in_the_private_tab_alone(practice, tmp_path):
    private = tmp_path / "private.yaml"
    private.write_text(EXAMPLE.read_text().replace("visibility: own", "visibility: clin"))
    added(practice, private)
    published(practice)
    reference = request_with(practice, **SAID)
    reader = desk(practice, "clinician")
    assert "Many signs" not in reader.get(f"/staff/intakes/{reference}").text
    assert "Many signs" in reader.get(f"/staff/intakes/{reference}/just-for-you").text
    assert audit(practice, "private_viewed", "intake_viewed", "questions_changed")


def test_an_intake_is_counted_by_the_rules_of_its_own_version(practice, counted, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(EXAMPLE.read_text().replace("Many signs", "Plenty"))
    added(practice, other)
    published(practice)
    reader = desk(practice, "clinician")
    assert "Many signs" in reader.get(f"/staff/intakes/{counted}").text
    assert "Plenty" in reader.get(f"/staff/intakes/{request_with(practice, **SAID)}").text


def test_clients_answer_it_like_any_page_and_never_read_a_score(practice, tmp_path):
    early = tmp_path / "early.yaml"
    early.write_text(EXAMPLE.read_text().replace("moment: session", "moment: book"))
    added(practice, early)
    published(practice)
    visitor = practice.browser()
    answer_until(visitor, 6)
    page = visitor.get(part(7)).text
    assert "Small promises between us were kept." in page
    said = {f"{SECTION}_{code}": value for code, value in SAID.items()}
    assert visitor.submit(part(7), said).status_code == 302
    private = {"control": "no", "safe_to_speak": "yes", "court_order": "no", "self_harm": "no", "alone_call": "no"}
    assert visitor.submit(part(8), private).location.endswith("/intake/support")
    read = page + visitor.get("/intake/check").text
    assert "Almost always" in read
    assert "signs<" not in read.replace("Small signs of trust", "")
    assert "Many signs" not in read


def test_a_file_that_is_wrong_is_refused_by_the_command_too(practice, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(EXAMPLE.read_text().replace("method: sum", "method: guess"))
    refused = added(practice, wrong)
    assert refused.exit_code == 1
    assert "scoring method: one of sum, mean (line " in refused.output
    wrong.write_bytes(b"\xff\xfe")
    assert "UTF-8" in added(practice, wrong).output
    with practice.app.app_context():
        assert not edition_queries.read_draft().changed


def test_the_doctor_names_changes_that_no_longer_fit(practice, make_app, monkeypatch):
    with practice.app.app_context():
        assert doctor._questions().what == "questions, as shipped"
    added(practice)
    published(practice)
    data: dict[str, Any] = shipped_data()
    data["sections"].append({"id": SECTION, "title": "Ours now", "fields": [_plain()]})
    monkeypatch.setattr(documents, "shipped_document", lambda: json.dumps(data))
    with make_app().app_context():
        found = doctor._questions()
        assert not found.fine
        assert "Clients are asked what was published last" in found.mend
        assert current_questionnaire().version == f"{shipped_data()['version']}.p1"


def _plain() -> dict[str, Any]:
    shape = {"moment": "session", "kind": "text", "required": False, "who": "both", "visibility": "own"}
    return {"name": "newcomer", "question": "?", **shape}


def test_a_page_of_an_instrument_is_saved_like_any_other(practice, counted):
    with practice.app.app_context():
        intake = queries.get_intake(counted)
        pages: tuple[Page, ...] = queries.questionnaire_of(intake).pages("session")
        assert SECTION in [page.section.id for page in pages]
        assert [score.said for score in queries.scores_of(intake)] == ["10"]
    assert practice.breaches() == []
