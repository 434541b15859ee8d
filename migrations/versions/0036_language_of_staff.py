"""Add staff_account.language, so that the desk and the letters to somebody who works here speak their language.

Backfill: everybody reads English, as before.
Lock: staff_account gets a column; on PostgreSQL its few rows are not rewritten, but read once for the check.
Downgrade: drops it; what languages people chose is lost.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

CHECK = conv("ck_staff_account_language")


def upgrade() -> None:
    with op.batch_alter_table("staff_account") as account:
        account.add_column(sa.Column("language", sa.String(2), nullable=False, server_default="en"))
        account.create_check_constraint(CHECK, "language IN ('en', 'es')")


def downgrade() -> None:
    with op.batch_alter_table("staff_account") as account:
        account.drop_constraint(CHECK, type_="check")
        account.drop_column("language")
