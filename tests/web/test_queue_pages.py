"""The list of requests: narrowed, searched, in pages, with views of one's own; and whose several of them are."""

from __future__ import annotations

import re

import pytest

from practice.database import db
from practice.review.models import SavedView
from practice.review.waiting import A_PAGE
from tests.support.browsing import Browser
from tests.support.clock import FrozenClock
from tests.support.staff import audit, desk, hire, request_of, send_request, sign_in
from tests.support.story import Practice

QUEUE = "/staff/intakes"
VIEWS = f"{QUEUE}/views"
NAMES = ("Cleo", "Amy", "Ruth")
WRONG = (
    "state=nothing&band=purple&owner=staff:1&place=%27&attending=all&age=-1&sort=name&page=-3&overdue=1",
    "owner=99999999999999999999&page=99999999999999999999",
    "owner=%27%20OR%201=1%20--&place=US-NY%27--&state=new%22&sort=1;drop%20table%20intake",
    "state=new&state=all&band[]=red&page=%00x".replace("%00", ""),
    "place=" + "x" * 3000,
    "owner=%D9%A1",  # a digit, but not one of ours
)


@pytest.fixture
def three(practice: Practice, clock: FrozenClock) -> dict[str, str]:
    """Calm Cleo in California for herself, then Amy with an amber flag, then Ruth with a red one, an hour apart."""
    found = {}
    for name, answers in (
        ("Cleo", {"session_location": "US-CA", "attending": "individual"}),
        ("Amy", {"self_harm": "passing"}),
        ("Ruth", {"control": "often"}),
    ):
        found[name] = send_request(practice, preferred_name=name, email=f"{name.lower()}@mail.example", **answers)
        clock.advance(hours=1)
    return found


def shown(page: str) -> list[str]:
    """The names in the list, in its order."""
    return re.findall(r"data-line [^>]*>(\w+)</a>", page)


def look(browser: Browser, query: str = "") -> list[str]:
    answer = browser.get(f"{QUEUE}?{query}")
    assert answer.status_code == 200, query
    return shown(answer.text)


def search(browser: Browser, text: str) -> list[str]:
    answer = browser.submit(QUEUE, {"text": text}, form="intakes?state=all")
    assert answer.status_code == 200, text
    return shown(answer.text)


def give(browser: Browser, to: str, *picks: str, query: str = "") -> tuple[int, str]:
    token = browser.get(f"{QUEUE}?{query}").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = browser.post(f"{QUEUE}/give?{query}", data={"csrf_token": token, "pick": list(picks), "to": to})
    return answer.status_code, answer.text


def owner_of(practice: Practice, reference: str) -> str | None:
    with practice.app.app_context():
        return request_of(practice, reference).owner


class TestNarrowing:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("band=red", ["Ruth"]),
            ("band=amber", ["Amy"]),
            ("band=none", ["Cleo"]),
            ("place=US-CA", ["Cleo"]),
            ("attending=couple", ["Ruth", "Amy"]),
            ("attending=individual", ["Cleo"]),
            ("owner=nobody", ["Ruth", "Amy", "Cleo"]),
            ("owner=mine", []),
            ("age=today", ["Ruth", "Amy", "Cleo"]),
            ("age=1", []),
            ("overdue=yes", []),
            ("unread=yes", ["Ruth", "Amy", "Cleo"]),
            ("sort=oldest", ["Cleo", "Amy", "Ruth"]),
            ("sort=newest", ["Ruth", "Amy", "Cleo"]),
            ("state=decided", []),
            ("state=new&sort=newest", ["Ruth", "Amy", "Cleo"]),
            ("state=all&place=US-NY&attending=couple&band=red", ["Ruth"]),
        ],
    )
    def test_each_choice_shows_those_that_fit(
        self, practice: Practice, three: dict[str, str], query: str, names: list[str]
    ) -> None:
        assert look(desk(practice, "clinician"), query) == names

    def test_what_was_looked_at_is_unread_no_more(self, practice: Practice, three: dict[str, str]) -> None:
        browser = desk(practice, "clinician")
        browser.get(f"{QUEUE}/{three['Amy']}")

        assert look(browser, "unread=yes") == ["Ruth", "Cleo"]

    def test_overdue_is_what_nobody_looked_at_in_time(
        self, practice: Practice, clock: FrozenClock, three: dict[str, str]
    ) -> None:
        clock.advance(days=1)

        assert look(desk(practice, "clinician"), "overdue=yes") == ["Ruth"]
        assert look(desk(practice, "coordinator"), "overdue=yes") == []  # else it would tell who is red
        clock.advance(days=6)
        assert look(desk(practice, "owner"), "overdue=yes&sort=oldest") == ["Cleo", "Amy", "Ruth"]

    @pytest.mark.parametrize("query", WRONG)
    @pytest.mark.parametrize("role", ["clinician", "coordinator"])
    def test_whatever_else_an_address_says_breaks_and_discloses_nothing(
        self, practice: Practice, three: dict[str, str], role: str, query: str
    ) -> None:
        browser = desk(practice, role)
        found = look(browser, query)

        assert sorted(found) in ([], sorted(NAMES))
        assert look(desk(practice, "therapist", therapist="noor-haddad"), query) == []

    @pytest.mark.parametrize("query", ["band=red", "sort=risk", "unread=yes&sort=risk&band=amber"])
    def test_a_coordinator_narrows_by_no_risk_and_finds_none_in_any_address(
        self, practice: Practice, three: dict[str, str], query: str
    ) -> None:
        browser = desk(practice, "coordinator")
        page = browser.get(f"{QUEUE}?{query}").text.partition("</main>")[0]  # the foot has the same address once more

        assert shown(page) == ["Cleo", "Amy", "Ruth"]
        assert [word for word in ("band", "risk", "unread", "amber", "Risk", "Red") if word in page] == []

    def test_a_page_takes_fifty_and_one_past_the_last_is_the_last(self, practice: Practice) -> None:
        for number in range(A_PAGE + 3):
            send_request(practice, preferred_name=f"R{number}", email=f"r{number}@mail.example")
        browser = desk(practice, "coordinator")

        assert look(browser) == [f"R{number}" for number in range(A_PAGE)]
        assert look(browser, "page=2") == [f"R{number}" for number in range(A_PAGE, A_PAGE + 3)]
        assert look(browser, "page=7") == look(browser, "page=2")


class TestSearching:
    @pytest.mark.parametrize("role", ["clinician", "coordinator"])
    def test_it_finds_by_a_part_of_the_first_name_and_by_the_whole_reference(
        self, practice: Practice, three: dict[str, str], role: str
    ) -> None:
        browser = desk(practice, role)

        assert search(browser, "RUT") == ["Ruth"]
        assert search(browser, f" {three['Amy']} ") == ["Amy"]
        assert search(browser, three["Amy"][:6]) == []

    @pytest.mark.parametrize(
        "text", ["money", "Captions", "%", "_", "' OR 1=1 --", "\\", "mail.example", "*", "control", "</script>"]
    )
    def test_it_finds_nothing_by_an_answer_and_no_sign_means_anything(
        self, practice: Practice, three: dict[str, str], text: str
    ) -> None:
        assert search(desk(practice, "clinician"), text) == []

    def test_it_finds_nobody_whom_the_reader_doesnt_see(self, practice: Practice, three: dict[str, str]) -> None:
        browser = desk(practice, "therapist", therapist="noor-haddad")

        assert search(browser, "Ruth") == []
        assert search(browser, three["Ruth"]) == []

    def test_a_search_stands_in_no_address(self, practice: Practice, three: dict[str, str]) -> None:
        page = desk(practice, "clinician").submit(QUEUE, {"text": "Ruth"}, form="intakes?state=all").text

        assert re.findall(r'(?:href|action)="[^"]*Ruth', page) == []

    def test_one_that_is_too_long_is_told_so(self, practice: Practice) -> None:
        answer = desk(practice, "clinician").submit(QUEUE, {"text": "x" * 81}, form="intakes?state=all")

        assert answer.status_code == 422
        assert "A search takes 80 characters at most" in answer.text
        assert "x" * 81 in answer.text


class TestViews:
    def save(self, browser: Browser, name: str, query: str) -> int:
        return browser.submit(f"{QUEUE}?{query}", {"name": name}, form="views").status_code

    def test_one_is_saved_shown_first_renamed_and_removed(self, practice: Practice, three: dict[str, str]) -> None:
        browser = desk(practice, "clinician")
        assert self.save(browser, "Ambers", "band=amber") == 302
        with practice.app.app_context():
            [view] = db.session.scalars(db.select(SavedView))
            reference = view.reference

        assert ">Ambers</a>" in browser.get(QUEUE).text
        assert look(browser) == ["Ruth", "Amy", "Cleo"]
        browser.submit(VIEWS, form=f"{reference}/first")
        assert look(browser) == ["Amy"]
        assert look(browser, "state=waiting") == ["Ruth", "Amy", "Cleo"]
        browser.submit(VIEWS, form="usual")
        assert look(browser) == ["Ruth", "Amy", "Cleo"]
        browser.submit(VIEWS, {"name": "To ask"}, form=reference)
        assert ">To ask</a>" in browser.get(QUEUE).text
        browser.submit(VIEWS, form=f"{reference}/remove")
        assert "To ask" not in browser.get(QUEUE).text

    def test_nobody_sees_or_changes_anothers(self, practice: Practice) -> None:
        self.save(desk(practice, "clinician"), "Ambers", "band=amber")
        other = desk(practice, "owner")
        with practice.app.app_context():
            reference = db.session.scalars(db.select(SavedView.reference)).one()
        self.save(other, "Mine", "owner=mine")
        page = other.get(VIEWS).text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        answers = [
            other.post(f"{VIEWS}/{reference}{step}", data={"csrf_token": token, "name": "Taken"}).status_code
            for step in ("", "/first", "/remove")
        ]

        assert "Ambers" not in page
        assert answers == [404, 404, 302]  # what isn't there is gone
        with practice.app.app_context():
            assert sorted(db.session.scalars(db.select(SavedView.name))) == ["Ambers", "Mine"]

    def test_a_view_keeps_nothing_that_its_reader_may_not_choose(
        self, practice: Practice, three: dict[str, str]
    ) -> None:
        browser = desk(practice, "coordinator")
        token = browser.get(VIEWS).text.partition('name="csrf_token" value="')[2].partition('"')[0]
        browser.post(VIEWS, data={"csrf_token": token, "name": "Sly", "query": "band=red&sort=risk&x=<script>"})

        with practice.app.app_context():
            assert db.session.scalars(db.select(SavedView.query)).one() == "state=waiting&sort=oldest"

    @pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\x00b", "turned \u202e"])
    def test_a_name_that_cannot_be_kept_is_told_so(self, practice: Practice, name: str) -> None:
        browser = desk(practice, "clinician")

        assert self.save(browser, name, "band=red") == 422
        with practice.app.app_context():
            assert db.session.scalars(db.select(SavedView)).all() == []

    def test_the_same_name_twice_is_refused_and_the_first_one_stays(self, practice: Practice) -> None:
        browser = desk(practice, "clinician")
        self.save(browser, "Ambers", "band=amber")

        answer = browser.submit(f"{QUEUE}?band=red", {"name": "Ambers"}, form="views")

        assert answer.status_code == 409
        assert "You have a view of this name" in answer.text
        with practice.app.app_context():
            assert "band=amber" in db.session.scalars(db.select(SavedView.query)).one()


class TestGivingSeveral:
    def test_those_picked_are_somebodys_and_the_log_has_each(self, practice: Practice, three: dict[str, str]) -> None:
        taker = hire(practice, "clinician", email="taker@x.example")
        browser = sign_in(practice, taker)

        status, _ = give(browser, taker.actor.removeprefix("staff:"), f"{three['Amy']} ", f"{three['Ruth']} ")

        assert status == 302
        assert [owner_of(practice, three[name]) for name in NAMES] == [None, taker.actor, taker.actor]
        assert [subject for _, _, subject in audit(practice, "request_given")] == [three["Amy"], three["Ruth"]]
        assert look(browser, "owner=mine") == ["Ruth", "Amy"]

    def test_the_second_of_two_reads_whom_somebody_was_faster_with_and_overwrites_nothing(
        self, practice: Practice, three: dict[str, str]
    ) -> None:
        first, second = (hire(practice, "clinician", email=f"{name}@x.example") for name in ("first", "second"))
        give(sign_in(practice, first), first.actor.removeprefix("staff:"), f"{three['Ruth']} ")

        status, page = give(
            sign_in(practice, second), second.actor.removeprefix("staff:"), f"{three['Ruth']} ", f"{three['Amy']} "
        )

        assert status == 409
        assert "Somebody was faster" in page
        assert "1 request is handed over. 1 was left" in " ".join(page.split())
        assert "Ruth" in page.partition("Somebody was faster")[2].partition("</div>")[0]
        assert owner_of(practice, three["Ruth"]) == first.actor
        assert owner_of(practice, three["Amy"]) == second.actor

    def test_nothing_picked_or_what_cannot_be_read_is_told_so(self, practice: Practice, three: dict[str, str]) -> None:
        taker = hire(practice, "clinician", email="taker@x.example")
        browser, number = sign_in(practice, taker), taker.actor.removeprefix("staff:")

        for picks in ((), ("nonsense",), (f"{three['Amy']} staff:x",), (f"{three['Amy']}",)):
            status, page = give(browser, number, *picks)
            assert status == 422
            assert "<title>Error:" in page
        assert give(browser, "999999", f"{three['Amy']} ")[0] == 422
        assert audit(practice, "request_given") == []

    def test_who_doesnt_decide_hands_nothing_over(self, practice: Practice, three: dict[str, str]) -> None:
        taker = hire(practice, "clinician", email="taker@x.example")
        for roles, therapist in ((("coordinator",), None), (("therapist",), "noor-haddad")):
            browser = desk(practice, *roles, therapist=therapist)

            assert give(browser, taker.actor.removeprefix("staff:"), f"{three['Amy']} ")[0] == 404
            assert "Hand over" not in browser.get(QUEUE).text
        assert owner_of(practice, three["Amy"]) is None
