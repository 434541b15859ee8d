"""The list of requests with two hundred that wait, as a clinician and as the coordinator ask for it."""

import re
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import current_app
from sqlalchemy import text

from bench.databases import folder_for_a_while, postgres
from bench.figure import Figure
from bench.load import request, send_all
from bench.practice_under_load import make_practice
from bench.server import Served, serve
from practice.intake import actions
from practice.intake.documents import current_questionnaire
from practice.intake.questions import TICKED
from practice.intake.steps import BOOK
from practice.staff.actions import create_account
from practice.staff.hashing import hash_new
from practice.work import begin_work

REQUESTS = 200
PAGES = 60
WARM_UP = 5
GOAL = 100  # milliseconds
PASSWORD = "four quiet brown geese"  # noqa: S105 - of made-up people, for as long as the bench runs
ROLES = ("clinician", "coordinator")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SAID: dict[str, Any] = {
    "ack_not_emergency": TICKED, "age_18_plus": "yes", "private_now": "yes", "session_location": "US-NY",
    "contact_ok": ("email",), "others_see_messages": "no", "attending": "couple", "trust_role": "hurt",
    "breach_types": ("lying_omission", "money_hidden"), "breach_pattern": "repeated", "breach_known_since": "m3_12",
    "goal_direction": "repair", "format_pref": "either", "access_needs": "", "control": "no", "safe_to_speak": "yes",
    "court_order": "no", "self_harm": "no", "alone_call": "not_sure",
}  # fmt: skip


def measure() -> Iterator[Figure]:
    """On each database in turn."""
    with folder_for_a_while() as folder:
        yield from _on(f"sqlite:///{folder}/practice.db", "SQLite", folder)
    with folder_for_a_while() as folder, postgres(folder) as url:
        yield from _on(url, "PostgreSQL", folder)


def _on(url: str, name: str, folder: Path) -> Iterator[Figure]:
    """One reader, page after page: how long each takes, and, for a machine with other work to do, of the processor."""
    practice = make_practice(folder, url, holds=0, fill=_fill)
    with serve("practice:create_app", practice.environ) as served:
        for role in ROLES:
            page = request("GET", "/staff/intakes", cookie=_sign_in(served, role))
            send_all(served.port, [page] * WARM_UP, clients=1)
            before = served.processor()
            answers = send_all(served.port, [page] * PAGES, clients=1)
            busy = (served.processor() - before) / PAGES
            if answers.statuses != {200: PAGES}:
                raise AssertionError(f"the list should always be there: {dict(answers.statuses)}")
            what = f"requests of {REQUESTS}, {role}, {name}"
            yield Figure(what, "ms", answers.wait_of(0.5) * 1000, at_most=GOAL)
            yield Figure(f"{what}, of the processor", "ms", busy * 1000, at_most=GOAL)


def _fill() -> None:
    """Two hundred people who sent their answers, a third of them with a red flag, and two who read."""
    hashed = hash_new(PASSWORD, address="")
    with begin_work() as work:
        for role in ROLES:
            create_account(work, email=f"{role}@example.org", password_hash=hashed, roles=(role,), therapist=None)
    questions = current_questionnaire()
    for number in range(REQUESTS):
        who = {"preferred_name": f"Robin {number}", "email": f"robin{number}@example.org"}
        said = {**SAID, **who, "control": "often" if number % 3 == 0 else "no"}
        shown = questions.shown(said)
        with current_app.test_request_context(), begin_work() as work:
            intake = actions.start_draft(work, None, "America/New_York")
            for page in questions.pages(BOOK):
                asked = {field.name: said.get(field.name, field.empty) for field in page.fields if field.name in shown}
                actions.save_page(work, intake.reference, page, asked, code_hash="no code fits this")
            actions.submit(work, intake.reference)
    with begin_work() as work:
        work.session.execute(text("ANALYZE"))  # as both databases do by themselves, after a minute or in a night


def _sign_in(served: Served, role: str) -> str:
    """The cookies of a browser in which this member of staff is signed in."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{served.port}/staff/sign-in"
    found = TOKEN.search(browser.open(address).read().decode())
    if found is None:
        raise AssertionError("the sign-in should have a form")
    form = {"csrf_token": found[1], "email": f"{role}@example.org", "password": PASSWORD}
    browser.open(address, urlencode(form).encode())
    return "; ".join(f"{one.name}={one.value}" for one in jar)
