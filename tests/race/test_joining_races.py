"""Two at once: one invitation joins one person, and what is taken back joins nobody.

Each race is also run with its guard taken away: were the rivals not there at once, nothing would change.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from practice.couples import AlreadyInACouple, Couple
from practice.database import db
from practice.errors import Contended
from practice.partners import actions, joining
from practice.partners.models import Invitation
from practice.partners.queries import InvitationOver, find_open
from practice.people import MailedLink, Person
from practice.tokens import token_hash
from practice.work import Work, begin_work
from tests.support.couples import client_for_two
from tests.support.story import Client, Practice

RIVALS = 6
Rival = Callable[[], str]


@pytest.fixture
def apps(practice: Practice, make_app: Callable[[], Flask]) -> list[Flask]:
    """Two processes' worth of apps."""
    return [practice.app, make_app()]


@pytest.fixture
def without_index(practice: Practice) -> Iterator[None]:
    """The database lets anybody be in any number of couples; the schema outlives the test, so it is mended."""
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(text("DROP INDEX uq_couple_member_current"))
    yield
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(text("DELETE FROM couple_member"))
        kept = "CREATE UNIQUE INDEX uq_couple_member_current ON couple_member (person_id) WHERE left_at IS NULL"
        work.session.execute(text(kept))


def race(apps: list[Flask], rivals: Sequence[Rival]) -> Counter[str]:
    """Let all of them go at the same moment; how often each outcome came."""
    outcomes: list[str] = []
    together = threading.Barrier(len(rivals))

    def run(app: Flask, rival: Rival) -> None:
        with app.app_context():
            together.wait(timeout=60)
            outcomes.append(outcome(rival))

    threads = [threading.Thread(target=run, args=(apps[one % 2], rival)) for one, rival in enumerate(rivals)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def outcome(rival: Rival) -> str:
    """What came of it. Whoever the database asks to give way tries again; what nobody expected is named."""
    while True:
        try:
            return rival()
        except Contended:
            continue
        except Exception as unexpected:
            return repr(unexpected)


def invite(practice: Practice, inviter: Client) -> str:
    """The token of an open invitation."""
    with practice.app.app_context(), begin_work() as work:
        person = work.session.get_one(Person, inviter.person_id)
        actions.invite_by_code(work, person)
        return actions.make_way_in(work, find_open(person.id, work.now)[0])


def joins(token: str, client: Client) -> Rival:
    """Somebody who joins as themselves."""

    def rival() -> str:
        try:
            with begin_work() as work:
                joining.join_as_client(work, token, work.session.get_one(Person, client.person_id))
        except InvitationOver:
            return "over"
        except AlreadyInACouple:
            return "already in a couple"
        except IntegrityError:
            return "refused by the database"
        return "joined"

    return rival


def withdraws(inviter: Client) -> Rival:
    """The inviter, who takes it back."""

    def rival() -> str:
        try:
            with begin_work() as work:
                actions.withdraw(work, work.session.get_one(Person, inviter.person_id))
        except IntegrityError:
            return "refused by the database"
        return "taken back"

    return rival


def as_read_before(work: Work, *_: object) -> Invitation:
    """The invitation as everybody read it who came at the same moment: open, and locked by nobody."""
    return work.session.scalars(select(Invitation)).one()


@pytest.mark.parametrize("guarded", [True, False])
def test_of_many_who_join_by_one_invitation_one_does(
    practice: Practice,
    apps: list[Flask],
    guarded: bool,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    inviter = client_for_two(practice)
    token = invite(practice, inviter)
    rivals = [joins(token, practice.new_client()) for _ in range(RIVALS)]
    if not guarded:
        monkeypatch.setattr(joining, "lock_invitation", as_read_before)
        monkeypatch.setattr("practice.couples.find_couple", lambda _person: None)
        monkeypatch.setattr(joining, "_join_one", lambda *_: None)
        request.getfixturevalue("without_index")

    outcomes = race(apps, rivals)

    with practice.app.app_context():
        couples = db.session.scalar(select(func.count()).select_from(Couple))
    if guarded:
        assert outcomes == {"joined": 1, "over": RIVALS - 1}
        assert couples == 1
        assert practice.breaches() == []
    else:
        assert outcomes["joined"] == couples == RIVALS


def test_the_database_alone_lets_one_join_too(
    practice: Practice, apps: list[Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    inviter = client_for_two(practice)
    token = invite(practice, inviter)
    rivals = [joins(token, practice.new_client()) for _ in range(RIVALS)]
    monkeypatch.setattr(joining, "lock_invitation", as_read_before)
    monkeypatch.setattr("practice.couples.find_couple", lambda _person: None)

    assert race(apps, rivals) == {"joined": 1, "refused by the database": RIVALS - 1}


@pytest.mark.parametrize("guarded", [True, False])
def test_what_is_taken_back_joins_nobody_and_who_joined_stays(
    practice: Practice, apps: list[Flask], guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: Counter[str] = Counter()
    if not guarded:
        monkeypatch.setattr(joining, "lock_invitation", _stale)
        monkeypatch.setattr(actions, "lock_open", _all_of)
        monkeypatch.setattr(joining, "lock_open", lambda *_: [])
    for _ in range(5):
        inviter, other = client_for_two(practice), practice.new_client()
        token = invite(practice, inviter)

        seen += race(apps, [joins(token, other), withdraws(inviter)])

        with practice.app.app_context():
            row = db.session.scalars(select(Invitation).where(Invitation.person_id == inviter.person_id)).one()
            assert (row.joined_at is None) is not (row.withdrawn_at is None)
    if guarded:
        assert seen["taken back"] == 5
        assert seen["joined"] + seen["over"] == 5
        assert practice.breaches() == []
    else:
        assert seen["refused by the database"] == 5  # one of the two, each time


def _stale(work: Work, token: str) -> Invitation:
    link = work.session.get_one(MailedLink, token_hash(token))
    return work.session.scalars(select(Invitation).where(Invitation.reference == link.target)).one()


def _all_of(work: Work, person_id: int) -> list[Invitation]:
    return list(work.session.scalars(select(Invitation).where(Invitation.person_id == person_id)))
