"""Waiting for a time in the stories about time. Whom a freed time is offered to, the model says beforehand."""

from __future__ import annotations

from datetime import time

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from practice.booking.waiting.actions import MOST_WISHES, NotToWishFor, TooManyWishes
from tests.support.offers import ADA, COUPLE, EVERY_DAY, IN_PERSON, NOOR, cancel, wish, withdraw
from tests.support.time_counts import counted_rule, happened
from tests.support.time_model import Kept, Waiting
from tests.support.time_world import TimeWorld

MOST_WAITING = 3  # so that not everything that is freed is somebody's at once
OPEN = ("waiting", "offered")
ANY_TIME, TUESDAYS, BEFORE_NOON = (
    (EVERY_DAY, (time(0), time(23, 59))),
    ((1,), (time(0), time(23, 59))),
    (EVERY_DAY, (time(9), time(12))),
)
WISHED = {
    "offering": st.sampled_from([COUPLE, IN_PERSON]),
    "therapist": st.sampled_from([None, None, ADA, NOOR]),
    "at": st.sampled_from([ANY_TIME, ANY_TIME, TUESDAYS, BEFORE_NOON]),
}


class WaitingRules(TimeWorld):
    """People who wait for a time, and what they do with one that they are offered."""

    @precondition(lambda self: len(self._waiting()) < MOST_WAITING)
    @counted_rule(**WISHED)
    def wish(self, offering, therapist, at):
        self._wish(self._new_client(), offering, therapist, at)

    @precondition(lambda self: self._waiting())
    @counted_rule(data=st.data(), **WISHED)
    def wish_for_something_else_too(self, data, offering, therapist, at):
        client = self.clients[data.draw(st.sampled_from(self._waiting())).person]
        mine = [wish for wish in self.model.wishes if wish.person == client.person_id and wish.state in OPEN]
        refusal = TooManyWishes if len(mine) >= MOST_WISHES else None
        if self.eligible[client.person_id] <= self.now:
            refusal = NotToWishFor
        if refusal is None:
            self._wish(client, offering, therapist, at)
            return
        with self._refused("wish", refusal):
            wish(self.practice, client, offering=offering)

    @precondition(lambda self: self._waiting())
    @counted_rule(data=st.data())
    def withdraw_a_wish(self, data):
        """Whether it waits, or has an offer, which stays theirs until they answer."""
        one = data.draw(st.sampled_from(self._waiting()))
        withdraw(self.practice, self.clients[one.person], one.reference)
        happened["wish withdrawn"] += 1
        one.state = "withdrawn"

    @precondition(lambda self: self._offered())
    @counted_rule(data=st.data())
    def take_an_offer(self, data):
        self._pay(data.draw(st.sampled_from(self._offered())))
        happened["offer taken"] += 1

    @precondition(lambda self: self._offered())
    @counted_rule(data=st.data())
    def leave_an_offer(self, data):
        self._let_go(data.draw(st.sampled_from(self._offered())))
        happened["offer left"] += 1

    def _wish(self, client, offering, therapist, at) -> None:
        weekdays, hours = at
        terms = {"offering": offering, "therapist": therapist, "weekdays": weekdays, "hours": hours}
        named = wish(self.practice, client, **terms)
        happened["wished"] += 1
        runs_out = self.eligible[client.person_id]
        self.model.wishes.append(Waiting(named, client.person_id, offering, therapist, weekdays, hours, runs_out))

    def _waiting(self) -> list[Waiting]:
        return [wish for wish in self.model.wishes if wish.state in OPEN]

    def _offered(self) -> list[Kept]:
        return [wish.open for wish in self.model.wishes if wish.open is not None]

    def _let_go(self, one: Kept) -> None:
        cancel(self.practice, self._held(one))
        self.practice.work_until_idle()
        self._end(one)
