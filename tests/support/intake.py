"""Somebody who answers the intake before booking, page by page."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.support.browsing import Browser

CODE = "blue kettle"
PARTS: dict[int, dict[str, Any]] = {
    1: {"ack_not_emergency": "y", "age_18_plus": "yes", "private_now": "yes", "session_location": "US-NY"},
    2: {
        "preferred_name": "Robin",
        "email": "robin@mail.example",
        "code": CODE,
        "code_again": CODE,
        "contact_ok": ["email"],
        "others_see_messages": "no",
    },
    3: {"attending": "couple"},
    4: {
        "trust_role": "hurt",
        "breach_types": ["lying_omission", "money_hidden"],
        "breach_pattern": "repeated",
        "breach_known_since": "m3_12",
    },
    5: {"goal_direction": "repair"},
    6: {"format_pref": "either", "access_needs": "Captions, please"},
    7: {"control": "no", "safe_to_speak": "yes", "court_order": "no", "self_harm": "no", "alone_call": "not_sure"},
}


def part(number: int) -> str:
    """The address of a page."""
    return f"/intake/part-{number}"


def answers_to(number: int, **changes: Any) -> dict[str, Any]:
    """What is sent for one page: calm answers, changed as told; None leaves a field out."""
    return {**PARTS[number], **changes}


def answer(browser: Browser, number: int, **changes: Any) -> TestResponse:
    """Open a page, answer it and send it."""
    return browser.submit(part(number), answers_to(number, **changes))


def own_changes(number: int, changes: dict[str, Any]) -> dict[str, Any]:
    """Those of the changes whose question is on this page."""
    return {name: value for name, value in changes.items() if name in PARTS[number] or name in ALSO.get(number, ())}


def answer_until(browser: Browser, last: int, **changes: Any) -> TestResponse:
    """Answer the pages from the first to `last`; `changes` go to whichever page has the field."""
    for number in range(1, last + 1):
        response = answer(browser, number, **own_changes(number, changes))
        assert response.status_code == 302, f"part {number} answered {response.status_code}"
    return response


def send(browser: Browser, **changes: Any) -> TestResponse:
    """Answer everything, and send it."""
    answer_until(browser, 7, **changes)
    return browser.submit("/intake/check")


ALSO = {2: ("phone", "safe_contact_note")}  # asked of some
