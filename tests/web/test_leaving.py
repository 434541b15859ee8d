"""Leave this page, as the server has it: away, and nothing left to come back to."""

from __future__ import annotations

import pytest

from practice.errors import Contended
from practice.presenting import LEAVE_TO
from tests.support.intake import CODE, answer_until


def leave(browser, **headers):
    return browser.post("/leave", headers=headers)


def test_leaving_leads_to_a_dull_page_and_closes_the_pages_in_this_browser(browser):
    answer_until(browser, 4)
    assert "Robin" in browser.get("/intake/part-2").text

    answer = leave(browser)

    assert (answer.status_code, answer.location) == (303, LEAVE_TO["US"])
    assert browser.get("/intake/part-2").location == "/schedule"
    assert "Go on where you were" not in browser.get("/schedule").text


def test_what_was_saved_before_leaving_is_there_for_whoever_has_link_and_code(practice, mailer, browser):
    answer_until(browser, 4)
    leave(browser)
    browser.submit("/schedule", {"email": "robin@mail.example"}, form="/intake/link")
    practice.work_until_idle()

    path = mailer.sent[-1].text.split("https://practice.example")[1].split()[0]
    assert browser.submit(path, {"code": CODE}).location == "/intake/part-5"


def test_leaving_works_with_an_old_token_and_without_any(browser):
    answer_until(browser, 2)

    assert browser.post("/leave", data={"csrf_token": "from last week"}).status_code == 303
    assert leave(browser).status_code == 303


def test_another_site_can_close_nobodys_pages(browser):
    answer_until(browser, 2)

    assert leave(browser, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.get("/intake/part-2").status_code == 200


@pytest.mark.databases("sqlite")
def test_leaving_works_while_the_database_does_not_answer(browser, monkeypatch):
    answer_until(browser, 2)

    def refuses(_connection):
        raise Contended

    monkeypatch.setattr("practice.work.begin_immediate", refuses)
    answer = leave(browser)

    assert (answer.status_code, answer.location) == (303, LEAVE_TO["US"])
    monkeypatch.undo()
    assert browser.get("/intake/part-2").status_code == 302


def test_every_place_that_leaving_leads_to_is_allowed_by_the_content_policy(browser):
    policy = browser.get("/schedule").headers["Content-Security-Policy"]

    [targets] = [part for part in policy.split(";") if part.strip().startswith("form-action")]
    assert set(LEAVE_TO.values()) <= set(targets.split())
