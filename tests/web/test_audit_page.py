"""The audit page: who saw or changed what, filtered, by pages and as a file; and whether its chain verifies."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from practice.audit import AuditEntry, record
from practice.staff import audit_checking
from practice.staff.audit_queries import MOST_IN_A_FILE, ON_A_PAGE
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.offers import work_in
from tests.support.staff import audit, desk, hire, in_order, send_request, signed_in_long_ago
from tests.support.story import Practice

LOG = "/staff/audit/"


@pytest.fixture
def owner(practice: Practice) -> Browser:
    return desk(practice, "owner")


def write(practice: Practice, *entries: tuple[str, str, str], **detail: str | int) -> None:
    with work_in(practice) as work:
        for actor, action, subject in entries:
            record(work, actor, action, subject, detail)


def rows_of(page: str) -> list[list[str]]:
    """The cells of each line of the log, as read."""
    rows = re.findall(r"<tr>\s*(<td\b.*?)</tr>", page, re.DOTALL)
    cells = (re.findall(r"<td\b[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows)
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def numbers_of(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"entry (\d+)<", page)]


def download(browser: Browser, **wanted: str) -> list[list[str]]:
    answer = browser.post(f"{LOG}log.csv", data={"csrf_token": token_of(browser)}, query_string=wanted)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="log-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"])
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def token_of(browser: Browser) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(LOG).text)
    assert found is not None
    return found[1]


def test_a_look_at_a_request_stands_there_in_words_with_a_way_to_it(practice, owner):
    request = send_request(practice)
    clinician = desk(practice, "clinician")
    clinician.get(f"/staff/intakes/{request}")

    page = owner.get(LOG, query_string={"subject": request}).text

    [looked, *_] = rows_of(page)
    assert looked[1:4] == ["clinician-desk@practice.example", "opened a request", request]
    assert looked[4] == "page: the request"
    assert f'<a href="/staff/intakes/{request}">{request}</a>' in page
    assert [row[2] for row in rows_of(page)][-1] == "sent a request"
    assert rows_of(page)[-1][1].startswith("Client p_")


def test_lists_pages_and_roles_are_said_in_the_readers_words(practice, owner):
    request = send_request(practice)
    clinician = desk(practice, "clinician")
    clinician.get("/staff/schedule/calendar/")
    clinician.get(f"/staff/intakes/{request}/decline")
    with work_in(practice) as work:
        record(work, "system", "roles_changed", "staff:1", {"roles": "clinician,owner"})

    english, spanish = (rows_of(owner.get(LOG, query_string={"lang": one}).text) for one in ("en", "es"))

    assert {"questions about calendars"} <= {row[3] for row in english}
    assert {"page: decline", "roles: clinician and owner"} <= {row[4] for row in english}
    assert {"The system"} <= {row[1] for row in english}
    assert {"preguntas sobre calendarios"} <= {row[3] for row in spanish}
    assert {"página: no aceptar", "funciones: terapeuta que decide y responsable"} <= {row[4] for row in spanish}


def test_an_entry_has_its_year_since_it_is_read_years_later(practice, owner):
    write(practice, ("staff:1", "session_viewed", "b_one"))

    [*_, oldest] = rows_of(owner.get(LOG, query_string={"subject": "b_one"}).text)

    assert re.match(rf"\w+ \d+ \w+ {MONDAY_NINE.year}, ", oldest[0])


def test_the_request_and_the_couple_lead_an_owner_to_who_looked_and_nobody_else(practice, owner):
    request = send_request(practice)
    link = f'href="{LOG}?subject={request}"'
    assert link in owner.get(f"/staff/intakes/{request}").text
    clinician = desk(practice, "clinician")
    assert link not in clinician.get(f"/staff/intakes/{request}").text
    assert f'href="{LOG}"' in owner.get("/staff/data/").text
    assert f'href="{LOG}"' not in clinician.get("/staff/data/").text


def test_a_reference_of_which_nothing_is_left_is_no_link(practice, owner):
    held = practice.hold(MONDAY_NINE)
    write(practice, ("staff:1", "session_viewed", held.reference), ("staff:1", "intake_viewed", "i_gone"))
    page = owner.get(LOG).text
    assert f'<a href="/staff/sessions/{held.reference}">' in page or f">{held.reference}</a>" in page
    assert ">i_gone</a>" not in page
    assert "i_gone" in page


def test_the_log_is_filtered_by_who_what_about_and_days(practice, owner, clock):
    write(practice, ("client:p_one", "invited", "j_one"), ("worker", "payment_settled", "b_one"))
    clock.advance(minutes=30)
    write(practice, ("staff:1", "hours_saved", "ada-lindqvist"), ("staff:77", "page_refused", "i_two"))

    def found(**wanted: str) -> list[str]:
        return [row[3] for row in rows_of(owner.get(LOG, query_string=wanted).text)]

    assert found(who="clients") == ["j_one"]
    assert "b_one" in found(who="itself")
    assert not {"j_one", "i_two"} & set(found(who="itself"))
    assert "ada-lindqvist" in found(who="staff:1", what="practice")
    assert found(what="refused") == ["i_two"]
    assert found(what="money", subject="b_one") == ["b_one"]
    assert found(what="money", who="clients") == []
    assert found(what="clients", first="2027-05-05", last="2027-05-05") == ["j_one"]
    assert found(what="clients", first="2027-05-06") == []
    assert found(what="clients", last="2027-05-04") == []


def test_days_are_those_of_the_practice(practice, owner, clock):
    clock.set(clock.now().replace(hour=12))
    write(practice, ("client:p_one", "invited", "j_noon"))
    clock.set(clock.now() + timedelta(hours=15, minutes=59))  # 23:59 in New York
    write(practice, ("client:p_one", "invited", "j_late"))
    clock.advance(minutes=1)
    write(practice, ("client:p_one", "invited", "j_next"))
    owner = desk(practice, "owner", therapist="ada-lindqvist")

    page = owner.get(LOG, query_string={"what": "clients", "first": "2027-05-05", "last": "2027-05-05"}).text

    assert [row[3] for row in rows_of(page)] == ["j_late", "j_noon"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"first": "5 May"}, "Write the date like 2027-05-31."),
        ({"last": "2027-02-30"}, "Write the date like 2027-05-31."),
        ({"first": "2027-05-05", "last": "2027-05-04"}, "This day is before the first."),
        ({"subject": "i_" + "x" * 61}, "Write a reference"),
        ({"subject": "Robin who was hit"}, "Write a reference"),
        ({"subject": "robin"}, "Write a reference"),
        ({"what": "everything"}, "Not a valid choice"),
        ({"who": "staff:999"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field_and_kept(practice, owner, wanted, words):
    answer = owner.get(LOG, query_string=wanted)
    assert answer.status_code == 422
    assert words in answer.text
    assert "<title>Error: " in answer.text
    if "what" not in wanted and "who" not in wanted:
        assert all(f'value="{said}"' in answer.text for said in wanted.values())
    assert rows_of(answer.text) == []
    assert owner.post(f"{LOG}log.csv", data={"csrf_token": token_of(owner)}, query_string=wanted).status_code == 404


def test_pages_follow_the_numbers_both_ways_and_miss_nothing(practice, owner):
    write(practice, *[("client:p_one", "invited", f"j_{number}") for number in range(2 * ON_A_PAGE + 7)])

    def follow(page: str, words: str) -> str:
        found = re.search(rf'<a href="([^"]+)">{words}</a>', page)
        assert found is not None
        return owner.get(found[1].replace("&amp;", "&")).text

    first = owner.get(LOG, query_string={"what": "clients"}).text
    second = follow(first, "Older entries")
    third = follow(second, "Older entries")
    read = [row[3] for page in (first, second, third) for row in rows_of(page)]

    assert read == [f"j_{number}" for number in reversed(range(2 * ON_A_PAGE + 7))]
    assert "Newer entries" not in first
    assert "Older entries" not in third
    assert numbers_of(follow(third, "Newer entries")) == numbers_of(second)
    assert numbers_of(follow(follow(third, "Newer entries"), "Newer entries")) == numbers_of(first)


@pytest.mark.parametrize(
    "address",
    ["?before=x", "?after=-1", "?before=99999999999999999999", "?after=٣", "?before=", f"?before={'9' * 5000}"],
    ids=["letter", "negative", "long", "Arabic", "empty", "longer than Python reads"],
)
def test_a_number_that_no_link_of_ours_says_leads_nowhere(owner, address):
    assert owner.get(f"{LOG}{address}").status_code == 404


def test_the_file_has_the_lines_that_were_looked_for_and_can_run_nothing(practice, owner):
    hostile = "=HYPERLINK(1)"
    write(practice, ("client:p_one", "invited", hostile), ("worker", "payment_settled", "b_one"), way="@mail")

    headings, *rows = download(owner, what="clients")

    assert headings == ["number", "at", "actor", "who", "did", "action", "about", "details"]
    [row] = rows
    assert row[2:] == ["client:p_one", "Client p_one", "invited somebody", "invited", f"'{hostile}", "way: @mail"]
    assert row[1] == "2027-05-05T12:00:00+00:00"
    assert audit(practice, "audit_exported")[-1][1:] == ("audit_exported", "audit")
    assert MOST_IN_A_FILE >= 10_000


def test_the_file_needs_a_password_typed_lately(practice, owner):
    token = token_of(owner)
    signed_in_long_ago(practice)
    answer = owner.post(f"{LOG}log.csv?what=money", data={"csrf_token": token})
    assert answer.status_code == 303
    assert "what%3Dmoney" in answer.location
    assert audit(practice, "audit_exported") == []


def test_each_look_at_the_log_stands_in_it(practice, owner):
    owner.get(LOG, query_string={"subject": "i_one"})
    assert audit(practice, "audit_viewed")[-1][1:] == ("audit_viewed", "i_one")


def test_words_that_somebody_looks_for_never_enter_the_log(practice, owner):
    for typed in ("Robin who was hit", "robin", "robin@mail.example", "i_one or robin"):
        assert owner.get(LOG, query_string={"subject": typed}).status_code == 422
        owner.post(f"{LOG}log.csv", data={"csrf_token": token_of(owner)}, query_string={"subject": typed})
    assert {about for *_, about in audit(practice, "audit_viewed", "audit_exported")} == {"audit"}


def test_a_colleague_is_looked_for_as_the_log_names_them(practice, owner):
    sam = hire(practice, "clinician")
    write(practice, ("staff:1", "roles_changed", sam.actor))
    page = owner.get(LOG, query_string={"subject": f" {sam.actor} "}).text
    assert {row[3] for row in rows_of(page)} == {sam.actor}


def test_nobody_but_owners_opens_it(practice):
    for roles in (("clinician",), ("coordinator",), ("therapist",)):
        browser = desk(practice, *roles)
        assert browser.get(LOG).status_code == 404
        assert LOG not in browser.get("/staff/").text


def test_the_chain_is_checked_when_asked_and_the_page_says_so(practice, owner):
    assert "The log was not checked yet" in owner.get(LOG).text
    owner.post(f"{LOG}check", data={"csrf_token": token_of(owner)})
    assert "It is being checked" in owner.get(LOG).text
    owner.post(f"{LOG}check", data={"csrf_token": token_of(owner)})
    assert len(audit(practice, "audit_check_asked")) == 1

    practice.work_until_idle()

    page = owner.get(LOG).text
    assert "The log is whole" in page
    assert in_order(page, ["Last checked", "none changed and none missing"])
    assert "access log was changed" not in owner.get("/staff/").text


def test_a_log_that_was_changed_is_said_on_the_page_and_on_today(practice, owner):
    write(practice, ("client:p_one", "invited", "j_one"))
    with work_in(practice) as work:
        work.session.execute(update(AuditEntry).where(AuditEntry.subject == "j_one").values(actor="client:p_two"))
    with practice.app.app_context():
        audit_checking.on_night(None)

    page = owner.get(LOG).text

    assert "The log was changed from outside" in page
    assert re.search(r"Audit entry \d+ was changed\.", page)
    assert "its chain is broken" in owner.get("/staff/").text
    assert "its chain is broken" not in desk(practice, "clinician").get("/staff/").text


def test_a_check_that_never_came_back_can_be_asked_for_again(practice, owner, clock):
    owner.post(f"{LOG}check", data={"csrf_token": token_of(owner)})
    clock.advance(minutes=50)
    owner.get(LOG)
    clock.advance(minutes=11)
    owner.post(f"{LOG}check", data={"csrf_token": token_of(owner)})
    assert len(audit(practice, "audit_check_asked")) == 2
