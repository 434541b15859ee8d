"""Keep what a practice changes of the questionnaire: what it published, and its draft of changes.

Backfill: nothing; every practice asks what ships, as before.
Lock: new tables; questionnaire_copy is only referred to.
Downgrade: stops where changes were published, since 0011 would ask other questions from one day to the next.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "questionnaire_edition",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("overlay", sa.Text(), nullable=False),
        sa.Column("questionnaire_hash", sa.String(64), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.String(60), nullable=False),
        sa.CheckConstraint("number > 0", name=conv("ck_questionnaire_edition_number")),
        sa.ForeignKeyConstraint(
            ["questionnaire_hash"],
            ["questionnaire_copy.hash"],
            name="fk_questionnaire_edition_questionnaire_hash_questionnaire_copy",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_questionnaire_edition"),
    )
    op.create_table(
        "questionnaire_draft",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("overlay", sa.Text(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=True),
        sa.Column("changed_by", sa.String(60), nullable=True),
        sa.CheckConstraint("id = 1", name=conv("ck_questionnaire_draft_only")),
        sa.PrimaryKeyConstraint("id", name="pk_questionnaire_draft"),
    )


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT 1 FROM questionnaire_edition LIMIT 1")):
        raise RuntimeError("the practice published its own questionnaire, which the version before can't ask")
    op.drop_table("questionnaire_draft")
    op.drop_table("questionnaire_edition")
