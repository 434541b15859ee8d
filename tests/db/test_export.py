"""Taking one's data along: what an export holds, what it leaves out, and that no table is forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import practice.wiring  # noqa: F401 - knows every table
from practice.couples import form_couple
from practice.database import Model
from practice.intake.documents import current_questionnaire
from practice.papers.kinds import Kind
from practice.rights.export import LEFT_OUT, NOT_EXPORTED, PARTS, Scope, read_export
from tests.support import canaries
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.papers import about, diagnose, give_back, make, register
from tests.support.paying import PRICE, Till
from tests.support.story import Client, Practice

DOC = Path(__file__).parents[2] / "docs" / "rights.md"
CODE = "F43.23"
ROW = re.compile(r"^\| `([\w.\[\]]+)` \| ([^|]+) \|", re.MULTILINE)
TYPES = {"text": str, "number": int, "yes or no": bool, "time": str, "day": str}
IN_NO_STORY = {"waiting_list", "fees", "fee_agreements", "prices", "links", "couples"}


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def planted(practice: Practice, till: Till) -> tuple[Client, list[str]]:
    held, words = canaries.plant(practice, till)
    register(practice)
    diagnose(practice, held, CODE)
    give_back(practice, held, 40_00, PRICE)
    make(practice, held, Kind.RECEIPT, about(till, held))
    return held.payer, words


def export(practice: Practice, client: Client, scope: Scope) -> dict[str, Any]:
    with practice.app.app_context():
        return read_export(practice.person(client), scope, practice.clock.now())


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path, as in `intakes[].answers[].answer`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path, value


def test_an_export_is_as_its_page_describes_it(practice, planted):
    described = dict(ROW.findall(DOC.read_text()))
    client, _ = planted
    seen = set()
    for path, value in leaves(export(practice, client, Scope.WHOLE)):
        assert path in described, path
        words = [word.strip() for word in described[path].split(", or")]
        fits = value is None and "nothing" in words
        fits = fits or any(type(value) is TYPES[word] for word in words if word in TYPES)
        assert fits, (path, value, described[path])
        if "time" in words and value is not None:
            assert value.endswith("+00:00"), path
        seen.add(path)
    missing = {path for path in described if path not in seen and path.partition("[")[0] not in IN_NO_STORY}
    assert not missing


def test_what_is_never_shown_again_is_left_out_for_the_person_and_said_to_be(practice, planted):
    client, words = planted
    own, whole = export(practice, client, Scope.OWN), export(practice, client, Scope.WHOLE)
    never = {field.name for field in current_questionnaire().fields() if field.write_only}
    assert {"others_see_messages", "partner_knows", "safe_contact_note", "control", "self_harm"} <= never

    assert not never & {one["field"] for intake in own["intakes"] for one in intake["answers"]}
    assert never & {one["field"] for intake in whole["intakes"] for one in intake["answers"]}
    assert own["left_out"] == LEFT_OUT
    assert not {"notes", "diagnoses"} & set(own)
    text = json.dumps(own)
    assert CODE not in text
    for word in words:
        if word.startswith(("Canarysafecontactnote", "Canarynote", "Canaryhold", "Canaryprice")):
            assert word not in text
    assert "calendar_by_mail" not in text  # it follows from an answer that is never shown again
    assert CODE in json.dumps(whole)


def test_two_people_whose_private_answers_differ_have_the_same_export(practice, till):
    def told(**private: str) -> str:
        held = canaries.plain(practice, till, **private)
        found = export(practice, held.payer, Scope.OWN)
        return re.sub(r"\b[bipd]_[a-z0-9]{14}|[RIE]\d{4}-\d{4}|\d{4}-\d\d-\d\d[T\d:.+]*", "", json.dumps(found))

    calm = told(control="no", self_harm="no", others_see_messages="no")
    assert told(control="often", self_harm="passing", others_see_messages="yes", safe_contact_note="Mornings") == calm
    assert told(format_pref="video") != calm  # the control


def test_nothing_of_a_partner_is_in_it(practice, planted):
    client, words = planted
    partner = practice.new_client()
    with work_in(practice) as work:
        form_couple(work, practice.person(client), practice.person(partner))
    mine, theirs = (json.dumps(export(practice, one, Scope.WHOLE)) for one in (client, partner))
    assert partner.reference not in mine
    assert partner.email not in mine
    assert client.reference not in theirs
    assert not [word for word in words if word in theirs]
    assert len(export(practice, partner, Scope.OWN)["couples"]) == 1


def leading_to_people() -> set[str]:
    """Every table with a person's rows: it names a person, or a row of a table that does."""
    found = {"person"}
    while True:
        more = {
            table.name
            for table in Model.metadata.tables.values()
            if any(key.column.table.name in found for key in table.foreign_keys)
        }
        if more <= found:
            return found
        found |= more


def test_every_table_that_leads_to_a_person_is_in_an_export_or_says_why_not():
    exported = {name for part in PARTS for name in part.tables}
    forgotten = leading_to_people() - exported - set(NOT_EXPORTED)
    assert not forgotten, f"add to PARTS or NOT_EXPORTED (practice/rights/export.py): {sorted(forgotten)}"
    assert not exported & set(NOT_EXPORTED)
    known = set(Model.metadata.tables)
    assert (exported | set(NOT_EXPORTED)) <= known
    assert all(NOT_EXPORTED.values())
