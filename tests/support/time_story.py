"""Any order of holding, paying, moving, cancelling, waiting and blocking, as a story that Hypothesis tells.

A model in plain sets says before each step whether it should succeed, and after it who has which time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition

from practice.booking import actions
from practice.booking.lifecycle import Trigger
from practice.booking.moving import TooLateToMove
from practice.booking.policy import WHOLE
from practice.work import begin_work
from tests.support.offers import ADA, NOOR, cancel, move, move_by_staff
from tests.support.time_counts import counted_rule, happened
from tests.support.time_model import Kept
from tests.support.time_staff import StaffRules
from tests.support.time_waiting import ANY_TIME, WaitingRules
from tests.support.time_world import BOTH, DAY_AND_HALF_HOUR, OFFERINGS

ONE_OR_BOTH = [[ADA], [NOOR], BOTH]
any_of = st.sampled_from


class TimeStory(StaffRules, WaitingRules):
    """A few days that everybody wants, and people who change their minds."""

    @initialize(waiting=st.integers(0, 3), booked=st.integers(0, 3))
    def open_the_doors(self, waiting, booked):
        """A practice that has begun already, so that the first steps find something to change."""
        for number in range(waiting):
            self._wish(self._new_client(), OFFERINGS[number % 2], None, ANY_TIME)
        for number in range(booked):
            self._pay(self._hold("hold", [BOTH[number % 2]], OFFERINGS[number % 2], self._at((number, 4))))

    # Holding and paying

    @counted_rule(when=DAY_AND_HALF_HOUR, offering=any_of(OFFERINGS), therapist=any_of(BOTH))
    def hold(self, when, offering, therapist):
        happened["held"] += self._hold("hold", [therapist], offering, self._at(when)) is not None

    @counted_rule(when=DAY_AND_HALF_HOUR, offering=any_of(OFFERINGS))
    def hold_with_any(self, when, offering):
        happened["held with any"] += self._hold("hold with any", BOTH, offering, self._at(when)) is not None

    @precondition(lambda self: self._some("held"))
    @counted_rule(
        data=st.data(),
        when=DAY_AND_HALF_HOUR,
        offering=any_of(OFFERINGS),
        therapists=any_of(ONE_OR_BOTH),
    )
    def hold_another_instead(self, data, when, offering, therapists):
        client = self._held(data.draw(any_of(self._some("held")))).payer
        held = self._hold("hold instead", therapists, offering, self._at(when), client)
        happened["held instead"] += held is not None

    @counted_rule(data=st.data(), instead=st.booleans())
    def hold_what_is_not_to_be_had(self, data, instead):
        """Each reason as likely as the others; whoever holds another time keeps that one."""
        those: dict[str, list[tuple[list[str], str, datetime]]] = {}
        for terms in product(ONE_OR_BOTH, OFFERINGS, self._starts()):
            refusal = self.model.hold_with(*terms, self.now)[1]
            if refusal is not None:
                those.setdefault(refusal.__name__, []).append(terms)
        if not those:
            return
        therapists, offering, start = data.draw(any_of(those[data.draw(any_of(sorted(those)))]))
        if instead and (holding := self._some("held")):
            self._hold("hold instead", therapists, offering, start, self._held(data.draw(any_of(holding))).payer)
        else:
            self._hold("hold" if len(therapists) == 1 else "hold with any", therapists, offering, start)

    @counted_rule(data=st.data())
    def book(self, data):
        """Hold what is open and pay at once, as most people do."""
        terms = product(BOTH, OFFERINGS, self._starts())
        if not (found := [one for one in terms if self.model.is_open(*one, self.now)]):
            return
        therapist, offering, start = data.draw(any_of(found))
        self._pay(self._hold("hold", [therapist], offering, start))
        happened["held"] += 1

    @precondition(lambda self: self._some("held", "reserved"))
    @counted_rule(data=st.data())
    def pay(self, data):
        self._pay(data.draw(any_of(self._some("held", "reserved"))))

    @precondition(lambda self: self._some("held", "reserved"))
    @counted_rule(data=st.data())
    def open_the_checkout(self, data):
        one = data.draw(any_of(self._some("held", "reserved")))
        session = self.till.open(self._held(one))
        happened["checkout opened"] += 1
        one.state, one.payable = "held", True
        self.model.wait_until(one, session.expires_at)

    @precondition(lambda self: self._some("held", "reserved"))
    @counted_rule(data=st.data())
    def let_go(self, data):
        self._let_go(data.draw(any_of(self._some("held", "reserved"))))
        happened["let go"] += 1

    # What stands

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data())
    def cancel(self, data):
        self._cancel(data.draw(any_of(self._some("confirmed"))))

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data())
    def cancel_by_staff(self, data):
        one = data.draw(any_of(self._some("confirmed")))
        with self.practice.app.app_context(), begin_work() as work:
            decision = actions.StaffDecision("staff:story", WHOLE, "they asked")
            actions.cancel_by_staff(work, actions.lock(work, one.name), decision)
        happened["cancelled by staff"] += 1
        self._end(one)

    @precondition(lambda self: self._some("held", "reserved", "confirmed"))
    @counted_rule(data=st.data())
    def decline(self, data):
        one = data.draw(any_of(self._some("held", "reserved", "confirmed")))
        self.till.decline(self._held(one))
        self.practice.work_until_idle()
        happened["declined"] += 1
        self._end(one)

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data())
    def move(self, data):
        if not (moves := self._moves(refused=False)):
            return
        one, start, by_staff, _ = data.draw(any_of(moves))
        room = one.room
        (move_by_staff if by_staff else move)(self.practice, self._held(one), start)
        self.model.move(one, start, self.now)
        happened["moved by staff" if by_staff else "moved by the client"] += 1
        happened["moved to another room"] += one.room != room
        self._see_offers()

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data())
    def move_where_it_can_not_be(self, data):
        if not (moves := self._moves(refused=True)):
            return
        kind = data.draw(any_of(sorted({refusal.__name__ for *_, refusal in moves})))
        one, start, by_staff, refusal = data.draw(any_of([one for one in moves if one[3].__name__ == kind]))
        with self._refused("move", refusal):
            (move_by_staff if by_staff else move)(self.practice, self._held(one), start)

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data(), by_staff=st.booleans())
    def move_nowhere(self, data, by_staff):
        one = data.draw(any_of(self._some("confirmed")))
        (move_by_staff if by_staff else move)(self.practice, self._held(one), one.start)

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data(), before=any_of([timedelta(hours=47), timedelta(0)]))
    def come_too_late(self, data, before):
        """What can't be moved any more can still be cancelled, until it begins."""
        one = data.draw(any_of(self._some("confirmed")))
        self._come_to(max(one.start - before, self.now))
        with self._refused("move", TooLateToMove):
            move(self.practice, self._held(one), one.start + timedelta(days=7))
        if one.start <= self.now:
            self._cancel(one)

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data(), came=st.booleans())
    def mark(self, data, came):
        one = data.draw(any_of(self._some("confirmed")))
        if one.end <= self.now:
            self._mark(one, came)
            return
        with self._refused("mark", actions.TooEarly), self.practice.app.app_context(), begin_work() as work:
            actions.mark(work, actions.lock(work, one.name), Trigger.COMPLETE)

    @precondition(lambda self: self._some("confirmed"))
    @counted_rule(data=st.data(), came=st.booleans())
    def let_it_take_place(self, data, came):
        """Time passes until a session is over, and then somebody marks it."""
        one = data.draw(any_of(self._some("confirmed")))
        self._come_to(max(one.end, self.now))
        self._mark(one, came)

    @precondition(lambda self: self.model.marked)
    @counted_rule(data=st.data(), came=st.booleans())
    def mark_again(self, data, came):
        name = data.draw(any_of(sorted(self.model.marked)))
        with self.practice.app.app_context(), begin_work() as work:
            actions.mark(work, actions.lock(work, name), Trigger.COMPLETE if came else Trigger.NO_SHOW)
        happened["marked otherwise"] += self.model.marked[name] != ("attended" if came else "missed")
        self.model.marked[name] = "attended" if came else "missed"

    @counted_rule(minutes=any_of([5, 11, 36, 24 * 60, 3 * 24 * 60]))
    def wait(self, minutes):
        self._come_to(self.now + timedelta(minutes=minutes))

    # What several of these do

    def _moves(self, *, refused: bool) -> list[tuple[Kept, datetime, bool, type[Exception] | None]]:
        """Every move of a session to one of the few times, and what stands against it."""
        every = product(self._some("confirmed"), self._starts(), (False, True))
        judged = [
            (one, start, by_staff, self.model.refusal_to_move(one, start, self.now, by_staff=by_staff))
            for one, start, by_staff in every
            if start != one.start
        ]
        return [one for one in judged if (one[3] is not None) is refused]

    def _cancel(self, one: Kept) -> None:
        cancel(self.practice, self._held(one))
        if one.start <= self.now:
            happened["left as it had begun"] += 1
            return
        happened["cancelled by the client"] += 1
        self._end(one)

    def _mark(self, one: Kept, came: bool) -> None:
        with self.practice.app.app_context(), begin_work() as work:
            trigger = Trigger.COMPLETE if came else Trigger.NO_SHOW
            actions.mark(work, actions.lock(work, one.name), trigger)
        happened["marked"] += 1
        del self.model.kept[one.name]
        self.model.marked[one.name] = "attended" if came else "missed"
