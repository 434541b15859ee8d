"""What was sent is corrected with its history: whose answers change, what is kept, who is warned, and who is called."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from practice.audit import AuditEntry
from practice.clearing import actions as clearing
from practice.clearing.actions import ReadMeanwhile
from practice.clearing.flags import Seen, find_open_band, flags_seen
from practice.clearing.lifecycle import State
from practice.clearing.queries import get_couple, read_joint_time
from practice.database import db
from practice.errors import NotFound
from practice.intake import corrections, storing
from practice.intake.actions import save_moment
from practice.intake.correctable import Reach
from practice.intake.correcting import CorrectedMeanwhile
from practice.intake.correcting import correct as correct_page
from practice.intake.corrections import corrections_of, history_of, open_correction
from practice.intake.lanes import MAY_RAISE, ONLY_THERAPIST, TALK_FIRST
from practice.intake.messages import IntakeCorrected, UrgentIntake
from practice.intake.models import AnswerCorrection, Intake
from practice.intake.queries import codes_of, find_submitted, flags_of, get_intake, lanes_of, sent_codes_of
from practice.intake.safety import Band
from practice.outbox import OutboxMessage
from practice.partners.actions import invite_by_mail
from practice.partners.queries import find_open
from practice.people import contact_of
from practice.rights.export import read_export
from practice.rights.scope import Scope
from practice.staff.duty.models import UrgentNotice
from practice.work import begin_work
from tests.support.answering_couples import Two, intake_of, two
from tests.support.correcting import change_of, corrects, corrects_for
from tests.support.couples import client_for_two
from tests.support.staff import audit, hire, send_request
from tests.support.story import Practice

WHY = "Spoke with them alone."


@pytest.fixture
def couple(practice: Practice) -> Two:
    return two(practice)


@pytest.fixture
def robins(practice: Practice, couple: Two) -> str:
    return intake_of(practice, couple.one)


def sent(practice: Practice, reference: str) -> dict[str, Any]:
    with practice.app.app_context():
        return sent_codes_of(get_intake(reference))


def flags(practice: Practice, reference: str) -> tuple[Seen, ...]:
    with practice.app.app_context():
        return flags_seen(get_intake(reference))


def open_codes(practice: Practice, reference: str) -> list[str]:
    return [one.flag.code for one in flags(practice, reference) if one.decided is None]


def clear(practice: Practice, reference: str, code: str) -> None:
    [seen] = [one for one in flags(practice, reference) if one.flag.code == code]
    with practice.app.app_context(), begin_work() as work:
        clearing.clear_flag(work, "staff:1", reference, seen=seen.mark, reason=WHY)


def posted(practice: Practice, kind: Any) -> list[str]:
    with practice.app.app_context():
        found = select(OutboxMessage.payload).where(OutboxMessage.kind == kind.KIND).order_by(OutboxMessage.id)
        return list(dict.fromkeys(db.session.scalars(found)))


class TestWhatIsKept:
    def test_another_answer_stands_in_the_place_of_the_one_before_which_is_kept(self, practice, robins):
        row = corrects(practice, robins, goal_direction="decide")

        assert row is not None
        assert sent(practice, robins)["goal_direction"] == "decide"
        with practice.app.app_context():
            [was] = history_of(get_intake(robins))["goal_direction"]
            assert (was.said, was.by.split(":")[0], was.remark) == ("To repair and stay together", "client", "")
            assert was.lane == ONLY_THERAPIST
        assert practice.breaches() == []

    def test_a_page_that_is_saved_as_it_was_changes_nothing_and_makes_no_history(self, practice, robins):
        before = everything(practice)
        assert corrects(practice, robins, goal_direction="repair") is None
        assert corrects(practice, robins, lanes={"breach_story": ONLY_THERAPIST}, breach_story="") is None
        assert everything(practice) == before

    def test_an_answer_that_takes_back_others_removes_them_and_keeps_them_in_the_history(self, practice, robins):
        assert {"breach_last_when", "breach_ongoing", "breach_main"} & set(sent(practice, robins)) == {
            "breach_last_when",
            "breach_ongoing",
            "breach_main",
        }
        corrects(practice, robins, breach_pattern="many_small")

        assert not {"breach_last_when", "breach_ongoing"} & set(sent(practice, robins))
        with practice.app.app_context():
            intake = get_intake(robins)
            [correction] = corrections_of(intake)
            assert dict(correction.answers) == {
                "breach_pattern": "repeated",
                "breach_last_when": "m3_12",
                "breach_ongoing": "ended",
            }
            gone = [field.name for field in corrections.gone_fields(intake, history_of(intake))]
            assert gone == ["breach_last_when", "breach_ongoing"]
        assert practice.breaches() == []

    def test_what_an_answer_calls_for_must_be_answered_with_it(self, practice, robins):
        corrects(practice, robins, breach_pattern="many_small")
        with pytest.raises(CorrectedMeanwhile):
            corrects(practice, robins, breach_pattern="single")
        with pytest.raises(CorrectedMeanwhile):  # it isn't among what weighs most any more
            corrects(practice, robins, breach_types=["privacy_invaded", "other"])
        corrects(practice, robins, breach_pattern="single", breach_last_when="lt_2w", breach_ongoing="ended")
        assert sent(practice, robins)["breach_last_when"] == "lt_2w"
        assert practice.breaches() == []

    def test_words_of_then_are_shown_with_what_could_be_chosen_then(self, practice, robins):
        corrects(practice, robins, breach_types=["privacy_invaded", "other"], breach_main="other")
        with practice.app.app_context():
            history = history_of(get_intake(robins))
            assert history["breach_main"][0].said == "Lies, half-truths or leaving things out"

    def test_who_may_speak_of_an_answer_is_changed_alone_and_kept(self, practice, robins):
        corrects(practice, robins, lanes={"goals_own_words": TALK_FIRST}, lean="3")
        corrects(practice, robins, lanes={"goals_own_words": MAY_RAISE, "lean": MAY_RAISE}, lean="2")
        with practice.app.app_context():
            intake = get_intake(robins)
            assert {lanes_of(intake)[name] for name in ("goals_own_words", "lean")} == {MAY_RAISE}
            earlier = history_of(intake)
            assert [(one.said, one.lane) for one in earlier["goals_own_words"]] == [
                ("", TALK_FIRST),
                ("", ONLY_THERAPIST),
            ]
            assert [(one.said, one.lane) for one in earlier["lean"]] == [("leaning in", ONLY_THERAPIST)]
        assert practice.breaches() == []

    def test_the_part_before_the_session_that_is_saved_and_not_sent_stays_its_authors(self, practice):
        reference = send_request(practice)
        with practice.app.app_context(), begin_work() as work:
            intake = work.session.scalars(select(Intake)).one()
            said = storing.read_section(work, intake, "trust")
            storing.write_section(work, intake, "trust", {**said, "breach_story": "Canarydraft"})
        corrects(practice, reference, breach_known_since="lt_2w")
        with practice.app.app_context():
            intake = get_intake(reference)
            assert codes_of(intake)["breach_story"] == "Canarydraft"
            assert set(history_of(intake)) == {"breach_known_since"}
        with pytest.raises(IndexError):  # the page that asks it wasn't sent
            corrects(practice, reference, impact_now="1")
        assert practice.breaches() == []

    def test_nothing_of_it_is_in_the_clear_and_the_log_says_who_and_not_what(self, practice, robins):
        corrects(practice, robins, goals_own_words="Canarycorrected")
        corrects(practice, robins, goals_own_words="Something else")
        with practice.app.app_context():
            for row in db.session.scalars(select(AnswerCorrection)):
                assert b"Canarycorrected" not in row.sealed
                assert open_correction(row.intake, row).row is row
            told = select(AuditEntry.detail).where(AuditEntry.action == "intake_corrected").order_by(AuditEntry.number)
            assert list(db.session.scalars(told)) == ['{"number": 1}', '{"number": 2}']

    def test_an_intake_that_was_never_sent_or_was_erased_is_not_corrected(self, practice, robins):
        with practice.app.app_context():
            change = change_of(robins, Reach.OWN, {}, "", goal_direction="decide")
        with practice.app.app_context(), begin_work() as work:
            intake = work.session.scalars(select(Intake).where(Intake.reference == robins)).one()
            intake.erased_at = work.now
        with practice.app.app_context(), pytest.raises(NotFound), begin_work() as work:
            correct_page(work, "client:p", robins, change)

    def test_the_second_of_two_browsers_is_told_and_changes_nothing(self, practice, robins):
        with practice.app.app_context():
            change = change_of(robins, Reach.OWN, {}, "", goal_direction="decide")
        corrects(practice, robins, goal_direction="understand")
        with practice.app.app_context(), pytest.raises(CorrectedMeanwhile), begin_work() as work:
            correct_page(work, "client:p", robins, change)
        assert sent(practice, robins)["goal_direction"] == "understand"
        with practice.app.app_context():  # another page is no reason
            other = change_of(robins, Reach.OWN, {}, "", impact_now="1")
        corrects(practice, robins, goal_direction="decide")
        with practice.app.app_context(), begin_work() as work:
            assert correct_page(work, "client:p", robins, other) is not None

    def test_a_fault_before_the_commit_changes_nothing(self, practice, robins, monkeypatch):
        before = everything(practice)

        def fails(*_: object) -> None:
            raise RuntimeError("power cut")

        with practice.app.app_context():
            change = change_of(robins, Reach.OWN, {}, "", goal_direction="decide")
        for broken in ("seal_flags", "record"):
            with monkeypatch.context() as patch:
                patch.setattr(f"practice.intake.correcting.{broken}", fails)
                with practice.app.app_context(), pytest.raises(RuntimeError), begin_work() as work:
                    correct_page(work, "client:p", robins, change)
            assert everything(practice) == before
        with practice.app.app_context(), begin_work() as work:
            assert correct_page(work, "client:p", robins, change) is not None
        assert everything(practice) != before


class TestWhatCliniciansAreWarnedOf:
    def test_an_answer_that_is_worse_now_raises_its_flag(self, practice, robins):
        assert open_codes(practice, robins) == []
        corrects(practice, robins, breach_known_since="lt_2w")
        corrects_for(practice, robins, control="often")
        assert open_codes(practice, robins) == ["control", "newly_known"]
        with practice.app.app_context():
            assert {flag.code for flag in flags_of(get_intake(robins))} == {"control", "newly_known"}
        assert practice.breaches() == []

    def test_an_answer_that_is_taken_back_leaves_its_flag_until_a_clinician_clears_it(self, practice, robins):
        corrects_for(practice, robins, control="often")
        practice.clock.advance(hours=1)
        corrects_for(practice, robins, control="no")

        [flag] = flags(practice, robins)
        assert (flag.flag.code, flag.flag.band, flag.decided) == ("control", Band.RED, None)
        assert flag.until == practice.clock.now()
        assert find_open_band([flag]) is Band.RED
        clear(practice, robins, "control")
        assert open_codes(practice, robins) == []
        assert practice.breaches() == []

    def test_a_flag_that_was_cleared_counts_again_once_its_answer_is_taken_back_or_comes_back(self, practice, robins):
        corrects_for(practice, robins, control="sometimes")
        clear(practice, robins, "control")
        for said in ("often", "sometimes", "no", "sometimes"):
            corrects_for(practice, robins, control=said)
            assert open_codes(practice, robins) == ["control"], said
            clear(practice, robins, "control")
            assert open_codes(practice, robins) == [], said
        corrects(practice, robins, goal_direction="understand")  # another question is no reason
        assert open_codes(practice, robins) == []
        assert practice.breaches() == []

    def test_what_nobody_looked_at_in_between_is_not_forgotten_when_the_answer_comes_back(self, practice, robins):
        corrects_for(practice, robins, control="sometimes")
        clear(practice, robins, "control")
        corrects_for(practice, robins, control="often")
        corrects_for(practice, robins, control="sometimes")  # as it was when it was cleared
        assert open_codes(practice, robins) == ["control"]
        clear(practice, robins, "control")
        assert open_codes(practice, robins) == []
        assert practice.breaches() == []

    def test_who_read_a_flag_before_the_correction_clears_nothing(self, practice, robins):
        corrects_for(practice, robins, control="sometimes")
        [read] = flags(practice, robins)
        corrects_for(practice, robins, control="often")
        with practice.app.app_context(), pytest.raises(ReadMeanwhile), begin_work() as work:
            clearing.clear_flag(work, "staff:1", robins, seen=read.mark, reason=WHY)

    def test_an_amber_that_is_left_of_a_red_stands_beside_it(self, practice, robins):
        corrects_for(practice, robins, self_harm="plan")
        corrects_for(practice, robins, self_harm="passing")
        assert open_codes(practice, robins) == ["self_harm", "self_harm_thoughts"]

    def test_a_flag_of_an_answer_that_is_not_asked_any_more_stands(self, practice, robins):
        corrects(practice, robins, breach_ongoing="ongoing")
        corrects(practice, robins, breach_pattern="many_small")
        [flag] = flags(practice, robins)
        assert (flag.flag.code, flag.until is None) == ("ongoing", False)
        assert practice.breaches() == []

    def test_joint_time_that_was_cleared_ends_and_waits_anew(self, practice, couple, robins):
        assert joint(practice, couple).state is State.READY
        clear_joint_time(practice, couple)
        corrects(practice, robins, impact_now="3")
        assert joint(practice, couple).state is State.ENDED
        corrects_for(practice, robins, control="often")
        corrects_for(practice, robins, control="no")
        corrects(practice, robins, impact_now="2")  # as it was, but for the flag that stands
        assert joint(practice, couple).state is State.ENDED
        clear_joint_time(practice, couple)
        assert joint(practice, couple).state is State.CLEARED
        assert practice.breaches() == []

    def test_joint_time_does_not_come_back_with_an_answer_that_was_taken_back_and_put_there_again(
        self, practice, couple, robins
    ):
        corrects_for(practice, robins, control="sometimes")
        clear_joint_time(practice, couple)
        for answer in ("no", "sometimes"):
            corrects_for(practice, robins, control=answer)
            assert joint(practice, couple).state is State.ENDED

    def test_what_two_say_against_each_other_stands_once_one_takes_it_back(self, practice, couple, robins):
        corrects(practice, robins, goal_direction="separate_well")
        [apart] = joint(practice, couple).flags
        assert (apart.flag.code, apart.until) == ("goals_conflict", None)
        clear_of_two(practice, couple)
        practice.clock.advance(minutes=5)
        corrects(practice, robins, goal_direction="repair")
        [taken_back] = joint(practice, couple).flags
        assert (taken_back.flag.code, taken_back.decided) == ("goals_conflict", None)
        assert taken_back.until == practice.clock.now()
        clear_of_two(practice, couple)
        corrects(practice, robins, impact_now="1")
        assert [one.decided is None for one in joint(practice, couple).flags] == [False]
        corrects(practice, robins, goal_direction="separate_well")
        assert [one.decided is None for one in joint(practice, couple).flags] == [True]
        assert practice.breaches() == []


class TestWhoIsCalled:
    def test_a_crisis_answer_calls_also_when_staff_correct_it_and_each_time_that_it_is_new(self, practice, robins):
        hire(practice, "clinician")
        corrects_for(practice, robins, self_harm="passing")
        assert posted(practice, UrgentIntake) == []
        for said in ("plan", "no", "plan"):
            corrects_for(practice, robins, self_harm=said)
        practice.work_until_idle()
        with practice.app.app_context():
            assert list(db.session.scalars(select(UrgentNotice.moment).order_by(UrgentNotice.moment))) == [
                "again-2",
                "again-4",
            ]
        assert len(posted(practice, IntakeCorrected)) == 4
        assert practice.breaches() == []

    @pytest.mark.parametrize(("said", "calls"), [({"control": "often"}, 1), ({"alone_call": "yes"}, 0)])
    def test_a_red_correction_that_nobody_looks_at_calls_in_the_end(self, practice, robins, said, calls):
        hire(practice, "clinician")
        with practice.app.app_context(), begin_work() as work:
            work.session.scalars(select(Intake).where(Intake.reference == robins)).one().looked_at = work.now
        practice.clock.advance(minutes=5)
        corrects_for(practice, robins, **said)
        practice.work_until_idle()
        practice.clock.advance(days=2)
        practice.work_until_idle()
        with practice.app.app_context():
            moments = list(db.session.scalars(select(UrgentNotice.moment)))
        assert moments == ["again-1"] * calls

    def test_a_red_answer_that_is_taken_back_is_looked_at_in_time_too(self, practice, couple, robins):
        hire(practice, "clinician")
        corrects_for(practice, robins, control="often")
        corrects_for(practice, robins, control="no")
        practice.work_until_idle()
        practice.clock.advance(days=2)
        practice.work_until_idle()
        with practice.app.app_context():
            assert "again-2" in set(db.session.scalars(select(UrgentNotice.moment)))

    def test_who_else_reads_their_messages_makes_letters_more_careful_and_never_less(self, practice, couple, robins):
        corrects_for(practice, robins, others_see_messages="yes", safe_contact_note="")
        with practice.app.app_context():
            contact = contact_of(practice.person(couple.one))
            assert contact is not None
            assert not contact.calendar_by_mail
        corrects_for(practice, robins, others_see_messages="no")
        with practice.app.app_context():
            contact = contact_of(practice.person(couple.one))
            assert contact is not None
            assert not contact.calendar_by_mail

    def test_the_partner_gets_no_letter_and_nobody_else_does(self, practice, robins, mailer):
        practice.work_until_idle()
        mailer.sent.clear()
        corrects(practice, robins, goal_direction="decide")
        practice.work_until_idle()
        assert mailer.sent == []


class TestTakingItAlong:
    def test_they_take_along_what_they_corrected_and_when_and_not_what_it_was(self, practice, couple, robins):
        corrects(practice, robins, goals_own_words="Canarybefore")
        corrects(practice, robins, goals_own_words="Now this", lean="2")
        corrects_for(practice, robins, control="often")
        with practice.app.app_context():
            person = practice.person(couple.one)
            own, whole = (read_export(person, scope, practice.clock.now()) for scope in (Scope.OWN, Scope.WHOLE))
        told = own["intakes"][0]["corrections"]
        assert [one["field"] for one in told] == ["goals_own_words", "lean", "goals_own_words"]
        assert all(set(one) == {"corrected_at", "by", "field", "question"} for one in told)
        assert "Canarybefore" not in str(own)
        everything = {one["field"]: one for one in whole["intakes"][0]["corrections"]}
        assert everything["control"]["asked_how"] == "They asked by phone"
        assert everything["control"]["before_codes"] == ["no"]
        assert everything["goals_own_words"]["before_answer"] == "Canarybefore"


def everything(practice: Practice) -> list[Any]:
    with practice.app.app_context():
        intakes = [(one.reference, one.saved_at, one.flags_sealed) for one in db.session.scalars(select(Intake))]
        answers = [sorted(codes_of(one).items(), key=str) for one in db.session.scalars(select(Intake))]
        counts = [db.session.scalar(select(func.count()).select_from(t)) for t in (AnswerCorrection, OutboxMessage)]
        return [intakes, answers, counts, len(audit(practice, "intake_corrected"))]


def joint(practice: Practice, couple: Two) -> Any:
    with practice.app.app_context():
        return read_joint_time(get_couple(couple.reference))


def clear_joint_time(practice: Practice, couple: Two) -> None:
    seen = joint(practice, couple).mark
    with practice.app.app_context(), begin_work() as work:
        clearing.clear(work, "staff:1", couple.reference, seen=seen, reason=WHY)


def clear_of_two(practice: Practice, couple: Two) -> None:
    [flag] = joint(practice, couple).flags
    with practice.app.app_context(), begin_work() as work:
        clearing.clear_flag_of_two(work, "staff:1", couple.reference, seen=flag.mark, reason=WHY)


def test_whoever_corrects_that_the_other_knows_of_it_has_what_was_mailed_taken_back(practice: Practice) -> None:
    client = client_for_two(practice)
    with practice.app.app_context(), begin_work() as work:
        person = practice.person(client)
        save_moment(work, person, "invite", {"partner_knows": "yes"})
        invite_by_mail(work, person, "invited@mail.example")
        reference = str(find_submitted(person).reference)
    corrects(practice, reference, goal_direction="decide")
    practice.work_until_idle()
    with practice.app.app_context():
        assert find_open(client.person_id, practice.clock.now())
    corrects_for(practice, reference, partner_knows="not_yet")
    practice.work_until_idle()
    with practice.app.app_context():
        assert find_open(client.person_id, practice.clock.now()) == []
    assert practice.breaches() == []
