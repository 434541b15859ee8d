"""What staff do in the stories about time: keep and block times, be away, use rooms or not."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from practice.booking import blocks
from practice.booking.claims import SlotTaken
from practice.booking.holding import NotOffered
from practice.booking.offers import actions as offers
from practice.booking.placing import NoRoom
from practice.spans import Span
from practice.work import begin_work
from tests.support.offers import ADA, IN_PERSON, NOOR, keep_for, move_by_staff
from tests.support.time_counts import counted_rule, happened
from tests.support.time_model import AFTER, HARBOUR, LAGOON, LENGTHS, Kept
from tests.support.time_world import BOTH, DAY_AND_HALF_HOUR, OFFERINGS, TimeWorld

UNTIL = timedelta(hours=2)


class StaffRules(TimeWorld):
    """Decisions of the practice, which no client is asked about."""

    @counted_rule(
        when=DAY_AND_HALF_HOUR,
        offering=st.sampled_from(OFFERINGS),
        therapist=st.sampled_from(BOTH),
        hours=st.sampled_from([2, 30]),
    )
    def reserve(self, when, offering, therapist, hours):
        self._reserve(therapist, offering, self._at(when), timedelta(hours=hours))

    @counted_rule(
        when=DAY_AND_HALF_HOUR,
        minutes=st.sampled_from([30, 90]),
        whose=st.sampled_from([ADA, NOOR, HARBOUR, LAGOON]),
        weeks_ago=st.sampled_from([0, 0, 0, 2]),
    )
    def block(self, when, minutes, whose, weeks_ago):
        self._block(whose, self._at(when) - timedelta(weeks=weeks_ago), timedelta(minutes=minutes))

    @counted_rule(data=st.data(), whom=st.sampled_from(BOTH))
    def leave_no_room(self, data, whom):
        """For a moment every room is taken out, while the therapist is free: nobody can meet them in person."""
        soonest = self.now + UNTIL
        starts = [start for start in self._starts() if start >= soonest and self._could_meet(whom, start)]
        if not starts:
            return
        start = data.draw(st.sampled_from(starts))
        blocked = []
        while (room := self.model.find_room(start, start + LENGTHS[IN_PERSON] + AFTER)) is not None:
            blocked.append(self._block(room, start, LENGTHS[IN_PERSON] + AFTER))
        self._reserve(whom, IN_PERSON, start, UNTIL)
        self._hold("hold", [whom], IN_PERSON, start)
        self._hold("hold with any", BOTH, IN_PERSON, start)
        for one in self._some("confirmed"):
            refusal = self.model.refusal_to_move(one, start, self.now, by_staff=True)
            if one.start != start and refusal is NoRoom:
                with self._refused("move", refusal):
                    move_by_staff(self.practice, self._held(one), start)
        for one in blocked:
            self._unblock(one)

    @precondition(lambda self: self._some("block"))
    @counted_rule(data=st.data())
    def unblock(self, data):
        self._unblock(data.draw(st.sampled_from(self._some("block"))))

    @counted_rule(day=st.integers(0, 2), whose=st.sampled_from(BOTH))
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

    # What several of these do

    def _could_meet(self, whom: str, start: datetime) -> bool:
        return self.model.is_free(whom, start, start + LENGTHS[IN_PERSON] + AFTER)

    def _reserve(self, therapist: str, offering: str, start: datetime, until: timedelta) -> None:
        client = self._new_client()
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

    def _block(self, whose: str, start: datetime, length: timedelta) -> Kept | None:
        refusal = None if self.model.is_free(whose, start, start + length) else SlotTaken
        if start + length <= self.now:
            refusal = blocks.NotABlock
        with self.practice.app.app_context():
            if refusal is not None:
                with self._refused("block", refusal), begin_work() as work:
                    blocks.block_time(work, self.resources[whose], Span(start, start + length))
                return None
            with begin_work() as work:
                named = blocks.block_time(work, self.resources[whose], Span(start, start + length)).reference
        happened["blocked"] += 1
        therapist, room = (None, whose) if whose in self.model.rooms else (whose, None)
        self.model.add(one := Kept(named, therapist, "", start, None, "block", room=room, length=length))
        return one

    def _unblock(self, one: Kept) -> None:
        with self.practice.app.app_context(), begin_work() as work:
            blocks.unblock_time(work, one.name)
        happened["unblocked"] += 1
        self._end(one)

    def _use(self, room: str, *, retired: bool) -> None:
        with self.practice.app.app_context(), begin_work() as work:
            offers.retire_room(work, offers.lock_room(work, room.lower()), retired=retired)
        self.model.rooms[room] = not retired
