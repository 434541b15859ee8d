"""Let the practice's other sites show small pages of ours in a frame.

Backfill: none; no site may.
Lock: practice_profile, one row.
Downgrade: the sites go, and the frames there stay empty.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("practice_profile") as table:
        table.add_column(sa.Column("embed_origins", sa.String(1000), nullable=False, server_default=""))
    with op.batch_alter_table("practice_profile") as table:
        table.alter_column("embed_origins", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("practice_profile") as table:
        table.drop_column("embed_origins")
