"""Taking one's data along: what an export holds, what it leaves out, and that no table is forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from practice.couples import form_couple
from practice.database import Model
from practice.intake.actions import save_moment, start_partner_draft
from practice.intake.documents import current_questionnaire
from practice.intake.questions import SESSION
from practice.papers.kinds import Kind
from practice.partners import actions as partners
from practice.partners import joining
from practice.partners.lifecycle import Standing
from practice.partners.models import Invitation
from practice.partners.queries import standing_of
from practice.rights.export import LEFT_OUT, NOT_EXPORTED, PARTS, UNSENT, read_export
from practice.rights.scope import Scope
from practice.speaking import speaking
from tests.support import canaries
from tests.support.couples import client_for_two
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.papers import about, diagnose, give_back, make, register
from tests.support.paying import PRICE, Till
from tests.support.story import Client, Practice
from tests.support.tables import leading_to_people
from tests.support.whole_couples import Whole, whole_couple

DOC = Path(__file__).parents[2] / "docs" / "rights.md"
CODE = "F43.23"
ROW = re.compile(r"^\| `([\w.\[\]]+)` \| ([^|]+) \|", re.MULTILINE)
TYPES = {"text": str, "number": int, "yes or no": bool, "time": str, "day": str}
IN_NO_STORY = {"waiting_list", "fees", "fee_agreements"}
ANSWERED = ("intakes[].answers[]", "pulse.answered[].answers[]")
WORDS = {f"{path}.{name}" for path in ANSWERED for name in ("section", "question", "answer")}
WORDS |= {"intakes[].corrections[].question", "intakes[].corrections[].before_answer", "requests[].asked_again[]"}
WORDS |= {"bookings[].session", "waiting_list[].for", "prices[].session"}  # as the practice calls it in each language
STAFF_ALONE = {"flag_decisions", "notes", "notes_of_two", "diagnoses"}


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


@pytest.fixture
def whole(practice: Practice, till: Till) -> Whole:
    return whole_couple(practice, till)


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


def test_an_export_is_as_its_page_describes_it(practice, planted, whole):
    described = dict(ROW.findall(DOC.read_text()))
    seen = set()
    for client in (planted[0], whole.booker, whole.invited):
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


def test_what_clinicians_alone_read_is_in_the_whole_record_alone(practice, whole):
    said = {scope: export(practice, whole.booker, scope) for scope in Scope}
    assert {name for name in said[Scope.WHOLE] if name not in said[Scope.OWN]} == STAFF_ALONE
    assert said[Scope.WHOLE]["flag_decisions"][0]["reason"] == "Spoke with this person"
    assert [one["reason"] for one in said[Scope.WHOLE]["pauses"]] == ["We need a rest", "Once more"]
    assert said[Scope.WHOLE]["contact_changes"][0]["before_name"] == "Robin"
    asked = {one["field"] for one in said[Scope.WHOLE]["pulse"]["answered"][0]["answers"]}
    for scope in (Scope.OWN, Scope.SENT):
        assert all(set(one) == {"paused_at", "ended_at"} for one in said[scope]["pauses"])
        assert [set(one) for one in said[scope]["contact_changes"]] == [{"changed_at"}]
        [page] = said[scope]["pulse"]["answered"]
        assert asked - {one["field"] for one in page["answers"]} == {"pulse_alone"}
        assert "spoken_at" not in page
        assert "talk with a therapist alone" not in json.dumps(said[scope])
    laned = {one["field"]: one["lane"] for one in said[Scope.OWN]["intakes"][0]["answers"]}
    assert laned["breach_story"] == "talk_first"
    assert laned["access_needs"] is None  # the front desk may see it: no secret, and no lane


def test_the_codes_are_the_same_in_every_language(practice, whole):
    with practice.app.app_context(), speaking("es"):
        spanish = read_export(practice.person(whole.booker), Scope.WHOLE, practice.clock.now())
    pairs = zip(leaves(export(practice, whole.booker, Scope.WHOLE)), leaves(spanish), strict=True)
    said = {path for (path, value), (_, translated) in pairs if value != translated}

    assert said >= {"language", "left_out", "intakes[].answers[].question"}
    assert said - {"language", "left_out"} <= WORDS


def test_nothing_of_the_other_one_of_a_whole_couple_is_in_it(practice, whole):
    for one, other in ((whole.booker, whole.invited), (whole.invited, whole.booker)):
        for scope in Scope:
            said = json.dumps(export(practice, one, scope))
            for theirs in (other.reference, other.email, whole.couple, "invited@mail.example"):
                assert theirs not in said
            for about_two in ("Both are at ease", "They fell out", "Spoke with both", "Each alone first"):
                assert about_two not in said


def test_that_an_invitation_was_declined_changes_nothing_in_an_export(practice):
    client = client_for_two(practice)
    with work_in(practice) as work:
        person = practice.person(client)
        partners.invite_by_code(work, person)
        token = partners.make_way_in(work, work.session.scalars(select(Invitation)).one())
    before = [export(practice, client, scope) for scope in Scope]
    practice.clock.advance(minutes=1)
    with work_in(practice) as work:
        joining.decline(work, token)
    after = [export(practice, client, scope) for scope in Scope]
    for one in (*before, *after):
        one.pop("made_at")
    assert after == before
    with practice.app.app_context():
        assert standing_of(client.person_id) is Standing.DECLINED  # the control: staff know


def test_what_was_never_sent_is_its_authors_alone_and_marked(practice):
    client = client_for_two(practice)
    with work_in(practice) as work:
        save_moment(work, practice.person(client), SESSION, {"breach_story": "Canaryunsent"})
        start_partner_draft(work, practice.person(client))
    said = {scope: export(practice, client, scope) for scope in Scope}
    marked = {one["field"]: one["sent"] for intake in said[Scope.OWN]["intakes"] for one in intake["answers"]}
    assert marked["breach_story"] is False
    assert marked["attending"] is True
    for scope in (Scope.SENT, Scope.WHOLE):
        assert "Canaryunsent" not in json.dumps(said[scope])
        assert UNSENT in said[scope]["left_out"]


def test_what_is_never_shown_again_is_left_out_for_the_person_and_said_to_be(practice, planted):
    client, words = planted
    own, whole = export(practice, client, Scope.OWN), export(practice, client, Scope.WHOLE)
    never = {field.name for field in current_questionnaire().fields() if field.write_only}
    assert {"others_see_messages", "partner_knows", "safe_contact_note", "control", "self_harm"} <= never

    assert not never & {one["field"] for intake in own["intakes"] for one in intake["answers"]}
    assert never & {one["field"] for intake in whole["intakes"] for one in intake["answers"]}
    assert own["left_out"] == LEFT_OUT
    assert not {"notes", "notes_of_two", "diagnoses"} & set(own)
    text = json.dumps(own)
    assert CODE not in text
    for word in words:
        if word.startswith(canaries.NOT_THEIR_OWN):
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


def test_every_table_that_leads_to_a_person_is_in_an_export_or_says_why_not():
    exported = {name for part in PARTS for name in part.tables}
    forgotten = leading_to_people() - exported - set(NOT_EXPORTED)
    assert not forgotten, f"add to PARTS or NOT_EXPORTED (practice/rights/export.py): {sorted(forgotten)}"
    assert not exported & set(NOT_EXPORTED)
    known = set(Model.metadata.tables)
    assert (exported | set(NOT_EXPORTED)) <= known
    assert all(NOT_EXPORTED.values())
