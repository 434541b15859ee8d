"""Joint time waits until both have answered for themselves and a clinician has cleared it; nobody else is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from practice.clearing import actions
from practice.clearing.actions import ReadMeanwhile, ReasonNeeded
from practice.clearing.flags import find_open_band, flags_seen
from practice.clearing.lifecycle import State
from practice.clearing.models import Clearance, FlagDecision
from practice.clearing.queries import (
    JointTime,
    Missing,
    find_plan,
    get_couple,
    list_clearances,
    read_joint_time,
)
from practice.couples import find_couple, part_couple
from practice.database import db
from practice.errors import NotFound, Refused
from practice.intake import couple_safety
from practice.intake.actions import save_moment
from practice.intake.models import Intake, IntakeAnswers
from practice.intake.queries import find_submitted
from practice.intake.safety import Band
from practice.people import forget_person
from practice.work import begin_work
from tests.support.answering_couples import (
    Two,
    accepts,
    answers_as_partner,
    books,
    comes,
    completes,
    intake_of,
    join,
    two,
)
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ALONE, broken, confirmed, see
from tests.support.staff import audit
from tests.support.story import Practice

SAM, PAT = "staff:1", "staff:2"
WHY = "Spoke with each of them alone; both are at ease."


def stands(practice: Practice, couple: Two) -> State:
    with practice.app.app_context():
        return read_joint_time(get_couple(couple.reference)).state


def mark(practice: Practice, couple: Two) -> str:
    with practice.app.app_context():
        return read_joint_time(get_couple(couple.reference)).mark


def clear(practice: Practice, couple: Two, *, by: str = SAM, seen: str | None = None, reason: str = WHY) -> None:
    read = seen if seen is not None else mark(practice, couple)
    with practice.app.app_context(), begin_work() as work:
        actions.clear(work, by, couple.reference, seen=read, reason=reason)


def take_back(practice: Practice, couple: Two, *, seen: str | None = None, reason: str = "They fell out.") -> None:
    read = seen if seen is not None else mark(practice, couple)
    with practice.app.app_context(), begin_work() as work:
        actions.take_back(work, PAT, couple.reference, seen=read, reason=reason)


def may_start(practice: Practice, couple: Two) -> list[bool]:
    with practice.app.app_context():
        joined = [find_couple(client.person_id) for client in (couple.one, couple.other)]
        return [one is not None and read_joint_time(one).state is State.CLEARED for one in joined]


class TestWhatItWaitsFor:
    def test_both_must_have_sent_their_answers(self, practice: Practice) -> None:
        robin = books(practice)
        completes(practice, robin)
        couple = join(practice, robin, comes(practice))
        assert stands(practice, couple) is State.WAITING

        answers_as_partner(practice, couple.other)

        assert stands(practice, couple) is State.READY
        assert may_start(practice, couple) == [False, False]  # nobody has cleared it

    def test_a_partner_who_began_and_has_not_sent_is_waited_for(self, practice: Practice) -> None:
        couple = two(practice)
        with practice.app.app_context(), begin_work():
            intake = find_submitted(practice.person(couple.other))
            assert intake is not None
            intake.submitted_at = intake.completed_at = intake.flags_sealed = None

        assert stands(practice, couple) is State.WAITING

    def test_whoever_booked_must_have_seen_the_rest_of_just_for_you_too(self, practice: Practice) -> None:
        couple = join(practice, books(practice), accepts(practice))

        with practice.app.app_context():
            joint = read_joint_time(get_couple(couple.reference))
            assert [side.missing for side in joint.sides] == [Missing.NOT_ALONE, None]
        completes(practice, couple.one)
        assert stands(practice, couple) is State.READY

    def test_what_was_shown_and_skipped_is_answered(self, practice: Practice) -> None:
        nothing = dict.fromkeys(("own_force", "harm_other"), "")
        couple = two(practice, nothing, {**nothing, "control": "", "self_harm": "", "alone_call": ""})

        assert stands(practice, couple) is State.READY

    @pytest.mark.parametrize("seen", ["", None])
    def test_nobody_clears_what_waits_for_answers(self, practice: Practice, seen: str | None) -> None:
        couple = join(practice, books(practice), comes(practice))

        with pytest.raises(Refused if seen is None else ReadMeanwhile):
            clear(practice, couple, seen=seen)
        assert stands(practice, couple) is State.WAITING
        assert audit(practice, "joint_time_cleared") == []


class TestClearing:
    def test_a_clinician_clears_it_with_a_reason_that_is_sealed(self, practice: Practice) -> None:
        couple = two(practice)

        clear(practice, couple)

        assert stands(practice, couple) is State.CLEARED
        assert may_start(practice, couple) == [True, True]
        assert audit(practice, "joint_time_cleared") == [(SAM, "joint_time_cleared", couple.reference)]
        with practice.app.app_context():
            [(given, words)] = list_clearances(get_couple(couple.reference))
            assert (given.number, given.cleared_by, given.rule_version, words.reason) == (1, SAM, "2/1", WHY)
            assert [one.intake.person_id for one in given.readings] == [couple.one.person_id, couple.other.person_id]
            assert WHY.encode() not in given.sealed
        assert broken(practice) == []

    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_without_a_reason_nothing_is_cleared(self, practice: Practice, reason: str) -> None:
        couple = two(practice)
        with pytest.raises(ReasonNeeded):
            clear(practice, couple, reason=reason)
        assert stands(practice, couple) is State.READY

    def test_taking_it_back_needs_a_reason_too_and_it_can_be_cleared_anew(self, practice: Practice) -> None:
        couple = two(practice)
        clear(practice, couple)
        with pytest.raises(ReasonNeeded):
            take_back(practice, couple, reason=" ")
        take_back(practice, couple)
        assert stands(practice, couple) is State.WITHDRAWN
        assert may_start(practice, couple) == [False, False]
        with pytest.raises(Refused):
            take_back(practice, couple)

        clear(practice, couple, by=PAT)

        assert stands(practice, couple) is State.CLEARED
        with practice.app.app_context():
            listed = list_clearances(get_couple(couple.reference))
            assert [(given.number, words.reason, words.withdrawn) for given, words in listed] == [
                (2, WHY, ""),
                (1, WHY, "They fell out."),
            ]
        assert broken(practice) == []

    def test_newer_answers_of_either_end_it_by_themselves(self, practice: Practice) -> None:
        couple = two(practice)
        for answer_anew in (
            lambda: completes(practice, couple.one, own_force="yes"),
            lambda: answers_as_partner(practice, couple.other),
            lambda: completes(practice, couple.one, lean="1"),
        ):
            clear(practice, couple)
            practice.clock.advance(minutes=1)
            answer_anew()
            assert stands(practice, couple) is State.ENDED
            assert may_start(practice, couple) == [False, False]
        assert broken(practice) == []

    def test_a_name_or_a_date_of_birth_does_not_end_it(self, practice: Practice) -> None:
        couple = two(practice)
        clear(practice, couple)

        pays = {"legal_name": "Robin Doe", "date_of_birth": "1980-01-02", "insurance_use": "no"}
        with practice.app.app_context(), begin_work() as work:
            save_moment(work, practice.person(couple.one), "pay", pays)

        assert stands(practice, couple) is State.CLEARED

    def test_a_flag_that_was_not_there_ends_it(self, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
        couple = two(practice)
        clear(practice, couple)
        rule = couple_safety.CoupleRule("new", "lean", lambda _one, _other: True, "A new rule")
        monkeypatch.setattr(couple_safety, "COUPLE_RULES", (*couple_safety.COUPLE_RULES, rule))

        assert stands(practice, couple) is State.ENDED

    def test_with_a_new_partner_it_begins_anew(self, practice: Practice) -> None:
        couple = two(practice)
        clear(practice, couple)
        with practice.app.app_context(), begin_work() as work:
            parted = find_couple(couple.one.person_id)
            assert parted is not None
            part_couple(work, parted)
        assert may_start(practice, couple) == [False, False]
        with pytest.raises(NotFound):
            clear(practice, couple)

        again = join(practice, couple.one, accepts(practice, "toni@mail.example", "Toni"))

        assert stands(practice, again) is State.READY
        assert may_start(practice, again) == [False, False]

    def test_whoever_read_older_answers_clears_nothing(self, practice: Practice) -> None:
        couple = two(practice)
        read = mark(practice, couple)
        completes(practice, couple.one, own_force="yes")

        with pytest.raises(ReadMeanwhile):
            clear(practice, couple, seen=read)

        assert stands(practice, couple) is State.READY

    def test_of_two_who_read_the_same_the_second_does_nothing(self, practice: Practice) -> None:
        couple = two(practice)
        read = mark(practice, couple)
        clear(practice, couple, seen=read)

        for late in (clear, take_back):
            with pytest.raises(ReadMeanwhile):
                late(practice, couple, seen=read)
        with practice.app.app_context():
            assert len(list_clearances(get_couple(couple.reference))) == 1

    def test_erasing_either_of_the_two_erases_what_was_written_about_both(self, practice: Practice) -> None:
        couple = two(practice)
        clear(practice, couple)
        with practice.app.app_context(), begin_work() as work:
            intake = find_submitted(practice.person(couple.other))
            assert intake is not None
            work.session.execute(delete(IntakeAnswers).where(IntakeAnswers.intake_id == intake.id))
            intake.flags_sealed, intake.erased_at = None, work.now
            forget_person(work, practice.person(couple.other))

        assert stands(practice, couple) is State.WAITING
        with practice.app.app_context():
            [(given, words)] = list_clearances(get_couple(couple.reference))
            assert (given.cleared_by, words.reason) == (SAM, "")
        assert broken(practice) == []


class TestFlags:
    @staticmethod
    def flags(practice: Practice, intake: str) -> dict[str, tuple[str, bool]]:
        with practice.app.app_context():
            row = db.session.scalars(select(Intake).where(Intake.reference == intake)).one()
            return {one.flag.code: (one.mark, one.decided is not None) for one in flags_seen(row)}

    @staticmethod
    def band(practice: Practice, intake: str) -> Band | None:
        with practice.app.app_context():
            row = db.session.scalars(select(Intake).where(Intake.reference == intake)).one()
            return find_open_band(flags_seen(row))

    def clear(self, practice: Practice, intake: str, code: str, **changes: Any) -> None:
        seen = self.flags(practice, intake)[code][0]
        with practice.app.app_context(), begin_work() as work:
            actions.clear_flag(work, SAM, intake, **{"seen": seen, "reason": "Talked it through.", **changes})

    def test_a_clinician_clears_a_flag_and_the_band_follows_what_is_left(self, practice: Practice) -> None:
        robin = books(practice, control="often", self_harm="passing")
        intake = intake_of(practice, robin)
        assert self.band(practice, intake) is Band.RED

        self.clear(practice, intake, "control")
        assert self.band(practice, intake) is Band.AMBER
        self.clear(practice, intake, "self_harm_thoughts")
        assert self.band(practice, intake) is None

        assert {code: decided for code, (_, decided) in self.flags(practice, intake).items()} == {
            "control": True,
            "self_harm_thoughts": True,
        }
        assert [entry[:2] for entry in audit(practice, "flag_cleared")] == [(SAM, "flag_cleared")] * 2
        assert broken(practice) == []

    def test_neither_the_flag_nor_the_reason_stands_in_the_clear(self, practice: Practice) -> None:
        robin = books(practice, control="often")
        self.clear(practice, intake_of(practice, robin), "control")

        with practice.app.app_context():
            [row] = db.session.execute(select(FlagDecision.__table__)).mappings()
            said = " ".join(str(value) for value in row.values())
            assert "control" not in said
            assert "Talked" not in said

    def test_it_comes_back_with_another_answer(self, practice: Practice) -> None:
        robin = books(practice)
        completes(practice, robin, substance_concern="some")
        intake = intake_of(practice, robin)
        self.clear(practice, intake, "substance")
        assert self.band(practice, intake) is None

        completes(practice, robin, substance_concern="yes")

        assert self.band(practice, intake) is Band.AMBER
        assert broken(practice) == []

    def test_nobody_clears_what_they_have_not_read(self, practice: Practice) -> None:
        robin = books(practice)
        completes(practice, robin, substance_concern="some")
        intake = intake_of(practice, robin)
        read = self.flags(practice, intake)["substance"][0]
        completes(practice, robin, substance_concern="yes")

        with pytest.raises(ReadMeanwhile):
            self.clear(practice, intake, "substance", seen=read)
        with pytest.raises(ReasonNeeded):
            self.clear(practice, intake, "substance", reason=" ")
        self.clear(practice, intake, "substance")
        with pytest.raises(ReadMeanwhile):
            self.clear(practice, intake, "substance")
        with pytest.raises(NotFound), practice.app.app_context(), begin_work() as work:
            actions.clear_flag(work, SAM, "i_nothinghere", seen=read, reason="Why")

    def test_a_flag_of_two_is_cleared_for_both_until_either_answers_otherwise(self, practice: Practice) -> None:
        couple = two(practice, {"trust_role": "hurt"}, {"trust_role": "hurt"})
        assert self.of_two(practice, couple) == {"both_hurt": False}
        with practice.app.app_context():
            seen = read_joint_time(get_couple(couple.reference)).flags[0].mark
        with practice.app.app_context(), begin_work() as work:
            actions.clear_flag_of_two(work, SAM, couple.reference, seen=seen, reason="That is so, and fine.")

        assert self.of_two(practice, couple) == {"both_hurt": True}
        answers_as_partner(practice, couple.other, trust_role="broke")
        assert self.of_two(practice, couple) == {}
        answers_as_partner(practice, couple.other, trust_role="hurt", lean="0")
        assert self.of_two(practice, couple) == {"leans_apart": False, "both_hurt": True}
        assert broken(practice) == []

    @staticmethod
    def of_two(practice: Practice, couple: Two) -> dict[str, bool]:
        with practice.app.app_context():
            joint: JointTime = read_joint_time(get_couple(couple.reference))
            return {one.flag.code: one.decided is not None for one in joint.flags}


class TestThePlanOfASession:
    def test_one_persons_session_has_none(self, practice: Practice) -> None:
        held = confirmed(practice, MONDAY_NINE, offering=ALONE)
        with practice.app.app_context():
            assert find_plan(db.session.merge(see(practice, held))) is None

    def test_a_couples_session_begins_apart_until_it_is_cleared(self, practice: Practice) -> None:
        couple = two(practice)
        held = confirmed(practice, MONDAY_NINE, couple.one)

        def plan() -> tuple[State | None, bool]:
            with practice.app.app_context():
                found = find_plan(db.session.merge(see(practice, held)))
                assert found is not None
                return found.state, found.last is not None

        assert plan() == (State.READY, False)
        clear(practice, couple)
        assert plan() == (State.CLEARED, True)

    def test_before_the_other_has_joined_there_is_nobody_to_clear(self, practice: Practice) -> None:
        held = confirmed(practice, MONDAY_NINE, books(practice))
        with practice.app.app_context():
            found = find_plan(db.session.merge(see(practice, held)))
            assert found is not None
            assert (found.state, found.couple) == (None, None)


def test_a_clearance_of_answers_that_were_not_sent_then_is_found(practice: Practice) -> None:
    couple = two(practice)
    clear(practice, couple)
    with practice.app.app_context(), begin_work() as work:
        given = work.session.scalars(select(Clearance)).one()
        given.cleared_at -= timedelta(days=1)

    assert [line for line in broken(practice) if "not sent then" in line] != []
