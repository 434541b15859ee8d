"""Pages about one's own data: the code guards them, nothing leaks, and the desk decides."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import update

from practice.erasing import place_hold
from practice.intake.models import Intake
from practice.people import hash_code
from practice.rights import queries
from practice.rights.export import LEFT_OUT
from practice.rights.showing import in_sheets, told_columns
from tests.support import canaries
from tests.support.browsing import Browser
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.papers import attend, pay
from tests.support.paying import Till
from tests.support.staff import PASSWORD, audit, desk, signed_in_long_ago
from tests.support.story import Client, Held, Practice

pytestmark = pytest.mark.databases("sqlite")  # tests/db/test_erasing.py and test_export.py run on both
CODE = "blue kettle"


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def held(practice: Practice, till: Till) -> Held:
    made = pay(practice, till)
    with_code(practice, made.payer)
    return made


def with_code(practice: Practice, client: Client) -> None:
    chosen = hash_code(CODE)
    with work_in(practice):
        practice.person(client).code_hash = chosen


def is_known(practice: Practice, client: Client) -> bool:
    with practice.app.app_context():
        return practice.person(client).contact_sealed is not None


def test_a_shown_record_says_when_on_the_practices_clock_and_names_appointments_by_their_time(practice, held):
    page = ask(practice.browser(held.payer), "/you/data", code=CODE)
    said = page.text.partition("<main")[2].partition("</main>")[0]

    assert "All times are Eastern Time" in said
    assert not re.search(r"\d{4}-\d\d-\d\d", re.sub(r"<[^>]*>", "", said))
    assert held.reference not in said  # its payment names it by its time
    assert re.search(r'data-name="For">\d+ \w+ 2027, \d+:00 [ap]m<', said)


def test_columns_in_which_nothing_stands_are_left_out_and_who_may_speak_is_said_once():
    rows = [{"a": None, "b": "x", "c": []}, {"a": "", "b": None, "c": 0}]
    assert told_columns([("A", "a"), ("B", "b"), ("C", "c")], rows) == [("B", "b"), ("C", "c")]
    answered = {"section": "Trust", "lane": "only_therapist", "codes": ["1"], "sent": True}
    empty, other = {**answered, "lane": "may_raise", "codes": []}, {**answered, "lane": "may_raise"}
    [alike] = in_sheets([answered, empty, answered])
    assert (alike.section, alike.lane, alike.unsent, len(alike.answers)) == ("Trust", "only_therapist", False, 3)
    assert [sheet.lane for sheet in in_sheets([answered, other])] == [None]
    nobodys = {**answered, "lane": None}  # an answer for which nobody could choose
    assert [sheet.lane for sheet in in_sheets([answered, nobodys])] == [None]


def ask(browser: Browser, path: str, **fields: str):
    return browser.submit(path, fields, form=path)


def test_their_own_page_leads_to_their_data(practice, held):
    page = practice.browser(held.payer).get("/you").text
    assert 'href="/you/data"' in page
    assert 'href="/you/erasure"' in page


def test_a_client_takes_their_data_along_as_a_page_and_as_a_file(practice, till):
    made, words = canaries.plant(practice, till)
    with_code(practice, made.payer)
    browser = practice.browser(made.payer)

    page = ask(browser, "/you/data", code=CODE, kind="page")
    file = ask(browser, "/you/data", code=CODE, kind="json")

    assert (page.status_code, file.status_code) == (200, 200)
    assert file.headers["Content-Disposition"] == 'attachment; filename="record-2027-05-05.json"'
    assert file.headers["Cache-Control"] == "no-store"
    assert json.loads(file.text)["left_out"] == LEFT_OUT
    for answer in (page.text, json.dumps(json.loads(file.text), ensure_ascii=False)):
        for word in words:
            own = not word.startswith(canaries.NOT_THEIR_OWN)
            if not word.startswith((canaries.LEGAL_NAME, "Canarylegalname")):
                assert (word in answer) is own, word
    said = audit(practice, "data_exported")
    assert said == [(f"client:{made.payer.reference}", "data_exported", made.payer.reference)] * 2


@pytest.mark.parametrize("path", ["/you/data", "/you/erasure"])
def test_without_the_code_nothing_is_shown_or_asked_and_guessing_ends_soon(practice, held, path):
    browser = practice.browser(held.payer)
    for _ in range(5):
        refused = ask(browser, path, code="red kettle", kind="json")
        assert refused.status_code == 422
        assert "Error:" in refused.text
        assert "robin@mail.example" not in refused.text
    assert ask(browser, path, code=CODE, kind="json").status_code == 429
    with practice.app.app_context():
        assert queries.list_waiting() == []
    assert audit(practice, "data_exported") == []


def test_who_never_chose_a_code_is_told_what_to_do(practice):
    client = practice.new_client()
    for path in ("/you/data", "/you/erasure"):
        page = practice.browser(client).get(path)
        assert page.status_code == 200
        assert "Call or write to us" in page.text
        assert 'type="password"' not in page.text


def test_a_request_is_made_taken_back_made_again_and_refused_in_words_that_they_read(practice, held, mailer):
    browser, owner = practice.browser(held.payer), desk(practice, "owner")
    assert ask(browser, "/you/erasure", code=CODE).status_code == 302
    page = browser.get("/you/erasure").text
    assert page.count("We have your request") == 1
    assert page.index("We have your request") < page.index("What goes")
    back = browser.send_form(browser.get("/you/erasure"), {}, form="/you/erasure/back")
    assert back.status_code == 302
    assert "Robin" not in owner.get("/staff/data/").text

    ask(browser, "/you/erasure", code=CODE)
    assert "Robin" in owner.get("/staff/data/").text
    home = f"/staff/data/{held.payer.reference}"
    shown = " ".join(owner.get(home).text.split())
    assert "an appointment that stands: " in shown
    assert f'href="/staff/schedule/sessions/{held.reference}"' in shown
    assert f">{held.reference}" not in shown
    refused = owner.send_form(owner.get(home), {"answer": "We must keep this until 2034."}, form=f"{home}/refuse")
    assert refused.status_code == 302
    practice.work_until_idle()
    letter = mailer.last_to(held.payer.email)
    assert "eras" not in (letter.subject + letter.text).lower()
    assert "Something on your page has changed" in letter.text
    page = browser.get("/you/erasure").text
    assert "until 2034" in page
    assert "Ask to have my data erased" in page


def test_who_sets_the_terms_is_led_there_and_nobody_is_told_a_command(practice, held):
    pages = (desk(practice, role).get("/staff/data/").text for role in ("owner", "clinician"))
    owner, clinician = (" ".join(page.split()) for page in pages)

    assert 'You set both under <a href="/staff/setup/records">Setting up, Records</a>.' in owner
    assert "The owner sets both under Setting up, Records." in clinician
    assert "<code>practice" not in owner + clinician
    assert 'on the page of <a href="/staff/intakes">their request</a>' in owner


def test_the_desk_erases_who_asked_once_nothing_stands_and_only_when_it_means_it(practice, held):
    browser, owner = practice.browser(held.payer), desk(practice, "owner")
    ask(browser, "/you/erasure", code=CODE)
    home = f"/staff/data/{held.payer.reference}"
    assert f"{home}/erase" not in owner.get(home).text  # an appointment stands

    attend(practice, held)
    owner = desk(practice, "clinician")
    page = owner.get(home)
    unsure = owner.send_form(page, {}, form=f"{home}/erase")
    assert unsure.status_code == 422
    assert is_known(practice, held.payer)
    done = owner.send_form(page, {"sure": "y"}, form=f"{home}/erase")
    assert done.status_code == 302
    assert not is_known(practice, held.payer)
    assert browser.get("/you").status_code == 404
    assert owner.get(home).status_code == 404
    assert held.payer.reference in owner.get("/staff/data/").text  # in the log
    assert practice.breaches() == []


def test_a_page_that_was_open_while_they_took_it_back_erases_nobody(practice, held):
    attend(practice, held)
    browser, owner = practice.browser(held.payer), desk(practice, "owner")
    ask(browser, "/you/erasure", code=CODE)
    home = f"/staff/data/{held.payer.reference}"
    page = owner.get(home)
    browser.send_form(browser.get("/you/erasure"), {}, form="/you/erasure/back")

    lost = owner.send_form(page, {"sure": "y"}, form=f"{home}/erase")

    assert lost.status_code == 409
    assert is_known(practice, held.payer)


def test_a_hold_is_placed_with_a_reason_and_lifted(practice, held):
    attend(practice, held)
    owner, home = desk(practice, "owner"), f"/staff/data/{held.payer.reference}"
    assert owner.send_form(owner.get(home), {"reason": " "}, form=f"{home}/hold").status_code == 422
    assert owner.send_form(owner.get(home), {"reason": "The county court"}, form=f"{home}/hold").status_code == 302
    page = owner.get(home)
    assert "The county court" in page.text
    assert f"{home}/erase" not in page.text
    assert "county" not in practice.browser(held.payer).get("/you/erasure").text
    assert owner.send_form(page, {}, form=f"{home}/lift").status_code == 302
    assert f"{home}/erase" in owner.get(home).text
    assert [one[1] for one in audit(practice, "hold_placed", "hold_lifted")] == ["hold_placed", "hold_lifted"]


def test_a_hold_that_came_meanwhile_stops_an_open_page(practice, held):
    attend(practice, held)
    owner, home = desk(practice, "owner"), f"/staff/data/{held.payer.reference}"
    page = owner.get(home)
    with work_in(practice) as work:
        place_hold(work, "staff:1", practice.person(held.payer), "A complaint")
    refused = owner.send_form(page, {"sure": "y"}, form=f"{home}/erase")
    assert refused.status_code == 422
    assert "a legal hold" in refused.text
    assert is_known(practice, held.payer)


@pytest.mark.parametrize(("role", "status"), [("owner", 404), ("clinician", 200)])
def test_the_whole_record_is_a_clinicians_alone_to_hand_over(practice, till, role, status):
    made, words = canaries.plant(practice, till)
    with work_in(practice) as work:  # what is nobody's is every clinician's
        work.session.execute(update(Intake).where(Intake.person_id == made.payer.person_id).values(owner=None))
    staff, home = desk(practice, role), f"/staff/data/{made.payer.reference}"
    page = staff.get(home)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]

    whole = staff.post(f"{home}/export", data={"scope": "whole", "kind": "json", "csrf_token": token})
    own = staff.post(f"{home}/export", data={"scope": "sent", "kind": "page", "csrf_token": token})

    assert (whole.status_code, own.status_code) == (status, 200)
    note = next(word for word in words if word.startswith("Canarysafecontactnote"))
    assert (note in whole.text) is (status == 200)
    assert note not in own.text
    assert len(audit(practice, "data_exported")) == (2 if status == 200 else 1)


def test_whoever_signed_in_long_ago_types_their_password_before_anything_leaves_or_goes(practice, held):
    attend(practice, held)
    owner, home = desk(practice, "owner"), f"/staff/data/{held.payer.reference}"
    page = owner.get(home)
    signed_in_long_ago(practice)

    asked = [
        owner.get(home),
        owner.send_form(page, {"sure": "y"}, form=f"{home}/erase"),
        owner.send_form(page, {}, form=f"{home}/export"),
        owner.send_form(page, {"reason": " "}, form=f"{home}/hold"),  # what is wrong would show the page again
    ]

    again = f"/staff/confirm-password?next={home}"
    assert [(one.status_code, one.location) for one in asked] == [(303, again)] * 4
    assert is_known(practice, held.payer)
    assert audit(practice, "data_exported") == []
    assert owner.submit(again, {"password": "not it"}).status_code == 200
    assert owner.get(home).status_code == 303
    assert owner.submit(again, {"password": PASSWORD}).location == home
    assert owner.send_form(owner.get(home), {"sure": "y"}, form=f"{home}/erase").status_code == 302
    assert not is_known(practice, held.payer)
