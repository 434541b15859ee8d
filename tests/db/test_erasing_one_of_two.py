"""Erasing either one of a couple of whom everything is kept: the other's side stays whole, and all promises hold."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from practice.booking.messages import AttendanceSweep
from practice.booking.waiting.models import Wish
from practice.clearing.queries import get_couple, list_clearances, list_conversions
from practice.couples import find_couple
from practice.database import Model, db
from practice.intake.models import Intake
from practice.intake.queries import find_submitted
from practice.notes.models import Note
from practice.notes.queries import list_about_couple, read
from practice.partners.lifecycle import Standing
from practice.partners.models import Invitation, Pause
from practice.partners.queries import standing_of
from practice.pulse.handlers import on_night
from practice.pulse.queries import find_course, find_to_begin
from practice.rights import actions
from practice.rights.export import read_export
from practice.rights.fates import GOES, STAYS
from practice.rights.scope import Scope
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.offers import cancel, work_in
from tests.support.paying import Till
from tests.support.staff import desk
from tests.support.story import Client, Practice
from tests.support.tables import leading_to_people
from tests.support.whole_couples import Whole, whole_couple

DESK = "staff:7"
IN_NO_STORY = {"agreed_fees", "place_wish", "wish", "wish_offer", "price_agreement"}
OF_THE_INVITER = {"address_sealed", "code_hash", "diagnosis"}
WHY = re.compile(r"\b(eras\w+|deleted|forgotten|has left|left you)\b", re.IGNORECASE)
TOGETHER = "Joint sessions rest at the moment."
OFFICE = "office@practice.example"
PATHS = ("/you", "/you/agreed", "/you/contact", "/schedule", "/intake/more", "/intake/next")


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def whole(practice: Practice, till: Till) -> Whole:
    return whole_couple(practice, till)


def end_what_comes(practice: Practice, whole: Whole) -> None:
    cancel(practice, whole.coming)
    practice.work_until_idle()


def erase(practice: Practice, client: Client) -> None:
    with work_in(practice) as work:
        actions.erase_person(work, DESK, practice.person(client))


def own_side(practice: Practice, client: Client) -> dict[str, Any]:
    """All that is kept of one person, but what tells of coming together."""
    with practice.app.app_context():
        said = read_export(practice.person(client), Scope.WHOLE, practice.clock.now())
    for one in said["pauses"]:
        one.pop("ended_at")
    return {name: value for name, value in said.items() if name not in ("couples", "standing", "links", "notes_of_two")}


def kept_of(practice: Practice, client: Client) -> dict[str, int]:
    """How many rows of one person there are, by table; and what is left in rows that stay."""
    with practice.app.app_context():
        theirs = {
            "person_id": [client.person_id],
            "intake_id": db.session.scalars(select(Intake.id).where(Intake.person_id == client.person_id)).all(),
            "note_id": db.session.scalars(select(Note.id).where(Note.person_id == client.person_id)).all(),
            "wish_id": db.session.scalars(select(Wish.id).where(Wish.person_id == client.person_id)).all(),
        }
        found = {}
        for name in GOES:
            table = Model.metadata.tables[name]
            [column] = [column for column in theirs if column in table.columns]
            mine = table.columns[column].in_(theirs[column])
            found[name] = db.session.scalar(select(func.count()).select_from(table).where(mine)) or 0
        for sealed in (Invitation.address_sealed, Invitation.code_hash, Pause.reason_sealed, Intake.flags_sealed):
            whose = sealed.class_.person_id == client.person_id
            found[sealed.key] = len(db.session.scalars(select(sealed).where(whose, sealed.is_not(None))).all())
    return found


def test_of_every_table_that_leads_to_people_it_is_said_what_becomes_of_it() -> None:
    assert not set(GOES) & set(STAYS)
    assert set(GOES) | set(STAYS) == leading_to_people()


@pytest.mark.parametrize("gone", ["booker", "invited"])
def test_whoever_stays_keeps_everything_of_their_own_and_all_promises_hold(
    practice: Practice, whole: Whole, gone: str
) -> None:
    erased, stays = (whole.booker, whole.invited) if gone == "booker" else (whole.invited, whole.booker)
    before = kept_of(practice, erased)
    missing = {name for name, count in before.items() if not count} - IN_NO_STORY
    assert missing == (set() if gone == "booker" else OF_THE_INVITER), before  # the control
    assert practice.breaches() == []
    if gone == "invited":
        end_what_comes(practice, whole)
    side = own_side(practice, stays)

    erase(practice, erased)
    assert practice.breaches() == []  # at once, not only when every room has heard
    practice.work_until_idle()

    assert practice.breaches() == []
    assert not any(kept_of(practice, erased).values()), kept_of(practice, erased)
    assert own_side(practice, stays) == side
    with practice.app.app_context():
        assert find_couple(stays.person_id) is None
        assert standing_of(stays.person_id) is Standing.NOBODY
        couple = get_couple(whole.couple)
        assert couple.resting_since is None
        assert [words.reason for _, words in list_clearances(couple)] == [""]
        assert [reason for _, reason in list_conversions(couple)] == [""]
        [kept] = read(list_about_couple(couple))  # that it was written, when and by whom; of what it said nothing
        assert (kept.text, [text for _, text in kept.addenda]) == (None, [None])

    end_what_comes(practice, whole)
    erase(practice, stays)
    practice.work_until_idle()
    assert practice.breaches() == []
    assert not any(kept_of(practice, stays).values()), kept_of(practice, stays)


@pytest.mark.parametrize("gone", ["booker", "invited"])
def test_whoever_stays_reads_that_they_come_alone_and_nothing_of_why(
    practice: Practice, whole: Whole, mailer: FakeMailer, gone: str
) -> None:
    erased, stays = (whole.booker, whole.invited) if gone == "booker" else (whole.invited, whole.booker)
    end_what_comes(practice, whole)
    mailer.sent.clear()
    browser = practice.browser(stays)
    assert TOGETHER in browser.get("/you").text
    said = {path: WHY.findall(browser.get(path, follow_redirects=True).text) for path in PATHS}  # of their own rights

    erase(practice, erased)
    practice.work_until_idle()

    assert [letter.to for letter in mailer.sent if letter.to != OFFICE] == [stays.email]
    assert not [letter for letter in mailer.sent if WHY.search(letter.text)]
    for path in PATHS:
        page = browser.get(path, follow_redirects=True)
        assert page.status_code == 200, path
        assert erased.reference not in page.text
        assert WHY.findall(page.text) == said[path], path
    assert TOGETHER not in browser.get("/you").text


def test_the_desk_can_open_what_is_left_of_the_two(practice: Practice, whole: Whole) -> None:
    with practice.app.app_context():
        intakes = {client: find_submitted(practice.person(client)) for client in (whole.booker, whole.invited)}
        [gone, left] = [intake.reference for intake in intakes.values() if intake is not None]
    erase(practice, whole.booker)
    practice.work_until_idle()
    staff = desk(practice, "clinician", "owner", therapist="ada-lindqvist")
    for path in (
        "/staff/",
        "/staff/intakes",
        f"/staff/intakes/{left}",
        f"/staff/intakes/{left}/just-for-you",
        f"/staff/couples/{whole.couple}",
        f"/staff/data/{whole.invited.reference}",
        f"/staff/schedule/sessions/{whole.held.reference}",
        "/staff/calls",
    ):
        assert staff.get(path).status_code == 200, path
    assert staff.get(f"/staff/intakes/{gone}").status_code == 404


def test_a_night_asks_nobody_who_was_erased_anything_again(practice: Practice, whole: Whole) -> None:
    with practice.app.app_context():
        assert find_course(whole.booker.person_id) is not None
    erase(practice, whole.booker)
    practice.work_until_idle()
    with practice.app.app_context():
        asked = {person_id for person_id, _ in find_to_begin(practice.clock.now())}
        on_night(AttendanceSweep("tonight"))
    practice.work_until_idle()
    assert whole.booker.person_id not in asked
    assert not any(kept_of(practice, whole.booker).values()), kept_of(practice, whole.booker)
    assert practice.breaches() == []
