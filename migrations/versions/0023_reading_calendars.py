"""Add reading and subscription, so that therapists' own calendars are read from their addresses.

Backfill: nothing; no calendar was read before.
Lock: new tables; busy_calendar is only referred to.
Downgrade: drops them, and the keys of the addresses. Addresses are lost, so they must be entered anew; the calendars
and what they said last stay, and are read no more.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading",
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("all_day", sa.String(6), nullable=False),
        sa.Column("validator", sa.Text(), nullable=False),
        sa.Column("read_as", sa.String(120), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("problem", sa.String(300), nullable=True),
        sa.Column("found_empty", sa.Boolean(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("all_day IN ('block', 'ignore')", name=conv("ck_reading_all_day_known")),
        sa.ForeignKeyConstraint(["calendar_id"], ["busy_calendar.id"], name="fk_reading_calendar_id_busy_calendar"),
        sa.PrimaryKeyConstraint("calendar_id", name="pk_reading"),
    )
    op.create_table(
        "subscription",
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("url_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["busy_calendar.id"], name="fk_subscription_calendar_id_busy_calendar"
        ),
        sa.PrimaryKeyConstraint("calendar_id", name="pk_subscription"),
    )


def downgrade() -> None:
    theirs = "SELECT reference FROM busy_calendar JOIN subscription ON subscription.calendar_id = busy_calendar.id"
    op.execute(sa.text(f"DELETE FROM document_key WHERE document IN ({theirs})"))  # noqa: S608 - no value from outside
    op.drop_table("subscription")
    op.drop_table("reading")
