"""Who sees what of two people who come together: one row for each thing, one column for each person who asks for it.

Robin booked, and Sasha comes along; Toni is a client whom neither knows. One clinician made Robin's request hers,
another didn't and has nothing to do with either; Ada has the session of the two, Noor has none. Staff's looks and tries
are in the audit log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from practice.audit import AuditEntry
from practice.calendars.caldav.actions import check_now
from practice.calendars.caldav.models import CalendarAccount, CalendarQuestion
from practice.database import db
from practice.people import hash_code
from practice.review import actions as review
from practice.staff.models import StaffAccount
from tests.support.access import ask, check, handed_over, look
from tests.support.answering_couples import Two, intake_of, two
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.consents import accept, consents_of, with_documents
from tests.support.couples import client_for_two
from tests.support.fake_calendars import connect_fake
from tests.support.notes import write_note
from tests.support.offers import ADA, NOOR, confirmed, work_in
from tests.support.staff import hire, sign_in
from tests.support.story import Practice

CLIENTS = ("Robin", "Sasha", "Toni")
STAFF = ("desk", "hers", "clinic", "owner", "Ada", "Noor")
EVERYBODY = (*CLIENTS, *STAFF)
CODE = {"robin": "blue kettle", "sasha": "green lamp post"}

# 200 they see it. 302 they did it. 409 they may, and what they read is old. 404 for them it doesn't exist; a client is
# led to staff's sign-in (303), and a form of staff's without staff's session is refused (400). 422: not their code.
#                                Robin Sasha Toni  desk  hers  clinic owner Ada   Noor   what staff's looks are noted as
TABLE = """
GET  /bookings/{booking}          200   200   404   404   404   404   404   404   404   -
GET  /bookings/{booking}.ics      200   200   404   404   404   404   404   404   404   -
GET  /bookings/{booking}/cancel   200   404   404   404   404   404   404   404   404   -
GET  /bookings/{booking}/estimate 302   404   404   404   404   404   404   404   404   -
GET  /bookings/{booking}/documents 200  404   404   404   404   404   404   404   404   -
GET  /you                         200   200   200   404   404   404   404   404   404   -
GET  /how-it-goes                 200   200   200   404   404   404   404   404   404   -
GET  /you/agreed/{robin_agreed}   200   404   404   404   404   404   404   404   404   -
GET  /you/agreed/{sasha_agreed}   404   200   404   404   404   404   404   404   404   -
POST /you/data?robin:page         200   422   422   400   400   400   400   400   400   -
POST /you/data?sasha:json         422   200   422   400   400   400   400   400   400   -
GET  /staff/intakes/{robin_said}  303   303   303   200   200   200   200   200   404   intake_viewed intake_refused
GET  /staff/intakes/{sasha_said}  303   303   303   200   200   200   200   200   404   intake_viewed intake_refused
GET  /staff/intakes/{robin_said}/print 303 303 303  200   200   200   200   200   404   intake_printed intake_refused
GET  /staff/intakes/{sasha_said}/print 303 303 303  200   200   200   200   200   404   intake_printed intake_refused
GET  /staff/intakes/{robin_said}/just-for-you 303 303 303 404 200 404   404   404   404 intake_viewed intake_refused
GET  /staff/intakes/{sasha_said}/just-for-you 303 303 303 404 200 404   404   404   404 intake_viewed intake_refused
GET  /you/record                  200   200   200   404   404   404   404   404   404   -
GET  /you/record/ask              200   200   200   404   404   404   404   404   404   -
POST /you/record/read?robin:page  200   404   404   400   400   400   400   400   400   -
POST /you/record/read?sasha:json  422   404   404   400   400   400   400   400   400   -
GET  /staff/data/access/{robins} 303 303 303   404   200   404   200   404   404   access_viewed data_refused
GET  /staff/data/access/{sashas} 303 303 303   404   200   404   200   404   404   access_viewed data_refused
GET  /staff/data/{sasha}/access   303   303   303   404   200   404   200   404   404   access_viewed data_refused
GET  /staff/data/access/{robins}/preview 303 303 303 404 200 404   404   404   404 access_record_viewed data_refused
GET  /staff/data/access/{sashas}/preview 303 303 303 404 200 404   404   404   404 access_record_viewed data_refused
GET  /staff/data/access/{sashas}/review/1 303 303 303 404 200 404  404   404   404 access_record_viewed data_refused
POST /staff/data/access/{sashas}/decision?decide 400 400 400 404 409 404 404 404 404 access_record_viewed data_refused
GET  /staff/notes/people/{robin}  303   303   303   404   200   404   200   200   404   notes_viewed notes_refused
GET  /staff/notes/people/{sasha}  303   303   303   404   200   404   200   200   404   notes_viewed notes_refused
GET  /staff/notes/couples/{couple} 303  303   303   404   200   404   200   200   404   notes_viewed notes_refused
POST /staff/notes/people/{robin}?note 400 400 400   404   302   404   302   302   404   note_begun notes_refused
POST /staff/notes/couples/{couple}?note 400 400 400 404   302   404   302   302   404   note_begun notes_refused
GET  /staff/notes/{note}          303   303   303   404   200   404   200   200   404   notes_viewed notes_refused
POST /staff/notes/{note}/addenda?add 400 400 400    404   302   404   409   409   404   notes_viewed notes_refused
GET  /you/answers                 200   200   200   404   404   404   404   404   404   -
GET  /you/answers/{robin_said}/4  200   404   404   404   404   404   404   404   404   -
GET  /you/answers/{sasha_said}/4  404   200   404   404   404   404   404   404   404   -
POST /you/answers?answers         422   302   422   400   400   400   400   400   400   -
GET  /staff/intakes/{robin_said}/correct/4 303 303 303  404 200 404   404   200   404   intake_viewed intake_refused
GET  /staff/intakes/{sasha_said}/correct/4 303 303 303  404 200 404   404   200   404   intake_viewed intake_refused
GET  /staff/intakes/{robin_said}/just-for-you/correct/7 303 303 303 404 200 404 404 404 404 intake_viewed intake_refused
GET  /staff/intakes/{robin_said}/pulse 303 303 303  404   200   404   200   200   404   pulse_viewed pulse_refused
GET  /staff/intakes/{sasha_said}/pulse 303 303 303  404   200   404   200   200   404   pulse_viewed pulse_refused
GET  /staff/schedule/calendar/{question} 303 303 303 200 200   200   200   200   404   session_viewed session_refused
GET  /staff/calls                 303   303   303   404   200   200   404   404   404   list_viewed page_refused
GET  /staff/couples/{couple}      303   303   303   404   200   404   200   200   404   couple_viewed couple_refused
POST /staff/couples/{couple}/clear?clear 400 400 400 404  409   404   404   404   404   couple_viewed couple_refused
GET  /staff/audit/                303   303   303   404   404   404   200   404   404   audit_viewed page_refused
GET  /staff/numbers/people        303   303   303   404   200   200   200   404   404   numbers_viewed page_refused
GET  /staff/data/{robin}          303   303   303   404   200   404   200   404   404   data_seen data_refused
GET  /staff/data/{sasha}          303   303   303   404   200   404   200   404   404   data_seen data_refused
POST /staff/data/{robin}/export?sent:json  400 400 400 404 200  404   200   404   404   data_exported data_refused
POST /staff/data/{sasha}/export?sent:page  400 400 400 404 200  404   200   404   404   data_exported data_refused
POST /staff/data/{robin}/export?whole:page 400 400 400 404 200  404   404   404   404   data_exported data_refused
POST /staff/data/{sasha}/export?whole:json 400 400 400 404 409  404   404   404   404   data_seen data_refused"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
FORMS: dict[str, dict[str, str]] = {
    "robin:page": {"code": CODE["robin"], "kind": "page"},
    "sasha:json": {"code": CODE["sasha"], "kind": "json"},
    "answers": {"code": CODE["sasha"]},
    "note": {"text": "They asked for water."},
    "add": {"text": "They asked for tea.", "seen": "0"},
    "clear": {"seen": "what stood here before", "reason": "Both are at ease."},
    "sent:json": {"scope": "sent", "kind": "json"},
    "sent:page": {"scope": "sent", "kind": "page"},
    "decide": {"seen": "what stood here before", "outcome": "parts", "reason": "No harm", "spoken": "y"},
    "whole:page": {"scope": "whole", "kind": "page"},
    "whole:json": {"scope": "whole", "kind": "json"},
}
ROBINS, SASHAS = "Storyofrobin", "Storyofsasha"
NEVER = {"Robin": (SASHAS,), "Sasha": (ROBINS,), **dict.fromkeys(("Toni", "desk", "clinic", "Noor"), (ROBINS, SASHAS))}


@dataclass
class House:
    """Everybody at home in a browser, and what the rows of the table stand for."""

    practice: Practice
    couple: Two
    browsers: dict[str, Browser]
    names: dict[str, str]
    actors: dict[str, str]

    def ask(self, who: str, method: str, row: str) -> tuple[int, str, list[str]]:
        """Somebody opens or sends what a row says: the status, the body, and what the audit log has of it."""
        path, _, form = row.format(**self.names).partition("?")
        browser, before = self.browsers[who], self.entries()
        if method == "GET":
            answer = browser.get(path)
        else:
            answer = browser.post(path, data={**FORMS[form], "csrf_token": token(browser, staff=who in STAFF)})
        noted = [action for number, actor, action in self.entries() if number > len(before)]
        return answer.status_code, answer.text, noted

    def entries(self) -> list[tuple[int, str, str]]:
        """The whole audit log: number, who, what."""
        with self.practice.app.app_context():
            found = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number))
            return [(one.number, one.actor, one.action) for one in found]


def token(browser: Browser, *, staff: bool) -> str:
    """A CSRF token of this browser's."""
    page = browser.get("/staff/account" if staff else "/intake/part-1").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def house(practice: Practice) -> House:
    with_documents(practice)
    couple = two(practice, {"breach_story": ROBINS}, {"breach_story": SASHAS})
    toni = client_for_two(practice)
    clients = {"Robin": couple.one, "Sasha": couple.other, "Toni": toni}
    codes = {"Robin": CODE["robin"], "Sasha": CODE["sasha"], "Toni": "yellow door"}
    for name, client in clients.items():
        accept(practice, client)
        hashed = hash_code(codes[name])
        with work_in(practice):
            practice.person(client).code_hash = hashed
    held = confirmed(practice, MONDAY_NINE, couple.one, therapist=ADA)
    outside = connect_fake(practice)  # Ada's own calendar, where somebody deletes the session of the two
    outside.remove(next(iter(outside.objects)))
    with work_in(practice) as work:
        check_now(work, work.session.scalars(select(CalendarAccount)).one())
    practice.work_until_idle()
    roles: dict[str, dict[str, Any]] = {
        "desk": {"roles": ["coordinator"]},
        "hers": {"roles": ["clinician"]},
        "clinic": {"roles": ["clinician"]},
        "owner": {"roles": ["owner"]},
        "Ada": {"roles": ["therapist"], "therapist": ADA},
        "Noor": {"roles": ["therapist"], "therapist": NOOR},
    }
    hired = {
        name: hire(practice, *one["roles"], email=f"{name.lower()}@practice.example", therapist=one.get("therapist"))
        for name, one in roles.items()
    }
    said = {"robin_said": intake_of(practice, couple.one), "sasha_said": intake_of(practice, couple.other)}
    with work_in(practice) as work:
        hers = work.session.scalars(select(StaffAccount).where(StaffAccount.email == hired["hers"].email)).one()
        review.take(work, hers, said["robin_said"], seen="")
        note = write_note(work, hers, practice.person(couple.one), "They asked for water.").reference
    had, asked = handed_over(practice, couple.one), ask(practice, couple.other)
    check(practice, asked)
    look(practice, asked)
    return House(
        practice,
        couple,
        {name: practice.browser(client) for name, client in clients.items()}
        | {name: sign_in(practice, colleague) for name, colleague in hired.items()},
        {
            **said,
            "note": note,
            "booking": held.reference,
            "couple": couple.reference,
            "question": _question(practice),
            "robins": had,
            "sashas": asked,
            "robin": couple.one.reference,
            "sasha": couple.other.reference,
            "robin_agreed": consents_of(practice, couple.one)[0].reference,
            "sasha_agreed": consents_of(practice, couple.other)[0].reference,
        },
        {name: colleague.actor for name, colleague in hired.items()},
    )


def _question(practice: Practice) -> str:
    with practice.app.app_context():
        return db.session.scalars(select(CalendarQuestion.reference)).one()


def test_each_gets_what_the_table_says_and_staffs_looks_and_tries_are_noted(house: House) -> None:
    wrong, unnoted, told = [], [], []
    for method, row, *cells in ROWS:
        codes, notes = cells[: len(EVERYBODY)], cells[len(EVERYBODY) :]
        for who, expected in zip(EVERYBODY, codes, strict=True):
            status, body, noted = house.ask(who, method, row)
            if str(status) != expected:
                wrong.append(f"{who}: {method} {row} answered {status}, not {expected}")
            unseen = (ROBINS, SASHAS) if status not in (200, 302, 409) else NEVER.get(who, ())
            told += [f"{who}: {row}" for word in unseen if word in body]
            if who in STAFF and row.startswith("/staff"):
                seen, refused = notes
                may = {seen} if expected != "404" else {refused, "page_refused"}
                if not may & set(noted):
                    unnoted.append(f"{who}: {row} left {noted}")

    assert (wrong, unnoted, told) == ([], [], [])


def test_each_takes_along_their_own_words_and_a_clinician_finds_both(house: House) -> None:
    """Else the table would hold because the words are nowhere."""
    for who, form, words in (("Robin", "robin:page", ROBINS), ("Sasha", "sasha:json", SASHAS)):
        assert words in house.ask(who, "POST", f"/you/data?{form}")[1]
    for words, row in ((ROBINS, "/staff/intakes/{robin_said}"), (SASHAS, "/staff/intakes/{sasha_said}")):
        assert words in house.ask("hers", "GET", row)[1]
        assert words in house.ask("Ada", "GET", row)[1]
