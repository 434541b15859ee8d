"""The owner's page for what documents carry: each number is checked at its field, and nothing is saved unseen."""

from __future__ import annotations

import pytest

from practice.papers import actions as papers
from practice.papers.queries import find_registered
from tests.support.offers import ADA, COUPLE, work_in
from tests.support.papers import DESK
from tests.support.staff import audit, desk

PAGE = "/staff/setup/documents"


@pytest.fixture
def owner(practice):
    return desk(practice, "owner")


def stands(practice):
    with practice.app.app_context():
        found = find_registered()
        return found.practice, sorted(found.therapists.values()), sorted(found.codes.values())


def test_what_is_saved_stands_and_is_shown(practice, owner):
    owner.submit(
        PAGE, {"practice-tin": "12-3456789", "practice-npi": "1245319599", "practice-estimates": "y"}, form="/practice"
    )
    owner.submit(
        PAGE, {f"{ADA}-npi": "1234567893", f"{ADA}-licence": "NY 1", f"{ADA}-credentials": "LMFT"}, form=f"/{ADA}"
    )
    owner.submit(PAGE, {f"{COUPLE}-code": "90847"}, form=f"/offerings/{COUPLE}")

    assert stands(practice) == (("12-3456789", "1245319599", True), [("1234567893", "NY 1", "LMFT")], ["90847"])
    page = owner.get(PAGE).text
    for words in ('value="12-3456789"', 'value="1234567893"', 'value="LMFT"', 'value="90847"', "checked"):
        assert words in page, words
    assert len(audit(practice, "registration_saved", "estimates_switched")) == 4


def test_emptying_a_field_takes_it_back(practice, owner):
    with_code = {f"{COUPLE}-code": "90847"}
    for sent in (with_code, {f"{COUPLE}-code": ""}):
        assert owner.submit(PAGE, sent, form=f"/offerings/{COUPLE}").status_code == 302

    assert stands(practice)[2] == []


@pytest.mark.parametrize(
    ("form", "field", "typed", "says"),
    [
        ("/practice", "practice-tin", "123456789", "Write the tax number like 12-3456789"),
        ("/practice", "practice-npi", "1234567890", "An NPI is ten digits"),
        (f"/{ADA}", f"{ADA}-npi", "12345", "An NPI is ten digits"),
        (f"/{ADA}", f"{ADA}-licence", "x" * 121, "120"),
        (f"/offerings/{COUPLE}", f"{COUPLE}-code", "9084", "five characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_kept_and_not_saved(practice, owner, form, field, typed, says):
    before = stands(practice)
    refused = owner.submit(PAGE, {field: typed}, form=form)

    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text
    assert says in refused.text
    assert typed in refused.text
    assert "<title>Error: " in refused.text
    assert stands(practice) == before


def test_nobody_saves_over_a_change_that_they_have_not_seen(practice, owner):
    page = owner.get(PAGE)
    with work_in(practice) as work:
        papers.set_practice(work, DESK, tin="99-9999999", npi="")

    lost = owner.send_form(page, {"practice-tin": "12-3456789"}, form="/practice")

    assert lost.status_code == 409
    assert stands(practice)[0] == ("99-9999999", "", False)
    assert 'value="99-9999999"' in lost.text


@pytest.mark.parametrize("role", ["coordinator", "clinician"])
def test_it_is_the_owners_alone(practice, role):
    assert desk(practice, role).get(PAGE).status_code == 404
