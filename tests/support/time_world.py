"""The world of the story that Hypothesis tells about time: the practice, the model beside it, and what must be true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import select

from practice.booking.claims import SlotTaken
from practice.booking.holding import NotOffered
from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking, TimeBlock
from practice.database import db
from practice.invariants import OWN
from tests.support.offers import ADA, NOOR
from tests.support.paying import Till
from tests.support.story import Held
from tests.support.time_model import Kept, Model

ZONES = {ADA: "America/New_York", NOOR: "America/Los_Angeles"}
happened: Counter[str] = Counter()
"""How often each thing came about, refusals by the name of what was raised: a story in which it never does is none."""
EVERYTHING = {
    "step", "held", "paid", "let go", "cancelled by the client", "cancelled by staff", "declined",
    "moved by the client", "moved by staff", "marked", "reserved", "blocked", "unblocked", "lapsed",
    "offered from the list", "hold: NotOffered", "hold: SlotTaken", "move: NotOffered", "move: SlotTaken",
    "move: TooLateToMove", "mark: TooEarly", "reserve: SlotTaken", "block: SlotTaken",
}  # fmt: skip


class TimeWorld(RuleBasedStateMachine):
    """A practice and a model of who has which time; rules come from TimeStory."""

    open_practice: Callable[[], Till]  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.till = type(self).open_practice()
        self.practice = self.till.practice
        self.model = Model()
        self.clients: dict[str, object] = {}
        self.wishes = 0

    # What must be true

    @invariant()
    def the_database_says_what_the_model_says(self):
        happened["step"] += 1
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
        happened["paid"] += 1
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
            with self._refused("hold", expected):
                self.practice.hold(wanted.start, client, **terms)
            return
        held = self.practice.hold(wanted.start, client, **terms)
        self._add(held, wanted, now + timedelta(minutes=10))

    def _add(self, held: Held, wanted: Kept, deadline) -> None:
        happened[wanted.state] += 1
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
                happened["offered from the list"] += 1
                self.model.kept[row.reference] = offered

    def _come_to(self, instant: datetime) -> None:
        self.practice.clock.set(instant)
        self.practice.work_until_idle()
        self._lapse()

    def _lapse(self) -> None:
        """Whatever was not paid in time is free again."""
        now = self.practice.clock.now()
        over = [one for one in self.model.kept.values() if one.deadline is not None and one.deadline <= now]
        for one in over:
            happened["lapsed"] += 1
            del self.model.kept[one.name]
        self._see_offers()

    @staticmethod
    @contextmanager
    def _refused(doing: str, expected: type[Exception]) -> Iterator[None]:
        with pytest.raises(expected):
            yield
        happened[f"{doing}: {expected.__name__}"] += 1

    def _some(self, *states: str) -> list[Kept]:
        return [one for one in self.model.kept.values() if one.state in states]

    def _held(self, one: Kept) -> Held:
        return Held(one.name, self.clients.get(one.name))  # type: ignore[arg-type]
