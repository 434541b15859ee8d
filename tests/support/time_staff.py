"""What staff do in the stories about time: keep and block times, be away, use rooms or not."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from practice.booking import blocks
from practice.booking.claims import SlotTaken
from practice.booking.holding import NotOffered
from practice.booking.offers import actions as offers
from practice.spans import Span
from practice.work import begin_work
from tests.support.offers import ADA, COUPLE, IN_PERSON, NOOR, keep_for
from tests.support.time_counts import counted_rule, happened
from tests.support.time_model import HARBOUR, LAGOON, Kept
from tests.support.time_world import DAY_AND_HALF_HOUR, TimeWorld


class StaffRules(TimeWorld):
    """Decisions of the practice, which no client is asked about."""

    @counted_rule(
        when=DAY_AND_HALF_HOUR,
        offering=st.sampled_from([COUPLE, IN_PERSON]),
        therapist=st.sampled_from([ADA, NOOR]),
        hours=st.sampled_from([2, 30]),
    )
    def reserve(self, when, offering, therapist, hours):
        start, client, until = self._at(when), self._new_client(), timedelta(hours=hours)
        refusal = self.model.refusal(therapist, offering, start) if self.now + until <= start else NotOffered
        options = {"until": until, "offering": offering, "therapist": therapist}
        if refusal is not None:
            with self._refused("reserve", refusal):
                keep_for(self.practice, client, start, **options)
            return
        named = keep_for(self.practice, client, start, **options).reference
        happened["reserved"] += 1
        self.model.add(one := Kept(named, therapist, offering, start, client.person_id, "reserved"))
        self.model.wait_until(one, self.now + until)

    @counted_rule(
        when=DAY_AND_HALF_HOUR,
        minutes=st.sampled_from([30, 90]),
        whose=st.sampled_from([ADA, NOOR, HARBOUR, LAGOON]),
        weeks_ago=st.sampled_from([0, 0, 0, 2]),
    )
    def block(self, when, minutes, whose, weeks_ago):
        start, length = self._at(when) - timedelta(weeks=weeks_ago), timedelta(minutes=minutes)
        refusal = None if self.model.is_free(whose, start, start + length) else SlotTaken
        if start + length <= self.now:
            refusal = blocks.NotABlock
        with self.practice.app.app_context():
            if refusal is not None:
                with self._refused("block", refusal), begin_work() as work:
                    blocks.block_time(work, self.resources[whose], Span(start, start + length))
                return
            with begin_work() as work:
                named = blocks.block_time(work, self.resources[whose], Span(start, start + length)).reference
        happened["blocked"] += 1
        therapist, room = (None, whose) if whose in self.model.rooms else (whose, None)
        self.model.add(Kept(named, therapist, "", start, None, "block", room=room, length=length))

    @precondition(lambda self: self._some("block"))
    @counted_rule(data=st.data())
    def unblock(self, data):
        one = data.draw(st.sampled_from(self._some("block")))
        with self.practice.app.app_context(), begin_work() as work:
            blocks.unblock_time(work, one.name)
        happened["unblocked"] += 1
        self._end(one)

    @counted_rule(day=st.integers(0, 2), whose=st.sampled_from([ADA, NOOR]))
    def go_away(self, day, whose):
        date = self._at((day, 0)).date()
        if (whose, date) in self.model.away:
            return
        with self.practice.app.app_context(), begin_work() as work:
            self.model.away[whose, date] = offers.add_time_off(work, offers.lock_therapist(work, whose), date, date).id
        happened["went away"] += 1

    @precondition(lambda self: self.model.away)
    @counted_rule(data=st.data())
    def come_back(self, data):
        whose, date = data.draw(st.sampled_from(sorted(self.model.away)))
        with self.practice.app.app_context(), begin_work() as work:
            offers.remove_time_off(work, offers.lock_therapist(work, whose), self.model.away.pop((whose, date)))
        happened["came back"] += 1

    @precondition(lambda self: all(self.model.rooms.values()))
    @counted_rule(room=st.sampled_from([HARBOUR, LAGOON]))
    def retire_a_room(self, room):
        """Sessions that are in it stay in it, and nothing new comes in."""
        self._use(room, retired=True)
        happened["room retired"] += 1

    @precondition(lambda self: not all(self.model.rooms.values()))
    @counted_rule()
    def use_the_room_again(self):
        for room in [room for room, used in self.model.rooms.items() if not used]:
            self._use(room, retired=False)
            happened["room used again"] += 1

    def _use(self, room: str, *, retired: bool) -> None:
        with self.practice.app.app_context(), begin_work() as work:
            offers.retire_room(work, offers.lock_room(work, room.lower()), retired=retired)
        self.model.rooms[room] = not retired
