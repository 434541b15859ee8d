"""Whatever goes wrong, the answer is a page of ours: true, calm, with a way out, and with nothing of what was typed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from practice import access
from practice.database import db
from practice.errors import Conflict, Contended, Gone, NotFound, PracticeError, Refused, Unavailable
from practice.work import begin_work
from tests.support import world
from tests.support.clock import MONDAY_NINE
from tests.support.intake import answer, answers_to

pytestmark = pytest.mark.databases("sqlite")  # errors are made into pages the same way on both; exceptions say so

CANARY = "xq-canary-we-have-not-told-the-children"


@pytest.fixture
def failing(make_app) -> Callable[[Exception], object]:
    """Opens a page whose view raises this."""

    def open_page(error: Exception, path: str = "/broken"):
        app = make_app()
        with app.app_context(), begin_work() as work:
            world.build(work)

        def broken() -> str:
            raise error

        app.add_url_rule(path, "broken", broken, methods=["GET"])
        access.register_policy(app, "broken", access.public_policy())
        return app.test_client().get(path)

    return open_page


@pytest.mark.parametrize("kind", [NotFound, Gone, Conflict, Refused, Contended, Unavailable])
def test_a_refusal_says_what_happened_and_how_to_go_on(failing, kind: type[PracticeError]):
    answer = failing(kind())

    assert answer.status_code == kind.status
    assert f"<title>{kind.title}" in answer.text
    assert kind.way_out in answer.text
    assert answer.headers.get("Retry-After") == (str(kind.retry_after) if kind.retry_after else None)
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_fault_of_ours_shows_and_logs_nothing_of_what_was_typed(failing):
    with structlog.testing.capture_logs() as logs:
        answer = failing(RuntimeError(CANARY))

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert CANARY not in answer.text
    [fault] = [entry for entry in logs if entry["event"] == "unexpected_error"]
    assert fault["error"] == "RuntimeError"
    assert CANARY not in str(logs)


def test_a_failing_statement_shows_and_logs_no_values(practice, browser, monkeypatch, capfd):
    def fail(*_args: object, **_kwargs: object) -> None:
        db.session.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": CANARY})

    monkeypatch.setattr("practice.intake.actions.save_page", fail, raising=False)
    monkeypatch.setattr("practice.intake.routes._save", fail)
    with structlog.testing.capture_logs() as logs:
        page = answer(browser, 1)

    assert page.status_code in (500, 503)
    assert CANARY not in page.text + str(logs) + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("code", "status"), [(sqlite3.SQLITE_BUSY, 503), (sqlite3.SQLITE_LOCKED, 503), (sqlite3.SQLITE_IOERR, 503)]
)
def test_a_database_that_is_busy_or_away_is_503_with_a_time_to_come_back(failing, code, status):
    trouble = sqlite3.OperationalError("locked")
    trouble.sqlite_errorcode = code

    answer = failing(OperationalError("SELECT 1", {}, trouble))

    assert answer.status_code == status
    assert int(answer.headers["Retry-After"]) > 0


def test_a_form_whose_token_is_stale_says_so_and_changes_nothing(practice, browser):
    browser.get("/intake/part-1")
    answer = browser.post("/intake/part-1", data={**answers_to(1), "csrf_token": "stale"})

    assert answer.status_code == 400
    assert "open for too long" in answer.text


@pytest.mark.parametrize("path", ["/times/nobody.json", "/times/nobody.ics", "/bookings/b_nothing.ics"])
def test_machines_get_words_without_a_page(browser, path):
    answer = browser.get(path)

    assert answer.status_code == 404
    assert answer.content_type == "text/plain; charset=utf-8"
    assert "<" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/intake/part-99",
        "/intake/part-x",
        "/therapists/nobody",
        "/therapists/%00",
        "/therapists/..%2f..%2fetc%2fpasswd",
        "/articles/nothing",
        "/return/" + "x" * 43,
        "/return/" + "%F0%9F%99%8A",
        "/calendars/" + "x" * 43 + ".ics",
        "/static/../settings.py",
        "/times/ada-lindqvist?offering=nothing",
        "/times/ada-lindqvist?offering=couple-50&offering=x&from=9999-99-99",
        "/times/ada-lindqvist?offering=couple-50&from=0001-01-01",
        "/times/ada-lindqvist?offering=couple-50&from=9999-12-31",
        "/times/ada-lindqvist?offering=couple-50&zone=No/Where",
        "/times/ada-lindqvist?offering=couple-50&zone=../../etc/passwd",
        "/times/ada-lindqvist.json?offering=couple-50&from='%20OR%201=1",
        "/fees?" + "a=b&" * 500,
        "/?q=" + "x" * 3000,
    ],
)
def test_nonsense_in_an_address_is_never_a_fault(browser, path):
    assert browser.get(path).status_code in (200, 302, 400, 404, 422)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_method_that_no_page_has_is_405(browser, method):
    assert getattr(browser, method)("/fees").status_code in (400, 405)


def test_a_body_that_is_too_large_is_413_and_quick(practice, browser):
    assert browser.post("/intake/part-1", data={"name": "x" * 300_000}).status_code == 413
    many = {f"f{number}": "x" for number in range(2000)}
    assert browser.post("/intake/part-1", data=many, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml"])
def test_a_body_that_is_no_form_is_refused_without_a_fault(practice, browser, kind):
    client = practice.new_client()
    held = practice.hold(MONDAY_NINE, client)
    mine = practice.browser(client)

    for path in ("/bookings", f"/bookings/{held.reference}/cancel", "/intake/part-1", "/staff/sign-in"):
        assert mine.post(path, data="{", content_type=kind).status_code in (400, 415)
    assert practice.state_of(held) == "held"


def test_whoever_meets_an_error_can_still_leave_the_page_at_once(practice):
    browser = practice.browser()

    assert "Leave this page" in browser.get("/bookings/b_nobody").text
    assert "Leave this page" in browser.get("/times/ada-lindqvist?zone=Mars/Olympus").text
    assert "Leave this page" not in browser.get("/staff/nowhere").text


@pytest.mark.databases("sqlite")
def test_only_what_may_happen_again_is_asked_to_be_told(browser):
    assert "If this keeps happening" not in browser.get("/nothing-here").text
    assert "If this keeps happening" in browser.put("/").text
