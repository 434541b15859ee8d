"""Let each member of staff save their own views of the list of requests.

Backfill: nothing.
Lock: a new table.
Downgrade: drops the table; the shipped views stay, since they are code.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FIRST = sa.text("is_first")


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("query", sa.String(300), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name="fk_saved_view_account_id_staff_account"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("account_id", "name", name="uq_saved_view_account_id_name"),
        sa.UniqueConstraint("reference", name="uq_saved_view_reference"),
    )
    op.create_index(
        "uq_saved_view_first", "saved_view", ["account_id"], unique=True, sqlite_where=FIRST, postgresql_where=FIRST
    )


def downgrade() -> None:
    op.drop_table("saved_view")
