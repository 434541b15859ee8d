"""Add busy_calendar, busy_time and collision, so that therapists' own calendars keep times from being booked.

Backfill: nothing; no calendar was read before.
Lock: new tables; booking and therapist are only referred to.
Downgrade: drops them. Busy times are read again from where they came; that a collision was left so is lost.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "busy_calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name="fk_busy_calendar_therapist_id_therapist"),
        sa.PrimaryKeyConstraint("id", name="pk_busy_calendar"),
        sa.UniqueConstraint("reference", name="uq_busy_calendar_reference"),
    )
    op.create_index("ix_busy_calendar_therapist_id", "busy_calendar", ["therapist_id"])
    op.create_table(
        "busy_time",
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=conv("ck_busy_time_starts_before_ends")),
        sa.ForeignKeyConstraint(["calendar_id"], ["busy_calendar.id"], name="fk_busy_time_calendar_id_busy_calendar"),
        sa.PrimaryKeyConstraint("calendar_id", "starts_at", name="pk_busy_time"),
    )
    op.create_table(
        "collision",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("met_from", UtcDateTime(), nullable=False),
        sa.Column("met_until", UtcDateTime(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("noticed_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_collision_booking_id_booking"),
        sa.ForeignKeyConstraint(["calendar_id"], ["busy_calendar.id"], name="fk_collision_calendar_id_busy_calendar"),
        sa.PrimaryKeyConstraint("booking_id", "calendar_id", name="pk_collision"),
        sa.UniqueConstraint("reference", name="uq_collision_reference"),
    )
    op.create_index("ix_collision_calendar_id", "collision", ["calendar_id"])


def downgrade() -> None:
    op.drop_table("collision")
    op.drop_table("busy_time")
    op.drop_table("busy_calendar")
