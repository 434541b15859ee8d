"""Add answer_correction, so that sent answers can be corrected and what they were before is kept.

Backfill: nothing; nobody has corrected anything.
Lock: a new table; intake is only referred to.
Downgrade: stops where somebody corrected an answer, since what it was before would be lost.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("moment", sa.String(10), nullable=False),
        sa.Column("corrected_at", UtcDateTime(), nullable=False),
        sa.Column("corrected_by", sa.String(60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=conv("ck_answer_correction_number_from_one")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_answer_correction_intake_id_intake"),
        sa.PrimaryKeyConstraint("id", name="pk_answer_correction"),
        sa.UniqueConstraint("intake_id", "number", name="uq_answer_correction_intake_id_number"),
        sa.UniqueConstraint("reference", name="uq_answer_correction_reference"),
    )


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT 1 FROM answer_correction LIMIT 1")):
        raise RuntimeError("somebody corrected what they sent; what it was before would be lost")
    op.drop_table("answer_correction")
