"""A couple on the desk: who finds it, what it shows, and that nothing is decided on what has changed meanwhile."""

from __future__ import annotations

import re
from typing import Any

import pytest

from practice.booking.lifecycle import State as BookingState
from tests.support.answering_couples import (
    Two,
    accepts,
    answers_as_partner,
    books,
    comes,
    completes,
    intake_of,
    join,
    may_book,
    two,
)
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.offers import ADA, ALONE, NOOR, broken, change_offering, confirmed, see
from tests.support.paying import PRICE, Till
from tests.support.staff import audit, desk, hire, sign_in
from tests.support.story import Practice

WHY = "Spoke with each of them alone; both are at ease."


def page_of(couple: Two) -> str:
    return f"/staff/couples/{couple.reference}"


def text(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return answer.text


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def couple(practice: Practice) -> Two:
    return two(practice, {"control": "often"}, {"goal_direction": "separate_well"})


class TestWhoFindsIt:
    def test_owners_and_clinicians_find_every_couple_and_each_look_is_noted(
        self, practice: Practice, couple: Two
    ) -> None:
        for role in ("owner", "clinician"):
            page = text(desk(practice, role), page_of(couple))
            assert "Robin and Kim" in page
            assert ("Clear joint time" in page) is (role == "clinician")
            assert ("Open “Just for you”" in page) is (role == "clinician")
        assert [entry[1:] for entry in audit(practice, "couple_viewed")] == [("couple_viewed", couple.reference)] * 2

    def test_for_coordinators_and_foreign_therapists_it_does_not_exist(self, practice: Practice, couple: Two) -> None:
        confirmed(practice, MONDAY_NINE, couple.one, therapist=ADA)
        noor = hire(practice, "therapist", email="noor@practice.example", therapist=NOOR)

        for browser in (desk(practice, "coordinator"), sign_in(practice, noor)):
            answer = browser.get(page_of(couple))
            assert answer.status_code == 404
            assert "Robin" not in answer.text
        assert audit(practice, "couple_refused") == [(noor.actor, "couple_refused", couple.reference)]

    def test_a_therapist_finds_a_couple_that_has_a_session_with_them_and_clears_nothing(
        self, practice: Practice, couple: Two
    ) -> None:
        ada = desk(practice, "therapist", therapist=ADA)
        assert ada.get(page_of(couple)).status_code == 404
        confirmed(practice, MONDAY_NINE, couple.one, therapist=ADA)

        page = text(ada, page_of(couple))

        assert "Clear joint time" not in page
        assert "just-for-you" not in page
        assert ada.post(f"{page_of(couple)}/clear", data={}).status_code in {400, 404}
        assert couple.reference in text(ada, "/staff/couples")

    def test_seeing_one_of_the_two_alone_does_not_open_the_others_answers(
        self, practice: Practice, couple: Two
    ) -> None:
        ada = desk(practice, "therapist", therapist=ADA)
        confirmed(practice, MONDAY_NINE, couple.one, therapist=ADA, offering=ALONE)
        request = text(ada, f"/staff/intakes/{intake_of(practice, couple.one)}")
        assert couple.reference not in request
        assert ada.get(page_of(couple)).status_code == 404

        may_book(practice, couple.other)
        confirmed(practice, MONDAY_TEN, couple.other, therapist=ADA, offering=ALONE)
        assert ada.get(page_of(couple)).status_code == 200

    def test_no_couple_at_all_is_no_page(self, practice: Practice) -> None:
        clinician = desk(practice, "clinician")
        for path in ("c_nothinghere12", "c_nothinghere12/flags/abc", "c_nothinghere12/sessions/b_nothing"):
            assert clinician.get(f"/staff/couples/{path}").status_code == 404


class TestWhatItShows:
    def test_both_side_by_side_with_differences_and_flags_marked(self, practice: Practice, couple: Two) -> None:
        page = words(text(desk(practice, "clinician"), page_of(couple)))

        assert "What do you most want from this? differs To repair and stay together To part well" in page
        assert "Which is closest to your side of it? differs" in page
        assert "What the two want most pulls apart" in page
        assert "No choice about money, phone or people" in page
        assert "Do you feel that you have no choice about money" in page  # the question that the flag comes from
        assert "Could you say what you really think" not in page  # no answer of Just for you stands here

    def test_before_both_have_sent_nothing_is_read_together(self, practice: Practice) -> None:
        couple = join(practice, books(practice), comes(practice))

        page = words(text(desk(practice, "clinician"), page_of(couple)))

        assert "“Just for you” was not shown in full yet" in page
        assert "nothing was sent yet" in page
        assert "Nothing is read together before both have sent" in page
        assert "Side by side" not in page
        assert "Clear joint time" not in page

    def test_the_list_has_those_whose_session_stands(self, practice: Practice, couple: Two) -> None:
        clinician = desk(practice, "clinician")
        assert "Robin and Kim" not in text(clinician, "/staff/couples")
        confirmed(practice, MONDAY_NINE, couple.one)
        listed = words(text(clinician, "/staff/couples"))
        assert "Robin and Kim" in listed
        assert "to be looked at" in listed
        assert text(desk(practice, "coordinator"), "/staff/intakes").count("couples") == 0


class TestDeciding:
    def test_a_clinician_clears_and_takes_back_with_reasons(self, practice: Practice, couple: Two) -> None:
        clinician = desk(practice, "clinician")

        answer = clinician.submit(page_of(couple), {"reason": WHY}, form="/clear", follow_redirects=True)
        assert answer.status_code == 200
        assert "Joint time: cleared" in words(answer.text)
        assert WHY in answer.text

        answer = clinician.submit(page_of(couple), {"reason": "They fell out."}, form="/take-back")
        assert answer.status_code == 302
        page = text(clinician, page_of(couple))
        assert "Joint time: taken back" in words(page)
        assert "They fell out." in page
        assert broken(practice) == []

    def test_without_a_reason_nothing_happens_and_the_field_says_so(self, practice: Practice, couple: Two) -> None:
        clinician = desk(practice, "clinician")
        answer = clinician.submit(page_of(couple), {"reason": " "}, form="/clear")
        assert answer.status_code == 422
        assert "<title>Error: Robin and Kim" in answer.text
        assert "Say why, in a few words." in answer.text
        assert audit(practice, "joint_time_cleared") == []

    def test_newer_answers_in_between_stop_it_and_what_was_typed_is_kept(self, practice: Practice, couple: Two) -> None:
        clinician = desk(practice, "clinician")
        read = clinician.get(page_of(couple))
        completes(practice, couple.one, own_force="yes")

        answer = clinician.send_form(read, {"reason": WHY}, form="/clear")

        assert answer.status_code == 409
        assert "Something new came in while you read" in answer.text
        assert WHY in answer.text
        assert "Has used force" in answer.text
        assert audit(practice, "joint_time_cleared") == []
        assert clinician.send_form(answer, form="/clear").status_code == 302  # now it was read

    def test_a_flag_is_cleared_on_a_page_of_its_own_and_the_band_follows(self, practice: Practice, couple: Two) -> None:
        clinician = desk(practice, "clinician")
        request = f"/staff/intakes/{intake_of(practice, couple.one)}"
        own = re.search(rf'href="({request}/flags/\w+)"', text(clinician, request))
        of_two = re.search(rf'href="({page_of(couple)}/flags/\w+)"', text(clinician, page_of(couple)))
        assert own
        assert of_two
        assert "tag-red" in text(clinician, "/staff/intakes")

        assert "It comes from: “" in text(clinician, request)
        assert "Rule" not in words(text(clinician, request)).replace("Rules point", "")
        asked = words(text(clinician, own[1]))
        assert "Clear this flag of Robin?" in asked
        assert "?”." not in asked
        assert "Clear this flag of Robin and Kim?" in words(text(clinician, of_two[1]))
        assert clinician.submit(own[1], {"reason": ""}).status_code == 422
        assert clinician.submit(own[1], {"reason": "It was years ago."}).status_code == 302

        assert "It was years ago." in text(clinician, request)
        assert "tag-red" not in text(clinician, "/staff/intakes")
        assert "tag-amber" in text(clinician, "/staff/intakes")  # what the two want most pulls apart
        assert clinician.submit(of_two[1], {"reason": "They know."}).status_code == 302
        assert "tag-amber" not in text(clinician, "/staff/intakes")
        assert clinician.get(own[1]).status_code == 404  # cleared: there is nothing to clear

    def test_a_flag_whose_answer_changed_is_not_cleared(self, practice: Practice) -> None:
        robin = books(practice)
        completes(practice, robin, substance_concern="some")
        clinician = desk(practice, "clinician")
        request = f"/staff/intakes/{intake_of(practice, robin)}"
        found = re.search(rf'href="({request}/flags/\w+)"', text(clinician, request))
        assert found
        read = clinician.get(found[1])
        completes(practice, robin, substance_concern="yes")

        answer = clinician.send_form(read, {"reason": WHY})

        assert answer.status_code == 409
        assert audit(practice, "flag_cleared") == []

    @pytest.mark.parametrize("role", ["owner", "coordinator"])
    def test_who_is_no_clinician_decides_nothing(self, practice: Practice, couple: Two, role: str) -> None:
        held = confirmed(practice, MONDAY_NINE, couple.one)
        request = f"/staff/intakes/{intake_of(practice, couple.one)}"
        found = re.search(rf'href="({request}/flags/\w+)"', text(desk(practice, "clinician"), request))
        assert found
        other = desk(practice, role)

        assert other.get(found[1]).status_code == 404
        assert other.get(f"{page_of(couple)}/sessions/{held.reference}").status_code == 404
        assert "/flags/" not in text(other, request)


class TestCallingOff:
    @pytest.fixture
    def till(self, practice: Practice, payments: FakePayments) -> Till:
        return Till(practice, payments)

    @pytest.mark.parametrize("into", ["individual", "nothing"])
    def test_all_goes_back_both_hear_the_same_and_the_reason_stays(
        self, practice: Practice, till: Till, mailer: FakeMailer, couple: Two, into: str
    ) -> None:
        held = practice.hold(MONDAY_NINE, couple.one)
        till.pay(held)
        till.deliver()
        practice.work_until_idle()
        clinician = desk(practice, "clinician")
        path = f"{page_of(couple)}/sessions/{held.reference}"
        asked = words(text(clinician, path))
        assert "goes back to the card that paid, whichever you choose below." in asked
        assert "Nothing for now:" not in asked

        assert clinician.submit(path, {"turned_into": into, "reason": ""}).status_code == 422
        answer = clinician.submit(path, {"turned_into": into, "reason": WHY}, follow_redirects=True)
        practice.work_until_idle()

        assert "Both are told, each in a letter of their own." in answer.text
        assert practice.state_of(held) is BookingState.CANCELLED
        assert till.returned() == PRICE
        letters = [mailer.last_to(client.email) for client in (couple.one, couple.other)]
        bodies = [re.sub(r"/return/\S+", "/return/…", letter.text) for letter in letters]
        assert bodies[0] == bodies[1]
        assert "No fee is due" in " ".join(bodies[0].split())
        assert all(WHY not in letter.text + letter.html for letter in letters)
        page = text(clinician, page_of(couple))
        assert WHY in page
        assert ("Keep a time for each of the two" in page) is (into == "individual")
        assert WHY not in text(desk(practice, "coordinator"), f"/staff/schedule/sessions/{held.reference}")
        assert practice.breaches() == []

    def test_late_too_nobody_pays_and_nobodys_free_late_cancellation_is_used(
        self, practice: Practice, couple: Two
    ) -> None:
        change_offering(practice, late_waiver=True)
        held = confirmed(practice, MONDAY_NINE, couple.one)
        practice.clock.advance(hours=(MONDAY_NINE - practice.clock.now()).total_seconds() / 3600 - 1)
        clinician = desk(practice, "clinician")
        path = f"{page_of(couple)}/sessions/{held.reference}"

        assert clinician.submit(path, {"turned_into": "nothing", "reason": WHY}).status_code == 302

        booking = see(practice, held)
        assert (booking.late_cancelled_at, booking.fee_minor) == (None, None)
        assert "spared" not in text(desk(practice, "coordinator"), f"/staff/money/{held.reference}")
        assert broken(practice) == []

    def test_each_hears_of_it_by_their_own_rule(self, practice: Practice, mailer: FakeMailer) -> None:
        couple = join(
            practice,
            books(practice),
            accepts(practice, contact_ok=["call"], phone="+1 555 010 0199"),
        )
        held = confirmed(practice, MONDAY_NINE, couple.one)
        clinician = desk(practice, "clinician")
        path = f"{page_of(couple)}/sessions/{held.reference}"
        assert "Kim gets no mail. They may be called: +1 555 010 0199" in words(text(clinician, path))

        answer = clinician.submit(path, {"turned_into": "nothing", "reason": WHY}, follow_redirects=True)
        practice.work_until_idle()

        assert "No mail to Kim: tell them yourself" in answer.text
        assert mailer.letters_to(couple.other.email) == []
        assert "can’t keep" in mailer.last_to(couple.one.email).text

    def test_a_session_that_was_cancelled_meanwhile_is_left_alone(self, practice: Practice, couple: Two) -> None:
        held = confirmed(practice, MONDAY_NINE, couple.one)
        clinician = desk(practice, "clinician")
        path = f"{page_of(couple)}/sessions/{held.reference}"
        read = clinician.get(path)
        Till(practice, FakePayments(practice.clock)).cancel(held)

        answer = clinician.send_form(read, {"turned_into": "nothing", "reason": WHY})

        assert answer.status_code == 409
        assert see(practice, held).called_off_at is None

    def test_somebody_elses_session_is_not_called_off_by_a_couples_page(self, practice: Practice, couple: Two) -> None:
        foreign = confirmed(practice, MONDAY_NINE)
        clinician = desk(practice, "clinician")
        assert clinician.get(f"{page_of(couple)}/sessions/{foreign.reference}").status_code == 404


class TestOnThePageOfASession:
    def path(self, held: Any) -> str:
        return f"/staff/schedule/sessions/{held.reference}"

    def test_the_therapist_reads_how_it_begins(self, practice: Practice, couple: Two) -> None:
        held = confirmed(practice, MONDAY_NINE, couple.one)
        ada = desk(practice, "therapist", therapist=ADA)
        assert "Joint time: not before it is cleared." in text(ada, self.path(held))

        clinician = desk(practice, "clinician")
        clinician.submit(page_of(couple), {"reason": WHY}, form="/clear")
        assert "Joint time: cleared by clinician-desk@practice.example" in text(ada, self.path(held))

        answers_as_partner(practice, couple.other)
        assert "Joint time: not before it is cleared." in text(ada, self.path(held))

    def test_a_coordinator_reads_the_same_of_every_couple(self, practice: Practice, couple: Two) -> None:
        held = confirmed(practice, MONDAY_NINE, couple.one)
        coordinator = desk(practice, "coordinator")
        before = words(text(coordinator, self.path(held)))
        assert "The therapist decides how it begins." in before
        assert "Joint time" not in before

        desk(practice, "clinician").submit(page_of(couple), {"reason": WHY}, form="/clear")

        assert words(text(coordinator, self.path(held))) == before

    def test_one_persons_session_says_nothing_of_it(self, practice: Practice) -> None:
        held = confirmed(practice, MONDAY_NINE, offering=ALONE)
        assert "How it begins" not in text(desk(practice, "clinician"), self.path(held))

    def test_whoever_sees_a_session_can_call_it_off_for_illness(
        self, practice: Practice, mailer: FakeMailer, couple: Two
    ) -> None:
        held = confirmed(practice, MONDAY_NINE, couple.one)
        coordinator = desk(practice, "coordinator")
        read = coordinator.get(f"{self.path(held)}/call-off")
        assert "It says the same whatever the reason." in read.text

        answer = coordinator.send_form(read, follow_redirects=True)
        practice.work_until_idle()

        assert "Called off." in answer.text
        assert "Called off" in answer.text
        assert practice.state_of(held) is BookingState.CANCELLED
        assert [len(mailer.letters_to(client.email)) for client in (couple.one, couple.other)] == [
            2,
            2,
        ]  # booked, and called off
        assert coordinator.send_form(read).status_code == 409
        assert coordinator.get(f"{self.path(held)}/call-off").status_code == 404
        assert broken(practice) == []
