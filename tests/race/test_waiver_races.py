"""One free late cancellation for two who come together, and both cancel at once. PostgreSQL alone: SQLite's writers
take turns.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from practice.booking import actions
from practice.booking.actions import TermsChanged
from practice.booking.policy import TermsKind
from practice.booking.queries import cancellation_terms, terms_now
from practice.couples import lock_with_partner
from practice.database import db
from practice.errors import PracticeError
from practice.intake.models import Intake
from practice.review import closing
from practice.review.deciding import close, lock_ending
from practice.review.endings import list_ending, reckon, terms_seen
from practice.review.steps import mark_of
from practice.schedule import actions as schedule
from practice.schedule.actions import Cancelling, Decision
from practice.schedule.queries import as_seen, rule_says
from practice.staff.queries import find_account
from practice.work import Work, begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.couples import practice_couple
from tests.support.in_between import in_between
from tests.support.offers import broken, change_offering, confirmed, see
from tests.support.staff import Colleague, booked, hire, request_of, send_request
from tests.support.story import Held, Practice

pytestmark = pytest.mark.databases("postgresql")
HOUR = timedelta(hours=1)
GUARDS = pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control: without the lock"])


@pytest.fixture
def late(practice: Practice) -> tuple[Held, Held]:
    """A session of the two that each of them booked, both too late to cancel, with one waiver for both of them."""
    change_offering(practice, late_waiver=True)
    couple = practice_couple(practice)
    mine, theirs = (
        confirmed(practice, MONDAY_NINE, couple.inviter),
        confirmed(practice, MONDAY_NINE + 2 * HOUR, couple.invited),
    )
    practice.clock.set(MONDAY_NINE - HOUR)
    return mine, theirs


def reads(practice: Practice, held: Held) -> str:
    """What the page says of cancelling, which is that it is free this time."""
    with practice.app.app_context():
        booking, now = db.session.merge(see(practice, held)), practice.clock.now()
        assert cancellation_terms(booking, now).kind is TermsKind.WAIVED
        return terms_now(booking, now)


def reads_to_cancel_for_them(practice: Practice, held: Held) -> Cancelling:
    """What staff send who have read how it stands, and leave the rest to the rule."""
    with practice.app.app_context():
        booking = db.session.merge(see(practice, held))
        says = rule_says(cancellation_terms(booking, practice.clock.now()))
        return Cancelling(as_seen(booking), says, Decision.RULE, "")


def cancel_for_them(practice: Practice, owner: Colleague, held: Held, wanted: Cancelling) -> None:
    with practice.app.app_context(), begin_work() as work:
        account = find_account(owner.email)
        assert account is not None
        schedule.cancel(work, account, held.reference, wanted)


def cancels(practice: Practice, held: Held, shown: str) -> Callable[[], None]:
    """What a client does who has read these terms; where they hold no more, nothing."""

    def act() -> None:
        with practice.app.app_context():
            try:
                with begin_work() as work:
                    actions.cancel_as_shown(work, actions.lock(work, held.reference), shown)
            except TermsChanged:
                return

    return act


@GUARDS
def test_whoever_read_that_it_is_free_this_time_is_never_charged(
    practice: Practice, late: tuple[Held, Held], monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    mine, theirs = late
    my_page, their_page = reads(practice, mine), reads(practice, theirs)
    if not guarded:
        monkeypatch.setattr(actions, "lock_with_partner", lambda _work, _person_id: None)
    partner = in_between(monkeypatch, actions, "terms_now", cancels(practice, theirs, their_page))

    cancels(practice, mine, my_page)()
    partner.join()

    assert (see(practice, mine).state, see(practice, mine).late_cancelled_at is None) == ("cancelled", guarded)
    assert see(practice, theirs).state == ("confirmed" if guarded else "cancelled")
    assert see(practice, theirs).late_cancelled_at is None
    assert broken(practice) == []


@GUARDS
def test_what_the_rule_said_to_whoever_cancels_for_them_is_what_happens(
    practice: Practice, late: tuple[Held, Held], monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    mine, theirs = late
    their_page, owner = reads(practice, theirs), hire(practice, "owner")
    wanted = reads_to_cancel_for_them(practice, mine)
    if not guarded:
        monkeypatch.setattr(actions, "lock_with_partner", lambda _work, _person_id: None)
    partner = in_between(monkeypatch, schedule, "rule_says", cancels(practice, theirs, their_page))

    cancel_for_them(practice, owner, mine, wanted)
    partner.join()

    assert (see(practice, mine).state, see(practice, mine).late_cancelled_at is None) == ("cancelled", guarded)
    assert see(practice, theirs).state == ("confirmed" if guarded else "cancelled")
    assert see(practice, theirs).late_cancelled_at is None
    assert broken(practice) == []


# The same client's session, ended from both sides


def people_first(work: Work, intake: Intake) -> None:
    """What ends a request with the people locked before its bookings, against the order in couples.py."""
    lock_with_partner(work, intake.person_id)
    close(work, intake)


def take_back(practice: Practice, found: str, seen: str, ending: str) -> None:
    with practice.app.app_context(), begin_work() as work:
        closing.withdraw(work, request_of(practice, found).person, found, seen=seen, ending=ending)


def outcome_of(act: Callable[[], object]) -> str:
    """The name of what was raised, or done."""
    try:
        act()
    except PracticeError as refused:
        return type(refused).__name__
    return "done"


@pytest.mark.parametrize(
    ("moment", "act", "outcomes"),
    [
        ("close", close, {"client": "ChangedForThem", "desk": "done"}),
        ("lock_ending", lock_ending, {"client": "done", "desk": "ChangedMeanwhile"}),
        ("close", people_first, None),
    ],
    ids=["the desk locks it first", "the client locks it first", "control: people locked before it"],
)
def test_taking_a_request_back_while_the_desk_cancels_its_session_keeps_the_order_of_locks(
    practice: Practice,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    act: Callable[[Work, Intake], object],
    outcomes: dict[str, str] | None,
) -> None:
    change_offering(practice, late_waiver=True)
    found, owner = send_request(practice), hire(practice, "owner")
    held = confirmed(practice, MONDAY_NINE)
    booked(practice, found, held.reference)
    practice.clock.set(MONDAY_NINE - HOUR)
    wanted = reads_to_cancel_for_them(practice, held)
    assert reads(practice, held)
    with practice.app.app_context():
        intake, now = request_of(practice, found), practice.clock.now()
        seen, ending = mark_of(intake), terms_seen(reckon(list_ending(intake, now), now))
    monkeypatch.setattr(closing, moment, act)
    said: dict[str, str] = {}

    def desk() -> None:
        said["desk"] = outcome_of(lambda: cancel_for_them(practice, owner, held, wanted))

    other = in_between(monkeypatch, closing, moment, desk)
    said["client"] = outcome_of(lambda: take_back(practice, found, seen, ending))
    other.join()

    if outcomes is None:
        assert sorted(said.values()) == ["Contended", "done"]
    else:
        assert said == outcomes
    assert see(practice, held).state == "cancelled"
    assert broken(practice) == []
