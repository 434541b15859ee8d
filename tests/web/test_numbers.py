"""The pages of numbers: who sees which; picture, sentence, table and file say the same; few people stay unknown."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest
from sqlalchemy import event

from practice import access
from practice.booking.lifecycle import State
from practice.database import db
from practice.numbers.reading import DESK_KEYS, PEOPLE_KEYS
from practice.numbers.series import NOT_SHOWN
from practice.people import Person
from practice.rights.actions import erase_person
from practice.work import Work
from tests.support import counted
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.paying import Till
from tests.support.staff import audit, desk, signed_in_long_ago
from tests.support.story import Practice

NUMBERS, PEOPLE, MONEY = "/staff/numbers/", "/staff/numbers/people", "/staff/numbers/money"
MONDAY = datetime(2027, 2, 1, 15, tzinfo=UTC)  # in the last whole quarter before tests.support.clock.START
NOTHING = ""
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def owner(practice: Practice) -> Browser:
    return desk(practice, "owner")


@pytest.fixture
def asked(practice: Practice) -> list[int]:
    """Twenty people asked in four weeks of the last quarter; who they are. Each had a session a week later."""
    with work_in(practice) as work:
        return [_comes(work, number) for number in range(20)]


def _comes(work: Work, number: int) -> int:
    sent = MONDAY + timedelta(weeks=number % 4, hours=number)
    breaches = ("lying_omission", "money_hidden") if number < 6 else ("lying_omission",)
    goal = "repair" if number < 10 else "decide" if number < 17 else "support_me"
    intake = counted.ask(work, sent, breaches=breaches, goal=goal)
    intake.looked_at = sent + timedelta(hours=1 + number % 3)
    counted.come(work, intake, sent + timedelta(days=7), State.MISSED if number % 7 == 0 else State.ATTENDED)
    if number < 7:
        counted.trust(work, intake, date(2027, 3, 10), 4 + number % 3)
    return intake.person_id


class Tables(HTMLParser):
    """Each table of a page by its id, as rows of cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._table: list[list[str]] | None = None
        self._cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._table = self.tables.setdefault(dict(attrs).get("id") or "", [])
        elif tag == "tr" and self._table is not None:
            self._table.append([])
        elif tag in ("td", "th") and self._table is not None:
            self._table[-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell and self._table is not None:
            self._table[-1][-1] += data


def table_of(page: str, key: str) -> list[list[str]]:
    return Tables(page).tables[f"{key}-table"]


def chose(page: str, key: str, words: str) -> str:
    """How many chose this answer, as the newest quarter has it."""
    return next(row[-1] for row in table_of(page, key) if row[0].endswith(f": {words}"))


def said_in(page: str, key: str) -> str:
    found = re.search(rf'<p id="{key}-said">(.*?)</p>', page)
    assert found is not None
    return found[1]


def drawn_in(picture: str) -> list[list[str]]:
    """The numbers of each line of a picture, by line."""
    root = ET.fromstring(picture)
    lines = []
    for group in root.iter(f"{SVG}g"):
        if re.fullmatch(r"series serie-\d+ color-\d+", group.get("class", "")):
            values = [one.text or "" for one in group.iter(f"{SVG}desc") if one.get("class") == "value"]
            if values:
                lines.append(values)
    return lines


def file_of(browser: Browser, page: str, key: str, weeks: int = 26) -> list[list[str]]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert token is not None
    answer = browser.post(f"/staff/numbers/{key}.csv?weeks={weeks}", data={"csrf_token": token[1]})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{key}-{weeks}-weeks.csv"'
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("key", [*DESK_KEYS, *PEOPLE_KEYS])
def test_picture_sentence_table_and_file_say_the_same(owner, asked, key):
    path = PEOPLE if key in PEOPLE_KEYS else NUMBERS
    page = owner.get(path).text
    table = table_of(page, key)
    headings, *rows = table

    assert file_of(owner, path, key) == table
    for paper in ("light", "dark"):
        picture = owner.get(f"/staff/numbers/{key}.svg?weeks=26&paper={paper}")
        assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/svg+xml")
        drawn = drawn_in(picture.text)
        assert drawn
        columns = [[row[place] for row in rows] for place in range(1, len(headings))]
        numbers = [[cell for cell in column if cell not in (NOTHING, NOT_SHOWN)] for column in columns]
        assert drawn == [column for column in numbers if column][: len(drawn)]
    assert said_in(page, key) == SAYS[key](rows, {one: table_of(page, one)[1:] for one in DESK_KEYS if path == NUMBERS})


Rows = list[list[str]]


def _sum(rows: Rows, column: int) -> int:
    return sum(int(row[column]) for row in rows)


def _requests(rows: Rows, _all: dict[str, Rows]) -> str:
    earlier, later = _sum(rows[:13], 1), _sum(rows[13:], 1)
    assert (earlier, later) == (0, 20)
    said = f"{_sum(rows, 1)} requests in {len(rows)} weeks; {_sum(rows, 2)} of them became a session. "
    return f"{said}In the later half came more than in the earlier."


def _conversion(_rows: Rows, tables: dict[str, Rows]) -> str:
    asked, became = (_sum(tables["requests"], column) for column in (1, 2))
    return f"{100 * became // asked} % of the {asked} requests became a session."


def _first_look(rows: Rows, _all: dict[str, Rows]) -> str:
    waited = sorted(1 + number % 3 for number in range(20))
    middle = (waited[9] + waited[10]) / 2
    said = f"Half of the {_sum(rows, 2)} requests that were looked at had waited {middle} hours or less; "
    return f"{said}{_sum(rows, 3)} were not looked at yet."


def _show_rate(rows: Rows, _all: dict[str, Rows]) -> str:
    came, marked = _sum(rows, 2), _sum(rows, 2) + _sum(rows, 3)
    return f"People came to {came} of the {marked} sessions that are marked: {100 * came // marked} %."


def _no_shows(rows: Rows, _all: dict[str, Rows]) -> str:
    missed, late, unmarked = (_sum(rows, column) for column in (1, 2, 3))
    return f"Missed: {missed}. Cancelled too late: {late}. Not marked: {unmarked}."


def _chosen(rows: Rows, _all: dict[str, Rows]) -> str:
    most = max((int(row[-1]), row[0].partition(": ")[2]) for row in rows if row[-1] != NOT_SHOWN)
    return f"In 2027-Q1 most people, {most[0]}, chose “{most[1]}”."


def _pulse(rows: Rows, _all: dict[str, Rows]) -> str:
    [(month, mean)] = [(row[0], row[1]) for row in rows if row[1] not in (NOTHING, NOT_SHOWN)]
    return f"Trust was {mean} in {month}, on a scale from 0 to 10."


SAYS = {
    "requests": _requests,
    "conversion": _conversion,
    "first-look": _first_look,
    "show-rate": _show_rate,
    "no-shows": _no_shows,
    "breaches": _chosen,
    "goals": _chosen,
    "pulse": _pulse,
}


def test_the_file_needs_a_password_typed_lately_and_is_noted(practice, owner, asked):
    file_of(owner, NUMBERS, "requests")
    assert audit(practice, "numbers_exported")[0][1:] == ("numbers_exported", "requests")
    token = re.search(r'name="csrf_token" value="([^"]+)"', owner.get(NUMBERS).text)
    assert token is not None
    signed_in_long_ago(practice)

    answer = owner.post("/staff/numbers/requests.csv?weeks=13", data={"csrf_token": token[1]})

    assert answer.status_code == 303
    assert "verify" in answer.location or "password" in answer.location
    assert len(audit(practice, "numbers_exported")) == 1


def test_a_page_is_one_look_in_the_audit_log(practice, owner, asked):
    owner.get(PEOPLE)
    assert [(what, subject) for _, what, subject in audit(practice, "numbers_viewed")] == [("numbers_viewed", "people")]


def test_money_is_for_whoever_sees_money_and_answers_for_whoever_reads_them(practice, owner):
    clinician, coordinator = desk(practice, "clinician"), desk(practice, "coordinator")
    therapist = desk(practice, "therapist", therapist="ada-lindqvist")
    seen = {
        name: [browser.get(path).status_code for path in (NUMBERS, PEOPLE, MONEY, "/staff/numbers/money-usd.svg")]
        for name, browser in (("owner", owner), ("clinician", clinician), ("coordinator", coordinator))
    }
    assert seen == {
        "owner": [200, 200, 200, 404],
        "clinician": [200, 200, 404, 404],
        "coordinator": [404, 404, 200, 404],
    }
    assert therapist.get(NUMBERS).status_code == 404
    assert coordinator.get("/staff/numbers/requests.svg").status_code == 404
    assert MONEY not in clinician.get(NUMBERS).text
    assert f'href="{NUMBERS}"' in clinician.get("/staff/").text
    assert f'href="{NUMBERS}"' not in coordinator.get("/staff/").text
    money = access.policy_of(practice.app, "till.money")
    numbers = access.policy_of(practice.app, "numbers.money")
    assert money is not None
    assert numbers is not None
    assert numbers.name == money.name


def test_money_counts_payments_and_what_went_back(practice, payments: FakePayments, clock):
    till = Till(practice, payments)
    for hours in (0, 2):
        held = practice.hold(MONDAY_NINE + timedelta(hours=hours))
        till.pay(held)
        till.deliver()
        practice.work_until_idle()
    till.cancel(held)
    practice.work_until_idle()
    clock.advance(days=7)
    owner = desk(practice, "owner")

    page = owner.get(f"{MONEY}?weeks=13").text

    assert file_of(owner, MONEY, "money-usd", 13) == table_of(page, "money-usd")
    assert table_of(page, "money-usd")[-1] == ["2027-05-03", "320.00", "160.00", "160.00"]
    assert "320.00 USD were paid and 160.00 USD sent back in 13 weeks; 160.00 USD were kept." in page
    picture = owner.get("/staff/numbers/money-usd.svg?weeks=13").text
    assert [column[-1] for column in drawn_in(picture)] == ["320.00", "160.00"]


def test_a_number_of_four_is_not_shown_anywhere_nor_to_be_had_from_the_others(owner, asked):
    page = owner.get(f"{PEOPLE}?weeks=13").text
    rows = {row[0].partition(": ")[2]: row[1] for row in table_of(page, "goals")[1:]}
    assert rows["Support for myself"] == NOT_SHOWN  # three people
    assert rows["To decide whether to stay"] == NOT_SHOWN  # else all but these three would be known
    assert rows["To repair and stay together"] == "10"
    for path in ("goals.svg", "goals.svg?paper=dark"):
        picture = owner.get(f"/staff/numbers/{path}&weeks=13".replace("svg&", "svg?")).text
        assert drawn_in(picture) == [["10"]]
    assert [row[1:] for row in file_of(owner, PEOPLE, "goals", 13) if row[1] not in (NOT_SHOWN, "2027-Q1")] == [["10"]]


def test_a_month_of_four_people_has_no_mean(practice, owner):
    with work_in(practice) as work:
        people = [counted.ask(work, MONDAY) for _ in range(5)]
        for intake in people[:4]:
            counted.trust(work, intake, date(2027, 2, 3), 1)
        for intake in people:
            counted.trust(work, intake, date(2027, 3, 3), 6)

    rows = table_of(owner.get(f"{PEOPLE}?weeks=13").text, "pulse")[1:]

    assert rows == [["2027-02", NOT_SHOWN, NOT_SHOWN], ["2027-03", "6.0", "5"], ["2027-04", NOTHING, NOTHING]]


def test_whoever_was_erased_falls_out_of_answers_and_stays_a_request(practice, owner, asked):
    with work_in(practice) as work:
        for person_id in asked[12:17]:
            erase_person(work, "staff:1", work.session.get_one(Person, person_id))

    page = owner.get(f"{PEOPLE}?weeks=13").text

    assert chose(page, "breaches", "Lies, half-truths or leaving things out") == "15"
    assert "20 requests in 26 weeks" in owner.get(NUMBERS).text


def test_a_request_that_became_nothing_is_not_in_the_answers(practice, owner, asked):
    with work_in(practice) as work:
        for _ in range(9):
            counted.ask(work, MONDAY, goal="separate_well")
    page = owner.get(f"{PEOPLE}?weeks=13").text
    assert chose(page, "breaches", "Lies, half-truths or leaving things out") == "20"
    assert chose(page, "goals", "To part well") == NOT_SHOWN
    assert "29 requests in 26 weeks; 20 of them became a session." in owner.get(NUMBERS).text


@pytest.mark.parametrize("weeks", ["12", "", "26.0", "９", "-13"])
def test_another_time_is_refused_with_a_way_out(owner, weeks):
    answer = owner.get(NUMBERS, query_string={"weeks": weeks})
    assert answer.status_code == 422
    assert "13, 26 or 52 weeks" in answer.text


def test_an_empty_practice_is_told_what_will_be_here(owner):
    for path in (NUMBERS, PEOPLE, MONEY):
        page = owner.get(path).text
        assert "<img" not in page
        assert 'class="notice"' in page
    assert owner.get("/staff/numbers/requests.svg").status_code == 404


def test_pictures_carry_no_script_no_address_and_nothing_that_changes(owner, asked, clock):
    first = owner.get("/staff/numbers/requests.svg").data
    clock.advance(minutes=30)
    assert owner.get("/staff/numbers/requests.svg").data == first
    said = first.decode()
    assert set(re.findall(r"https?://[^\"' ]+", said)) == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"<script|<!--|on\w+=|javascript:|@import|pygal 3|<image", said)


@pytest.mark.parametrize("path", [NUMBERS, PEOPLE])
def test_a_page_asks_as_often_for_many_people_as_for_few(practice, owner, asked, path):
    few = _statements(practice, owner, path)
    with work_in(practice) as work:
        for number in range(40):
            _comes(work, number)
    assert _statements(practice, owner, path) == few


def _statements(practice: Practice, browser: Browser, path: str) -> int:
    seen = []

    def note(_connection, _cursor, statement, _parameters, _context, _many) -> None:
        seen.append(statement)

    with practice.app.app_context():
        engine = db.engine
    browser.get(path)
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
