"""Any order of holding, paying, moving, cancelling, waiting and blocking, as a story that Hypothesis tells.

A model in plain sets says before each step whether it should succeed, and after it who has which time.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from practice.booking import actions
from practice.booking.holding import NotOffered
from practice.booking.lifecycle import Trigger
from practice.booking.moving import TooLateToMove
from practice.booking.policy import WHOLE
from practice.work import begin_work
from tests.support.offers import ADA, COUPLE, IN_PERSON, NOOR, cancel, move, move_by_staff
from tests.support.time_counts import counted_rule, happened
from tests.support.time_model import Kept
from tests.support.time_staff import StaffRules
from tests.support.time_waiting import WaitingRules
from tests.support.time_world import DAY_AND_HALF_HOUR

BOTH = [ADA, NOOR]
OFFERINGS = st.sampled_from([COUPLE, IN_PERSON])
THERAPISTS = st.sampled_from(BOTH)
FREE_TO_MOVE = timedelta(hours=48)


class TimeStory(StaffRules, WaitingRules):
    """A few days that everybody wants, and people who change their minds."""

    # Holding and paying

    @counted_rule(when=DAY_AND_HALF_HOUR, offering=OFFERINGS, therapist=THERAPISTS)
    def hold(self, when, offering, therapist):
        happened["held"] += self._hold("hold", [therapist], offering, self._at(when)) is not None

    @counted_rule(when=DAY_AND_HALF_HOUR, offering=OFFERINGS)
    def hold_with_any(self, when, offering):
        happened["held with any"] += self._hold("hold with any", BOTH, offering, self._at(when)) is not None

    @precondition(lambda self: self._some("held"))
    @counted_rule(data=st.data(), when=DAY_AND_HALF_HOUR, offering=OFFERINGS, therapists=st.sampled_from([[ADA], BOTH]))
    def hold_another_instead(self, data, when, offering, therapists):
        client = self._held(data.draw(st.sampled_from(self._some("held")))).payer
        held = self._hold("hold instead", therapists, offering, self._at(when), client)
        happened["held instead"] += held is not None

    @counted_rule(when=DAY_AND_HALF_HOUR, offering=OFFERINGS, therapist=THERAPISTS)
    def book(self, when, offering, therapist):
        """Hold and pay at once, as most people do."""
        if (held := self._hold("hold", [therapist], offering, self._at(when))) is not None:
            self._pay(held)

    @precondition(lambda self: self._some("held", "reserved"))
    @counted_rule(data=st.data())
    def pay(self, data):
        self._pay(data.draw(st.sampled_from(self._some("held", "reserved"))))

    @precondition(lambda self: self._some("held", "reserved"))
    @counted_rule(data=st.data())
    def open_the_checkout(self, data):
        one = data.draw(st.sampled_from(self._some("held", "reserved")))
        session = self.till.open(self._held(one))
        happened["checkout opened"] += 1
        one.state, one.payable = "held", True
        self.model.wait_until(one, session.expires_at)

    @precondition(lambda self: self._some("held", "reserved"))
    @counted_rule(data=st.data())
    def let_go(self, data):
        self._let_go(data.draw(st.sampled_from(self._some("held", "reserved"))))
        happened["let go"] += 1

    # What stands

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data())
    def cancel(self, data):
        one = data.draw(st.sampled_from(self._some("confirmed")))
        cancel(self.practice, self._held(one))
        if one.start <= self.now:
            happened["left as it had begun"] += 1
            return
        happened["cancelled by the client"] += 1
        self._end(one)

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data())
    def cancel_by_staff(self, data):
        one = data.draw(st.sampled_from(self._some("confirmed")))
        with self.practice.app.app_context(), begin_work() as work:
            decision = actions.StaffDecision("staff:story", WHOLE, "they asked")
            actions.cancel_by_staff(work, actions.lock(work, one.name), decision)
        happened["cancelled by staff"] += 1
        self._end(one)

    @precondition(lambda self: self._some("held", "reserved", "confirmed"))
    @counted_rule(data=st.data())
    def decline(self, data):
        one = data.draw(st.sampled_from(self._some("held", "reserved", "confirmed")))
        self.till.decline(self._held(one))
        self.practice.work_until_idle()
        happened["declined"] += 1
        self._end(one)

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data(), when=DAY_AND_HALF_HOUR, by_staff=st.booleans())
    def move(self, data, when, by_staff):
        one, start = data.draw(st.sampled_from(self._some("confirmed"))), self._at(when)
        refusal = self.model.refusal(one.therapist, one.offering, start, one)
        if start == one.start:
            refusal = None
        elif by_staff:
            refusal = NotOffered if start <= self.now else refusal
        elif self.now > one.start - FREE_TO_MOVE:
            refusal = TooLateToMove
        elif not self.model.is_offered(one.therapist, one.offering, start, self.now):
            refusal = NotOffered
        if refusal is None:
            self._move(one, start, by_staff)
            return
        with self._refused("move", refusal):
            (move_by_staff if by_staff else move)(self.practice, self._held(one), start)

    @precondition(lambda self: self._movable())
    @counted_rule(data=st.data(), by_staff=st.booleans())
    def move_to_a_free_time(self, data, by_staff):
        one, start = data.draw(st.sampled_from(self._movable()))
        self._move(one, start, by_staff)

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data(), came=st.booleans())
    def mark(self, data, came):
        one = data.draw(st.sampled_from(self._some("confirmed")))
        if one.end <= self.now:
            self._mark(one, came)
            return
        with self._refused("mark", actions.TooEarly), self.practice.app.app_context(), begin_work() as work:
            actions.mark(work, actions.lock(work, one.name), Trigger.COMPLETE)

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data(), came=st.booleans())
    def let_it_take_place(self, data, came):
        """Time passes until a session is over, and then somebody marks it."""
        one = data.draw(st.sampled_from(self._some("confirmed")))
        self._come_to(max(one.end, self.now))
        self._mark(one, came)

    @precondition(lambda self: self.model.marked)
    @counted_rule(data=st.data(), came=st.booleans())
    def mark_again(self, data, came):
        name = data.draw(st.sampled_from(sorted(self.model.marked)))
        with self.practice.app.app_context(), begin_work() as work:
            actions.mark(work, actions.lock(work, name), Trigger.COMPLETE if came else Trigger.NO_SHOW)
        happened["marked otherwise"] += self.model.marked[name] != ("attended" if came else "missed")
        self.model.marked[name] = "attended" if came else "missed"

    @counted_rule(minutes=st.sampled_from([5, 11, 36, 24 * 60, 3 * 24 * 60]))
    def wait(self, minutes):
        self._come_to(self.now + timedelta(minutes=minutes))

    # What several of these do

    def _movable(self) -> list[tuple[Kept, object]]:
        """(who, where to) of every move that a client could make just now."""
        starts = [self._at((day, half_hour)) for day in range(3) for half_hour in range(8)]
        return [
            (one, start)
            for one in self._some("confirmed")
            if self.now <= one.start - FREE_TO_MOVE
            for start in starts
            if start != one.start
            and self.model.is_offered(one.therapist, one.offering, start, self.now)
            and self.model.refusal(one.therapist, one.offering, start, one) is None
        ]

    def _move(self, one: Kept, start, by_staff: bool) -> None:
        (move_by_staff if by_staff else move)(self.practice, self._held(one), start)
        if start == one.start:
            return
        room = one.room
        self.model.move(one, start, self.now)
        happened["moved by staff" if by_staff else "moved by the client"] += 1
        happened["moved to another room"] += one.room != room
        self._see_offers()

    def _mark(self, one: Kept, came: bool) -> None:
        with self.practice.app.app_context(), begin_work() as work:
            trigger = Trigger.COMPLETE if came else Trigger.NO_SHOW
            actions.mark(work, actions.lock(work, one.name), trigger)
        happened["marked"] += 1
        del self.model.kept[one.name]
        self.model.marked[one.name] = "attended" if came else "missed"
