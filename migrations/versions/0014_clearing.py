"""Let clinicians clear joint time and flags, and keep why a couple's session was turned into something else.

Backfill: nobody has cleared anything so far.
Lock: new tables.
Downgrade: stops where a clinician decided something, since that can't be had again.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clearance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("couple_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cleared_at", UtcDateTime(), nullable=False),
        sa.Column("cleared_by", sa.String(60), nullable=False),
        sa.Column("rule_version", sa.String(20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.String(60), nullable=True),
        sa.Column("withdrawn_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("number > 0", name=conv("ck_clearance_number_from_one")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_sealed IS NULL)",
            name=conv("ck_clearance_withdrawn_whole"),
        ),
        sa.ForeignKeyConstraint(["couple_id"], ["couple.id"], name="fk_clearance_couple_id_couple"),
        sa.PrimaryKeyConstraint("id", name="pk_clearance"),
        sa.UniqueConstraint("reference", name="uq_clearance_reference"),
        sa.UniqueConstraint("couple_id", "number", name="uq_clearance_couple_id_number"),
    )
    op.create_table(
        "clearance_reading",
        sa.Column("clearance_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("seat IN (1, 2)", name=conv("ck_clearance_reading_seat")),
        sa.ForeignKeyConstraint(["clearance_id"], ["clearance.id"], name="fk_clearance_reading_clearance_id_clearance"),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_clearance_reading_intake_id_intake"),
        sa.PrimaryKeyConstraint("clearance_id", "seat", name="pk_clearance_reading"),
    )
    op.create_table(
        "flag_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=True),
        sa.Column("couple_id", sa.Integer(), nullable=True),
        sa.Column("rule_version", sa.String(20), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(intake_id IS NULL) <> (couple_id IS NULL)", name=conv("ck_flag_decision_of_one")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_flag_decision_intake_id_intake"),
        sa.ForeignKeyConstraint(["couple_id"], ["couple.id"], name="fk_flag_decision_couple_id_couple"),
        sa.PrimaryKeyConstraint("id", name="pk_flag_decision"),
        sa.UniqueConstraint("reference", name="uq_flag_decision_reference"),
    )
    op.create_index("ix_flag_decision_intake_id", "flag_decision", ["intake_id"])
    op.create_index("ix_flag_decision_couple_id", "flag_decision", ["couple_id"])
    op.create_table(
        "conversion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("couple_id", sa.Integer(), nullable=False),
        sa.Column("turned_into", sa.String(12), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(60), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("turned_into IN ('individual', 'nothing')", name=conv("ck_conversion_turned_into")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_conversion_booking_id_booking"),
        sa.ForeignKeyConstraint(["couple_id"], ["couple.id"], name="fk_conversion_couple_id_couple"),
        sa.PrimaryKeyConstraint("id", name="pk_conversion"),
        sa.UniqueConstraint("booking_id", name="uq_conversion_booking_id"),
    )
    op.create_index("ix_conversion_couple_id", "conversion", ["couple_id"])


def downgrade() -> None:
    bind = op.get_bind()
    decided = ("clearance", "flag_decision", "conversion")
    if any(bind.scalar(sa.text(f"SELECT 1 FROM {table} LIMIT 1")) for table in decided):  # noqa: S608
        raise RuntimeError("a clinician decided something, which 0013 can't hold")
    op.drop_table("conversion")
    op.drop_table("flag_decision")
    op.drop_table("clearance_reading")
    op.drop_table("clearance")
