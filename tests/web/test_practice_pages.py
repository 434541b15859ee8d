"""The owner's pages for the whole practice and for who works there; and that nothing can be decided without a page."""

from __future__ import annotations

from typing import Any

import click
import pytest
from flask import url_for
from sqlalchemy import select

from practice.booking.offers.models import Offering, Therapist
from practice.booking.offers.queries import find_therapists, get_therapist
from practice.cli import ROOMS
from practice.database import db
from practice.profile import PracticeProfile, profile
from practice.rights.queries import read_terms
from practice.rights.rules import Terms
from practice.work import begin_work
from tests.support.browsing import forms_of
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA
from tests.support.staff import audit, desk, signed_in_long_ago

PRACTICE, RULES, RECORDS = "/staff/setup/practice", "/staff/setup/practice/booking", "/staff/setup/records"
ABOUT = f"/staff/setup/therapists/{ADA}/about"
NEW = {
    "name": "Kim Osei",
    "title": "Couples therapist",
    "es_title": "Terapeuta de parejas",
    "approach": "Slow and plain.",
    "es_approach": "Despacio y con palabras sencillas.",
    "email": "kim@practice.example",
    "join_link": "https://video.practice.example/kim",
    "office": "2 Quay Street",
}

DECIDED: dict[str, str] = {
    "name": "practice_pages.practice",
    "zone": "practice_pages.practice",
    "currency": "practice_pages.practice",
    "email": "practice_pages.practice",
    "phone": "practice_pages.practice",
    "address": "practice_pages.practice",
    "help_region": "practice_pages.practice",
    "statement_name": "practice_pages.practice",
    "desk_hours": "desk.hours",
    "desk_holidays": "desk.hours",
    "review_first": "practice_pages.booking",
    "attended_after_days": "practice_pages.booking",
    "withdrawal_days": "practice_pages.booking",
    "reminder_hours": "practice_pages.booking",
    "late_fee_minor": "fee_desk.terms",
    "missed_fee_minor": "fee_desk.terms",
    "embed_origins": "own_site_pages.own_site_page",
    "tax_percent": "taxes.taxes",
    "secrets_policy": "agreements.overview",
}
"""Each column of the practice's profile, and the page where it is decided."""

COMMANDS: dict[str, str] = {
    "hours": "setup.hours",
    "time-off": "setup.hours",
    "override": "setup.hours",
    "holidays": "setup.hours",
    "therapist": "setup.therapist",
    "offering": "catalogue.offerings",
    "room": "catalogue.rooms",
    "review-first": "practice_pages.booking",
    "withdrawal-days": "practice_pages.booking",
    "reminder-hours": "practice_pages.booking",
    "add-instrument": "editions.instruments",
    "register": "registrations.numbers",
    "estimates": "registrations.numbers",
    "consents": "agreements.overview",
    "duty": "duty.duty",
    "desk-hours": "desk.hours",
    "export-taxes": "taxes.taxes",
    "read-movements": "taxes.taxes",
    "tax-rate": "taxes.taxes",
    "fees": "fee_desk.terms",
    "scale": "prices.prices",
    "export-person": "rights_desk.requests",
    "erase-person": "rights_desk.requests",
    "retention": "records.terms",
}
"""Each command that decides something, and the page for the same."""

OF_THE_MACHINE = {"rotate-keys", "erasure-log", "replay-erasures", "maintenance-page"}
"""Commands that need the machine's own files: the keys file, an older copy of the database, what its proxy serves."""


@pytest.fixture
def owner(practice):
    return desk(practice, "owner")


def stands(practice, *names: str) -> tuple[Any, ...]:
    with practice.app.app_context():
        return tuple(getattr(profile(), name) for name in names)


def test_everything_that_the_practice_can_decide_has_a_page(practice, owner):
    assert set(DECIDED) == {column.name for column in PracticeProfile.__table__.columns} - {"id"}
    commands: list[click.Command] = [command for room in ROOMS for command in room.COMMANDS]
    assert set(COMMANDS) | OF_THE_MACHINE == {command.name for command in commands}
    with practice.app.test_request_context():
        pages = {
            endpoint: url_for(endpoint, slug=ADA) if endpoint.startswith("setup.") else url_for(endpoint)
            for endpoint in {*DECIDED.values(), *COMMANDS.values()}
        }
    for endpoint, address in pages.items():
        assert owner.get(address).status_code == 200, endpoint


# The practice


def test_what_is_saved_of_the_practice_clients_read_at_once(practice, owner):
    assert owner.submit(PRACTICE, {"name": "Still Water", "phone": "+1 555 0199"}).status_code == 302

    front = practice.browser().get("/").text
    assert "Still Water" in front
    assert "+1 555 0199" in front
    assert audit(practice, "practice_saved")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"name": ""}, "name", "what clients call"),
        ({"zone": "Mars/Olympus"}, "zone", "no such time zone"),
        ({"currency": "EU"}, "currency", "ISO code"),
        ({"email": "nobody"}, "email", "write to"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email", "write to"),
        ({"email": "séances@practice.example"}, "email", "without accents"),
        ({"help_region": "FR"}, "help_region", "valid choice"),
        ({"statement_name": "ABC"}, "statement_name", "5 to 22"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_kept_and_nothing_is_saved(practice, owner, typed, field, words):
    before = stands(practice, *DECIDED)

    answer = owner.submit(PRACTICE, {"phone": "+1 555 0188", **typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert words in answer.text
    assert 'value="+1 555 0188"' in answer.text
    assert stands(practice, *DECIDED) == before


def test_the_currency_changes_until_something_stands_in_it_and_prices_keep_their_numbers(practice, owner):
    with practice.app.app_context():
        before = {one.slug: one.price_minor for one in db.session.scalars(select(Offering))}

    assert owner.submit(PRACTICE, {"currency": "eur"}).status_code == 302

    with practice.app.app_context():
        offerings = list(db.session.scalars(select(Offering)))
        assert {one.currency for one in offerings} == {"EUR"}
        assert {one.slug: one.price_minor for one in offerings} == before
    assert stands(practice, "currency") == ("EUR",)

    practice.hold(MONDAY_NINE)
    refused = owner.submit(PRACTICE, {"currency": "USD"})
    assert refused.status_code == 422
    assert "can’t be changed any more" in refused.text
    assert stands(practice, "currency") == ("EUR",)


def test_whoever_saves_over_a_change_that_they_have_not_seen_is_told(practice, owner):
    page = owner.get(PRACTICE)
    owner.submit(PRACTICE, {"name": "Still Water"})

    sent = next(form for form in forms_of(page.text) if form.action.endswith("/practice")).fields
    answer = owner.post(PRACTICE, data={**sent, "name": "Deep Water"})

    assert answer.status_code == 409
    assert stands(practice, "name") == ("Still Water",)


# Booking and reminders


def test_how_booking_goes_is_saved_and_only_what_changed_is_noted(practice, owner):
    owner.submit(RULES, {"review_first": "y", "withdrawal_days": "14", "attended_after_days": "3"})

    assert stands(practice, "review_first", "withdrawal_days", "attended_after_days", "reminder_hours") == (
        True,
        14,
        3,
        48,
    )
    noted = [action for _, action, _ in audit(practice, "review_first_set", "reminder_hours_set", "attended_after_set")]
    assert noted == ["review_first_set", "attended_after_set"]

    owner.submit(RULES, {"withdrawal_days": "", "reminder_hours": ""})
    assert stands(practice, "withdrawal_days", "reminder_hours") == (None, None)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("withdrawal_days", "0", "1 to 100 days"),
        ("withdrawal_days", "101", "1 to 100 days"),
        ("reminder_hours", "337", "1 to 336 hours"),
        ("attended_after_days", "-1", "1 to 60 days"),
        ("reminder_hours", "two days", "whole number"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_at_its_field(practice, owner, field, typed, words):
    before = stands(practice, *DECIDED)

    answer = owner.submit(RULES, {field: typed})

    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{typed}"' in answer.text
    assert stands(practice, *DECIDED) == before


# Records


def test_fewer_years_are_asked_for_twice_and_clients_of_the_page_read_the_new_ones(practice, owner):
    assert owner.submit(RECORDS, {"records_years": "10"}).status_code == 302
    refused = owner.submit(RECORDS, {"records_years": "5"})
    assert refused.status_code == 422
    assert "Tick this" in refused.text
    assert owner.submit(RECORDS, {"records_years": "5", "sure": "y"}).status_code == 302

    with practice.app.app_context():
        assert read_terms() == Terms(5, Terms().documents_years)
    assert "5 years" in owner.get(RECORDS).text


@pytest.mark.parametrize("typed", ["0", "41", "", "seven"])
def test_years_that_no_law_asks_for_are_refused(practice, owner, typed):
    assert owner.submit(RECORDS, {"documents_years": typed}).status_code == 422
    with practice.app.app_context():
        assert read_terms() == Terms()


def test_years_are_changed_by_whoever_typed_their_password_lately(practice, owner):
    signed_in_long_ago(practice)

    assert owner.submit(RECORDS, {"records_years": "10"}).status_code == 303
    with practice.app.app_context():
        assert read_terms() == Terms()


# Therapists


def test_somebody_more_is_added_and_can_be_booked_once_the_rest_stands(practice, owner):
    answer = owner.submit("/staff/setup/therapists/new", NEW)

    assert answer.headers["Location"].endswith("/staff/setup/therapists/kim-osei")
    with practice.app.app_context():
        kim = get_therapist("kim-osei")
        assert (kim.name, kim.zone, kim.licence_places, kim.offerings) == ("Kim Osei", profile().zone, [], [])
    assert owner.submit("/staff/setup/therapists/new", NEW).headers["Location"].endswith("/kim-osei-2")
    assert len(audit(practice, "therapist_added")) == 2


@pytest.mark.parametrize("name", ["New", "Any", "Retired", "!"])
def test_no_name_takes_the_address_of_another_page(practice, owner, name):
    owner.submit("/staff/setup/therapists/new", {**NEW, "name": name})

    with practice.app.app_context():
        assert {one.slug for one in find_therapists()}.isdisjoint({"new", "any", "retired", ""})


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"title": ""}, "title"),
        ({"es_title": ""}, "es_title"),
        ({"approach": ""}, "approach"),
        ({"es_approach": " "}, "es_approach"),
        ({"email": "ada"}, "email"),
        ({"join_link": "http://video.practice.example/ada"}, "join_link"),
        ({"join_link": "javascript:alert(1)"}, "join_link"),
    ],
)
def test_what_is_wrong_with_a_therapist_is_said_at_its_field(practice, owner, typed, field):
    answer = owner.submit(ABOUT, typed)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert audit(practice, "therapist_described") == []


def test_what_is_said_of_a_therapist_shows_on_their_page_under_the_same_address(practice, owner):
    assert owner.submit(ABOUT, {"name": "Ada L. Quist", "approach": "Plain words, <b>slowly</b>."}).status_code == 302

    page = practice.browser().get(f"/therapists/{ADA}").text
    assert "Ada L. Quist" in page
    assert "&lt;b&gt;slowly" in page


def test_somebody_who_leaves_is_found_no_longer_their_sessions_stand_and_they_can_come_back(practice, owner):
    held = practice.hold(MONDAY_NINE)
    practice.confirm(held)
    assert "1 session of theirs is ahead" in owner.get(f"/staff/setup/therapists/{ADA}/retire").text

    owner.submit(f"/staff/setup/therapists/{ADA}/retire", {})

    assert practice.browser().get(f"/therapists/{ADA}").status_code == 404
    assert practice.state_of(held).value == "confirmed"
    owner.submit("/staff/setup/therapists/retired", {}, form=f"{ADA}/back")
    assert practice.browser().get(f"/therapists/{ADA}").status_code == 200
    assert [action for _, action, _ in audit(practice, "therapist_retired", "therapist_back")] == [
        "therapist_retired",
        "therapist_back",
    ]


def test_nobody_but_an_owner_opens_or_sends_any_of_these(practice):
    for role in ("coordinator", "clinician", "therapist"):
        browser = desk(practice, role)
        for page in (PRACTICE, RULES, RECORDS, ABOUT, "/staff/setup/health", "/staff/setup/open"):
            assert browser.get(page).status_code == 404, (role, page)


# Health


def test_health_says_what_the_doctor_finds_and_how_it_is_mended(practice, owner):
    with practice.app.app_context(), begin_work() as work:
        for one in work.session.scalars(select(Therapist).where(Therapist.slug == ADA)):
            one.weekly_hours = []

    page = owner.get("/staff/setup/health").text

    assert "therapist ada-lindqvist can be booked" in page
    assert "There are no opening hours." in page
    assert "were not asked" in page
