"""One session on staff's pages: who opens it, and what becomes of it when they cancel, move, let go and mark."""

from __future__ import annotations

import json
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from practice.booking.lifecycle import State
from practice.booking.models import Override, Waiver
from practice.database import db
from practice.outbox import OutboxMessage
from practice.people import Contact, Person, save_contact
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN, FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.offers import ADA, NOOR, change_offering, confirmed, keep_for, see
from tests.support.staff import audit, desk, in_order
from tests.support.story import Held, Practice

REASON = "Their mother died on Saturday"
TUESDAY_NINE = MONDAY_NINE + timedelta(days=1)
LATE = timedelta(hours=40)  # before the session: less than the 48 hours until which cancelling is free


def page_of(held: Held) -> str:
    return f"/staff/schedule/sessions/{held.reference}"


def do(browser: Browser, held: Held, what: str, **typed: str) -> TestResponse:
    """Open the session's page and send one of its forms."""
    return browser.submit(page_of(held), typed, form=what)


def said_to_client(practice: Practice) -> list[str]:
    """The kinds of what was posted about bookings, in order."""
    with practice.app.app_context():
        return [message.kind for message in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]


def cancellation(practice: Practice) -> tuple[int, int]:
    """The share that goes back, of the one cancellation there is."""
    with practice.app.app_context():
        posted = select(OutboxMessage.payload).where(OutboxMessage.kind == "booking_cancelled").distinct()
        [payload] = [json.loads(one) for one in db.session.scalars(posted)]  # the same to each who handles it
        return payload["refund_numerator"], payload["refund_denominator"]


@pytest.fixture
def held(practice: Practice) -> Held:
    return confirmed(practice, MONDAY_NINE)


@pytest.fixture
def owner(practice: Practice) -> Browser:
    return desk(practice, "owner")


class TestWhoOpensIt:
    @pytest.mark.parametrize("role", ["owner", "clinician", "coordinator"])
    def test_the_desk_reads_who_when_where_and_how_it_stands(self, practice: Practice, held: Held, role: str) -> None:
        page = " ".join(desk(practice, role).get(page_of(held)).text.split())

        assert in_order(page, [held.payer.name, "Monday 10 May, 9:00 am", "Confirmed", "Video", "$160"])

    def test_somebody_elses_session_does_not_exist_for_a_therapist(self, practice: Practice, held: Held) -> None:
        noor = desk(practice, "therapist", therapist=NOOR)

        assert noor.get(page_of(held)).status_code == 404
        assert noor.get(f"{page_of(held)}/move").status_code == 404
        token = noor.get("/staff/schedule/block").text.partition('name="csrf_token" value="')[2].partition('"')[0]
        for what in ("cancel", "let-go", "attendance", "move"):
            said = {"csrf_token": token, "seen": "0 confirmed", "rule": "free 1", "decision": "all", "reason": "x"}
            said |= {"came": "attended", "start": TUESDAY_NINE.isoformat()}
            assert noor.post(f"{page_of(held)}/{what}", data=said).status_code == 404
        assert len(audit(practice, "session_refused")) == 6  # each try leaves a trace
        assert practice.state_of(held) is State.CONFIRMED
        assert see(practice, held).starts_at == MONDAY_NINE

    def test_her_own_therapist_opens_it_and_each_look_leaves_a_trace(self, practice: Practice, held: Held) -> None:
        assert desk(practice, "therapist", therapist=ADA).get(page_of(held)).status_code == 200
        desk(practice, "therapist", therapist=NOOR).get(page_of(held))

        assert [entry[1:] for entry in audit(practice, "session_viewed", "session_refused")] == [
            ("session_viewed", held.reference),
            ("session_refused", held.reference),
        ]


class TestCancelling:
    def test_by_the_rule_all_goes_back_while_it_is_early(self, practice: Practice, held: Held, owner: Browser) -> None:
        assert do(owner, held, "cancel").status_code == 302

        assert practice.state_of(held) is State.CANCELLED
        assert cancellation(practice) == (1, 1)

    def test_by_the_rule_nothing_goes_back_once_it_is_late(
        self, practice: Practice, held: Held, owner: Browser, clock: FrozenClock
    ) -> None:
        clock.set(MONDAY_NINE - LATE)
        owner = desk(practice, "coordinator")
        assert "nothing goes back of $160" in " ".join(owner.get(page_of(held)).text.split())

        do(owner, held, "cancel")

        assert cancellation(practice) == (0, 1)

    def test_by_the_rule_the_one_free_late_cancellation_is_used_up(
        self, practice: Practice, held: Held, clock: FrozenClock
    ) -> None:
        change_offering(practice, late_waiver=True)
        clock.set(MONDAY_NINE - LATE)

        do(desk(practice, "owner"), held, "cancel")

        assert cancellation(practice) == (1, 1)
        with practice.app.app_context():
            assert db.session.get(Waiver, held.payer.person_id) is not None

    @pytest.mark.parametrize(("decision", "share"), [("all", Fraction(1)), ("nothing", Fraction(0))])
    def test_another_decision_than_the_rule_needs_a_reason(
        self, practice: Practice, held: Held, clock: FrozenClock, decision: str, share: Fraction
    ) -> None:
        if decision == "all":
            clock.set(MONDAY_NINE - LATE)
        browser = desk(practice, "owner")

        bare = do(browser, held, "cancel", decision=decision)
        assert bare.status_code == 422
        assert "Say why" in bare.text
        assert practice.state_of(held) is State.CONFIRMED

        assert do(browser, held, "cancel", decision=decision, reason=REASON).status_code == 302
        assert cancellation(practice) == (share.numerator, share.denominator)

    def test_giving_all_back_without_using_up_the_free_late_cancellation_needs_a_reason(
        self, practice: Practice, held: Held, clock: FrozenClock
    ) -> None:
        change_offering(practice, late_waiver=True)
        clock.set(MONDAY_NINE - LATE)
        browser = desk(practice, "owner")

        assert do(browser, held, "cancel", decision="all").status_code == 422
        assert do(browser, held, "cancel", decision="all", reason=REASON).status_code == 302

        assert cancellation(practice) == (1, 1)
        with practice.app.app_context():
            assert db.session.get(Waiver, held.payer.person_id) is None

    def test_the_reason_is_read_by_clinicians_alone_and_stands_nowhere_in_the_open(
        self, practice: Practice, held: Held, clock: FrozenClock, mailer: FakeMailer, capfd: pytest.CaptureFixture[str]
    ) -> None:
        clock.set(MONDAY_NINE - LATE)
        browser = desk(practice, "owner")
        answer = do(browser, held, "cancel", decision="all", reason=REASON)
        practice.work_until_idle()

        assert REASON in browser.get(page_of(held)).text
        assert REASON not in desk(practice, "coordinator").get(page_of(held)).text
        assert "mother" not in answer.location
        with practice.app.app_context():
            decided = db.session.scalars(select(Override)).one()
            assert b"mother" not in decided.reason_sealed
            for message in db.session.scalars(select(OutboxMessage)):
                assert "mother" not in message.payload
        assert mailer.sent
        assert all(b"mother" not in letter.content for letter in mailer.sent)
        assert "mother" not in "".join(capfd.readouterr())

    def test_of_two_who_cancel_at_once_the_second_changes_nothing(self, practice: Practice, held: Held) -> None:
        one, other = desk(practice, "owner"), desk(practice, "coordinator")
        both = [browser.get(page_of(held)) for browser in (one, other)]

        first = one.send_form(both[0], form="cancel")
        second = other.send_form(both[1], {"decision": "nothing", "reason": REASON}, form="cancel")

        assert (first.status_code, second.status_code) == (302, 409)
        assert "This changed while you read it" in second.text
        assert cancellation(practice) == (1, 1)
        assert len(audit(practice, "session_cancelled")) == 1

    def test_a_page_that_was_read_while_cancelling_was_free_does_not_cancel_once_it_is_late(
        self, practice: Practice, held: Held, clock: FrozenClock
    ) -> None:
        clock.set(MONDAY_NINE - timedelta(hours=48, minutes=10))
        browser = desk(practice, "owner")
        page = browser.get(page_of(held))
        clock.advance(minutes=20)

        assert browser.send_form(page, form="cancel").status_code == 409
        assert practice.state_of(held) is State.CONFIRMED


class TestLettingGo:
    def test_a_time_that_waits_is_free_at_once_and_the_client_is_told(self, practice: Practice, owner: Browser) -> None:
        kept = keep_for(practice, practice.new_client(), MONDAY_NINE)

        assert do(owner, kept, "let-go").status_code == 302

        assert practice.state_of(kept) is State.CANCELLED
        assert "booking_expired" in said_to_client(practice)
        practice.hold(MONDAY_NINE)

    def test_what_was_paid_meanwhile_is_not_let_go(self, practice: Practice, owner: Browser) -> None:
        kept = practice.hold(MONDAY_NINE)
        page = owner.get(page_of(kept))
        practice.confirm(kept)

        assert owner.send_form(page, form="let-go").status_code == 409
        assert practice.state_of(kept) is State.CONFIRMED


class TestMoving:
    def move(self, browser: Browser, held: Held, **typed: str | None) -> TestResponse:
        return browser.submit(f"{page_of(held)}/move", typed)

    def test_an_open_time_of_the_day_takes_one_press(self, practice: Practice, held: Held, owner: Browser) -> None:
        page = owner.get(f"{page_of(held)}/move", query_string={"day": "2027-05-11"})
        assert f'value="{TUESDAY_NINE.isoformat()}"' in page.text

        answer = owner.send_form(page, {"start": TUESDAY_NINE.isoformat()})

        assert answer.status_code == 302
        moved = see(practice, held)
        assert (moved.starts_at, moved.sequence, moved.state) == (TUESDAY_NINE, 1, State.CONFIRMED)

    def test_any_free_time_can_be_typed_whatever_the_hours(
        self, practice: Practice, held: Held, owner: Browser
    ) -> None:
        assert self.move(owner, held, day="2027-05-15", at="20:05").status_code == 302
        assert see(practice, held).starts_at == MONDAY_NINE + timedelta(days=5, hours=11, minutes=5)

    def test_a_time_that_is_taken_names_what_has_it_and_moves_nothing(
        self, practice: Practice, held: Held, owner: Browser
    ) -> None:
        other = confirmed(practice, TUESDAY_NINE)

        answer = self.move(owner, held, day="2027-05-11", at="09:30")

        assert answer.status_code == 409
        assert other.reference in answer.text
        assert see(practice, held).starts_at == MONDAY_NINE

    @pytest.mark.parametrize(
        ("typed", "status"),
        [
            ({"day": "2027-05-11", "at": "09:02"}, 422),
            ({"day": "2027-05-11", "at": ""}, 422),
            ({"day": "2028-03-12", "at": "02:30"}, 422),  # skipped by the clock
            ({"day": "2027-05-01", "at": "09:00"}, 409),  # over
            ({"start": "whenever"}, 422),
        ],
    )
    def test_what_is_no_time_moves_nothing(
        self, practice: Practice, held: Held, owner: Browser, typed: dict[str, str], status: int
    ) -> None:
        assert self.move(owner, held, **typed).status_code == status
        assert see(practice, held).starts_at == MONDAY_NINE

    def test_a_page_from_before_another_move_moves_nothing(
        self, practice: Practice, held: Held, owner: Browser
    ) -> None:
        page = owner.get(f"{page_of(held)}/move")
        self.move(owner, held, day="2027-05-11", at="09:00")

        answer = owner.send_form(page, {"day": "2027-05-12", "at": "09:00"})

        assert answer.status_code == 409
        assert see(practice, held).starts_at == TUESDAY_NINE

    def test_an_unpaid_time_cannot_be_moved(self, practice: Practice, owner: Browser) -> None:
        kept = keep_for(practice, practice.new_client(), MONDAY_TEN)

        assert "It can’t be moved" in owner.get(f"{page_of(kept)}/move").text


class TestAttendance:
    def test_it_cannot_be_marked_before_the_session_is_over(
        self, practice: Practice, held: Held, owner: Browser
    ) -> None:
        page = owner.get(page_of(held))
        assert "/attendance" not in page.text
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]

        said = {"csrf_token": token, "seen": "0 confirmed", "came": "attended"}
        assert owner.post(f"{page_of(held)}/attendance", data=said).status_code == 409
        assert practice.state_of(held) is State.CONFIRMED

    def test_it_is_marked_once_it_is_over_and_can_be_corrected(
        self, practice: Practice, held: Held, clock: FrozenClock
    ) -> None:
        clock.set(MONDAY_NINE + timedelta(hours=1))
        ada = desk(practice, "therapist", therapist=ADA)

        ada.submit(page_of(held), {"came": "missed"}, form="attendance")
        assert practice.state_of(held) is State.MISSED
        ada.submit(page_of(held), form="attendance")

        assert practice.state_of(held) is State.ATTENDED
        assert len(audit(practice, "attendance_marked")) == 2
        page = " ".join(ada.get(page_of(held)).text.split())
        assert in_order(page, ["Time taken", "Confirmed", "Noted as missed", "Noted as attended"])


@pytest.mark.parametrize("address", ["%00", "b_" + "x" * 3000, "' OR 1=1 --"])
def test_an_address_of_no_session_is_not_there(practice: Practice, address: str) -> None:
    assert desk(practice, "coordinator").get(f"/staff/schedule/sessions/{address}").status_code == 404


def test_staff_are_told_to_tell_somebody_who_wants_no_mail(practice: Practice, held: Held) -> None:
    browser = desk(practice, "coordinator")
    with practice.app.app_context(), begin_work() as work:
        person = work.session.get_one(Person, held.payer.person_id)
        save_contact(person, Contact(held.payer.name, held.payer.email, "+1 555 010 0199", ("call",)))
    assert "one letter each" not in browser.get(page_of(held)).text

    answer = do(browser, held, "cancel")
    assert "They want no mail: tell them yourself." in browser.get(answer.location).text
    assert "The client is told." not in browser.get(page_of(held)).text
