"""Keep the practice's connections sealed, what became of trying them, and how far the practice has come with opening.

Backfill: nobody set a connection on a page so far; the environment's go on counting. A practice that stands is open
already, so it has no row that says what is left to do.
Lock: new tables.
Downgrade: connections that were set on the page are lost, with the keys that they were sealed with: name them in the
environment first. An address for a first run that was not followed yet is lost; make another.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

NAMES = "name IN ('mail', 'stripe')"


def upgrade() -> None:
    op.create_table(
        "connection",
        sa.Column("name", sa.String(10), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_connection"),
        sa.CheckConstraint(NAMES, name=conv("ck_connection_name")),
    )
    op.create_table(
        "connection_trial",
        sa.Column("name", sa.String(10), nullable=False),
        sa.Column("tried", sa.LargeBinary(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_connection_trial"),
        sa.CheckConstraint(NAMES, name=conv("ck_connection_trial_name")),
    )
    op.create_table(
        "practice_opening",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_practice_opening"),
        sa.CheckConstraint(
            "(token_hash IS NULL) = (expires_at IS NULL)", name=conv("ck_practice_opening_token_expires")
        ),
    )


def downgrade() -> None:
    op.drop_table("practice_opening")
    op.drop_table("connection_trial")
    op.drop_table("connection")
    op.execute("DELETE FROM document_key WHERE document IN ('connection_mail', 'connection_stripe')")
