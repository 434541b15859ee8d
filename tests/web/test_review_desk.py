"""The desk: who finds what in the queue, on a request, among the sessions; and what the audit log has of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.intake import answer_until
from tests.support.staff import audit, booked, desk, hire, in_order, send_request, sign_in, without_tokens
from tests.support.story import Practice

QUEUE = "/staff/intakes"
MONDAY_ONE = MONDAY_NINE + timedelta(hours=4)  # ten in Los Angeles
SECRETS = ("Red", "Amber", "tag-red", "tag-amber", "Risk", "riskiest", "self", "harm", "flag", "Flag")


@pytest.fixture
def three(practice: Practice, clock: FrozenClock) -> dict[str, str]:
    """Three requests, an hour apart: calm Cleo, then Amy with an amber flag, then Ruth with a red one."""
    found = {}
    for name, answers in (
        ("Cleo", {}),
        ("Amy", {"self_harm": "passing", "breach_known_since": "lt_2w"}),
        ("Ruth", {"control": "often"}),
    ):
        found[name] = send_request(practice, preferred_name=name, email=f"{name.lower()}@mail.example", **answers)
        clock.advance(hours=1)
    return found


def page_of(reference: str) -> str:
    """The address of a request."""
    return f"{QUEUE}/{reference}"


def text(browser: Browser, address: str) -> str:
    """A page that is there."""
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.text


class TestTheQueue:
    @pytest.mark.parametrize("role", ["clinician", "owner"])
    def test_clinicians_and_owners_read_the_riskiest_first(
        self, practice: Practice, three: dict[str, str], role: str
    ) -> None:
        page = text(desk(practice, role), QUEUE)

        assert in_order(page, ["Ruth", "Amy", "Cleo"])
        assert in_order(page, ["tag-red", "tag-amber"])

    def test_within_a_band_the_oldest_stands_first(
        self, practice: Practice, clock: FrozenClock, three: dict[str, str]
    ) -> None:
        send_request(practice, preferred_name="Zora", email="zora@mail.example", safe_to_speak="no")

        assert in_order(text(desk(practice, "clinician"), QUEUE), ["Ruth", "Zora", "Amy", "Cleo"])

    @pytest.mark.parametrize(
        "query", ["", "?sort=risk", "?order=band&band=red", "?state=decided&clinical=1", "?show=all"]
    )
    def test_the_coordinator_reads_the_oldest_first_and_no_risk_whatever_is_asked(
        self, practice: Practice, three: dict[str, str], query: str
    ) -> None:
        page = text(desk(practice, "coordinator"), QUEUE + query)

        if "decided" not in query:
            assert in_order(page, ["Cleo", "Amy", "Ruth"])
        assert [word for word in SECRETS if word in page] == []

    def test_today_shows_the_coordinator_no_risk_either(self, practice: Practice, three: dict[str, str]) -> None:
        page = text(desk(practice, "coordinator"), "/staff/")

        assert in_order(page, ["Cleo", "Amy", "Ruth"])
        assert [word for word in SECRETS if word in page] == []

    def test_today_shows_clinicians_what_is_urgent_before_the_rest(
        self, practice: Practice, three: dict[str, str]
    ) -> None:
        page = text(desk(practice, "clinician"), "/staff/")

        assert in_order(page, ["Look at these first", "Ruth", "Waiting for a decision", "Amy", "Cleo"])

    def test_a_therapist_without_the_desk_finds_only_whom_they_see(
        self, practice: Practice, three: dict[str, str]
    ) -> None:
        held = practice.hold(MONDAY_ONE, therapist="noor-haddad")
        practice.confirm(held)
        booked(practice, three["Amy"], held.reference)

        page = text(desk(practice, "therapist", therapist="noor-haddad"), QUEUE)

        assert "Amy" in page
        assert "Cleo" not in page
        assert "Ruth" not in page

    def test_a_time_that_is_only_held_opens_nothing_to_the_therapist(
        self, practice: Practice, three: dict[str, str]
    ) -> None:
        held = practice.hold(MONDAY_ONE, therapist="noor-haddad")
        booked(practice, three["Amy"], held.reference)
        browser = desk(practice, "therapist", therapist="noor-haddad")

        assert "Amy" not in text(browser, QUEUE)
        assert browser.get(page_of(three["Amy"])).status_code == 404

    def test_a_draft_is_on_nobodys_desk(self, practice: Practice) -> None:
        answer_until(practice.browser(), 3, preferred_name="Dana")

        assert "Nobody is waiting" in text(desk(practice, "clinician"), QUEUE)

    def test_reading_a_list_of_clients_is_in_the_audit_log(self, practice: Practice, three: dict[str, str]) -> None:
        browser = desk(practice, "clinician")
        for address in (QUEUE, "/staff/", "/staff/sessions"):
            text(browser, address)

        assert [subject for _, _, subject in audit(practice, "list_viewed")] == ["intakes", "today", "sessions"]


class TestARequest:
    def test_a_clinician_reads_what_it_is_about_with_the_rule_behind_each_flag(
        self, practice: Practice, three: dict[str, str]
    ) -> None:
        page = text(desk(practice, "clinician"), page_of(three["Ruth"]))

        assert "My trust was hurt" in page
        assert "Hidden debt, spending or accounts" in page
        assert "The same thing more than once" in page
        assert "3 to 12 months ago" in page
        assert "To repair and stay together" in page
        assert "Captions, please" in page
        assert "It comes from: “" in page
        assert "Do you feel that you have no choice about money" in page
        assert "New York" in page
        assert "Ada Lindqvist and Noor Haddad" in page

    def test_the_coordinator_reads_logistics_alone(self, practice: Practice, three: dict[str, str]) -> None:
        page = text(desk(practice, "coordinator"), page_of(three["Ruth"]))

        assert "Captions, please" in page
        assert "Ruth" in page
        for hidden in ("My trust was hurt", "Hidden debt", "To repair", "control", "tag-red", "Just for you", "Notes"):
            assert hidden not in page
        assert "Accept" not in page
        assert "Decline" not in page

    def test_just_for_you_stands_on_a_page_of_its_own(self, practice: Practice, three: dict[str, str]) -> None:
        browser = desk(practice, "clinician")

        main = text(browser, page_of(three["Ruth"]))
        private = text(browser, page_of(three["Ruth"]) + "/just-for-you")

        assert "Could anyone else see your messages" not in main
        assert "Could anyone else see your messages" in private
        assert "Often" in private
        assert [subject for _, _, subject in audit(practice, "intake_viewed")] == [three["Ruth"]] * 2

    @pytest.mark.parametrize("roles", [("coordinator",), ("owner",), ("therapist",)])
    def test_only_clinicians_open_just_for_you(
        self, practice: Practice, three: dict[str, str], roles: tuple[str, ...]
    ) -> None:
        held = practice.hold(MONDAY_ONE, therapist="noor-haddad")
        practice.confirm(held)
        booked(practice, three["Ruth"], held.reference)
        browser = desk(practice, *roles, therapist="noor-haddad")

        assert "just-for-you" not in text(browser, page_of(three["Ruth"]))
        assert browser.get(page_of(three["Ruth"]) + "/just-for-you").status_code == 404
        assert len(audit(practice, "intake_refused")) == 1

    def test_somebody_elses_client_does_not_exist_for_a_therapist_and_the_try_is_noted(
        self, practice: Practice, three: dict[str, str]
    ) -> None:
        held = practice.hold(MONDAY_ONE, therapist="ada-lindqvist")
        practice.confirm(held)
        booked(practice, three["Ruth"], held.reference)
        noor = hire(practice, "therapist", email="noor@practice.example", therapist="noor-haddad")
        browser = sign_in(practice, noor)

        answers = [
            browser.get(page_of(three["Ruth"])),
            browser.get(page_of(three["Ruth"]) + "/just-for-you"),
            browser.get(page_of(three["Ruth"]) + "/decline"),
        ]

        assert [answer.status_code for answer in answers] == [404] * 3
        assert all("Ruth" not in answer.text for answer in answers)
        assert audit(practice, "intake_refused", "page_refused") == [
            (noor.actor, "intake_refused", three["Ruth"]),
            (noor.actor, "intake_refused", three["Ruth"]),
            (noor.actor, "page_refused", three["Ruth"]),
        ]

    def test_their_own_client_a_therapist_reads_and_does_not_decide_upon(
        self, practice: Practice, three: dict[str, str]
    ) -> None:
        held = practice.hold(MONDAY_ONE, therapist="ada-lindqvist")
        practice.confirm(held)
        booked(practice, three["Ruth"], held.reference)

        page = text(desk(practice, "therapist", therapist="ada-lindqvist"), page_of(three["Ruth"]))

        assert "My trust was hurt" in page
        assert "tag-red" in page
        assert "Decline" not in page

    def test_nobody_finds_what_is_not_there(self, practice: Practice, three: dict[str, str]) -> None:
        browser = desk(practice, "clinician")

        for address in ("i_nothing", "i_" + "x" * 3000, "%00", "' OR 1=1 --"):
            assert browser.get(page_of(address)).status_code == 404

    def test_clients_and_strangers_are_sent_to_the_door(self, practice: Practice, three: dict[str, str]) -> None:
        client = practice.browser(practice.new_client())

        for browser in (client, practice.browser()):
            for address in ("/staff/", QUEUE, page_of(three["Ruth"]), page_of(three["Ruth"]) + "/just-for-you"):
                answer = browser.get(address)
                assert answer.status_code == 303
                assert answer.location.startswith("/staff/sign-in")

    @pytest.mark.parametrize(
        ("channels", "shown", "hidden"),
        [
            (["email"], ["robin@mail.example", "No calls", "No voicemail"], ["+1 555"]),
            (["call"], ["No mail", "+1 555 010 0199", "No voicemail"], ["robin@mail.example"]),
            (["call", "voicemail"], ["+1 555 010 0199", "A voicemail is fine"], ["robin@mail.example"]),
        ],
    )
    def test_the_desk_reads_how_to_reach_somebody_and_never_why(
        self, practice: Practice, channels: list[str], shown: list[str], hidden: list[str]
    ) -> None:
        phone = {"phone": "+1 555 010 0199"} if "call" in channels else {}
        browser = desk(practice, "coordinator")
        pages = []
        for others in ("no", "yes"):
            reference = send_request(practice, contact_ok=channels, others_see_messages=others, **phone)
            page = re.sub(r"/prices/p_\w+", "…", text(browser, page_of(reference)))  # of two people, after all
            pages.append(_body(page.replace(reference, "…")))

        assert [word for word in shown if word not in pages[0]] == []
        assert [word for word in hidden if word in pages[0]] == []
        assert "Neutral words" in pages[0]
        assert pages[0] == pages[1]


class TestSessions:
    def test_the_desk_sees_everybodys_and_a_therapist_their_own(
        self, practice: Practice, clock: FrozenClock, three: dict[str, str]
    ) -> None:
        for therapist, name in (("ada-lindqvist", "Cleo"), ("noor-haddad", "Amy")):
            held = practice.hold(MONDAY_ONE, therapist=therapist)
            practice.confirm(held)
            booked(practice, three[name], held.reference)

        coordinator = text(desk(practice, "coordinator"), "/staff/sessions")
        noor = text(desk(practice, "therapist", therapist="noor-haddad"), "/staff/sessions")

        assert "Cleo" in coordinator
        assert "Amy" in coordinator
        assert "Monday 10 May, 1:00 pm Eastern Time" in coordinator
        assert "Amy" in noor
        assert "Cleo" not in noor
        assert "Monday 10 May, 10:00 am Pacific Time" in noor


def _body(page: str) -> str:
    """What the page says, without what differs at every look."""
    return without_tokens(page).partition("<main")[2]
