"""Let the audit log be read by who, what and when, and keep what checking its chain came to.

Backfill: none; the first night, or the button on the page, makes the first check.
Lock: three indexes on audit_entry, built while nobody appends; audit_check is new.
Downgrade: the indexes and the result of the last check go; no entry is lost.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

from practice.database import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_actor_number", "audit_entry", ["actor", "number"])
    op.create_index("ix_audit_entry_action_number", "audit_entry", ["action", "number"])
    op.create_table(
        "audit_check",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("broken", sa.Integer(), nullable=False),
        sa.Column("breaches", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_check"),
    )


def downgrade() -> None:
    op.execute("DELETE FROM outbox_message WHERE kind = 'check_audit'")
    op.drop_table("audit_check")
    op.drop_index("ix_audit_entry_action_number", "audit_entry")
    op.drop_index("ix_audit_entry_actor_number", "audit_entry")
    op.drop_index("ix_audit_entry_at", "audit_entry")
