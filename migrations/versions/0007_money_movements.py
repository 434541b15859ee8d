"""Keep what moves the balance at the payment service, and the tax within prices, for an export.

Backfill: none. Movements are read from the service in the next night, back to the first payment.
Lock: three tables are made; practice_profile, one row, is altered.
Downgrade: drops what was read, which the service knows still, and the rates that it was kept with.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATES = "state IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')"
KINDS = "kind IN ('charge', 'refund', 'dispute', 'fee', 'payout', 'returned_payout', 'other')"


def upgrade() -> None:
    with op.batch_alter_table("practice_profile") as batch:
        batch.add_column(sa.Column("tax_percent", sa.String(6), nullable=True))
    op.create_table(
        "payout",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("itemised", sa.Boolean(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(STATES, name=conv("ck_payout_state")),
        sa.PrimaryKeyConstraint("id", name="pk_payout"),
    )
    op.create_index("ix_payout_arrives_on", "payout", ["arrives_on"])
    op.create_table(
        "money_movement",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("payment", sa.String(255), nullable=True),
        sa.Column("refund", sa.String(20), nullable=True),
        sa.Column("gross_minor", sa.Integer(), nullable=False),
        sa.Column("fee_minor", sa.Integer(), nullable=False),
        sa.Column("net_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("tax_percent", sa.String(6), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("available_at", UtcDateTime(), nullable=False),
        sa.Column("payout_id", sa.String(255), nullable=True),
        sa.CheckConstraint(KINDS, name=conv("ck_money_movement_kind")),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name="fk_money_movement_payout_id_payout"),
        sa.PrimaryKeyConstraint("id", name="pk_money_movement"),
    )
    for column in ("payment", "created_at", "payout_id"):
        op.create_index(f"ix_money_movement_{column}", "money_movement", [column])
    op.create_table(
        "money_reading",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_money_reading"),
    )


def downgrade() -> None:
    for table in ("money_reading", "money_movement", "payout"):
        op.drop_table(table)
    with op.batch_alter_table("practice_profile") as batch:
        batch.drop_column("tax_percent")
