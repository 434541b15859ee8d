"""Let a group practice be booked: hours by place and date, rooms, time off, blocks, the waiting list, waivers.

Backfill: a date that differs is `closed` where it had no times and `other` elsewhere; every offering is for any visit,
for clients, and waives a first late cancellation.
Lock: weekly_hours, day_override, offering, therapist, booking, slot_claim and practice_profile are altered; SQLite
copies them, PostgreSQL holds them for a moment.
Downgrade: drops rooms, time off, blocks, wishes, waivers and the reasons of overrides, every opening that is bound to a
place or to dates, and every extra one. It stops, and names them, where offerings are free of charge,
which 0001 can't hold.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PLACES = "place IS NULL OR place IN ('video', 'in_person')"


def check(table: str, name: str, sql: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(sql, name=conv(f"ck_{table}_{name}"))


HOURS_NEW = (
    check("weekly_hours", "first_before_last", "valid_from <= valid_until"),
    check("weekly_hours", "place", PLACES),
)
OVERRIDE_BEFORE = check("day_override", "opens_before_closes", "(opens IS NULL AND closes IS NULL) OR opens < closes")
OVERRIDE_OPENS = check(
    "day_override",
    "opens_before_closes",
    "(kind = 'closed' AND opens IS NULL AND closes IS NULL) OR (kind <> 'closed' AND opens < closes)",
)
OVERRIDE_NEW = (
    check("day_override", "kind", "kind IN ('closed', 'other', 'extra')"),
    check("day_override", "place", PLACES),
)
PRICE_BEFORE = check("offering", "price_above_zero", "price_minor > 0")
OFFERING_NEW = (
    check("offering", "visit", "visit IN ('any', 'first', 'follow_up')"),
    check("offering", "caps_above_zero", "daily_cap > 0 AND weekly_cap > 0"),
    check("offering", "price_not_below_zero", "price_minor >= 0"),
)
CLAIM_NEW = check("slot_claim", "for_one", "(booking_id IS NULL) <> (block_id IS NULL)")


def upgrade() -> None:
    _add_tables()
    _widen_hours()
    _widen_offers()
    _widen_bookings()
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject"])  # a session's history is read by it


def downgrade() -> None:
    _refuse_free_offerings()
    op.drop_index("ix_audit_entry_subject", "audit_entry")
    op.execute("DELETE FROM slot_claim WHERE block_id IS NOT NULL")
    op.execute("DELETE FROM weekly_hours WHERE place IS NOT NULL OR valid_from IS NOT NULL OR valid_until IS NOT NULL")
    op.execute("DELETE FROM day_override WHERE place IS NOT NULL OR kind = 'extra'")
    op.execute("DELETE FROM slot_claim WHERE resource_id IN (SELECT resource_id FROM room)")
    _narrow_bookings()
    _narrow_offers()
    _narrow_hours()
    for table in (
        "place_wish",
        "wish_offer",
        "wish",
        "cancellation_override",
        "waiver",
        "time_block",
        "time_off",
        "therapist_room",
    ):
        op.drop_table(table)
    op.execute("CREATE TEMPORARY TABLE gone AS SELECT resource_id FROM room")
    op.drop_table("room")
    op.execute("DELETE FROM resource WHERE id IN (SELECT resource_id FROM gone)")
    op.execute("DROP TABLE gone")
    op.drop_table("offers_mark")


def _add_tables() -> None:
    op.create_table(
        "offers_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_offers_mark"),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        check("room", "seats_above_zero", "seats > 0"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_room_resource_id_resource"),
        sa.PrimaryKeyConstraint("id", name="pk_room"),
        sa.UniqueConstraint("resource_id", name="uq_room_resource_id"),
        sa.UniqueConstraint("slug", name="uq_room_slug"),
    )
    op.create_table(
        "therapist_room",
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name="fk_therapist_room_therapist_id_therapist"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_therapist_room_room_id_room"),
        sa.PrimaryKeyConstraint("therapist_id", "room_id", name="pk_therapist_room"),
    )
    op.create_table(
        "time_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        check("time_off", "first_before_last", "first_day <= last_day"),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name="fk_time_off_therapist_id_therapist"),
        sa.PrimaryKeyConstraint("id", name="pk_time_off"),
    )
    op.create_index("ix_time_off_therapist_id", "time_off", ["therapist_id"])
    op.create_table(
        "time_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        check("time_block", "starts_before_ends", "starts_at < ends_at"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name="fk_time_block_resource_id_resource"),
        sa.PrimaryKeyConstraint("id", name="pk_time_block"),
        sa.UniqueConstraint("reference", name="uq_time_block_reference"),
    )
    op.create_index("ix_time_block_resource_id_starts_at", "time_block", ["resource_id", "starts_at"])
    op.create_table(
        "waiver",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_waiver_person_id_person"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_waiver_booking_id_booking"),
        sa.PrimaryKeyConstraint("person_id", name="pk_waiver"),
        sa.UniqueConstraint("booking_id", name="uq_waiver_booking_id"),
    )
    op.create_table(
        "cancellation_override",
        sa.Column("booking_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("share_numerator", sa.Integer(), nullable=False),
        sa.Column("share_denominator", sa.Integer(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_cancellation_override_booking_id_booking"),
        sa.PrimaryKeyConstraint("booking_id", name="pk_cancellation_override"),
    )
    _add_waiting_list()


def _add_waiting_list() -> None:
    op.create_table(
        "wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(40), nullable=True),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("runs_out_at", UtcDateTime(), nullable=False),
        check("wish", "opens_before_closes", "opens < closes"),
        check("wish", "state", "state IN ('waiting', 'offered', 'fulfilled', 'withdrawn', 'run_out')"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_wish_person_id_person"),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name="fk_wish_offering_id_offering"),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name="fk_wish_therapist_id_therapist"),
        sa.PrimaryKeyConstraint("id", name="pk_wish"),
        sa.UniqueConstraint("reference", name="uq_wish_reference"),
    )
    op.create_index("ix_wish_person_id", "wish", ["person_id"])
    op.create_index("ix_wish_state_offering_id_id", "wish", ["state", "offering_id", "id"])
    op.create_table(
        "wish_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(6), nullable=True),
        check("wish_offer", "answer", "answer IN ('taken', 'left')"),
        sa.ForeignKeyConstraint(["wish_id"], ["wish.id"], name="fk_wish_offer_wish_id_wish"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_wish_offer_booking_id_booking"),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name="fk_wish_offer_therapist_id_therapist"),
        sa.PrimaryKeyConstraint("id", name="pk_wish_offer"),
        sa.UniqueConstraint("booking_id", name="uq_wish_offer_booking_id"),
        sa.UniqueConstraint(
            "wish_id", "therapist_id", "starts_at", name="uq_wish_offer_wish_id_therapist_id_starts_at"
        ),
    )
    op.create_table(
        "place_wish",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("region", sa.String(10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_place_wish_person_id_person"),
        sa.PrimaryKeyConstraint("person_id", name="pk_place_wish"),
    )
    op.create_index("ix_place_wish_region", "place_wish", ["region"])


def _widen_hours() -> None:
    with op.batch_alter_table("weekly_hours") as batch:
        batch.add_column(sa.Column("place", sa.String(12), nullable=True))
        batch.add_column(sa.Column("valid_from", sa.Date(), nullable=True))
        batch.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
        _add_checks(batch, HOURS_NEW)
    with op.batch_alter_table("day_override") as batch:
        batch.add_column(sa.Column("kind", sa.String(8), nullable=True))
        batch.add_column(sa.Column("place", sa.String(12), nullable=True))
    op.execute("UPDATE day_override SET kind = CASE WHEN opens IS NULL THEN 'closed' ELSE 'other' END")
    with op.batch_alter_table("day_override") as batch:
        batch.alter_column("kind", existing_type=sa.String(8), nullable=False)
        _drop_checks(batch, (OVERRIDE_BEFORE,))
        _add_checks(batch, (OVERRIDE_OPENS, *OVERRIDE_NEW))


def _widen_offers() -> None:
    with op.batch_alter_table("therapist") as batch:
        batch.add_column(sa.Column("holiday_region", sa.String(10), nullable=True))
        batch.add_column(sa.Column("packs", sa.Boolean(), nullable=True))
    op.execute("UPDATE therapist SET packs = false")
    with op.batch_alter_table("therapist") as batch:
        batch.alter_column("packs", existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table("offering") as batch:
        batch.add_column(sa.Column("visit", sa.String(10), nullable=True))
        batch.add_column(sa.Column("staff_only", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("daily_cap", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("weekly_cap", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("late_waiver", sa.Boolean(), nullable=True))
    op.execute("UPDATE offering SET visit = 'any', staff_only = false, late_waiver = true")
    with op.batch_alter_table("offering") as batch:
        batch.alter_column("visit", existing_type=sa.String(10), nullable=False)
        batch.alter_column("staff_only", existing_type=sa.Boolean(), nullable=False)
        batch.alter_column("late_waiver", existing_type=sa.Boolean(), nullable=False)
        _drop_checks(batch, (PRICE_BEFORE,))
        _add_checks(batch, OFFERING_NEW)
    with op.batch_alter_table("practice_profile") as batch:
        batch.add_column(sa.Column("attended_after_days", sa.Integer(), nullable=True))


def _widen_bookings() -> None:
    with op.batch_alter_table("booking") as batch:
        batch.add_column(sa.Column("room_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("held_from", sa.String(64), nullable=True))
        batch.create_foreign_key("fk_booking_room_id_room", "room", ["room_id"], ["id"])
        batch.create_index("ix_booking_room_id_starts_at", ["room_id", "starts_at"])
    with op.batch_alter_table("slot_claim") as batch:
        batch.alter_column("booking_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("block_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_slot_claim_block_id_time_block", "time_block", ["block_id"], ["id"])
        batch.create_index("ix_slot_claim_block_id", ["block_id"])
        _add_checks(batch, (CLAIM_NEW,))


def _narrow_bookings() -> None:
    with op.batch_alter_table("slot_claim") as batch:
        _drop_checks(batch, (CLAIM_NEW,))
        batch.drop_index("ix_slot_claim_block_id")
        batch.drop_constraint("fk_slot_claim_block_id_time_block", type_="foreignkey")
        batch.drop_column("block_id")
        batch.alter_column("booking_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("booking") as batch:
        batch.drop_index("ix_booking_room_id_starts_at")
        batch.drop_constraint("fk_booking_room_id_room", type_="foreignkey")
        batch.drop_column("held_from")
        batch.drop_column("room_id")


def _narrow_offers() -> None:
    with op.batch_alter_table("practice_profile") as batch:
        batch.drop_column("attended_after_days")
    with op.batch_alter_table("offering") as batch:
        _drop_checks(batch, OFFERING_NEW)
        for column in ("late_waiver", "weekly_cap", "daily_cap", "staff_only", "visit"):
            batch.drop_column(column)
        _add_checks(batch, (PRICE_BEFORE,))
    with op.batch_alter_table("therapist") as batch:
        batch.drop_column("packs")
        batch.drop_column("holiday_region")


def _narrow_hours() -> None:
    with op.batch_alter_table("day_override") as batch:
        _drop_checks(batch, (OVERRIDE_OPENS, *OVERRIDE_NEW))
        batch.drop_column("place")
        batch.drop_column("kind")
        _add_checks(batch, (OVERRIDE_BEFORE,))
    with op.batch_alter_table("weekly_hours") as batch:
        _drop_checks(batch, HOURS_NEW)
        for column in ("valid_until", "valid_from", "place"):
            batch.drop_column(column)


def _refuse_free_offerings() -> None:
    found = op.get_bind().execute(sa.text("SELECT slug FROM offering WHERE price_minor = 0 ORDER BY slug"))
    free = [row.slug for row in found]
    if free:
        raise RuntimeError("these offerings are free of charge, which 0001 can't hold: " + ", ".join(free))


def _add_checks(batch: BatchOperations, checks: tuple[sa.CheckConstraint, ...]) -> None:
    for one in checks:
        batch.create_check_constraint(one.name, one.sqltext)


def _drop_checks(batch: BatchOperations, checks: tuple[sa.CheckConstraint, ...]) -> None:
    for one in checks:
        batch.drop_constraint(one.name, type_="check")
