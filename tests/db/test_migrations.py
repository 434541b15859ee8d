"""Migrations make the very tables that the models describe, and can be taken back with a practice living in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, MetaData, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from practice import create_app
from practice.couples import form_couple
from practice.database import MIGRATIONS, Model, db
from practice.notes import actions as notes
from practice.notes.guards import GUARDS
from practice.notes.models import Note
from practice.notes.queries import text_of
from practice.people import Person, add_person
from practice.sealing import vault
from practice.staff.actions import create_account
from practice.staff.models import StaffAccount
from practice.wiring import Gateways
from practice.work import Work, begin_work
from tests.support import postgres, visitors, world
from tests.support.browsing import Browser
from tests.support.story import Practice

VERSIONS = "alembic_version"


@pytest.fixture
def bare(
    request, database_url, settings, clock, keyring, mailer, payments, worker_name, tmp_path: Path
) -> Iterator[Flask]:
    """An app on a database without any table."""
    if database_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/bare.db"
    else:
        server = request.getfixturevalue("postgres_server")
        url = postgres.new_database(server, f"bare_{worker_name}").render_as_string(hide_password=False)
    app = create_app(
        replace(settings, database_url=url), Gateways(clock=clock, keyring=keyring, mail=mailer, payments=payments)
    )
    app.test_client_class = type("BrowserAtHome", (Browser,), {"home": settings.base_url})
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def describe(engine: Engine) -> dict[str, dict[str, Any]]:
    """Everything that the database knows of its tables, in an order that doesn't depend on how they were made."""
    seen = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in seen.get_columns(table)
            },
            "primary key": seen.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                (key["name"] or "", key["constrained_columns"], key["referred_table"])
                for key in seen.get_foreign_keys(table)
            ),
            "indexes": sorted(
                (index["name"] or "", index["column_names"], bool(index["unique"]), _condition(index))
                for index in seen.get_indexes(table)
            ),
            "unique": sorted((one["name"] or "", one["column_names"]) for one in seen.get_unique_constraints(table)),
            "checks": sorted((one["name"] or "", one["sqltext"]) for one in seen.get_check_constraints(table)),
        }
        for table in seen.get_table_names()
        if table != VERSIONS
    }


def _condition(index: Any) -> str:
    options = index.get("dialect_options", {})
    return str(options.get("sqlite_where", options.get("postgresql_where", "")))


def counts(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {table.name: len(db.session.execute(select(table)).all()) for table in Model.metadata.sorted_tables}


def revisions() -> list[str]:
    """From the first to the newest."""
    return [one.revision for one in reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))]


def test_the_migrations_make_exactly_the_tables_of_the_models(bare, app):
    with bare.app_context():
        upgrade()
        made = describe(db.engine)
    with app.app_context():
        meant = describe(db.engine)

    assert sorted(made) == sorted(meant)
    for table, wanted in meant.items():
        assert made[table] == wanted, table


def test_a_new_migration_would_find_nothing_to_do(bare):
    with bare.app_context():
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Model.metadata) == []


def test_migrations_go_down_and_up_again_with_a_practice_living_in_the_tables(bare, clock):
    with bare.app_context():
        upgrade()
        with begin_work() as work:
            world.build(work)
    visitors.fill(Practice(bare, clock))
    forget_couples(bare)
    before = counts(bare)
    assert [
        table for table in ("booking", "slot_claim", "intake", "staff_account", "outbox_message") if not before[table]
    ] == []

    with bare.app_context():
        for _ in revisions():
            downgrade(revision="-1")
        db.session.remove()
        assert inspect(db.engine).get_table_names() in ([], [VERSIONS])
        upgrade()
        db.session.remove()
        assert sorted(describe(db.engine)) == sorted(before)


def forget_couples(app) -> None:
    """Who is joined, or was invited, stops the way down, as tests below say; without them everything goes back."""
    with app.app_context(), begin_work() as work:
        for table in ("partner_invitation", "partner_standing", "couple_member", "couple"):
            work.session.execute(text(f"DELETE FROM {table}"))
        work.session.execute(text("DELETE FROM intake WHERE audience = 'partner'"))


def test_upgrading_twice_changes_nothing(bare, clock):
    with bare.app_context():
        upgrade()
        with begin_work() as work:
            world.build(work)
    before = counts(bare)
    with bare.app_context():
        upgrade()

    assert counts(bare) == before


def test_there_is_one_line_of_migrations_and_each_says_what_it_does():
    script = ScriptDirectory(str(MIGRATIONS))

    assert len(script.get_heads()) == 1
    assert [one.revision for one in script.walk_revisions() if not one.doc] == []


def rows_of(table: str) -> list[dict[str, Any]]:
    found = MetaData()
    found.reflect(db.engine, only=[table])
    with db.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(found.tables[table]))]


def fill(table: str, *rows: dict[str, Any]) -> None:
    found = MetaData()
    found.reflect(db.engine, only=[table])
    with db.engine.begin() as connection:
        connection.execute(insert(found.tables[table]), list(rows))


AT = datetime(2027, 5, 10, 13, tzinfo=UTC)
THERAPIST = dict.fromkeys(("title", "approach", "join_link", "office"), "") | {
    "id": 1,
    "resource_id": 1,
    "slug": "ada",
    "name": "Ada",
    "zone": "America/New_York",
    "languages": ["English"],
    "licence_places": ["US-NY"],
    "email": "ada@practice.example",
    "active": True,
}
OFFERING = {
    "id": 1,
    "slug": "couple-50",
    "name": "Couple",
    "attendance": "couple",
    "place": "video",
    "session_minutes": 50,
    "step_minutes": 30,
    "before_minutes": 0,
    "after_minutes": 10,
    "notice_hours": 24,
    "horizon_days": 60,
    "price_minor": 160_00,
    "currency": "USD",
    "late_cancel_hours": 48,
    "active": True,
}
BOOKING = dict.fromkeys(("starts_at", "blocked_from", "held_at", "updated_at"), AT) | {
    "id": 1,
    "reference": "b_1",
    "uid": "1@appointments",
    "sequence": 0,
    "therapist_id": 1,
    "offering_id": 1,
    "person_id": 1,
    "state": "confirmed",
    "ends_at": AT + timedelta(minutes=50),
    "blocked_until": AT + timedelta(minutes=60),
    "price_minor": 160_00,
    "currency": "USD",
    "payable": False,
}
CLAIM = {"resource_id": 1, "tick": 5_000_000, "booking_id": 1}


@pytest.fixture
def older(bare) -> Flask:
    """The first practice's tables, with a therapist, two dates that differ, an offering and a booking in them."""
    with bare.app_context():
        upgrade(revision="0001")
        fill("resource", {"id": 1, "kind": "therapist"})
        fill("therapist", THERAPIST)
        fill("day_override", {"id": 1, "therapist_id": 1, "day": AT.date(), "opens": None, "closes": None})
        fill("day_override", {"id": 2, "therapist_id": 1, "day": AT.date(), "opens": time(16), "closes": time(20)})
        fill("offering", OFFERING)
        fill("person", {"id": 1, "reference": "p_1", "zone": "America/New_York", "created_at": AT})
        fill("booking", BOOKING)
        fill("slot_claim", CLAIM)
    return bare


def test_what_a_practice_had_before_rooms_and_waiting_lists_goes_on_as_it_was(older):
    with older.app_context():
        upgrade()
        assert sorted((row["id"], row["kind"]) for row in rows_of("day_override")) == [(1, "closed"), (2, "other")]
        (offering,) = rows_of("offering")
        assert (offering["visit"], offering["staff_only"], offering["late_waiver"]) == ("any", False, True)
        (therapist,) = rows_of("therapist")
        assert (therapist["slug"], therapist["packs"], therapist["holiday_region"]) == ("ada", False, None)
        (booking,) = rows_of("booking")
        assert (booking["reference"], booking["state"], booking["room_id"]) == ("b_1", "confirmed", None)
        (claim,) = rows_of("slot_claim")
        assert (claim["tick"], claim["booking_id"], claim["block_id"]) == (5_000_000, 1, None)


def test_going_back_drops_rooms_and_blocks_and_keeps_what_was_there_before(older):
    with older.app_context():
        upgrade()
        fill("resource", {"id": 2, "kind": "room"})
        room = {"id": 1, "resource_id": 2, "slug": "blue", "name": "Blue", "address": "", "seats": 2, "active": True}
        fill("room", room)
        block = {"id": 1, "reference": "k_1", "resource_id": 1, "starts_at": AT, "ends_at": AT, "made_at": AT}
        fill("time_block", {**block, "ends_at": AT + timedelta(hours=1)})
        fill("slot_claim", {"resource_id": 1, "tick": 6_000_000, "booking_id": None, "block_id": 1})
        fill("slot_claim", {"resource_id": 2, "tick": 5_000_000, "booking_id": 1, "block_id": None})
        evening = {"therapist_id": 1, "day": AT.date(), "opens": time(18), "closes": time(20), "place": None}
        fill("day_override", {"id": 3, **evening, "kind": "extra"})
        downgrade(revision="0001")

        assert [(row["resource_id"], row["tick"]) for row in rows_of("slot_claim")] == [(1, 5_000_000)]
        assert [row["id"] for row in rows_of("resource")] == [1]
        assert sorted(row["id"] for row in rows_of("day_override")) == [1, 2]
        assert [row["reference"] for row in rows_of("booking")] == ["b_1"]


def test_going_back_stops_where_something_is_free_of_charge(older):
    with older.app_context():
        upgrade()
        call = {"id": 2, "slug": "call", "price_minor": 0, "visit": "first", "staff_only": False, "late_waiver": True}
        fill("offering", {**OFFERING, **call, "other_words": {}})
        with pytest.raises(SystemExit):  # flask-migrate has said why
            downgrade(revision="0001")
        assert len(rows_of("offering")) == 2
        with pytest.raises(IntegrityError):
            fill("slot_claim", {"resource_id": 99, "tick": 1, "booking_id": 1, "block_id": None})


def test_going_back_leaves_no_trace_of_the_waiting_list_and_of_what_staff_decided(older):
    hours = {"therapist_id": 1, "weekday": 0, "opens": time(9), "closes": time(17)}
    wish = {"id": 1, "reference": "w_1", "person_id": 1, "offering_id": 1, "weekdays": [0], "zone": "America/New_York"}
    offer = {"id": 1, "wish_id": 1, "booking_id": 1, "therapist_id": 1, "starts_at": AT, "made_at": AT}
    decided = {"booking_id": 1, "actor": "s_1", "decided_at": AT, "share_numerator": 0, "share_denominator": 1}
    with older.app_context():
        before = sorted(inspect(db.engine).get_table_names())
        fill("weekly_hours", {"id": 1, **hours})
        upgrade()
        ends = {"opens": time(9), "closes": time(12), "made_at": AT, "runs_out_at": AT}
        fill("wish", {**wish, **ends, "state": "offered"})
        fill("wish_offer", {**offer, "answer": None})
        fill("place_wish", {"person_id": 1, "region": "US-CA", "asked_at": AT})
        fill("waiver", {"person_id": 1, "booking_id": 1, "used_at": AT})
        fill("cancellation_override", {**decided, "reason_sealed": b"sealed"})
        fill("time_off", {"id": 1, "therapist_id": 1, "first_day": AT.date(), "last_day": AT.date()})
        fill("weekly_hours", {"id": 2, **hours, "place": "video"}, {"id": 3, **hours, "place": "in_person"})
        fill("weekly_hours", {"id": 4, **hours, "valid_from": AT.date()})
        downgrade(revision="0001")

        assert sorted(inspect(db.engine).get_table_names()) == before
        assert [row["id"] for row in rows_of("weekly_hours")] == [1]
        assert [row["reference"] for row in rows_of("booking")] == ["b_1"]
        upgrade()
        assert rows_of("wish") == []


def test_whoever_was_accepted_need_not_wait_for_another_yes(older):
    with older.app_context():
        upgrade(revision="0005")
        fill("person", {"id": 2, "reference": "p_2", "zone": "America/New_York", "created_at": AT})
        may = {"attendance": ["couple"], "places": ["video"], "region": "US-NY", "expires_at": AT}
        fill("eligibility", {"person_id": 1, **may}, {"person_id": 2, **may})
        fill("questionnaire_copy", {"hash": "h", "version": "1", "document": "{}"})
        sent = {"questionnaire_hash": "h", "started_at": AT, "saved_at": AT, "submitted_at": AT, "review_state": "new"}
        later = {**sent, "submitted_at": AT + timedelta(days=1)}
        yes = {"review_state": "accepted"}
        fill("intake", {**sent, "id": 1, "reference": "i_1", "person_id": 1})
        fill("intake", {**later, "id": 2, "reference": "i_2", "person_id": 1, **yes})
        fill("intake", {**sent, "id": 3, "reference": "i_3", "person_id": 2, **yes})
        fill("intake", {**later, "id": 4, "reference": "i_4", "person_id": 2})
        upgrade()

        accepted = {row["person_id"]: bool(row["accepted"]) for row in rows_of("eligibility")}
        assert accepted == {1: True, 2: False}
        assert [(row["review_first"], row["approved_at"]) for row in rows_of("booking")] == [(False, None)]
        downgrade(revision="0005")
        assert len(rows_of("eligibility")) == 2


def test_going_back_stops_where_a_card_was_authorised_first(older):
    with older.app_context():
        upgrade(revision="0007")
        attempt = {"id": 1, "reference": "pa_1", "booking_id": 1, "key": "k", "parameters": {}, "amount_minor": 160_00}
        times = dict.fromkeys(("expires_at", "created_at", "updated_at"), AT)
        state = {"currency": "USD", "state": "voided", "authorises": True, "session_id": "cs_1", "confirms": False}
        fill("payment_attempt", attempt | times | state)
        with pytest.raises(SystemExit):
            downgrade(revision="0005")
        assert [row["state"] for row in rows_of("payment_attempt")] == ["voided"]


CONSENT = {
    "id": 1,
    "reference": "fc_1",
    "person_id": 1,
    "booking_id": 1,
    "late_minor": 80_00,
    "currency": "USD",
    "wording": "1",
    "text_sha256": "0" * 64,
    "given_at": AT,
}


def test_payments_from_before_fees_were_for_a_session_and_kept_no_card(older):
    with older.app_context():
        upgrade(revision="0007")
        attempt = {"id": 1, "reference": "pa_1", "booking_id": 1, "key": "k", "parameters": {}, "amount_minor": 160_00}
        times = dict.fromkeys(("expires_at", "created_at", "updated_at"), AT)
        state = {"currency": "USD", "state": "paid", "authorises": False, "session_id": "cs_1", "confirms": True}
        fill("payment_attempt", attempt | times | state)
        upgrade(revision="0008")
        (paid,) = rows_of("payment_attempt")
        assert (paid["fee_id"], bool(paid["off_session"]), bool(paid["keeps_card"])) == (None, False, False)
        (booking,) = rows_of("booking")
        assert (booking["late_cancelled_at"], booking["spared_at"]) == (None, None)

        fill("fee_consent", {**CONSENT, "withdrawn_at": AT})
        downgrade(revision="0007")
        assert [row["reference"] for row in rows_of("payment_attempt")] == ["pa_1"]
        assert "fee_consent" not in inspect(db.engine).get_table_names()


def test_what_was_paid_has_the_rate_of_its_movement_or_else_the_one_that_is_set(older):
    with older.app_context():
        upgrade(revision="0007")
        told = dict.fromkeys(("name", "email", "phone", "address", "desk_hours", "statement_name"), "x")
        place = {"zone": "Europe/Berlin", "currency": "EUR", "help_region": "DE", "review_first": False}
        fill("practice_profile", {"id": 1, "tax_percent": "19", **told, **place})
        times = dict.fromkeys(("expires_at", "created_at", "updated_at"), AT)
        state = {"currency": "EUR", "state": "paid", "authorises": False, "parameters": {}, "amount_minor": 160_00}
        for number, paid_at in ((1, AT), (2, AT), (3, None)):
            names = {"reference": f"pa_{number}", "key": f"k{number}", "session_id": f"cs_{number}"}
            which = {"id": number, "booking_id": 1, "confirms": number == 1, "payment": f"pi_{number}"}
            fill("payment_attempt", {**which, **names, "paid_at": paid_at, **times, **state})
        sums = {"gross_minor": 160_00, "fee_minor": 0, "net_minor": 160_00, "currency": "EUR", "tax_percent": "7"}
        moments = {"created_at": AT, "available_at": AT}
        fill("money_movement", {"id": "txn_1", "kind": "charge", "payment": "pi_1", **sums, **moments})
        upgrade(revision="0008")

        assert {row["id"]: row["tax_percent"] for row in rows_of("payment_attempt")} == {1: "7", 2: "19", 3: None}
        downgrade(revision="0007")
        assert "tax_percent" not in rows_of("payment_attempt")[0]


@pytest.mark.parametrize("what", ["card", "fee"])
def test_going_back_stops_where_a_card_is_kept_or_a_fee_was_decided_on(older, what):
    with older.app_context():
        upgrade(revision="0008")
        card = {"customer": "cus_1", "card": "pm_1", "kept_at": AT}
        fill("fee_consent", CONSENT | (card if what == "card" else {}))
        if what == "fee":
            decided = {"kind": "late", "amount_minor": 80_00, "currency": "USD", "decided_at": AT}
            fill("fee", {"id": 1, "reference": "fe_1", "booking_id": 1, "consent_id": 1, **decided})
        with pytest.raises(SystemExit):
            downgrade(revision="0007")
        assert [row["reference"] for row in rows_of("fee_consent")] == ["fc_1"]


def test_prices_and_withdrawal_come_and_go_and_leave_bookings_as_they_were(older):
    days = {"first_day": AT.date(), "last_day": None, "actor": "staff:1", "made_at": AT, "reason_sealed": b"sealed"}
    with older.app_context():
        upgrade(revision="0008")
        profile = {
            "id": 1,
            "name": "Harbour",
            "zone": "Europe/London",
            "currency": "GBP",
            "email": "o@practice.example",
        }
        told = dict.fromkeys(("phone", "address", "desk_hours", "statement_name"), "x")
        fill("practice_profile", {**profile, **told, "help_region": "GB", "review_first": False})
        upgrade(revision="0009")

        assert [row["withdrawal_days"] for row in rows_of("practice_profile")] == [14]
        assert [row["withdrawal_days"] for row in rows_of("booking")] == [None]
        fill("scale_step", {"id": 1, "name": "Reduced", "basis_points": 6000, "archived_at": None})
        on_step = {"id": 1, "reference": "pr_1", "person_id": 1, "number": 1, "step_id": 1}
        set_price = {"id": 2, "reference": "pr_2", "person_id": 1, "number": 2, "offering_id": 1, "price_minor": 90_00}
        fill("price_agreement", {**on_step, **days})
        fill("price_agreement", {**set_price, "currency": "USD", **days})
        both = {**set_price, "id": 3, "reference": "pr_3", "number": 3, "step_id": 1, "currency": "USD"}
        with pytest.raises(IntegrityError):
            fill("price_agreement", {**both, **days})
        with pytest.raises(IntegrityError):
            fill("price_agreement", {**on_step, "id": 4, "reference": "pr_4", **days})  # the number is taken
        before = rows_of("booking")
        downgrade(revision="0008")

        assert not {"price_agreement", "scale_step", "withdrawal_request"} & set(inspect(db.engine).get_table_names())
        for row in before:
            row.pop("withdrawal_days")
        assert rows_of("booking") == before
        upgrade()


@pytest.mark.parametrize("promised", ["a session from which they may withdraw", "a session that they asked for"])
def test_going_back_stops_where_a_client_was_promised_that_they_may_withdraw(older, promised):
    with older.app_context():
        upgrade(revision="0009")
        if promised == "a session that they asked for":
            asked = {"id": 1, "booking_id": 1, "person_id": 1, "version": "1", "text_sha256": "0" * 64, "asked_at": AT}
            fill("withdrawal_request", asked)
        else:
            fill("booking", {**newer(), "withdrawal_days": 14})
        with pytest.raises(SystemExit):
            downgrade(revision="0008")
        assert "price_agreement" in inspect(db.engine).get_table_names()


def newer() -> dict[str, Any]:
    """Another booking, as it is kept by now."""
    later = {"id": 2, "reference": "b_2", "uid": "2@appointments", "given_back_minor": 0, "review_first": False}
    return {**BOOKING, **later}


PROFILE = dict.fromkeys(("email", "phone", "address", "desk_hours", "statement_name"), "") | {
    "id": 1,
    "name": "Quiet Harbour",
    "zone": "America/New_York",
    "currency": "USD",
    "review_first": False,
}


@pytest.mark.parametrize(("region", "writes"), [("US", True), ("GB", False)])
def test_a_practice_in_the_united_states_writes_estimates_from_then_on(older, region, writes):
    with older.app_context():
        upgrade(revision="0009")
        fill("practice_profile", {**PROFILE, "help_region": region})
        upgrade()

        found = rows_of("practice_registration")
        assert [row["estimates_since"] is not None for row in found] == [True] * writes
        downgrade(revision="0009")
        assert [row["name"] for row in rows_of("practice_profile")] == ["Quiet Harbour"]


def test_going_back_leaves_no_trace_of_registrations_and_diagnoses_and_stops_where_a_document_was_issued(older):
    with older.app_context():
        upgrade(revision="0009")
        before = sorted(inspect(db.engine).get_table_names())
        upgrade(revision="0010")
        fill("therapist_registration", {"therapist_id": 1, "npi": "", "licence": "", "credentials": ""})
        fill("service_code", {"offering_id": 1, "code": "90847"})
        entered = {"reference": "g_1", "person_id": 1, "entered_by": "staff:1", "entered_at": AT}
        fill("diagnosis", {"id": 1, **entered, "code_sealed": b"sealed"})
        downgrade(revision="0009")
        assert sorted(inspect(db.engine).get_table_names()) == before

        upgrade(revision="0010")
        about = {"person_id": 1, "booking_id": 1, "source": "b_1", "issued_by": "worker", "content_sealed": b"sealed"}
        sums = {"amount_minor": 160_00, "tax_minor": 0, "currency": "USD", "issued_at": AT, "issued_on": AT.date()}
        paper = {"id": 1, "reference": "d_1", "kind": "receipt", "year": 2027, "number": 1, **about, **sums}
        fill("paper", paper)
        for wrong in ({"number": 1}, {"number": 0}, {"number": 2, "tax_minor": 160_01}, {"number": 2, "kind": "bill"}):
            with pytest.raises(IntegrityError):
                fill("paper", {**paper, "id": 2, "reference": "d_2", **wrong})
        with pytest.raises(SystemExit):  # flask-migrate has said why
            downgrade(revision="0009")
        assert [(row["kind"], row["number"]) for row in rows_of("paper")] == [("receipt", 1)]


def test_intakes_from_before_couples_are_the_bookers_and_going_back_stops_where_two_are_joined(older):
    with older.app_context():
        upgrade(revision="0010")
        fill("questionnaire_copy", {"hash": "h", "version": "1", "document": "{}"})
        intake = {"id": 1, "reference": "i_1", "person_id": 1, "questionnaire_hash": "h", "review_state": "new"}
        fill("intake", {**intake, "started_at": AT, "saved_at": AT, "submitted_at": AT})
        fill("practice_profile", {**PROFILE, "help_region": "US"})
        before = rows_of("intake"), rows_of("practice_profile")
        upgrade(revision="0011")
        assert [row["secrets_policy"] for row in rows_of("practice_profile")] == ["limited"]
        assert [(row["audience"], row["completed_at"]) for row in rows_of("intake")] == [("booker", None)]
        downgrade(revision="0010")
        assert (rows_of("intake"), rows_of("practice_profile")) == before

        upgrade(revision="0011")
        fill("couple", {"id": 1, "reference": "c_1", "formed_at": AT})
        fill("couple_member", {"couple_id": 1, "seat": 1, "person_id": 1})
        for wrong in ({"seat": 3}, {"seat": 2}):  # no third seat, and nobody sits on both
            with pytest.raises(IntegrityError):
                fill("couple_member", {"couple_id": 1, "person_id": 1, **wrong})
        with pytest.raises(SystemExit):
            downgrade(revision="0010")
        assert len(rows_of("couple_member")) == 1


def test_who_came_before_documents_is_asked_nothing_and_gets_letters_as_before_and_going_back_stops_at_a_consent(older):
    with older.app_context():
        upgrade(revision="0011")
        before, tables = rows_of("person"), sorted(inspect(db.engine).get_table_names())
        upgrade(revision="0012")
        assert [row["letters_agreed"] for row in rows_of("person")] == [None] * len(before)
        text = {
            "id": 1,
            "document": "privacy",
            "version": 1,
            "title": "",
            "summary": "",
            "body": "",
            "sha256": "0" * 64,
        }
        text |= {"asked_of": "everybody", "required": True, "valid_from": AT, "written_by": "command"}
        fill("consent_text", text)
        for wrong in ({"version": 1}, {"version": 0}, {"version": 2, "asked_of": "nobody"}):
            with pytest.raises(IntegrityError):
                fill("consent_text", {**text, "id": 2, **wrong})
        downgrade(revision="0011")
        assert (rows_of("person"), sorted(inspect(db.engine).get_table_names())) == (before, tables)

        upgrade(revision="0012")
        fill("consent_text", text)
        given = {"person_id": 1, "text_id": 1, "document": "privacy", "version": 1, "sha256": "0" * 64, "given_at": AT}
        consent = {"id": 1, "reference": "ag_1", **given, "method": "page"}
        fill("consent", consent)
        for wrong in ({}, {"withdrawn_at": AT, "method": "phone"}, {"withdrawn_at": AT, "method": "paper"}):
            with pytest.raises(IntegrityError):  # a second that stands; no such way; nobody noted it
                fill("consent", {**consent, "id": 2, "reference": "ag_2", **wrong})
        fill("consent", {**consent, "id": 2, "reference": "ag_2", "withdrawn_at": AT})
        with pytest.raises(SystemExit):
            downgrade(revision="0011")
        assert len(rows_of("consent")) == 2


def test_what_was_agreed_to_was_english_and_going_back_stops_where_somebody_agreed_in_another_language(older):
    with older.app_context():
        upgrade(revision="0033")
        words = {"title": "", "summary": "", "body": "", "sha256": "0" * 64, "asked_of": "everybody", "required": True}
        text = {"id": 1, "document": "privacy", "version": 1, **words, "valid_from": AT, "written_by": "command"}
        fill("consent_text", text)
        upgrade(revision="0034")
        assert [row["language"] for row in rows_of("consent_text")] == ["en"]
        for wrong in ({"language": "en"}, {"language": "xx"}):
            with pytest.raises(IntegrityError):
                fill("consent_text", {**text, "id": 2, **wrong})
        fill("consent_text", {**text, "id": 2, "language": "es"})
        downgrade(revision="0033")
        assert [row["id"] for row in rows_of("consent_text")] == [1]

        upgrade(revision="0034")
        fill("consent_text", {**text, "id": 2, "language": "es"})
        given = {"person_id": 1, "text_id": 2, "document": "privacy", "version": 1, "sha256": "0" * 64, "given_at": AT}
        fill("consent", {"id": 1, "reference": "ag_1", **given, "method": "page"})
        with pytest.raises(SystemExit):
            downgrade(revision="0033")
        assert [row["language"] for row in rows_of("consent_text")] == ["en", "es"]


def test_what_a_practice_wrote_is_english_our_own_words_get_their_spanish_and_going_back_keeps_the_english(older):
    with older.app_context():
        upgrade(revision="0036")
        named = {"id": 2, "slug": "named", "name": "Couple session, 50 minutes, by video", "visit": "any"}
        fill("offering", {**OFFERING, **named, "staff_only": False, "late_waiver": True})
        ours = {"title": "Couples therapist", "approach": "My own words."}
        fill("resource", {"id": 90, "kind": "therapist"})
        fill("therapist", {**THERAPIST, "id": 2, "resource_id": 90, "slug": "noor", "packs": False, **ours})
        before = {table: rows_of(table) for table in ("offering", "therapist")}
        upgrade(revision="0037")
        assert [row["other_words"] for row in rows_of("offering")] == [
            {},
            {"es": {"name": "Sesión de pareja, 50 minutos, por video"}},
        ]
        assert [row["other_words"] for row in rows_of("therapist")] == [{}, {"es": {"title": "Terapeuta de parejas"}}]
        downgrade(revision="0036")
        assert {table: rows_of(table) for table in before} == before


def test_a_practice_goes_on_asking_what_ships_and_going_back_stops_where_it_published_its_own_questions(older):
    with older.app_context():
        upgrade(revision="0011")
        fill("questionnaire_copy", {"hash": "h", "version": "1", "document": "{}"})
        before = rows_of("questionnaire_copy")
        upgrade(revision="0019")
        assert rows_of("questionnaire_edition") == rows_of("questionnaire_draft") == []
        fill("questionnaire_draft", {"id": 1, "overlay": "{}", "changed_at": AT, "changed_by": "staff:1"})
        with pytest.raises(IntegrityError):  # there is one draft
            fill("questionnaire_draft", {"id": 2, "overlay": "{}", "changed_at": AT, "changed_by": "staff:1"})
        downgrade(revision="0011")
        assert rows_of("questionnaire_copy") == before

        upgrade(revision="0019")
        edition = {"overlay": "{}", "questionnaire_hash": "h", "published_at": AT, "published_by": "staff:1"}
        fill("questionnaire_edition", {"number": 1, **edition})
        for wrong in ({"number": 1}, {"number": 0}, {"number": 2, "questionnaire_hash": "gone"}):
            with pytest.raises(IntegrityError):
                fill("questionnaire_edition", {**edition, **wrong})
        with pytest.raises(SystemExit):
            downgrade(revision="0011")
        assert [row["number"] for row in rows_of("questionnaire_edition")] == [1]


@pytest.mark.parametrize("kept", ["an invitation", "a standing", "a pause", "a session that was called off", "nothing"])
def test_partners_come_with_new_tables_and_going_back_stops_where_they_hold_anything(older, kept):
    with older.app_context():
        upgrade(revision="0011")
        fill("couple", {"id": 1, "reference": "c_1", "formed_at": AT})
        before = rows_of("couple"), rows_of("booking")
        upgrade(revision="0013")
        assert [row["resting_since"] for row in rows_of("couple")] == [None]
        assert {row["called_off_at"] for row in rows_of("booking")} == {None}
        invitation = {"id": 1, "reference": "v_1", "person_id": 1, "way": "mail", "made_at": AT, "expires_at": AT}
        if kept == "an invitation":
            fill("partner_invitation", invitation)
            for wrong in ({"way": "dove"}, {"code_hash": b"x"}, {"joined_at": AT}):
                with pytest.raises(IntegrityError):
                    fill("partner_invitation", {**invitation, "id": 2, "reference": "v_2", **wrong})
        elif kept == "a standing":
            standing = {"person_id": 1, "state": "declined", "shares_progress": False, "changed_at": AT}
            fill("partner_standing", standing)
        elif kept == "a pause":
            pause = {"id": 1, "reference": "ps_1", "couple_id": 1, "person_id": 1, "paused_at": AT}
            fill("partner_pause", pause)
            with pytest.raises(IntegrityError):  # one of theirs at a time
                fill("partner_pause", {**pause, "id": 2, "reference": "ps_2"})
        elif kept == "a session that was called off":
            fill("booking", {**newer(), "called_off_at": AT})
        if kept == "nothing":
            downgrade(revision="0011")
            assert (rows_of("couple"), rows_of("booking")) == before
            assert "partner_pause" not in inspect(db.engine).get_table_names()
            return
        with pytest.raises(SystemExit):
            downgrade(revision="0011")
        assert "called_off_at" in {column["name"] for column in inspect(db.engine).get_columns("booking")}


HOURS_IN_WORDS = {
    "weekdays, 9 am to 5 pm": "mon-fri 09:00-17:00",
    "Weekdays 9–17": "mon-fri 09:00-17:00",
    "Monday to Thursday, 9 to 5 pm": "mon-thu 09:00-17:00",
    "every day from 8:30 am until 12 pm": "mon-sun 08:30-12:00",
    "Tue 10.00-14.00": "tue 10:00-14:00",
    "weekdays": "",
    "when we can": "",
    "weekdays, 9 am to 12 pm and 1 pm to 5 pm": "",  # not all of it could be kept
    "weekdays, 9 am to 9 am": "",
}


def test_desk_hours_in_words_become_hours_and_going_back_stops_where_somebody_is_called_still(older):
    with older.app_context():
        upgrade(revision="0011")
        fill("questionnaire_copy", {"hash": "h", "version": "1", "document": "{}"})
        intake = {"id": 1, "reference": "i_1", "person_id": 1, "questionnaire_hash": "h", "review_state": "accepted"}
        times = dict.fromkeys(("started_at", "saved_at", "submitted_at", "decided_at"), AT)
        fill("intake", {**intake, **times, "audience": "booker"})
        profile = {**PROFILE, "help_region": "US", "desk_hours": "weekdays, 9 am to 5 pm"}
        fill("practice_profile", {**profile, "secrets_policy": "limited"})
        upgrade(revision="0015")
        [row] = rows_of("practice_profile")
        assert (row["desk_hours"], row["desk_holidays"]) == ("mon-fri 09:00-17:00", "US")
        [row] = rows_of("intake")
        assert (row["owner"], row["looked_at"] is not None) == (None, True)
        downgrade(revision="0011")
        assert [row["desk_hours"] for row in rows_of("practice_profile")] == ["mon-fri 09:00-17:00"]

        upgrade(revision="0015")
        fill("urgent_notice", {"intake_id": 1, "moment": "book", "raised_at": AT, "step": 0, "called_at": AT})
        with pytest.raises(IntegrityError):
            fill("duty_turn", {"id": 1, "account_id": 1, "weekday": 7, "set_at": AT, "set_by": "staff:1"})
        with pytest.raises(SystemExit):
            downgrade(revision="0011")
        assert len(rows_of("urgent_notice")) == 1


def test_words_become_hours_only_where_they_can_mean_nothing_else():
    script = ScriptDirectory(str(MIGRATIONS)).get_revision("0015")
    assert {words: script.module.hours_of_words(words) for words in HOURS_IN_WORDS} == HOURS_IN_WORDS


def test_every_practice_reminds_from_then_on_and_going_back_stops_where_somebody_answered_or_stopped_letters(older):
    with older.app_context():
        upgrade(revision="0011")
        own = {"help_region": "US", "desk_hours": "mon-fri 09:00-17:00", "secrets_policy": "limited"}
        fill("practice_profile", {**PROFILE, **own})
        before = rows_of("practice_profile")
        upgrade(revision="0017")
        assert [row["reminder_hours"] for row in rows_of("practice_profile")] == [48]
        downgrade(revision="0011")
        assert rows_of("practice_profile") == before

        upgrade(revision="0017")
        fill("pulse_course", {"person_id": 1, "first_day": AT.date(), "begun_at": AT})
        fill("pulse_questions", {"hash": "h", "version": "1", "document": "{}"})
        answer = {"person_id": 1, "due_on": AT.date(), "questions_hash": "h", "sealed": b"sealed", "saved_at": AT}
        fill("pulse_answer", {"id": 1, "reference": "u_1", **answer})
        with pytest.raises(IntegrityError):
            fill("pulse_answer", {"id": 2, "reference": "u_2", **answer})  # one for each period
        with pytest.raises(IntegrityError):
            fill("stopped_letters", {"person_id": 1, "topic": "nothing", "stopped_at": AT})
        with pytest.raises(SystemExit):
            downgrade(revision="0011")
        assert len(rows_of("pulse_answer")) == 1


def test_master_keys_are_known_since_their_first_person_and_old_documents_have_no_key_of_their_own(older):
    about = {"person_id": 1, "booking_id": 1, "source": "b_1", "issued_by": "worker", "content_sealed": b"sealed"}
    sums = {"amount_minor": 160_00, "tax_minor": 0, "currency": "USD", "issued_at": AT, "issued_on": AT.date()}
    with older.app_context():
        upgrade(revision="0011")
        fill("person_key", {"person_id": 1, "master_key_id": "k1", "wrapped": b"wrapped"})
        fill("paper", {"id": 1, "reference": "d_1", "kind": "receipt", "year": 2027, "number": 1, **about, **sums})
        before = rows_of("paper"), rows_of("person_key")
        upgrade(revision="0016")
        assert [(row["id"], row["retired_at"]) for row in rows_of("master_key")] == [("k1", None)]
        assert [row["own_key"] for row in rows_of("paper")] == [False]
        fill("erasure", {"id": 1, "at": AT, "actor": "worker", "subject": "p_1", "kind": "note", "count": 1})
        fill("retention_terms", {"id": 1, "records_years": 7, "documents_years": 10})
        downgrade(revision="0011")
        assert (rows_of("paper"), rows_of("person_key")) == before
        assert not {"master_key", "erasure", "legal_hold"} & set(inspect(db.engine).get_table_names())


@pytest.mark.parametrize("what", ["document", "hold"])
def test_going_back_stops_where_a_document_has_its_own_key_or_somebodys_data_must_stay(older, what):
    with older.app_context():
        upgrade(revision="0016")
        if what == "document":
            fill("document_key", {"document": "d_1", "master_key_id": "k1", "wrapped": b"wrapped"})
        else:
            hold = {"id": 1, "reference": "h_1", "person_id": 1, "reason_sealed": b"sealed", "placed_at": AT}
            fill("legal_hold", {**hold, "placed_by": "staff:1"})
            with pytest.raises(IntegrityError):  # one at a time
                fill("legal_hold", {**hold, "id": 2, "reference": "h_2", "placed_by": "staff:1"})
        with pytest.raises(SystemExit):
            downgrade(revision="0011")
        assert "legal_hold" in inspect(db.engine).get_table_names()


def test_answers_for_a_session_and_return_codes_are_new_and_going_back_stops_where_somebody_answered(older):
    with older.app_context():
        upgrade(revision="0011")
        fill("questionnaire_copy", {"hash": "h", "version": "1", "document": "{}"})
        intake = {"id": 1, "reference": "i_1", "person_id": 1, "questionnaire_hash": "h", "review_state": "new"}
        fill("intake", {**intake, "started_at": AT, "saved_at": AT, "submitted_at": AT, "audience": "booker"})
        fill("intake_answers", {"intake_id": 1, "section": "start", "sealed": b"sealed", "saved_at": AT})
        before = rows_of("intake"), rows_of("intake_answers")
        upgrade(revision="0018")
        assert [(row["more_saved_at"], row["completed_at"]) for row in rows_of("intake")] == [(None, None)]
        assert [(row["sealed"], row["lanes_sealed"]) for row in rows_of("intake_answers")] == [(b"sealed", None)]
        fill("return_code", {"person_id": 1, "code_index": b"hash", "made_at": AT})
        for wrong in ({"person_id": 1}, {"code_index": b"hash"}):
            with pytest.raises(IntegrityError):
                fill("return_code", {"person_id": 2, "code_index": b"other", "made_at": AT, **wrong})
        downgrade(revision="0011")
        assert (rows_of("intake"), rows_of("intake_answers")) == before

        upgrade(revision="0018")
        draft = {**intake, "id": 2, "reference": "i_2", "started_at": AT, "saved_at": AT, "audience": "partner"}
        with pytest.raises(IntegrityError):
            fill("intake", {**draft, "completed_at": AT})  # sent, and never submitted
        fill("intake", {**draft, "more_saved_at": AT})
        with pytest.raises(SystemExit):
            downgrade(revision="0011")
        assert len(rows_of("intake")) == 2


def test_going_back_stops_where_a_clinician_decided_about_joint_time(older):
    with older.app_context():
        upgrade(revision="0011")
        before = sorted(inspect(db.engine).get_table_names()), rows_of("booking")
        upgrade(revision="0014")
        downgrade(revision="0011")
        assert (sorted(inspect(db.engine).get_table_names()), rows_of("booking")) == before

        upgrade(revision="0014")
        fill("couple", {"id": 1, "reference": "c_1", "formed_at": AT})
        by = {"cleared_at": AT, "cleared_by": "staff:1", "rule_version": "2/1", "sealed": b"sealed"}
        cleared = {"id": 1, "reference": "k_1", "couple_id": 1, "number": 1, **by}
        fill("clearance", cleared)
        for wrong in ({"number": 1}, {"number": 0}, {"number": 2, "withdrawn_at": AT}):  # taken back by nobody
            with pytest.raises(IntegrityError):
                fill("clearance", {**cleared, "id": 2, "reference": "k_2", **wrong})
        decided = {
            "reference": "j_1",
            "rule_version": "2",
            "decided_at": AT,
            "decided_by": "staff:1",
            "sealed": b"sealed",
        }
        with pytest.raises(IntegrityError):  # about nobody
            fill("flag_decision", {"id": 1, **decided})
        with pytest.raises(SystemExit):
            downgrade(revision="0011")
        assert len(rows_of("clearance")) == 1


def test_requests_for_a_record_are_new_and_going_back_stops_while_one_waits(older):
    with older.app_context():
        upgrade(revision="0019")
        before = sorted(inspect(db.engine).get_table_names())
        upgrade(revision="0020")
        days = {"arrived_on": AT.date(), "due_on": AT.date() + timedelta(days=30)}
        by = {"entered_at": AT, "entered_by": "staff:1", "country": "US"}
        waits = {"id": 1, "reference": "ar_1", "person_id": 1, "state": "asked", "way": "letter", **by, **days}
        handed = {"state": "handed_over", "checked_at": AT, "checked_how": "call", "outcome": "whole", "ended_at": AT}
        fill("access_request", {**waits, **handed})
        fill("access_request", {**waits, "id": 2, "reference": "ar_2"})
        for wrong in (
            {},  # two wait
            {**handed, "outcome": None},
            {**handed, "outcome": "nothing"},
            {**handed, "checked_at": None, "checked_how": None},
            {**handed, "ended_at": None},
            {**handed, "due_on": AT.date()},
            {**handed, "extended_at": AT},
        ):
            with pytest.raises(IntegrityError):
                fill("access_request", {**waits, "id": 3, "reference": "ar_3", **wrong})
        with pytest.raises(SystemExit):
            downgrade(revision="0019")
        assert len(rows_of("access_request")) == 2

        with db.engine.begin() as connection:
            connection.execute(
                text("UPDATE access_request SET state = 'taken_back', ended_at = entered_at WHERE id = 2")
            )
        downgrade(revision="0019")
        assert sorted(inspect(db.engine).get_table_names()) == before


def test_corrections_are_new_and_going_back_stops_where_somebody_corrected_an_answer(older):
    with older.app_context():
        upgrade(revision="0019")
        before = sorted(inspect(db.engine).get_table_names())
        upgrade(revision="0021")
        downgrade(revision="0019")
        assert sorted(inspect(db.engine).get_table_names()) == before

        upgrade(revision="0021")
        fill("questionnaire_copy", {"hash": "h", "version": "1", "document": "{}"})
        intake = {"id": 1, "reference": "i_1", "person_id": 1, "questionnaire_hash": "h", "review_state": "new"}
        fill("intake", {**intake, "started_at": AT, "saved_at": AT, "submitted_at": AT, "audience": "booker"})
        made = {"intake_id": 1, "moment": "book", "corrected_at": AT, "corrected_by": "client:p_1", "sealed": b"sealed"}
        fill("answer_correction", {"id": 1, "reference": "ac_1", "number": 1, **made})
        for wrong in ({"number": 1}, {"number": 0}, {"number": 2, "reference": "ac_1"}):
            with pytest.raises(IntegrityError):
                fill("answer_correction", {"id": 2, "reference": "ac_2", **made, **wrong})
        with pytest.raises(SystemExit):
            downgrade(revision="0019")
        assert len(rows_of("answer_correction")) == 1


def test_busy_times_of_own_calendars_come_and_go_with_their_tables(older):
    with older.app_context():
        upgrade(revision="0021")
        before = sorted(inspect(db.engine).get_table_names()), rows_of("booking")
        upgrade(revision="0022")
        fill("busy_calendar", {"id": 1, "reference": "y_1", "therapist_id": 1, "name": "Private"})
        fill("busy_time", {"calendar_id": 1, "starts_at": AT, "ends_at": AT + timedelta(minutes=7)})
        met = {"reference": "z_1", "booking_id": 1, "calendar_id": 1, "sequence": 0, "noticed_at": AT}
        met |= {"met_from": AT, "met_until": AT + timedelta(minutes=7)}
        fill("collision", met)
        with pytest.raises(IntegrityError):  # noticed once
            fill("collision", {**met, "reference": "z_2"})
        with pytest.raises(IntegrityError):
            fill("busy_time", {"calendar_id": 1, "starts_at": AT + timedelta(days=1), "ends_at": AT})
        downgrade(revision="0021")
        assert (sorted(inspect(db.engine).get_table_names()), rows_of("booking")) == before


def test_going_back_from_reading_calendars_takes_addresses_and_their_keys_along_and_nothing_else(older):
    with older.app_context():
        upgrade(revision="0022")
        for number in (1, 2):
            fill("busy_calendar", {"id": number, "reference": f"y_{number}", "therapist_id": 1, "name": "Private"})
        fill("busy_time", {"calendar_id": 1, "starts_at": AT, "ends_at": AT + timedelta(minutes=7)})
        before = rows_of("busy_calendar"), rows_of("busy_time")
        upgrade(revision="0023")
        assert (rows_of("busy_calendar"), rows_of("busy_time")) == before
        for owner in ("y_1", "d_receipt"):
            fill("document_key", {"document": owner, "master_key_id": "k1", "wrapped": b"wrapped"})
        read = {"calendar_id": 1, "source": "ics", "all_day": "block", "validator": "", "read_as": ""}
        read |= {"took_ms": 0, "events": 0, "warnings": "[]", "found_empty": False}
        fill("reading", read)
        fill("subscription", {"calendar_id": 1, "url_sealed": b"sealed"})
        for wrong in ({}, {"calendar_id": 2, "all_day": "never"}, {"calendar_id": 9}):
            with pytest.raises(IntegrityError):
                fill("reading", {**read, **wrong})
        downgrade(revision="0022")
        assert (rows_of("busy_calendar"), rows_of("busy_time")) == before
        assert [row["document"] for row in rows_of("document_key")] == ["d_receipt"]
        assert not {"reading", "subscription"} & set(inspect(db.engine).get_table_names())


def test_going_back_from_connections_takes_their_keys_along_and_a_practice_that_stands_is_open(older):
    with older.app_context():
        upgrade(revision="0032")
        assert rows_of("practice_opening") == []
        for owner in ("connection_mail", "connection_stripe", "d_receipt"):
            fill("document_key", {"document": owner, "master_key_id": "k1", "wrapped": b"wrapped"})
        fill("connection", {"name": "mail", "sealed": b"sealed", "set_at": AT})
        fill("connection_trial", {"name": "mail", "tried": b"mark", "tried_at": AT, "outcome": "fine"})
        for wrong in ({"name": "fax"}, {"name": "mail"}):
            with pytest.raises(IntegrityError):
                fill("connection", {"sealed": b"sealed", "set_at": AT, **wrong})
        with pytest.raises(IntegrityError):  # an address that never runs out
            fill("practice_opening", {"id": 1, "token_hash": b"hash", "begun_at": AT})
        fill("practice_opening", {"id": 1, "token_hash": b"hash", "expires_at": AT, "begun_at": AT})

        downgrade(revision="0025")

        assert [row["document"] for row in rows_of("document_key")] == ["d_receipt"]
        gone = {"connection", "connection_trial", "practice_opening"}
        assert not gone & set(inspect(db.engine).get_table_names())
        upgrade(revision="0032")
        assert rows_of("connection") == []


def test_a_feed_becomes_one_of_several_and_going_back_keeps_the_newest_of_each_therapist(older):
    feed = {"therapist_id": 1, "created_at": AT}
    with older.app_context():
        upgrade(revision="0022")
        fill("feed", {"id": 1, "token_hash": b"old", "revoked_at": AT, **feed})
        fill("feed", {"id": 2, "token_hash": b"new", "last_fetched_at": AT, **feed})
        upgrade(revision="0025")
        [row] = rows_of("feed")
        assert (row["token_hash"], row["name"], row["detail"]) == (b"new", "Calendar", "session")
        assert row["reference"].startswith("fd_")
        assert row["names_revision"] == 0
        assert row["last_fetched_at"] is not None
        named = {"names_revision": 0, "detail": "first_names"}
        later = {"created_at": AT + timedelta(days=1), "name": "Phone"}
        fill("feed", {"id": 3, "token_hash": b"newer", "reference": "fd_3", "therapist_id": 1, **named, **later})
        everybodys = {"id": 4, "token_hash": b"all", "reference": "fd_4", **later, "names_revision": 0}
        for wrong in ("first_names", "initials", "diagnosis"):  # the whole practice's names nobody
            with pytest.raises(IntegrityError):
                fill("feed", {**everybodys, "detail": wrong})
        fill("feed", {**everybodys, "detail": "session"})
        mailed = {"recipient": "client", "address_index": b"x", "organizer": "a@b.example", "mailed_at": AT}
        fill("mailed_object", {"id": 1, "booking_id": 1, "person_id": 1, **mailed})
        with pytest.raises(IntegrityError):  # one for each address
            fill("mailed_object", {"id": 2, "booking_id": 1, **mailed})

        downgrade(revision="0022")
        [row] = rows_of("feed")
        assert (row["id"], row["token_hash"], row["therapist_id"], row["revoked_at"]) == (3, b"newer", 1, None)
        with pytest.raises(IntegrityError):  # one that stands for each therapist
            fill("feed", {"id": 5, "token_hash": b"second", **feed})
        assert "mailed_object" not in inspect(db.engine).get_table_names()
        upgrade(revision="0025")
        assert len(rows_of("feed")) == 1


def test_what_was_opened_with_a_reason_is_new_and_goes_with_its_table(older):
    with older.app_context():
        upgrade(revision="0025")
        before = (sorted(inspect(db.engine).get_table_names()), rows_of("person"))
        upgrade(revision="0027")
        account = {"email": "k@practice.example", "password": "", "fs_uniquifier": "k" * 32, "created_at": AT}
        fill("staff_account", {"id": 90, "active": True, **account})
        opened = {"account_id": 90, "whose": "staff:1", "opened_at": AT, "reason_sealed": b"sealed"}
        grant = {**opened, "id": 1, "reference": "gl_1", "person_id": 1, "ends_at": AT + timedelta(hours=24)}
        fill("glass_grant", grant)
        for wrong in ({"person_id": None}, {"ends_at": AT}, {"ended_at": AT}, {"reference": "gl_1"}):
            with pytest.raises(IntegrityError):
                fill("glass_grant", {**grant, "id": 2, "reference": "gl_2", **wrong})
        downgrade(revision="0025")
        assert (sorted(inspect(db.engine).get_table_names()), rows_of("person")) == before


def test_notes_on_requests_become_signed_notes_about_their_people_and_go_back(bare, clock):
    note = {"id": 1, "reference": "n_old", "intake_id": 2, "author_id": 1, "written_at": AT}
    with bare.app_context():
        upgrade()
        with begin_work() as work:
            person, account = a_client_and_a_clinician(work)
            sealed = vault().seal(person, "Long ago", table="intake_note", row="n_old", column="text")
        downgrade(revision="0025")
        fill("questionnaire_copy", {"hash": "h", "version": "1", "document": "{}"})
        sent = {
            "questionnaire_hash": "h",
            "started_at": AT,
            "saved_at": AT,
            "review_state": "new",
            "audience": "booker",
        }
        first = {**sent, "id": 1, "reference": "i_1", "person_id": person, "submitted_at": AT - timedelta(days=9)}
        later = {**sent, "id": 3, "reference": "i_3", "person_id": person, "submitted_at": AT + timedelta(days=9)}
        fill("intake", first, {**first, "id": 2, "reference": "i_2"}, later)
        fill("intake_note", {**note, "author_id": account, "sealed": sealed})

        upgrade()
        with begin_work() as work:
            found = work.session.scalars(select(Note)).one()
            assert (found.reference, found.person_id, found.author_id) == ("n_old", person, account)
            assert (found.signed_at, found.begun_at, text_of(found, found.newest)) == (AT, AT, "Long ago")
            notes.add(work, found.author, "n_old", "And more", seen=0)
        db.session.remove()
        downgrade(revision="0025")
        kept = rows_of("intake_note")
        assert [(row["intake_id"], row["author_id"]) for row in kept] == [(2, account)] * 2
        assert (kept[0]["reference"], kept[0]["written_at"].replace(tzinfo=UTC)) == ("n_old", AT)
        upgrade()
        opened = [text_of(one, one.newest) for one in db.session.scalars(select(Note).order_by(Note.id))]
        assert opened == ["Long ago", "And more"]


@pytest.mark.parametrize("what", ["a draft", "about two"])
def test_going_back_stops_where_a_note_would_be_lost(bare, clock, what):
    with bare.app_context():
        upgrade()
        with begin_work() as work:
            person, account = a_client_and_a_clinician(work)
            other = add_person(work, "America/New_York")
            couple = form_couple(work, work.session.get_one(Person, person), other)
            about = couple if what == "about two" else other
            author = work.session.get_one(StaffAccount, account)
            draft = notes.begin(work, author, about, "Mine")
            if what == "about two":
                notes.sign(work, author, draft.reference, "Mine", seen=1)
        with pytest.raises(SystemExit):
            downgrade(revision="0025")
        assert len(rows_of("note")) == 1


def test_the_migrations_make_the_guards_of_the_models(bare, app):
    """What tables look like says nothing of them; a later migration that copies a table on SQLite would lose some."""
    with bare.app_context():
        upgrade()
        made = guards_of(db.engine)
    with app.app_context():
        assert guards_of(db.engine) == made
    assert len(made) == len(GUARDS)


def guards_of(engine: Engine) -> set[tuple[str, str]]:
    """Each trigger, and what it does."""
    asked = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": (
            "SELECT t.tgname, pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger AS t"
            " JOIN pg_proc AS p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
        ),
    }
    with engine.connect() as connection:
        return {(name, does) for name, does in connection.execute(text(asked[engine.dialect.name]))}


def a_client_and_a_clinician(work: Work) -> tuple[int, int]:
    """The ids of a person with a key and of an account."""
    person = add_person(work, "America/New_York")
    account = create_account(work, email="ada@practice.example", password_hash="not a hash", roles=("clinician",))
    return person.id, account.id


def test_requests_go_on_as_they_stood_and_going_back_takes_each_stage_to_the_nearest_that_there_was(older):
    with older.app_context():
        upgrade(revision="0025")
        fill("questionnaire_copy", {"hash": "h", "version": "1", "document": "{}"})
        sent = {"questionnaire_hash": "h", "person_id": 1, "audience": "booker"}
        sent |= dict.fromkeys(("started_at", "saved_at", "submitted_at"), AT)
        for number, stage in enumerate(("new", "accepted", "declined"), start=1):
            fill("intake", {"id": number, "reference": f"i_{number}", "review_state": stage, **sent})
        granted = {"person_id": 1, "attendance": ["couple"], "places": ["video"], "region": "US-NY", "accepted": True}
        fill("eligibility", {**granted, "expires_at": AT})
        before = rows_of("intake"), rows_of("eligibility")

        upgrade(revision="0029")
        assert rows_of("intake") == before[0]
        [row] = rows_of("eligibility")
        assert (row["therapist_ids"], row["offering_ids"]) == (None, None)
        stages = {4: "in_review", 5: "info_requested", 6: "individual_call", 7: "referred_out", 8: "withdrawn"}
        for number, stage in stages.items():
            fill("intake", {"id": number, "reference": f"i_{number}", "review_state": stage, **sent})
        step = {"reference": "rs_1", "intake_id": 5, "number": 1, "step": "ask", "stage": "info_requested"}
        step |= {"taken_at": AT, "taken_by": "staff:1", "sealed": b"sealed"}
        fill("review_step", step)
        for wrong in ({"number": 1}, {"number": 0}, {"number": 2, "step": "else"}, {"number": 2, "stage": "else"}):
            with pytest.raises(IntegrityError):
                fill("review_step", {**step, "reference": "rs_2", **wrong})

        downgrade(revision="0025")
        nearest = {4: "new", 5: "new", 6: "new", 7: "declined", 8: "declined"}
        nearest |= {1: "new", 2: "accepted", 3: "declined"}
        assert {row["id"]: row["review_state"] for row in rows_of("intake")} == nearest
        assert rows_of("eligibility") == before[1]
        with pytest.raises(IntegrityError):
            fill("intake", {"id": 9, "reference": "i_9", "review_state": "in_review", **sent})

        upgrade(revision="0029")
        fill("review_step", {**step, "step": "answer", "stage": "in_review"})
        with pytest.raises(SystemExit):
            downgrade(revision="0025")
        assert len(rows_of("review_step")) == 1


def test_everybody_reads_english_as_before_and_going_back_stops_where_the_practice_published_its_own_words(older):
    with older.app_context():
        upgrade(revision="0025")
        before = rows_of("person")
        assert before
        upgrade(revision="0031")
        assert {row["language"] for row in rows_of("person")} == {"en"}
        another = {"id": 902, "reference": "p_902", "zone": "UTC", "awaits_record": False, "created_at": AT}
        with pytest.raises(IntegrityError):
            fill("person", {**another, "language": "xx"})
        fill("letter_draft", {"letter": "a", "words": "{}", "changed_at": AT, "changed_by": "staff:1"})
        with pytest.raises(IntegrityError):
            fill("letter_draft", {"letter": "b", "words": "{}", "changed_at": None, "changed_by": None})
        published = {"letter": "a", "made_from": "f", "published_at": AT, "published_by": "staff:1"}
        fill("letter_edition", {**published, "number": 1, "words": None})
        for wrong in (1, 0):
            with pytest.raises(IntegrityError):
                fill("letter_edition", {**published, "number": wrong, "words": None})
        downgrade(revision="0025")
        assert rows_of("person") == before

        upgrade(revision="0031")
        fill("letter_edition", {**published, "number": 1, "words": "{}"})
        with pytest.raises(SystemExit):
            downgrade(revision="0025")
        assert {row["language"] for row in rows_of("person")} == {"en"}


def test_staff_accounts_get_passkeys_and_going_back_stops_where_one_is_all_that_guards_an_account(older):
    account = {"id": 1, "email": "a@b.example", "password": "hash", "active": True, "fs_uniquifier": "u"}
    session = {"token_hash": b"hash", "account_id": 1, "data": "{}", "created_at": AT, "seen_at": AT, "expires_at": AT}
    with older.app_context():
        upgrade(revision="0025")
        fill("staff_account", {**account, "created_at": AT})
        fill("staff_session", session)
        upgrade(revision="0026")
        assert rows_of("staff_session") == []  # nobody knows which browsers they are in: staff sign in anew
        assert rows_of("staff_account")[0]["last_seen_at"] is None
        invited = {"id": 1, "reference": "iv_1", "email": "n@b.example", "roles": ["owner"], "made_by": "staff:1"}
        times = {"made_at": AT, "sent_at": AT, "expires_at": AT}
        with pytest.raises(IntegrityError):  # used or taken back, never both
            fill("staff_invitation", {**invited, **times, "used_at": AT, "revoked_at": AT})
        fill("staff_invitation", {**invited, **times})
        fill("staff_invitation_link", {"token_hash": b"link", "invitation_id": 1})
        key = {"reference": "pk_1", "name": "Phone", "public_key": b"key", "sign_count": 0, "created_at": AT}
        fill("staff_passkey", {"id": 1, "account_id": 1, "credential_id": b"one", **key})
        with pytest.raises(IntegrityError):  # each is one account's
            fill("staff_passkey", {"id": 2, "account_id": 1, "credential_id": b"one", **key, "reference": "pk_2"})
        with pytest.raises(SystemExit):
            downgrade(revision="0025")
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE staff_account SET tf_totp_secret = 'secret'"))
        downgrade(revision="0025")
        assert not {"staff_passkey", "staff_invitation", "staff_invitation_link"} & set(
            inspect(db.engine).get_table_names()
        )
        fill("staff_session", session)
        upgrade(revision="0026")


def test_the_log_gets_its_indexes_and_going_back_loses_no_entry(older):
    entry = {"at": AT, "actor": "staff:1", "action": "intake_viewed", "subject": "i_1", "detail": "{}", "hash": b"x"}
    with older.app_context():
        upgrade(revision="0025")
        for number in (1, 2):
            fill("audit_entry", {"number": number, **entry})
        before = rows_of("audit_entry")
        upgrade(revision="0033")
        assert rows_of("audit_entry") == before
        fill("audit_check", {"id": 1, "entries": 2, "broken": 0, "breaches": "[]"})
        names = {one["name"] for one in inspect(db.engine).get_indexes("audit_entry")}
        assert {"ix_audit_entry_at", "ix_audit_entry_actor_number", "ix_audit_entry_action_number"} <= names
        downgrade(revision="0025")
        assert rows_of("audit_entry") == before
        assert "audit_check" not in inspect(db.engine).get_table_names()
        upgrade(revision="0033")
        assert rows_of("audit_check") == []


def test_staff_read_english_as_before_and_going_back_loses_no_account(older):
    account = {"id": 1, "email": "a@b.example", "password": "hash", "active": True, "fs_uniquifier": "u"}
    with older.app_context():
        upgrade(revision="0035")
        fill("staff_account", {**account, "created_at": AT})
        before = rows_of("staff_account")
        upgrade(revision="0036")
        assert rows_of("staff_account") == [{**before[0], "language": "en"}]
        with pytest.raises(IntegrityError):
            fill("staff_account", {**account, "id": 2, "email": "c@b.example", "created_at": AT, "language": "xx"})
        other = {"id": 2, "email": "c@b.example", "fs_uniquifier": "v", "created_at": AT, "language": "es"}
        fill("staff_account", {**account, **other})
        downgrade(revision="0035")
        assert [row["email"] for row in rows_of("staff_account")] == ["a@b.example", "c@b.example"]
        assert rows_of("staff_account")[0] == before[0]
        upgrade(revision="0036")
        assert {row["language"] for row in rows_of("staff_account")} == {"en"}
