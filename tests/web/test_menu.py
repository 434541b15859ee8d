"""The desk's menu says in which room one is, on every page of every colleague."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

import pytest
from flask import Flask

from practice.staff.menu import Room, room_of, rooms_of
from practice.staff.models import ROLES
from tests.support.staff import desk
from tests.support.story import Practice
from tests.support.visitors import Who, fill
from tests.web.test_routes import VISIBLE, address, opened

pytestmark = pytest.mark.databases("sqlite")  # what a menu shows is decided before the database

IN_TURN = (Who.CLINICIAN, Who.OWNER, Who.ADA)
IN_NO_ROOM = {
    "design.page",  # the demo's own, for whoever builds it
    "first_run.begin",  # before anybody is signed in
}
CURRENT = re.compile(r'<a href="([^"]*)" aria-current="page"')


@dataclass
class Colleague:
    roles: frozenset[str]
    therapist_id: int | None

    def is_any_of(self, *roles: str) -> bool:
        return bool(self.roles & set(roles))


def desk_pages(app: Flask) -> list[str]:
    """Whatever an address below /staff answers, a form that was refused as well."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff")})


def nowhere(endpoints: list[str], rooms: tuple[Room, ...]) -> set[str]:
    return {endpoint for endpoint in endpoints if room_of(endpoint, rooms) is None}


def menu(html: str) -> str:
    """The desk's menu; a page that shows what clients see has theirs."""
    return html.partition('<details class="menu"')[2].partition("</nav>")[0]


def test_every_page_of_the_desk_stands_in_a_room_of_an_owners_menu(app: Flask) -> None:
    for role, number in product(ROLES, (None, 1)):
        rooms = rooms_of(Colleague(frozenset({"owner", role}), number))

        assert nowhere(desk_pages(app), rooms) - {"first_run.claim", "first_run.name_practice", "first_run.regain"} == (
            IN_NO_ROOM
        )


def test_a_page_of_a_new_blueprint_would_be_found() -> None:
    assert nowhere(["forgotten.page", "till.money"], rooms_of(Colleague(frozenset({"owner"}), None))) == {
        "forgotten.page"
    }


def test_each_page_that_has_a_menu_marks_one_place_in_it(practice: Practice) -> None:
    house = fill(practice)
    wrong, seen = [], 0
    for rule in opened(house.practice.app):
        who = next((one for one in IN_TURN if one in VISIBLE[rule.endpoint]), None)
        if who is None or not rule.rule.startswith("/staff") or rule.endpoint in IN_NO_ROOM:
            continue
        if shown := menu(house.browsers[who].get(address(house, rule)).text):
            seen += 1
            if len(places := CURRENT.findall(shown)) != 1:
                wrong.append(f"{who}: {rule.endpoint} stands in {places}")

    assert wrong == []
    assert seen > 80


@pytest.mark.parametrize(
    ("page", "room"),
    [
        ("/staff/", "/staff/"),
        ("/staff/intakes/views", "/staff/intakes"),
        ("/staff/sessions", "/staff/sessions"),
        ("/staff/schedule/waiting", "/staff/schedule/waiting"),
        ("/staff/schedule/explain", "/staff/schedule/"),
        ("/staff/money/prices/", "/staff/money/"),
        ("/staff/setup/own-site", "/staff/setup/"),
        ("/staff/questions", "/staff/setup/"),
        ("/staff/calendar/practice", "/staff/calendar/practice"),
        ("/staff/password", "/staff/account"),
    ],
)
def test_an_owner_is_told_where_a_page_belongs(practice: Practice, page: str, room: str) -> None:
    assert CURRENT.findall(menu(desk(practice, "owner").get(page).text)) == [room]


def test_who_has_no_room_of_setting_up_or_numbers_is_told_the_next_one(app: Flask) -> None:
    clinician = rooms_of(Colleague(frozenset({"clinician"}), None))
    coordinator = rooms_of(Colleague(frozenset({"coordinator"}), None))

    assert room_of("editions.preview", clinician) == ("Questions", "questions.questions")
    assert room_of("numbers.money", coordinator) == ("Money", "till.money")


def test_the_fold_of_setting_up_says_which_page_is_open_and_has_each_once(practice: Practice) -> None:
    page = desk(practice, "owner").get("/staff/setup/desk").text
    tabs = page.partition('<nav class="setup-tabs"')[2].partition("</nav>")[0]
    pages = re.findall(r'<a href="([^"]*)"', tabs)

    assert "<summary>Setting up: Desk hours</summary>" in tabs
    assert CURRENT.findall(tabs) == ["/staff/setup/desk"]
    assert pages[0] == "/staff/setup/open"
    assert len(pages) == len(set(pages)) == 18


def test_a_coordinator_has_two_pages_of_setting_up_and_no_fold(practice: Practice) -> None:
    page = desk(practice, "coordinator").get("/staff/setup/rooms").text
    tabs = page.partition('<nav class="setup-tabs"')[2].partition("</nav>")[0]

    assert "<summary>" not in tabs
    assert re.findall(r'<a href="([^"]*)"', tabs) == ["/staff/setup/", "/staff/setup/rooms"]
