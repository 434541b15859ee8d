"""Two clicks at once agree once, and of two owners who publish at once one is told.

Each race is also run with its guard taken away: then the database's own index is what refuses, by an error.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from practice.consents import actions
from practice.consents.queries import get_document, get_text, list_consents, list_versions
from practice.errors import Contended
from practice.people import Person
from practice.work import begin_work
from tests.support.consents import document, more_words, with_documents
from tests.support.story import Practice

RIVALS = 6


@pytest.fixture
def apps(practice: Practice, make_app: Callable[[], Flask]) -> list[Flask]:
    """Two processes' worth of apps."""
    with_documents(practice)
    return [practice.app, make_app()]


def race(apps: list[Flask], rival: Callable[[int], Any]) -> Counter[Any]:
    """Let RIVALS do the same at the same moment; how often each outcome came."""
    outcomes: list[Any] = []
    together = threading.Barrier(RIVALS)

    def run(number: int) -> None:
        with apps[number % len(apps)].app_context():
            together.wait(timeout=60)
            outcomes.append(rival(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(RIVALS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def agreeing(person_id: int, number: int) -> Callable[[int], str]:
    def rival(_number: int) -> str:
        for _ in range(20):
            try:
                with begin_work() as work:
                    actions.accept(work, work.session.get_one(Person, person_id), get_text(number))
                return "agreed"
            except IntegrityError:
                return "refused by the index"
            except Contended:
                continue
        return "busy"

    return rival


def test_many_clicks_at_once_are_one_consent(practice: Practice, apps: list[Flask]) -> None:
    client = practice.new_client()
    number = document(practice, "privacy").number

    assert race(apps, agreeing(client.person_id, number)) == {"agreed": RIVALS}

    with practice.app.app_context():
        assert len(list_consents(client.person_id)) == 1
    assert practice.breaches() == []


@pytest.mark.databases("postgresql")  # SQLite has one writer at a time
def test_without_taking_turns_the_index_refuses(
    practice: Practice, apps: list[Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = practice.new_client()
    number = document(practice, "privacy").number
    met = threading.Barrier(RIVALS)
    monkeypatch.setattr(actions, "lock_person", lambda *_: None)
    standing = actions._standing

    def stand(*args: Any) -> Any:
        found = standing(*args)
        met.wait(timeout=60)  # all have read, and nobody has written
        return found

    monkeypatch.setattr(actions, "_standing", stand)

    assert race(apps, agreeing(client.person_id, number)) == {"agreed": 1, "refused by the index": RIVALS - 1}


def test_of_many_owners_at_once_one_publishes_and_the_others_are_told(practice: Practice, apps: list[Flask]) -> None:
    def rival(number: int) -> str:
        words = more_words({"en": get_text(document_number)}, f"Owner {number}.")
        for _ in range(20):
            try:
                with begin_work() as work:
                    actions.publish(work, f"staff:{number}", "privacy", words, after=1)
                return "published"
            except actions.WordsChanged:
                return "told"
            except Contended:
                continue
        return "busy"

    document_number = document(practice, "privacy").number

    assert race(apps, rival) == {"published": 1, "told": RIVALS - 1}

    with practice.app.app_context():
        assert [line.document.version for line in list_versions("privacy")] == [2, 1]
        assert get_document("privacy").version == 2
    assert practice.breaches() == []
