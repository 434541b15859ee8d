"""Who is on duty, and urgent notices that call until somebody has read them: on the clock, on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from practice.database import db
from practice.intake.messages import UrgentIntake
from practice.notify import handlers as notify
from practice.outbox import OutboxMessage
from practice.review import actions as review
from practice.review import handlers as review_handlers
from practice.review.messages import LookDue
from practice.staff.duty import actions
from practice.staff.duty.actions import NoClinician, NoSuchTurn
from practice.staff.duty.messages import NoticeDue
from practice.staff.duty.models import DutyTurn, UrgentNotice
from practice.staff.duty.queries import find_on_duty, find_owner_for, list_bygone_turns, list_turns
from practice.staff.models import StaffAccount
from practice.work import begin_work
from tests.support.staff import audit, desk, hire, request_of, send_request, sign_in

TODAY = date(2027, 5, 5)  # a Wednesday; the clock stands at 8:00
CALM: dict[str, str] = {}
CRISIS = {"self_harm": "plan"}
RED = {"control": "often"}


@pytest.fixture
def team(practice):
    """Mara and Noor are clinicians, Ines is the owner and none, Cleo coordinates."""
    return {
        name: hire(practice, *roles, email=f"{name}@practice.example")
        for name, roles in (
            ("mara", ("clinician",)),
            ("noor", ("clinician",)),
            ("ines", ("owner",)),
            ("cleo", ("coordinator",)),
        )
    }


def number(colleague) -> int:
    return int(colleague.actor.removeprefix("staff:"))


def put_on_duty(practice, colleague, first=TODAY, last=TODAY) -> int:
    with practice.app.app_context(), begin_work() as work:
        return actions.take_dates(work, "staff:1", first, last, number(colleague)).id


def now_on_duty(practice) -> str | None:
    with practice.app.app_context(), begin_work() as work:
        found = find_on_duty(work.now)
        return found.email if found else None


def change(practice, colleague, **values) -> None:
    with practice.app.app_context(), begin_work() as work:
        account = work.session.get_one(StaffAccount, number(colleague))
        if values.pop("roles", None) == []:
            account.roles = []
        for name, value in values.items():
            setattr(account, name, value)


def urgent(mailer) -> list[str]:
    """To whom urgent letters went, in order of the alphabet; they are forgotten then."""
    letters = [letter for letter in mailer.sent if letter.subject == "Please open the desk now"]
    mailer.sent.clear()
    return sorted(letter.to.partition("@")[0] for letter in letters)


def step(practice, clock, mailer, **later) -> list[str]:
    clock.advance(**later)
    practice.work_until_idle()
    return urgent(mailer)


def test_turns_follow_each_other_and_stay_in_the_history(practice, clock, team):
    assert now_on_duty(practice) is None
    first = put_on_duty(practice, team["mara"], last=date(2027, 5, 7))
    assert now_on_duty(practice) == "mara@practice.example"
    put_on_duty(practice, team["noor"])
    assert now_on_duty(practice) == "noor@practice.example"
    clock.advance(days=1)
    assert now_on_duty(practice) == "mara@practice.example"
    for _ in range(2):  # twice is as good as once
        with practice.app.app_context(), begin_work() as work:
            actions.end_turn(work, team["ines"].actor, first)
    assert now_on_duty(practice) is None
    with practice.app.app_context():
        assert list_turns(clock.now()) == []
        gone = [(turn.account.email, turn.ended_by) for turn in list_bygone_turns(clock.now())]
    assert gone == [("noor@practice.example", None), ("mara@practice.example", team["ines"].actor)]
    who = [(actor, action) for actor, action, _ in audit(practice, "duty_set", "duty_ended")]
    assert who == [("staff:1", "duty_set"), ("staff:1", "duty_set"), (team["ines"].actor, "duty_ended")]


def test_the_week_is_saved_as_a_whole_and_what_stays_keeps_its_turn(practice, clock, team):
    week = {2: number(team["mara"]), 3: number(team["noor"])}
    for again in (week, {**week, 3: number(team["mara"])}, {**week, 3: None}):
        with practice.app.app_context(), begin_work() as work:
            actions.save_week(work, "staff:1", again)
    assert now_on_duty(practice) == "mara@practice.example"
    clock.advance(days=1)
    assert now_on_duty(practice) is None
    with practice.app.app_context():
        assert len(list_turns(clock.now())) == 1
        assert db.session.query(DutyTurn).count() == 3


@pytest.mark.parametrize(
    ("first", "last"),
    [(TODAY, date(2027, 5, 4)), (date(2027, 5, 1), date(2027, 5, 4)), (TODAY, date(2028, 6, 1))],
)
def test_dates_that_make_no_turn_are_refused(practice, team, first, last):
    with pytest.raises(NoSuchTurn):
        put_on_duty(practice, team["mara"], first, last)


def test_only_a_clinician_can_be_on_duty_and_who_is_none_any_more_is_passed_over(practice, team):
    for other in ("ines", "cleo"):
        with pytest.raises(NoClinician):
            put_on_duty(practice, team[other])
    put_on_duty(practice, team["mara"])
    change(practice, team["mara"], roles=[])
    assert now_on_duty(practice) is None
    with pytest.raises(NoClinician):
        put_on_duty(practice, team["mara"])
    put_on_duty(practice, team["noor"])
    change(practice, team["noor"], active=False)
    assert now_on_duty(practice) is None


def test_an_urgent_notice_calls_further_until_it_is_read(practice, clock, mailer, team):
    put_on_duty(practice, team["mara"])
    reference = send_request(practice, **CRISIS)
    assert step(practice, clock, mailer) == ["mara"]
    assert step(practice, clock, mailer, minutes=29) == []
    assert step(practice, clock, mailer, minutes=1) == ["mara", "noor"]
    assert step(practice, clock, mailer, minutes=30) == ["ines", "mara", "noor"]
    assert step(practice, clock, mailer, hours=22) == []  # 7:00
    assert step(practice, clock, mailer, hours=2) == ["ines", "mara", "noor"]  # the desk is open again
    assert practice.breaches() == []

    assert desk(practice, "clinician").get(f"/staff/intakes/{reference}/just-for-you").status_code == 200
    assert step(practice, clock, mailer, days=9) == []
    assert [(action, subject) for _, action, subject in audit(practice, "notice_raised", "notice_read")] == [
        ("notice_raised", reference),
        ("notice_read", reference),
    ]
    assert practice.breaches() == []


def test_the_letter_names_nobody_and_says_nothing(practice, mailer, team):
    reference = send_request(practice, preferred_name="Zora", **CRISIS)
    practice.work_until_idle()
    letters = [letter for letter in mailer.sent if letter.subject == "Please open the desk now"]
    assert letters
    for letter in letters:
        for word in ("Zora", reference, "self", "harm", "plan"):
            assert word not in (letter.subject + letter.text + letter.html).replace("yourself", "")
        assert letter.calendar is None


def test_nobody_named_calls_every_clinician_and_no_clinician_at_all_the_owner(practice, clock, mailer, team):
    send_request(practice, **CRISIS)
    assert step(practice, clock, mailer) == ["mara", "noor"]
    for name in ("mara", "noor"):
        change(practice, team[name], active=False)
    assert step(practice, clock, mailer, minutes=30) == ["ines"]
    send_request(practice, email="kim@mail.example", **CRISIS)
    assert step(practice, clock, mailer) == ["ines"]


def test_who_is_on_duty_is_asked_when_the_letter_is_due_not_when_the_rota_was_made(practice, clock, mailer, team):
    put_on_duty(practice, team["mara"])
    change(practice, team["mara"], roles=[])
    send_request(practice, **CRISIS)
    assert step(practice, clock, mailer) == ["noor"]


def test_a_message_that_comes_twice_or_out_of_order_calls_nobody_again(practice, clock, mailer, team):
    put_on_duty(practice, team["mara"])
    reference = send_request(practice, **CRISIS)
    assert step(practice, clock, mailer) == ["mara"]
    with practice.app.app_context():
        notify.on_urgent_intake(UrgentIntake(reference))
    assert step(practice, clock, mailer) == []
    clock.advance(minutes=30)
    with practice.app.app_context():
        notify.on_notice_due(NoticeDue(reference, 2, "session"))  # of the other part
        notify.on_notice_due(NoticeDue(reference, 2))  # before the first
        notify.on_notice_due(NoticeDue(reference, 1))
        notify.on_notice_due(NoticeDue(reference, 2))
    assert step(practice, clock, mailer) == ["ines", "mara", "noor"]
    with practice.app.app_context():
        assert db.session.query(UrgentNotice).one().step == 2
    assert practice.breaches() == []


def test_a_letter_that_is_on_its_way_when_somebody_reads_is_not_sent(practice, clock, mailer, team):
    reference = send_request(practice, **CRISIS)
    with practice.app.app_context():
        notify.on_urgent_intake(UrgentIntake(reference))
        with begin_work() as work:
            actions.mark_read(work, team["mara"].actor, reference)
            actions.mark_read(work, team["noor"].actor, reference)  # whoever was first is kept
        assert db.session.query(UrgentNotice).one().read_by == team["mara"].actor
    assert step(practice, clock, mailer) == []


def test_what_is_said_later_calls_anew_though_the_first_was_read(practice, clock, mailer, team):
    put_on_duty(practice, team["mara"])
    reference = send_request(practice, **CRISIS)
    assert step(practice, clock, mailer) == ["mara"]
    with practice.app.app_context(), begin_work() as work:
        actions.mark_read(work, team["mara"].actor, reference)
    clock.advance(hours=3)
    for _ in range(2):
        with practice.app.app_context():
            notify.on_urgent_intake(UrgentIntake(reference, "session"))
    assert step(practice, clock, mailer) == ["mara"]
    assert step(practice, clock, mailer, minutes=30) == ["mara", "noor"]
    assert practice.breaches() == []
    with practice.app.app_context(), begin_work() as work:
        actions.mark_read(work, team["mara"].actor, reference)
    with practice.app.app_context():
        notify.on_urgent_intake(UrgentIntake(reference, "session"))
        notify.on_urgent_intake(UrgentIntake(reference))
    assert step(practice, clock, mailer, days=1) == []


def test_a_notice_that_calls_nobody_again_breaks_a_promise(practice, team):
    send_request(practice, **CRISIS)
    practice.work_until_idle()
    assert practice.breaches() == []
    with practice.app.app_context(), begin_work() as work:
        work.session.query(OutboxMessage).filter_by(kind=NoticeDue.KIND).delete()
    [breach] = practice.breaches()
    assert "nobody is called again" in breach


def test_an_erased_intake_calls_nobody(practice, clock, mailer, team):
    reference = send_request(practice, **CRISIS)
    practice.work_until_idle()
    urgent(mailer)
    with practice.app.app_context(), begin_work() as work:
        request_of(practice, reference).erased_at = work.now
        work.session.flush()
    assert step(practice, clock, mailer, days=1) == []


@pytest.mark.parametrize("answers", [CALM, RED, CRISIS])
def test_every_request_goes_to_whoever_is_on_duty_so_that_having_an_owner_says_nothing(practice, team, answers):
    put_on_duty(practice, team["noor"])
    reference = send_request(practice, **answers)
    practice.work_until_idle()
    with practice.app.app_context():
        assert request_of(practice, reference).owner == team["noor"].actor


def test_where_several_might_have_it_nobody_has_it_and_the_only_clinician_always_does(practice, team):
    reference = send_request(practice, **RED)
    practice.work_until_idle()
    with practice.app.app_context(), begin_work() as work:
        assert request_of(practice, reference).owner is None
        assert find_owner_for(work.now) is None
    change(practice, team["noor"], active=False)
    with practice.app.app_context():
        with begin_work() as work:
            review.give_to_duty(work, reference)
        with begin_work() as work:
            work.session.get_one(StaffAccount, number(team["noor"])).active = True
            actions.take_dates(work, "staff:1", TODAY, TODAY, number(team["noor"]))
            review.give_to_duty(work, reference)  # delivered again
        assert request_of(practice, reference).owner == team["mara"].actor


def test_a_red_request_at_which_nobody_looked_is_called_for_when_its_business_day_ends(practice, clock, mailer, team):
    put_on_duty(practice, team["mara"])
    seen = send_request(practice, email="kim@mail.example", **RED)
    send_request(practice, **RED)
    calm = send_request(practice, email="lee@mail.example")
    assert step(practice, clock, mailer) == []
    assert sign_in(practice, team["mara"]).get(f"/staff/intakes/{seen}").status_code == 200
    assert step(practice, clock, mailer, hours=8, minutes=59) == []
    assert step(practice, clock, mailer, minutes=1) == ["mara"]  # 17:00, for the one of the three
    with practice.app.app_context():
        review_handlers.on_look_due(LookDue(seen))  # late, and looked at
        assert db.session.query(UrgentNotice).count() == 1
        assert request_of(practice, calm).looked_at is None


def test_a_clinician_or_the_owner_can_say_that_they_have_it_and_nobody_else(practice, clock, mailer, team):
    reference = send_request(practice, **CRISIS)
    practice.work_until_idle()
    urgent(mailer)
    address = f"/staff/intakes/{reference}"
    coordinator = desk(practice, "coordinator")
    assert "Urgent" not in coordinator.get(address).text
    assert "Urgent" not in coordinator.get("/staff/").text
    owner = desk(practice, "owner")
    assert "read by nobody for less than a minute" in owner.get(address).text
    assert owner.submit(address, form="/read").status_code == 302
    assert step(practice, clock, mailer, days=2) == []
