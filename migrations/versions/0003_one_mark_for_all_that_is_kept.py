"""Let one mark stand for everything that processes keep: the offers, and now the practice's profile too.

Backfill: none; a missing mark is made by the first change.
Lock: one small table is dropped and one is made.
Downgrade: the same the other way round.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make("kept_mark")
    op.drop_table("offers_mark")


def downgrade() -> None:
    _make("offers_mark")
    op.drop_table("kept_mark")


def _make(table: str) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
