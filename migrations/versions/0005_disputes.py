"""Keep disputes, so that staff see them.

Backfill: none. Disputes from before are found when the service tells of them again.
Lock: one table is made.
Downgrade: drops what is known of disputes; the service knows it still.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATES = "state IN ('open', 'under_review', 'won', 'lost', 'closed')"


def upgrade() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("due_by", UtcDateTime(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(STATES, name=conv("ck_dispute_state")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payment_attempt.id"], name="fk_dispute_attempt_id_payment_attempt"),
        sa.PrimaryKeyConstraint("id", name="pk_dispute"),
    )
    op.create_index("ix_dispute_attempt_id", "dispute", ["attempt_id"])


def downgrade() -> None:
    op.drop_table("dispute")
