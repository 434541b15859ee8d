"""The web is killed while it saves a page of the intake: what was acknowledged is there, and nothing is half-saved.

As in test_kills.py, the processes are real, and each test names the instants at which one dies.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from practice.database import db
from practice.intake.lanes import MAY_RAISE
from practice.intake.models import Intake
from practice.intake.queries import codes_of, lanes_of
from practice.people import Person, code_fits, contact_of
from tests.support import fail_points, intake, mortal_town
from tests.support.http_visitor import NoAnswer, Visitor
from tests.support.mortal_town import MortalTown
from tests.support.story import Client

ABOUT_YOU = 2  # the page that says how somebody is reached, and gives them their code
HALF_WAY = "answers are committed before the rest of their page"
FIRST = tuple(intake.PARTS[1])


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[MortalTown]:
    with mortal_town.build(database_url, tmp_path) as built:
        yield built


# Before booking


def save_who_they_are(town: MortalTown, point: str, wrong: str | None = None) -> tuple[Client, Visitor]:
    """Somebody whose first page was saved sends the second one, and the web dies."""
    browser = town.practice.browser()
    assert intake.answer(browser, 1).status_code == 302
    client, visitor = town.at_home(browser)
    web = town.open_web(dies_at=point, wrong=wrong)
    with pytest.raises(NoAnswer):
        visitor.send(intake.part(ABOUT_YOU), about_you())
    town.died(web, point)
    return client, visitor


def about_you() -> dict[str, str]:
    return {**intake.PARTS[ABOUT_YOU], "contact_ok": "email"}


def kept_of(town: MortalTown, client: Client) -> tuple[set[str], bool, bool]:
    """The questions whose answers are kept, whether we can reach this person, and whether they have a code."""
    with town.practice.app.app_context():
        person = db.session.get_one(Person, client.person_id)
        [one] = db.session.scalars(select(Intake).where(Intake.person_id == person.id))
        contact = contact_of(person)
        return set(codes_of(one)), contact is not None, code_fits(person, intake.CODE)


NOTHING_OF_IT = (set(FIRST), False, False)
ALL_OF_IT = ({*FIRST, *intake.PARTS[ABOUT_YOU]} - {"code", "code_again"}, True, True)


@pytest.mark.parametrize(
    ("point", "kept"),
    [(point, NOTHING_OF_IT) for point in fail_points.BOOKING_PART]
    + [(point, ALL_OF_IT) for point in fail_points.BOOKING_PART_SAVED],
)
def test_a_page_is_saved_whole_or_not_at_all_and_its_sender_goes_on(town: MortalTown, point: str, kept: Any) -> None:
    client, visitor = save_who_they_are(town, point)
    assert kept_of(town, client) == kept

    town.open_web()
    if kept == ALL_OF_IT:
        assert goes_on_at(visitor) == intake.part(ABOUT_YOU + 1)
    else:
        assert goes_on_at(visitor) == intake.part(ABOUT_YOU)
    status, where = visitor.send(intake.part(ABOUT_YOU), about_you())  # sent once more, as whoever got no answer does
    assert (status, where) == (302, intake.part(ABOUT_YOU + 1))
    assert kept_of(town, client) == ALL_OF_IT
    for number in range(ABOUT_YOU + 1, 8):
        said = {name: one[0] if isinstance(one, list) else one for name, one in intake.PARTS[number].items()}
        assert visitor.send(intake.part(number), said)[0] == 302
    assert visitor.send("/intake/check", {})[0] == 302
    assert town.promises() == 0, town.practice.breaches()


def test_answers_that_are_committed_before_the_rest_of_their_page_would_be_half_saved(town: MortalTown) -> None:
    [point, *_] = fail_points.BOOKING_PART
    client, _ = save_who_they_are(town, point, wrong=HALF_WAY)

    assert kept_of(town, client) not in (NOTHING_OF_IT, ALL_OF_IT)


def goes_on_at(visitor: Visitor) -> str:
    """Where Schedule a session leads whoever began in this browser."""
    status, page = visitor.get("/schedule")
    assert status == 200
    return page.partition("Go on where you were")[0].rpartition('href="')[2].partition('"')[0]


# Before the session


def save_what_hurt(town: MortalTown, point: str, wrong: str | None = None) -> tuple[Visitor, str]:
    """Somebody who has saved two of the pages before the session sends the next one, and the web dies; its address."""
    browser = town.practice.browser()
    intake.send(browser)
    for _ in range(2):
        where = browser.get("/intake/more").location
        assert intake.answer_more(browser, where, intake.MORE).status_code == 302
    where = browser.get("/intake/more").location
    _, visitor = town.at_home(browser)
    web = town.open_web(dies_at=point, wrong=wrong)
    with pytest.raises(NoAnswer):
        visitor.send(where, what_hurt(browser.get(where).text))
    town.died(web, point)
    return visitor, where


def what_hurt(page: str) -> dict[str, str]:
    """What somebody answers to its questions, all of which take one answer; their therapist may speak of it."""
    said = {name: intake.MORE[name] for name in intake.asked_on(page) if name in intake.MORE}
    return {**said, "lane": MAY_RAISE}


def kept_of_more(town: MortalTown) -> tuple[bool, bool, bool]:
    """Whether the page before it is kept, the answers of this one, and who may speak of them."""
    with town.practice.app.app_context():
        one = db.session.scalars(select(Intake)).one()
        said, lanes = codes_of(one), lanes_of(one)
        return "living_arrangement" in said, "breach_story" in said, lanes.get("breach_story") == MAY_RAISE


@pytest.mark.parametrize(
    ("point", "kept"),
    [(point, False) for point in fail_points.SESSION_PART]
    + [(point, True) for point in fail_points.SESSION_PART_SAVED],
)
def test_a_page_before_the_session_is_saved_with_who_may_speak_of_it(town: MortalTown, point: str, kept: bool) -> None:
    visitor, where = save_what_hurt(town, point)
    assert kept_of_more(town) == (True, kept, kept)

    town.open_web()
    status, next_one = visitor.get("/intake/more")
    assert status == 302
    assert (next_one == where) is not kept
    status, _ = visitor.send(where, what_hurt(visitor.get(where)[1]))
    assert status == 302
    assert kept_of_more(town) == (True, True, True)
    assert visitor.get("/intake/more")[1] != where
    assert town.promises() == 0, town.practice.breaches()


def test_answers_without_who_may_speak_of_them_would_be_half_saved(town: MortalTown) -> None:
    [point, *_] = fail_points.SESSION_PART
    save_what_hurt(town, point, wrong=HALF_WAY)

    assert kept_of_more(town) == (True, True, False)
