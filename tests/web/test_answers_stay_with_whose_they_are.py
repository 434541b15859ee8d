"""Nothing that anybody answered, and nothing that was written about it, is in any page of whoever isn't tied to them.

Every address of staff's that can be opened is opened with everything that it could be about. Whose they are finds each
of the same words in their own pages; else nobody would find them because they are nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from practice.clearing import actions as clearing
from practice.clearing.queries import get_couple, read_joint_time
from practice.database import db
from practice.people import Person
from practice.staff.queries import find_account
from tests.support.access import ask, check, look
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.couples import pause
from tests.support.glass import REASON, Floor, floor, open_up
from tests.support.notes import note_on_request
from tests.support.offers import ADA, confirmed, work_in
from tests.support.staff import hire, sign_in
from tests.support.story import Practice

pytestmark = pytest.mark.databases("sqlite")  # who reads what is decided before the database

NOTE, CLEARED, PAUSED = "Canarynote", "Canarycleared", "Canarypaused"
OTHERS = {
    "slug": "ada-lindqvist", "paper": "d_nothinghere", "key": "privacy", "policy": "no_secrets", "mark": "nothing",
    "remedy": "return", "name": "goal_direction", "section": "goals", "own": "practice_nothing", "audience": "booker",
    "moment": "book", "direction": "up", "part": "own", "country": "US", "place": "0", "token": "nothing",
    "kind": "crisis", "plot": "requests", "booking": "b_nothinghere", "filename": "css/practice.css",
}  # fmt: skip
NUMBERED = range(1, 9)


def written(house: Floor) -> list[str]:
    """What staff write about them, and they of their own: in each place that has room for words."""
    practice, actor = house.practice, house.theirs.actor
    with work_in(practice) as work:
        account = find_account(house.theirs.email)
        assert account is not None
        note_on_request(work, account, house.robin, f"They said {NOTE}")
    with work_in(practice) as work:
        mark = read_joint_time(get_couple(house.couple.reference)).mark
        clearing.clear(work, actor, house.couple.reference, seen=mark, reason=CLEARED)
    pause(practice, house.couple.one, PAUSED)
    return [NOTE, CLEARED, PAUSED]


def addresses(house: Floor, references: list[str]) -> Iterator[str]:
    """Every address of staff's, with each of these references, and each page where there are several."""
    for rule in house.practice.app.url_map.iter_rules():
        if rule.rule.startswith("/staff") and "GET" in (rule.methods or ()):
            yield from sorted({_filled(rule, one, number) for one in references for number in NUMBERED})


def _filled(rule: Rule, reference: str, number: int) -> str:
    values = {**OTHERS, "reference": reference, "number": str(number)}
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda found: values[found[1]], rule.rule)


def read(browser: Browser, house: Floor, references: list[str]) -> dict[str, str]:
    """Every page that opens for somebody, by its address."""
    pages = {}
    for path in addresses(house, references):
        answer = browser.get(path)
        assert answer.status_code < 500, f"{path} answered {answer.status_code}"
        pages[path] = answer.text
    return pages


def test_no_page_of_a_colleague_or_of_whoever_coordinates_has_a_word_of_it(practice: Practice) -> None:
    house = floor(practice)
    held = confirmed(practice, MONDAY_NINE, house.couple.one, therapist=ADA)
    words = [*house.words, *written(house)]
    asked = ask(practice, house.couple.one)
    check(practice, asked)
    look(practice, asked)
    third = sign_in(practice, hire(practice, "clinician", email="third@practice.example"))
    assert open_up(third, house.robin) == 303  # why, is not a colleague's either
    with practice.app.app_context():
        people = list(db.session.scalars(select(Person.reference)))
    references = [house.robin, house.sasha, house.couple.reference, held.reference, asked, *people]

    theirs = read(house.browser(house.theirs), house, references)
    everything = "\n".join(theirs.values())
    assert [word for word in words if word not in everything] == []
    assert REASON in everything

    colleague = house.browser(house.colleague)
    coordinator = sign_in(practice, hire(practice, "coordinator", email="desk@practice.example"))
    for who in (colleague, coordinator):
        pages = read(who, house, references)
        assert any("Robin" in text for text in pages.values())  # they are there, with their names
        assert [(path, word) for path, text in pages.items() for word in (*words, REASON) if word in text] == []
