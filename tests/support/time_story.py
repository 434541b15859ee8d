"""Any order of holding, paying, moving, cancelling, waiting and blocking, as a story that Hypothesis tells.

A model in plain sets says before each step whether it should succeed, and after it who has which time.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from practice.booking import actions, blocks
from practice.booking.claims import SlotTaken
from practice.booking.holding import NotOffered
from practice.booking.lifecycle import Trigger
from practice.booking.moving import TooLateToMove
from practice.booking.offers.models import Therapist, TimeOff
from practice.booking.policy import WHOLE
from practice.spans import Span
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, COUPLE, IN_PERSON, NOOR, cancel, keep_for, move, move_by_staff, resource_of, wish
from tests.support.time_model import Kept
from tests.support.time_world import ZONES, TimeWorld, happened

MOST_WAITING = 2  # so that most steps are about time, and not everything that is freed is somebody's at once
WAITS = [5, 11, 36, 24 * 60, 3 * 24 * 60]  # minutes
STARTS = st.tuples(st.integers(0, 2), st.integers(0, 7)).map(
    lambda day_half: MONDAY_NINE + timedelta(days=day_half[0], minutes=30 * day_half[1])
)


class TimeStory(TimeWorld):
    """Two therapists, a few days that everybody wants, and people and staff who change their minds."""

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
        happened["let go"] += 1
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
            happened["cancelled by staff" if by_staff else "cancelled by the client"] += 1
            self._free(one)

    @precondition(lambda self: self._some("held", "reserved", "confirmed"))
    @rule(data=st.data())
    def decline(self, data):
        one = data.draw(st.sampled_from(self._some("held", "reserved", "confirmed")))
        self.till.decline(self._held(one))
        happened["declined"] += 1
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
            with self._refused("move", expected):
                doing(self.practice, self._held(one), start)
            return
        doing(self.practice, self._held(one), start)
        if start != one.start:
            happened["moved by staff" if by_staff else "moved by the client"] += 1
        self.model.kept[one.name] = after
        self._see_offers()

    @precondition(lambda self: self._some("confirmed"))
    @rule(data=st.data(), came=st.booleans())
    def mark(self, data, came):
        one = data.draw(st.sampled_from(self._some("confirmed")))
        trigger = Trigger.COMPLETE if came else Trigger.NO_SHOW
        with self.practice.app.app_context():
            if one.end > self.practice.clock.now():
                with self._refused("mark", actions.TooEarly), begin_work() as work:
                    actions.mark(work, actions.lock(work, one.name), trigger)
                return
            with begin_work() as work:
                actions.mark(work, actions.lock(work, one.name), trigger)
        happened["marked"] += 1
        del self.model.kept[one.name]

    @precondition(lambda self: self._some("confirmed"))
    @rule(data=st.data(), came=st.booleans())
    def let_it_take_place(self, data, came):
        """Time passes until a session is over, and then somebody marks it."""
        one = data.draw(st.sampled_from(self._some("confirmed")))
        self._come_to(max(one.end, self.practice.clock.now()))
        with self.practice.app.app_context(), begin_work() as work:
            actions.mark(work, actions.lock(work, one.name), Trigger.COMPLETE if came else Trigger.NO_SHOW)
        happened["marked"] += 1
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
            with self._refused("reserve", expected):
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
                with self._refused("block", expected), begin_work() as work:
                    blocks.block_time(work, resource, Span(start, start + length))
                return
            with begin_work() as work:
                named = blocks.block_time(work, resource, Span(start, start + length)).reference
        happened["blocked"] += 1
        self.model.kept[named] = Kept(named, ADA, "", start, None, "block", length=length)

    @precondition(lambda self: self._some("block"))
    @rule(data=st.data())
    def unblock(self, data):
        one = data.draw(st.sampled_from(self._some("block")))
        with self.practice.app.app_context(), begin_work() as work:
            blocks.unblock_time(work, one.name)
        happened["unblocked"] += 1
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
        self._come_to(self.practice.clock.now() + timedelta(minutes=minutes))
