"""Whatever one of two answers alone, all that reaches the other is the same: one story, told with different answers.

Everything that the other one receives from the first question to the second short page is compared byte for byte:
every page that they can open, every answer to what they send, headers, calendars, letters, what is asked of the payment
service, and what they take along. test_each_answer_alone.py has every option by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from practice.intake.queries import find_submitted, flags_of
from tests.support import databases
from tests.support.staging import raised
from tests.support.two_lives import ROBIN, SASHA, Lives, Tale
from tests.support.watching import Drawn, differences, drawing

pytestmark = pytest.mark.xdist_group("noninterference")  # the calm story is told once for all of them

OTHER = {ROBIN: SASHA, SASHA: ROBIN}
CALM = Tale()
RED: dict[str, Any] = {
    "control": "often", "safe_to_speak": "no", "own_force": "yes", "court_order": "yes", "self_harm": "passing",
    "harm_other": "no", "alone_call": "yes", "substance_concern": "yes", "court_involved": "yes",
    "goal_direction": "separate_well", "lean": "0", "others_see_messages": "yes", "lane": "may_raise",
    "safe_contact_note": "Never in the evening", "discovery_how": "not_open_yet", "breach_ongoing": "ongoing",
}  # fmt: skip
AMBER: dict[str, Any] = {
    "control": "prefer_not", "safe_to_speak": None, "own_force": "prefer_not", "court_order": None, "self_harm": None,
    "harm_other": "prefer_not", "alone_call": None, "substance_concern": "some", "court_involved": "considering",
    "goal_direction": "not_sure", "lean": "1", "others_see_messages": "maybe", "lane": "talk_first",
}  # fmt: skip
CRISIS: dict[str, Any] = {
    "self_harm": "plan", "harm_other": "yes", "goal_direction": "support_me", "lean": "4", "substance_concern": None,
    "court_involved": "prefer_not", "alone_call": "no", "breach_story": "Something that nobody else may read",
}  # fmt: skip
ANSWERS = {"red": RED, "amber": AMBER, "crisis": CRISIS}
PULSES = {  # red answers, and a crisis, in one story or, in the long run, each by themselves
    "red": {"pulse_alone": "yes", "pulse_trust": "0", "pulse_kept": "0"},
    "amber": {"pulse_heard": "0", "pulse_kept_self": "na"},
    "crisis": {"pulse_defensive": "4"},
}
KINDS = tuple(ANSWERS) if os.environ.get("PRACTICE_LONG") else ("red and crisis", "amber")

Tells = Callable[[Tale, tuple[str, ...]], Lives]


def tale_of(who: str, kind: str) -> Tale:
    """The story in which one of them answers in this way, and the clinician doesn't clear."""
    answers: dict[str, Any] = {}
    pulses: dict[str, str] = {}
    for one in kind.split(" and "):
        answers |= ANSWERS[one]
        pulses |= PULSES[one]
    said = {who: answers}
    return Tale(robin=said.get(ROBIN, {}), sasha=said.get(SASHA, {}), pulses={who: pulses}, clears=False)


def whole_story(lives: Lives, watching: tuple[str, ...]) -> Lives:
    """From the first question to the end, while these look at everything at each turn of it."""
    for step in (lives.begin, lives.books, lives.asks_along, lives.comes_along, lives.sasha_answers):
        step()
    lives.robin_answers()
    lives.is_read()
    for who in watching:
        assert lives.looks(who) > 50
    lives.is_reminded()
    lives.takes_place()
    lives.fills_in(0)
    lives.fills_in(1)
    for who in watching:
        assert lives.looks(who) > 50
        lives.takes_data(who)
    return lives


@pytest.fixture(scope="module")
def drawn() -> Iterator[Drawn]:
    """Whatever is drawn in these stories."""
    with drawing() as made:
        yield made


@pytest.fixture(scope="module")
def tell(
    _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, keyring: Any, drawn: Drawn
) -> Iterator[Tells]:
    """Tells a story on a database of its own."""
    with ExitStack() as stages:

        def told(tale: Tale, watching: tuple[str, ...]) -> Lives:
            folder = tmp_path_factory.mktemp("tale")
            stage = stages.enter_context(raised(databases.sqlite_copy(_sqlite_template, folder), folder, keyring))
            return whole_story(Lives(stage, tale, drawn), watching)

        yield told


@pytest.fixture(scope="module")
def calm(tell: Tells) -> Lives:
    """The story in which both are calm and joint time is cleared; both look."""
    return tell(CALM, (ROBIN, SASHA))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", OTHER)
def test_the_other_receives_the_same_from_beginning_to_end(tell: Tells, calm: Lives, who: str, kind: str) -> None:
    other = OTHER[who]
    changed = tell(tale_of(who, kind), (other,))

    assert differences(calm.who[other], changed.who[other]) == []
    with changed.stage.practice.app.app_context():  # it did differ in what was answered
        sent = find_submitted(changed.stage.practice.person(changed.client(who)))
        assert sent is not None
        assert flags_of(sent) != ()


@pytest.mark.parametrize("kind", KINDS[:1])
@pytest.mark.databases("postgresql")
def test_it_is_the_same_on_the_other_database(
    database_url: str, tmp_path: Path, keyring: Any, drawn: Drawn, kind: str
) -> None:
    seen = []
    for tale in (CALM, tale_of(SASHA, kind)):
        databases.empty(make_url(database_url))
        with raised(database_url, tmp_path, keyring) as stage:
            seen.append(whole_story(Lives(stage, tale, drawn), (ROBIN,)).who[ROBIN])
            assert seen[-1].named() != []  # read while its database is there

    assert differences(*seen) == []


def test_they_received_pages_letters_calendars_and_a_payment(calm: Lives) -> None:
    for who, least in ((ROBIN, 4), (SASHA, 5)):
        places = [place for place, _ in calm.who[who].named()]
        assert sum(place.endswith("letter") for place in places) >= least, who
        for page in ("/you", "/how-it-goes", "/times/ada-lindqvist.json?offering=couple-50", "/you/data"):
            assert any(place.endswith(page) for place in places), page
        assert sum(said.startswith("200") for _, said in calm.who[who].named()) > 100, who
    robins = dict(calm.who[ROBIN].named())
    assert any("asked of the payment service" in place for place in robins)
    assert any("BEGIN:VCALENDAR" in said for place, said in robins.items() if place.endswith("letter"))
