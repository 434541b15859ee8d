"""The world of the story that Hypothesis tells about time: the practice, the model beside it, and what must be true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import select

from practice.booking.holding import NotEligible, hold_with_any
from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import Booking, TimeBlock
from practice.booking.offers.models import Room, Therapist
from practice.booking.offers.queries import get_offer
from practice.booking.waiting.models import Answer, Wish, WishOffer
from practice.database import db
from practice.invariants import OWN
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, COUPLE, IN_PERSON, NOOR, add_room, change_therapist, lend_room, teach
from tests.support.paying import Till
from tests.support.story import Client, Held
from tests.support.time_counts import happened
from tests.support.time_model import HARBOUR, HOLD_LIFE, LAGOON, ZONES, Kept, Model

ELIGIBLE_FOR = timedelta(days=30)
BOTH = [ADA, NOOR]
OFFERINGS = [COUPLE, IN_PERSON]
DAY_AND_HALF_HOUR = st.tuples(st.integers(0, 2), st.integers(0, 7))


class TimeWorld(RuleBasedStateMachine):
    """Two therapists, two rooms that both use, and a model of who has which time; the rules come from mixins."""

    open_practice: Callable[[], Till]  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.till = type(self).open_practice()
        self.practice = self.till.practice
        self.model = Model()
        self.clients: dict[int, Client] = {}
        self.eligible: dict[int, datetime] = {}
        teach(self.practice, NOOR, IN_PERSON)
        change_therapist(self.practice, NOOR, zone=ZONES[NOOR])
        self.resources = {}
        for room in (HARBOUR, LAGOON):
            self.resources[room] = add_room(self.practice, room)
            lend_room(self.practice, room, NOOR)
        with self.practice.app.app_context():
            self.resources |= {one.slug: one.resource_id for one in db.session.scalars(select(Therapist))}

    # What must be true

    @invariant()
    def the_database_says_what_the_model_says(self):
        whose = {number: name for name, number in self.resources.items()}
        with self.practice.app.app_context():
            found = {
                (one.reference, frozenset(whose[number] for number in one.resource_ids), one.blocked_from,
                 one.blocked_until, one.deadline_at)
                for one in db.session.scalars(select(Booking).where(Booking.state.in_(CLAIMING)))
            } | {
                (one.reference, frozenset({whose[one.resource_id]}), one.starts_at, one.ends_at, None)
                for one in db.session.scalars(select(TimeBlock))
            }  # fmt: skip
            came = select(Booking.reference, Booking.state).where(Booking.state.in_((State.ATTENDED, State.MISSED)))
            marked = dict(db.session.execute(came).all())
            broken = [breach for promise in OWN if promise.number == "I1" for breach in promise.check(db.session())]
        assert broken == []
        assert found == self.model.shown()
        assert marked == self.model.marked

    @invariant()
    def the_waiting_list_stands_where_the_model_says(self):
        with self.practice.app.app_context():
            wishes = dict(db.session.execute(select(Wish.reference, Wish.state)).all())
            asked = select(Booking.reference, Wish.reference, WishOffer.answer).join(WishOffer.wish)
            rows = db.session.execute(asked.join(WishOffer.booking)).all()
            rooms = dict(db.session.execute(select(Room.name, Room.active)).all())
        assert wishes == {wish.reference: wish.state for wish in self.model.wishes}
        assert {(row[0], row[1]) for row in rows} == {
            (one.name, wish.reference) for wish in self.model.wishes for one in wish.offered
        }
        unanswered = {row[0] for row in rows if row[2] is None}
        assert unanswered == {wish.open.name for wish in self.model.wishes if wish.open is not None}
        assert {row[0] for row in rows if row[2] is Answer.LEFT}.isdisjoint(self.model.kept)
        assert rooms == self.model.rooms

    def teardown(self):
        self.practice.clock.advance(days=20)
        for _ in range(3):
            self.practice.work_until_idle()
        assert self.practice.breaches() == []

    # What several rules do

    @property
    def now(self) -> datetime:
        return self.practice.clock.now()

    def _at(self, day_and_half_hour: tuple[int, int]) -> datetime:
        """One of the few times that everybody wants: early in the week that isn't half over."""
        week = max(0, -((MONDAY_NINE + timedelta(days=1) - self.now) // timedelta(days=7)))
        return MONDAY_NINE + timedelta(weeks=week, days=day_and_half_hour[0], minutes=30 * day_and_half_hour[1])

    def _starts(self) -> list[datetime]:
        return [self._at((day, half_hour)) for day in range(3) for half_hour in range(8)]

    def _new_client(self) -> Client:
        client = self.practice.new_client()
        self.clients[client.person_id] = client
        self.eligible[client.person_id] = self.now + ELIGIBLE_FOR
        return client

    def _hold(
        self, doing: str, therapists: Sequence[str], offering: str, start: datetime, client: Client | None = None
    ) -> Kept | None:
        """Hold with one of these therapists, if the model says so; what the client had is let go in the same work."""
        client = client or self._new_client()
        after = deepcopy(self.model)  # for nothing is let go where the new time is refused
        released: list[Kept] = []
        for one in [one for one in after.kept.values() if (one.person, one.state) == (client.person_id, "held")]:
            if one.start == start and one.offering == offering and one.therapist in therapists:
                assert self._try_to_hold(client, therapists, offering, start) == one.name
                return self._accept(after, released)
            if one.payable:
                released.append(one)
            else:
                after.end(one, self.now)
        whom, refusal = after.hold_with(therapists, offering, start, self.now)
        if self.eligible[client.person_id] <= self.now:
            refusal = NotEligible
        if refusal is not None:
            with self._refused(doing, refusal):
                self._try_to_hold(client, therapists, offering, start)
            return None
        name = self._try_to_hold(client, therapists, offering, start)
        after.add(held := Kept(name, whom, offering, start, client.person_id, "held"))
        after.wait_until(held, self.now + HOLD_LIFE)
        self._accept(after, released)
        return held

    def _accept(self, after: Model, released: Sequence[Kept]) -> None:
        if released:
            self.practice.work_until_idle()
        for one in released:
            after.end(one, self.now)
        self.model = after
        self._see_offers()

    def _try_to_hold(self, client: Client, therapists: Sequence[str], offering: str, start: datetime) -> str:
        with self.practice.app.app_context():
            offers = [get_offer(therapist, offering) for therapist in therapists]
            with begin_work() as work:
                return hold_with_any(work, client.person_id, offers, start)

    def _pay(self, one: Kept) -> None:
        self.till.pay(self._held(one))
        self.till.deliver()
        self.practice.work_until_idle()
        happened["paid"] += 1
        self.model.confirm(one)

    def _end(self, one: Kept) -> None:
        self.model.end(one, self.now)
        self._see_offers()

    def _see_offers(self) -> None:
        """The waiting list has offered exactly what the model says, to whom it says."""
        expected = {
            (one.person, one.therapist, one.offering, one.start): one
            for one in self.model.kept.values()
            if one.name.startswith("offer ")
        }
        with self.practice.app.app_context():
            rows = db.session.scalars(select(Booking).where(Booking.state.in_(CLAIMING)))
            found = {
                (row.person_id, row.therapist.slug, row.offering.slug, row.starts_at): row.reference
                for row in rows
                if row.reference not in self.model.kept
            }
        assert found.keys() == expected.keys(), "the waiting list offered something else"
        for terms, one in expected.items():
            self.model.rename(one, found[terms])
            self._count_offer(one)

    def _count_offer(self, one: Kept) -> None:
        happened["offered from the list"] += 1
        happened["offered in a room that another therapist left"] += one.given_by not in (None, one.therapist)
        older = takewhile(lambda wish: wish.open is not one, self.model.wishes)
        happened["offered to a later wish"] += any(wish.state == "waiting" for wish in older)

    def _come_to(self, instant: datetime) -> None:
        """Let time pass. The worker looks whenever something is due, so what lapses first is given away first."""
        while (stop := min(self.model.stops, default=instant)) < instant:
            self._stand_at(stop)
        self._stand_at(instant)

    def _stand_at(self, instant: datetime) -> None:
        self.practice.clock.set(instant)
        self.practice.work_until_idle()
        self.model.stops = {stop for stop in self.model.stops if stop > instant}
        happened["lapsed"] += self.model.lapse(instant)
        self._see_offers()

    @staticmethod
    @contextmanager
    def _refused(doing: str, expected: type[Exception]) -> Iterator[None]:
        with pytest.raises(expected) as caught:
            yield
        assert caught.type is expected
        happened[f"{doing}: {expected.__name__}"] += 1

    def _some(self, *states: str) -> list[Kept]:
        return [one for one in self.model.kept.values() if one.state in states]

    def _held(self, one: Kept) -> Held:
        return Held(one.name, self.clients[one.person])
