"""Good faith estimates: before payment, in time, anew when time or price change, and told by a neutral letter."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import Trigger
from practice.booking.models import Booking
from practice.database import db
from practice.papers import estimates
from practice.papers.actions import switch_estimates
from practice.papers.estimates import NothingAhead, NotKnownWhose
from practice.papers.kinds import Kind
from practice.papers.models import Paper
from practice.people import Person
from practice.speaking import speaking
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.offers import cancel, keep_for, mark, move, offered_to, see, wish, work_in
from tests.support.papers import DESK, NAME, attend, introduce, make, numbers, register, said, write_estimates
from tests.support.paying import Till
from tests.support.story import Held, Practice

IN_TWO_WEEKS = MONDAY_NINE + timedelta(days=14)


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def held(practice: Practice) -> Held:
    """A time that is held by somebody whose name we know, at a practice that writes estimates."""
    write_estimates(practice)
    return introduce(practice, practice.hold(IN_TWO_WEEKS))


def ensure(practice: Practice, held: Held) -> str | None:
    """What the payment page does after its questions; the estimate's number."""
    with work_in(practice) as work:
        paper = estimates.ensure_before_payment(work, booking_actions.lock(work, held.reference))
        return paper.name if paper is not None else None


def confirm(practice: Practice, till: Till, held: Held) -> None:
    till.pay(held)
    till.deliver()
    practice.work_until_idle()


def test_an_estimate_has_all_that_the_law_asks_for(practice: Practice, held: Held) -> None:
    register(practice)

    text = said(practice, str(ensure(practice, held)))

    wanted = (NAME, "March 31, 1985", "Psychotherapy session, 50 minutes", "May 24, 2027", "90847", "$160.00")
    for words in (*wanted, "Ada Lindqvist, LMFT", "1234567893", "12-3456789", "telehealth", "New York"):
        assert words in text, words
    for words in ("only an estimate", "scheduled separately", "$400 or more", "not a contract", "Keep a copy"):
        assert words in text, words


def test_it_calls_the_therapist_as_its_person_reads_and_is_the_same_whoever_asks_in_whichever_language(
    practice: Practice, held: Held
) -> None:
    with work_in(practice) as work:
        work.session.get_one(Person, held.payer.person_id).language = "es"
    number = str(ensure(practice, held))
    assert "Terapeuta de parejas" in said(practice, number)
    with work_in(practice) as work, speaking("es"):
        paper = estimates.ensure_before_payment(work, booking_actions.lock(work, held.reference))
        assert paper is not None
        assert paper.name == number


def test_asking_again_gives_the_same_one_and_a_changed_price_another_that_replaces_it(
    practice: Practice, held: Held
) -> None:
    assert [ensure(practice, held) for _ in range(2)] == ["E2027-0001"] * 2
    with work_in(practice) as work:
        work.session.execute(update(Booking).values(price_minor=120_00))

    assert ensure(practice, held) == "E2027-0002"
    assert "Document E2027-0001" in said(practice, "E2027-0002")
    assert "$160.00" in said(practice, "E2027-0001")
    assert "$120.00" in said(practice, "E2027-0002")


def test_a_move_makes_another_by_itself_and_the_old_one_stays(practice: Practice, till: Till, held: Held) -> None:
    ensure(practice, held)
    confirm(practice, till, held)
    move(practice, held, IN_TWO_WEEKS + timedelta(days=1))
    practice.work_until_idle()

    assert numbers(practice) == ["E2027-0001", "E2027-0002"]
    assert "May 25, 2027" in said(practice, "E2027-0002")
    assert "May 24, 2027" in said(practice, "E2027-0001")
    assert practice.breaches() == []


def test_a_move_makes_none_where_there_was_none(practice: Practice, held: Held) -> None:
    practice.confirm(held)
    move(practice, held, IN_TWO_WEEKS + timedelta(days=1))
    practice.work_until_idle()

    assert numbers(practice) == []


def test_where_the_practice_writes_none_and_where_nothing_is_due_there_is_none(practice: Practice, held: Held) -> None:
    with work_in(practice) as work:
        switch_estimates(work, DESK, on=False)
    assert ensure(practice, held) is None
    write_estimates(practice)
    with work_in(practice) as work:
        work.session.execute(update(Booking).values(price_minor=0))
    assert ensure(practice, held) is None
    with pytest.raises(NothingAhead):
        make(practice, held, Kind.ESTIMATE)


def test_a_practice_that_writes_none_makes_none_when_asked_and_keeps_what_was_made(
    practice: Practice, held: Held
) -> None:
    other = introduce(practice, practice.hold(IN_TWO_WEEKS + timedelta(days=1)))
    ensure(practice, held)
    with work_in(practice) as work:
        switch_estimates(work, DESK, on=False)

    with pytest.raises(NothingAhead):
        make(practice, other, Kind.ESTIMATE)
    assert make(practice, held, Kind.ESTIMATE) == "E2027-0001"
    assert numbers(practice) == ["E2027-0001"]


@pytest.mark.parametrize("end", ["attended", "missed", "cancelled", "begun"])
def test_no_estimate_is_made_once_the_session_has_begun_or_ended_and_the_one_before_stays(
    practice: Practice, till: Till, held: Held, clock: FrozenClock, end: str
) -> None:
    without = introduce(practice, practice.hold(IN_TWO_WEEKS + timedelta(hours=2)))
    ensure(practice, held)
    for one in (held, without):
        confirm(practice, till, one)
    for one in (held, without):
        match end:
            case "attended":
                attend(practice, one)
            case "missed":
                attend(practice, one)
                mark(practice, one, Trigger.NO_SHOW)
            case "cancelled":
                till.cancel(one)
            case _:
                clock.set(see(practice, one).starts_at)
    with work_in(practice) as work:  # what an estimate is made from changes
        work.session.execute(update(Booking).values(price_minor=120_00))

    assert make(practice, held, Kind.ESTIMATE) == "E2027-0001"
    with pytest.raises(NothingAhead):
        make(practice, without, Kind.ESTIMATE)
    assert numbers(practice) == ["E2027-0001"]


def test_a_session_that_is_moved_and_then_cancelled_has_no_estimate_of_what_will_not_be(
    practice: Practice, till: Till, held: Held
) -> None:
    ensure(practice, held)
    confirm(practice, till, held)
    move(practice, held, IN_TWO_WEEKS + timedelta(days=1))
    till.cancel(held)
    practice.work_until_idle()

    assert numbers(practice) == ["E2027-0001"]


def test_it_is_never_made_before_we_know_whose_it_is(practice: Practice) -> None:
    write_estimates(practice)
    held = practice.hold(MONDAY_NINE)

    with pytest.raises(NotKnownWhose):
        make(practice, held, Kind.ESTIMATE)
    assert numbers(practice) == []


def test_the_client_reads_in_a_neutral_letter_that_it_is_there(
    practice: Practice, held: Held, mailer: FakeMailer
) -> None:
    ensure(practice, held)
    practice.work_until_idle()

    [letter] = [one for one in mailer.sent if one.to == held.payer.email]
    assert letter.subject == "About your appointment"
    assert "new document about your appointment" in letter.text
    assert letter.calendar is None
    for secret in (NAME, "160", "herap", "estimate", "E2027"):
        assert secret not in letter.text + letter.html, secret


def test_of_one_that_was_replaced_meanwhile_no_letter_is_sent(
    practice: Practice, held: Held, mailer: FakeMailer
) -> None:
    ensure(practice, held)
    with work_in(practice) as work:
        work.session.execute(update(Booking).values(price_minor=120_00))
    ensure(practice, held)
    practice.work_until_idle()

    assert len([one for one in mailer.sent if one.to == held.payer.email]) == 1


@pytest.mark.parametrize(("days_late", "late"), [(0, False), (1, True)])
def test_one_that_comes_too_late_is_found(
    practice: Practice, till: Till, held: Held, clock: FrozenClock, days_late: int, late: bool
) -> None:
    """Confirmed on Wednesday for Monday in two weeks: due on the third business day, the next Monday."""
    ensure(practice, held)
    confirm(practice, till, held)
    with work_in(practice) as work:
        due = date(2027, 5, 10) + timedelta(days=days_late)
        work.session.execute(update(Paper).values(issued_on=due))

    found = [f"I5: booking {held.reference} has no estimate that was made in time"] if late else []
    assert practice.breaches() == found


def test_a_session_without_any_is_found_unless_it_was_held_before_the_practice_wrote_them(
    practice: Practice, held: Held, clock: FrozenClock
) -> None:
    with work_in(practice) as work:
        switch_estimates(work, DESK, on=False)
    before = practice.hold(IN_TWO_WEEKS + timedelta(hours=1))
    clock.advance(minutes=1)
    write_estimates(practice)
    after = practice.hold(IN_TWO_WEEKS + timedelta(hours=2))
    for one in (before, after):
        practice.confirm(one)
    practice.work_until_idle()

    assert [one for one in practice.breaches() if one.startswith("I5")] == [
        f"I5: booking {after.reference} has no estimate that was made in time"
    ]


@pytest.mark.parametrize("known", [True, False])
def test_of_a_time_that_the_practice_keeps_it_is_made_when_it_is_kept_where_we_know_whose_it_is(
    practice: Practice, till: Till, held: Held, clock: FrozenClock, known: bool
) -> None:
    """Kept on Wednesday for the next Wednesday: due on Thursday. They pay on Friday."""
    client = held.payer if known else practice.hold(MONDAY_NINE).payer
    kept = keep_for(practice, client, MONDAY_NINE + timedelta(days=2), until=timedelta(days=3))
    practice.work_until_idle()
    assert numbers(practice) == (["E2027-0001"] if known else [])

    clock.advance(days=2)
    if not known:
        kept = introduce(practice, kept)
    assert ensure(practice, kept) == "E2027-0001"
    confirm(practice, till, kept)
    assert practice.breaches() == []


def test_of_a_time_that_the_waiting_list_keeps_it_is_made_at_once(practice: Practice, till: Till, held: Held) -> None:
    confirm(practice, till, held)
    wish(practice, held.payer)
    other = practice.hold(IN_TWO_WEEKS + timedelta(days=1))
    practice.confirm(other)
    cancel(practice, other)
    practice.work_until_idle()

    offered = offered_to(practice, held.payer)
    assert offered is not None
    assert numbers(practice) == ["E2027-0001"]
    with practice.app.app_context():
        [paper] = db.session.scalars(select(Paper))
        assert paper.source == offered.held.reference
