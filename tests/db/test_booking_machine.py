"""Any order of holding, paying, moving, cancelling, waiting and blocking: a time is never two people's.

A model in plain sets says before each step whether it should succeed, and after it who has which time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import URL, select

from practice import create_app
from practice.booking import actions, blocks, claims
from practice.booking.claims import SlotTaken
from practice.booking.holding import NotOffered
from practice.booking.lifecycle import CLAIMING, Trigger
from practice.booking.models import Booking, TimeBlock
from practice.booking.moving import TooLateToMove
from practice.booking.offers.models import Therapist, TimeOff
from practice.booking.policy import WHOLE
from practice.database import db
from practice.invariants import OWN
from practice.sealing import Keyring
from practice.settings import Settings
from practice.spans import Span
from practice.wiring import Gateways
from practice.work import begin_work
from tests.support import databases, world
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.offers import ADA, COUPLE, IN_PERSON, NOOR, cancel, keep_for, move, move_by_staff, resource_of, wish
from tests.support.paying import Till
from tests.support.story import Held, Practice
from tests.support.time_model import Kept, Model

STEPS = 25
MOST_WAITING = 2  # so that most steps are about time, and not everything that is freed is somebody's at once
ZONES = {ADA: "America/New_York", NOOR: "America/Los_Angeles"}
WAITS = [5, 11, 36, 24 * 60, 3 * 24 * 60]  # minutes
STARTS = st.tuples(st.integers(0, 2), st.integers(0, 7)).map(
    lambda day_half: MONDAY_NINE + timedelta(days=day_half[0], minutes=30 * day_half[1])
)
HALF_HOUR = timedelta(minutes=30)
walked = {"steps": 0}


class TimeStory(RuleBasedStateMachine):
    """Two therapists, a few days that everybody wants, and people and staff who change their minds."""

    open_practice: Callable[[], Till]  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.till = type(self).open_practice()
        self.practice = self.till.practice
        self.model = Model()
        self.clients: dict[str, object] = {}
        self.wishes = 0

    # Holding and paying

    @rule(
        start=STARTS, offering=st.sampled_from([COUPLE, COUPLE, IN_PERSON]), therapist=st.sampled_from([ADA, ADA, NOOR])
    )
    def hold(self, start, offering, therapist):
        if therapist == NOOR:
            offering = COUPLE
        self._hold(Kept("", therapist, offering, start, None, "held"))

    @rule(start=STARTS, therapist=st.sampled_from([ADA, NOOR]))
    def book(self, start, therapist):
        """Hold and pay at once, as most people do."""
        before = set(self.model.kept)
        self._hold(Kept("", therapist, COUPLE, start, None, "held"))
        for name in set(self.model.kept) - before:
            self._pay(self.model.kept[name])

    @precondition(lambda self: self._some("held", "reserved"))
    @rule(data=st.data())
    def pay(self, data):
        self._pay(data.draw(st.sampled_from(self._some("held", "reserved"))))

    @precondition(lambda self: self._some("held"))
    @rule(data=st.data())
    def open_the_checkout(self, data):
        one = data.draw(st.sampled_from(self._some("held")))
        session = self.till.open(self._held(one))
        one.deadline = max(one.deadline, session.expires_at)

    @precondition(lambda self: self._some("held", "reserved"))
    @rule(data=st.data())
    def let_go(self, data):
        one = data.draw(st.sampled_from(self._some("held", "reserved")))
        cancel(self.practice, self._held(one))
        self.practice.work_until_idle()
        self.model.kept.pop(one.name)
        self._lapse()

    # What stands

    @precondition(lambda self: self._some("confirmed"))
    @rule(data=st.data(), by_staff=st.booleans())
    def cancel(self, data, by_staff):
        one = data.draw(st.sampled_from(self._some("confirmed")))
        begun = one.start <= self.practice.clock.now()
        if by_staff:
            with self.practice.app.app_context(), begin_work() as work:
                decision = actions.StaffDecision("staff:story", WHOLE, "they asked")
                actions.cancel_by_staff(work, actions.lock(work, one.name), decision)
        else:
            cancel(self.practice, self._held(one))
        if by_staff or not begun:
            self._free(one)

    @precondition(lambda self: self._some("held", "reserved", "confirmed"))
    @rule(data=st.data())
    def decline(self, data):
        one = data.draw(st.sampled_from(self._some("held", "reserved", "confirmed")))
        self.till.decline(self._held(one))
        self.practice.work_until_idle()
        self.model.kept.pop(one.name)
        self._lapse()

    @precondition(lambda self: self._some("confirmed"))
    @rule(data=st.data(), start=STARTS, by_staff=st.booleans())
    def move(self, data, start, by_staff):
        one = data.draw(st.sampled_from(self._some("confirmed")))
        now = self.practice.clock.now()
        after = Kept(one.name, one.therapist, one.offering, start, one.person, "confirmed")
        free = self.model.is_free(one.therapist, start, after.end, besides=one.name)
        if start == one.start:
            expected = None
        elif by_staff:
            expected = NotOffered if start <= now else None if free else SlotTaken
        elif now > one.start - timedelta(hours=48):
            expected = TooLateToMove
        elif not self.model.is_offered(one.therapist, ZONES[one.therapist], one.offering, start, now):
            expected = NotOffered
        else:
            expected = None if free else SlotTaken
        doing = move_by_staff if by_staff else move
        if expected is not None:
            with pytest.raises(expected):
                doing(self.practice, self._held(one), start)
            return
        doing(self.practice, self._held(one), start)
        self.model.kept[one.name] = after
        self._see_offers()

    @precondition(lambda self: self._some("confirmed"))
    @rule(data=st.data(), came=st.booleans())
    def mark(self, data, came):
        one = data.draw(st.sampled_from(self._some("confirmed")))
        trigger = Trigger.COMPLETE if came else Trigger.NO_SHOW
        with self.practice.app.app_context():
            if one.end > self.practice.clock.now():
                with pytest.raises(actions.TooEarly), begin_work() as work:
                    actions.mark(work, actions.lock(work, one.name), trigger)
                return
            with begin_work() as work:
                actions.mark(work, actions.lock(work, one.name), trigger)
        del self.model.kept[one.name]

    # Staff

    @rule(start=STARTS, hours=st.sampled_from([2, 30]))
    def reserve(self, start, hours):
        wanted = Kept("", ADA, COUPLE, start, None, "reserved")
        client = self.practice.new_client()
        deadline = self.practice.clock.now() + timedelta(hours=hours)
        expected = None if deadline <= start else NotOffered
        if expected is None and not self.model.fits(wanted):
            expected = SlotTaken
        if expected is not None:
            with pytest.raises(expected):
                keep_for(self.practice, client, start, until=timedelta(hours=hours))
            return
        held = keep_for(self.practice, client, start, until=timedelta(hours=hours))
        self._add(held, wanted, deadline)

    @rule(start=STARTS, minutes=st.sampled_from([30, 90]))
    def block(self, start, minutes):
        length = timedelta(minutes=minutes)
        fits = self.model.is_free(ADA, start, start + length)
        resource = resource_of(self.practice)
        with self.practice.app.app_context():
            expected = None if fits else SlotTaken
            if start + length <= self.practice.clock.now():
                expected = blocks.NotABlock
            if expected is not None:
                with pytest.raises(expected), begin_work() as work:
                    blocks.block_time(work, resource, Span(start, start + length))
                return
            with begin_work() as work:
                named = blocks.block_time(work, resource, Span(start, start + length)).reference
        self.model.kept[named] = Kept(named, ADA, "", start, None, "block", length=length)

    @precondition(lambda self: self._some("block"))
    @rule(data=st.data())
    def unblock(self, data):
        one = data.draw(st.sampled_from(self._some("block")))
        with self.practice.app.app_context(), begin_work() as work:
            blocks.unblock_time(work, one.name)
        self._free(one)

    @rule(day=st.integers(0, 2))
    def go_away(self, day):
        date = (MONDAY_NINE + timedelta(days=day)).date()
        with self.practice.app.app_context(), begin_work() as work:
            ada = work.session.scalars(select(Therapist).where(Therapist.slug == ADA)).one()
            ada.time_off.append(TimeOff(first_day=date, last_day=date))
        self.model.away.add((ADA, date))

    # Waiting and time

    @precondition(lambda self: self.wishes < MOST_WAITING)
    @rule()
    def wish(self):
        self.wishes += 1
        wish(self.practice, self.practice.new_client())

    @rule(minutes=st.sampled_from(WAITS))
    def wait(self, minutes):
        self.practice.clock.advance(minutes=minutes)
        self.practice.work_until_idle()
        self._lapse()

    # What must be true

    @invariant()
    def the_database_says_what_the_model_says(self):
        walked["steps"] += 1
        with self.practice.app.app_context():
            found = {
                (one.reference, one.therapist.slug, one.blocked_from, one.blocked_until)
                for one in db.session.scalars(select(Booking).where(Booking.state.in_(CLAIMING)))
            }
            found |= {(one.reference, ADA, one.starts_at, one.ends_at) for one in db.session.scalars(select(TimeBlock))}
            broken = [breach for promise in OWN if promise.number == "I1" for breach in promise.check(db.session())]
        assert found == self.model.shown()
        assert broken == []

    def teardown(self):
        self.practice.clock.advance(days=20)
        for _ in range(3):
            self.practice.work_until_idle()
        assert self.practice.breaches() == []

    def _pay(self, one: Kept) -> None:
        self.till.pay(self._held(one))
        self.till.deliver()
        self.practice.work_until_idle()
        one.state, one.deadline = "confirmed", None
        self._lapse()

    def _hold(self, wanted: Kept) -> None:
        client = self.practice.new_client()
        now = self.practice.clock.now()
        expected = None
        if not self.model.is_offered(wanted.therapist, ZONES[wanted.therapist], wanted.offering, wanted.start, now):
            expected = NotOffered
        elif not self.model.fits(wanted):
            expected = SlotTaken
        terms = {"therapist": wanted.therapist, "offering": wanted.offering}
        if expected is not None:
            with pytest.raises(expected):
                self.practice.hold(wanted.start, client, **terms)
            return
        held = self.practice.hold(wanted.start, client, **terms)
        self._add(held, wanted, now + timedelta(minutes=10))

    def _add(self, held: Held, wanted: Kept, deadline) -> None:
        self.clients[held.reference] = held.payer
        self.model.kept[held.reference] = Kept(
            held.reference,
            wanted.therapist,
            wanted.offering,
            wanted.start,
            held.payer.person_id,
            wanted.state,
            deadline,
        )

    def _free(self, one: Kept) -> None:
        self.model.kept.pop(one.name, None)
        self._see_offers()

    def _see_offers(self) -> None:
        """What was freed may be somebody's at once: it must be free in the model, and is theirs from now on."""
        with self.practice.app.app_context():
            rows = db.session.scalars(select(Booking).where(Booking.state.in_(CLAIMING)).order_by(Booking.id)).all()
            for row in rows:
                if row.reference in self.model.kept:
                    continue
                offered = Kept(
                    row.reference, row.therapist.slug, row.offering.slug, row.starts_at, row.person_id, "reserved",
                    row.deadline_at,
                )  # fmt: skip
                assert self.model.fits(offered), "the waiting list was offered what is somebody's"
                self.model.kept[row.reference] = offered

    def _lapse(self) -> None:
        """Whatever was not paid in time is free again."""
        now = self.practice.clock.now()
        over = [one for one in self.model.kept.values() if one.deadline is not None and one.deadline <= now]
        for one in over:
            del self.model.kept[one.name]
        self._see_offers()

    def _some(self, *states: str) -> list[Kept]:
        return [one for one in self.model.kept.values() if one.state in states]

    def _held(self, one: Kept) -> Held:
        return Held(one.name, self.clients.get(one.name))  # type: ignore[arg-type]


@pytest.fixture
def opener(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path, keyring: Keyring
) -> Iterator[Callable[[], Till]]:
    """Opens the practice anew, with nobody in it, as often as it is asked; one app serves all."""
    clock = FrozenClock()
    service = FakePayments(clock, outside_transactions=True)
    made = Settings.from_env({"PRACTICE_ENV": "demo", "DATABASE_URL": database_url}, data=tmp_path)
    app = create_app(made, Gateways(clock=clock, keyring=keyring, mail=FakeMailer(), payments=service))
    app.test_client_class = type("BrowserAtHome", (Browser,), {"home": made.base_url})

    def open_practice() -> Till:
        service.__init__(clock, outside_transactions=True)  # type: ignore[misc]
        clock.__init__()  # type: ignore[misc]
        with app.app_context():
            db.session.remove()
            if database_url.startswith("sqlite"):
                db.engine.dispose()
                for table in ("", "-wal", "-shm"):
                    Path(database_url.removeprefix("sqlite:///") + table).unlink(missing_ok=True)
                databases.sqlite_copy(request.getfixturevalue("_sqlite_template"), tmp_path)
            else:
                address: URL = request.getfixturevalue("_postgres_database")
                databases.empty(address)
            with begin_work() as work:
                world.build(work)
        return Till(Practice(app, clock), service)

    yield open_practice
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def play(opener: Callable[[], Till], *, examples: int, phases: Sequence[Phase] = (Phase.generate,)) -> None:
    story = type("Story", (TimeStory,), {"open_practice": staticmethod(opener)})
    run_state_machine_as_test(
        story,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not os.environ.get("PRACTICE_LONG"),
            phases=phases,
        ),
    )


def test_no_order_of_events_gives_a_time_to_two(opener: Callable[[], Till]) -> None:
    long = bool(os.environ.get("PRACTICE_LONG"))
    walked["steps"] = 0
    play(opener, examples=250 if long else 25)
    assert walked["steps"] >= (5_000 if long else 500)  # on each of the two databases


def test_the_story_finds_a_claim_that_is_not_released(
    opener: Callable[[], Till], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A positive control: a time that is cancelled and stays claimed."""
    monkeypatch.setattr(claims, "release", lambda session, booking: None)
    monkeypatch.setattr(actions, "release", lambda session, booking: None)
    with pytest.raises(BaseException, match=r"other claims|SlotTaken|just taken"):
        play(opener, examples=40)
