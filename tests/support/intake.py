"""Somebody who answers the intake page by page: before booking, before the session, or as an invited partner."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.test import TestResponse

from practice.couples import form_couple
from practice.intake.actions import start_partner_draft
from practice.people import Person, add_person
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.story import Client, Practice

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

OWN_QUESTION = {
    "question": "How did you hear of us?",
    "es_question": "¿Cómo supo de nosotros?",
    "hint": "",
    "section": "practical",
    "kind": "radio",
    "options": "From a friend\r\nFrom a doctor",
    "es_options": "Por una amistad\r\nPor un médico",
    "who": "booker",
    "moment": "book",
    "visibility": "admin",
    "when": "",
    "when_how": "any_of",
}
"""What an owner types who asks a question of their own."""


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


# The part before the session.

MORE: dict[str, Any] = {
    "pronouns": "they",
    "relationship_status": "married_civil",
    "together_length": "y4_9",
    "living_arrangement": "together",
    "agreement_type": "exclusive",
    "children_home": ["u5", "a5_12"],
    "breach_main": "money_hidden",
    "breach_last_when": "m3_12",
    "discovery_how": "found",
    "breach_ongoing": "ended",
    "impact_now": "2",
    "breach_story": "It began with a letter from the bank.",
    "step1_named": "2",
    "step2_talked": "1",
    "step3_owned": "not_sure",
    "step4_heard": "1",
    "step5_apology": "0",
    "step6_change": "no_fit",
    "trust_now": "3",
    "trust_self_seen": "5",
    "next_small_sign": "One evening a week without a telephone",
    "barriers_me": ["blame", "loop"],
    "barriers_us": ["avoid"],
    "lean": "3",
    "goals_concrete": ["honest_talk", "money_plan"],
    "goals_own_words": "We would laugh again.",
    "prior_therapy": ["couple"],
    "prior_helped": "Being listened to",
    "substance_concern": "no",
    "length_pref": "m50",
    "therapist_pref": "",
    "court_involved": "no",
    "own_force": "no",
    "harm_other": "no",
}
PARTNERS: dict[str, Any] = {
    **{name: said for number in PARTS for name, said in PARTS[number].items()},
    **MORE,
    "preferred_name": "Sasha",
    "email": "sasha@mail.example",
    "legal_name": "Sasha Doe",
    "date_of_birth": "1986-02-28",
}


def answer_more(browser: Browser, path: str, said: dict[str, Any]) -> TestResponse:
    """Open a page of the part before the session and send it, answering whatever it asks; None leaves it empty."""
    page = browser.get(path)
    assert page.status_code == 200, f"{path} answered {page.status_code}"
    return browser.send_form(page, {name: said[name] for name in asked_on(page.text) if name in said})


def asked_on(html: str) -> list[str]:
    """The names of the questions that a page asks, in order."""
    return list(dict.fromkeys(re.findall(r'<(?:input|select|textarea)[^>]*\bname="(\w+)"', html)))


def walk_more(browser: Browser, said: dict[str, Any]) -> list[str]:
    """Answer every open page of the part before the session; the addresses in order, without sending at the end."""
    walked: list[str] = []
    where = browser.get("/intake/more").location
    while where.startswith("/intake/more-"):
        assert where not in walked, f"{where} asks again"
        walked.append(where)
        sent = answer_more(browser, where, said)
        assert sent.status_code == 302, f"{where} answered {sent.status_code}"
        where = browser.get("/intake/more").location
    assert where == "/intake/more/check"
    return walked


def send_more(browser: Browser, **changes: Any) -> TestResponse:
    """Answer the whole part before the session, and send it; `changes` as in send()."""
    walk_more(browser, {**MORE, **changes})
    return browser.submit("/intake/more/check")


def invite(practice: Practice, inviter: Client | None = None) -> Client:
    """Somebody who was invited, with a draft of their own and no code yet; joined with their inviter, if said."""
    with practice.app.app_context(), begin_work() as work:
        person = add_person(work, "America/New_York")
        start_partner_draft(work, person)
        if inviter is not None:
            form_couple(work, work.session.get_one(Person, inviter.person_id), person)
        return Client(person.id, person.reference, "Sasha", "sasha@mail.example")


def join_and_send(practice: Practice, inviter: Client | None = None, **changes: Any) -> tuple[Client, Browser]:
    """Somebody who was invited answers everything and sends it; who, and their browser."""
    partner = invite(practice, inviter=inviter)
    browser = practice.browser(partner)
    walk_more(browser, {**PARTNERS, **changes})
    assert browser.submit("/intake/more/check").location == "/you"
    return partner, browser
