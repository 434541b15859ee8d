"""Coming back without mail: two codes, of which neither opens anything alone."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from practice.database import db
from practice.intake import return_codes
from practice.people import Person, ReturnCode
from tests.support.intake import CODE, MORE, PARTNERS, answer, answer_more, answer_until, invite, part, send, send_more

SQLITE = pytest.mark.databases("sqlite")


def code_on(page):
    found = re.search(r'<strong class="code">([a-z0-9]{4}-[a-z0-9]{4})</strong>', page.text)
    return found[1] if found else None


def begin(browser):
    """Answer the first two pages; the return code that was shown between them."""
    answer(browser, 1)
    code = code_on(browser.get(part(2)))
    answer(browser, 2)
    return code


def come_back(practice, return_code, own_code=CODE):
    stranger = practice.browser()
    return stranger, stranger.submit(
        "/schedule", {"return_code": return_code, "own_code": own_code}, form="/intake/return"
    )


def test_the_two_codes_lead_back_to_where_somebody_was_on_another_device(practice, browser):
    code = begin(browser)
    other, answered = come_back(practice, code)
    assert answered.location == part(3)
    assert other.get(part(3)).status_code == 200


@SQLITE
def test_it_is_shown_while_the_next_page_is_open_and_not_again(browser):
    answer(browser, 1)
    code = code_on(browser.get(part(2)))
    assert code
    assert code_on(answer(browser, 2, email="robin")) == code  # with an error, too
    answer(browser, 2)
    assert code_on(browser.get(part(3))) is None
    assert code_on(browser.get(part(2))) is None


@SQLITE
@pytest.mark.parametrize("typed", ["{}", " {} ", "{upper}", "{spaced}"])
def test_it_fits_however_it_is_typed(practice, browser, typed):
    code = begin(browser)
    written = typed.format(code, upper=code.upper(), spaced=code.replace("-", " "))
    assert come_back(practice, written)[1].location == part(3)


def test_a_wrong_code_of_either_kind_gets_the_same_answer(practice, browser):
    code = begin(browser)
    pages = [
        come_back(practice, *codes)[1]
        for codes in ((code, "green kettle"), ("2222-2222", CODE), ("2222-2222", "green kettle"), ("x", "y"))
    ]
    assert {page.status_code for page in pages} == {422}
    texts = {re.sub(r'value="[^"]*"', "", page.text) for page in pages}
    assert len(texts) == 1
    assert "don’t open anything together" in texts.pop()


@SQLITE
def test_the_same_work_is_done_whether_there_is_such_a_code_or_not(practice, browser, monkeypatch):
    code, tried = begin(browser), []
    real = return_codes.code_fits
    monkeypatch.setattr(return_codes, "code_fits", lambda *codes: tried.append(codes) or real(*codes))
    come_back(practice, code, "green kettle")
    come_back(practice, "2222-2222", "green kettle")
    assert len(tried) == 2


def test_only_so_many_tries_are_taken_of_a_code_known_or_not(practice, browser):
    code = begin(browser)
    for typed in (code, "2222-2222"):
        for _ in range(5):
            assert come_back(practice, typed, "green kettle")[1].status_code == 422
        assert come_back(practice, typed)[1].status_code == 429


def test_a_new_code_ends_the_one_before_and_a_withdrawn_one_opens_nothing(practice, browser):
    first = begin(browser)
    assert browser.submit("/intake/return-code", form=0).location == "/intake/return-code"
    shown = browser.get("/intake/return-code")
    second = code_on(shown)
    assert second not in {first, None}
    assert '<a class="button" href="/you">Your page</a>' in shown.text
    assert '<button class="button button-quiet" type="submit">Make a new code' in shown.text  # it would end this one
    assert come_back(practice, first)[1].status_code == 422
    assert come_back(practice, second)[1].location == part(3)
    assert browser.submit("/intake/return-code", form="withdraw").location == "/intake/return-code"
    assert come_back(practice, second)[1].status_code == 422
    assert code_on(browser.get("/intake/return-code")) is None


def test_it_runs_out_with_what_it_leads_to(practice, browser, clock):
    code = begin(browser)
    clock.advance(days=30, minutes=1)
    assert come_back(practice, code)[1].status_code == 422


def test_it_is_good_through_both_parts_and_used_up_when_all_is_sent(practice, browser):
    answer(browser, 1)
    code = code_on(browser.get(part(2)))
    send(browser)
    answer_more(browser, "/intake/more-1", MORE)
    assert code_on(browser.get("/intake/more-2")) is None  # they have one
    assert come_back(practice, code)[1].location == "/intake/more-2"
    send_more(browser)
    assert come_back(practice, code)[1].status_code == 422
    with practice.app.app_context():
        assert db.session.scalars(select(ReturnCode)).all() == []


def test_a_partner_gets_one_with_their_first_page(practice):
    partner = practice.browser(invite(practice))
    answer_more(partner, "/intake/more-1", PARTNERS)
    code = code_on(partner.get("/intake/more-2"))
    for number in (2, 3):
        answer_more(partner, f"/intake/more-{number}", PARTNERS)
    assert come_back(practice, code)[1].location == "/intake/more-4"


def test_before_a_code_of_their_own_is_chosen_it_opens_nothing(practice, browser):
    answer(browser, 1)
    assert come_back(practice, code_on(browser.get(part(2))), "")[1].status_code == 422
    assert come_back(practice, code_on(browser.get(part(2))), "anything")[1].status_code == 422


def test_we_keep_no_code_in_the_clear(practice, browser):
    code = begin(browser)
    with practice.app.app_context():
        row = db.session.scalars(select(ReturnCode)).one()
        assert code.encode() not in row.code_index
        assert len(row.code_index) == 32


@SQLITE
def test_coming_back_signs_another_person_out_first(practice, browser):
    code, other = begin(browser), practice.browser()
    answer_until(other, 5, email="kim@mail.example", preferred_name="Kim")
    assert other.submit("/schedule", {"return_code": code, "own_code": CODE}, form="/intake/return").location == part(3)
    with practice.app.app_context():
        assert db.session.query(Person).count() == 2
