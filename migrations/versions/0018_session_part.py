"""Let the part before the session be saved and sent, with who may speak of each answer, and keep return codes.

Backfill: nothing was saved of that part so far; nobody has a return code. Until its author chooses, an answer is for
the therapist alone, or where the practice keeps no secrets, talked of with its author first.
Lock: a new table; intake and intake_answers get columns (SQLite: they are copied).
Downgrade: stops where somebody saved or sent something of that part, or chose who may speak of an answer. Return codes
are lost; links by mail go on working.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COMPLETED = conv("ck_intake_completed_after_submission")


def upgrade() -> None:
    op.create_table(
        "return_code",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_return_code_person_id_person"),
        sa.PrimaryKeyConstraint("person_id", name="pk_return_code"),
        sa.UniqueConstraint("code_index", name="uq_return_code_code_index"),
    )
    with op.batch_alter_table("intake") as intake:
        intake.add_column(sa.Column("more_saved_at", UtcDateTime(), nullable=True))
        intake.create_index("ix_intake_more_saved_at", ["more_saved_at"])
        intake.create_check_constraint(COMPLETED, "completed_at IS NULL OR submitted_at IS NOT NULL")
    with op.batch_alter_table("intake_answers") as answers:
        answers.add_column(sa.Column("lanes_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    bind = op.get_bind()
    if bind.scalar(
        sa.text("SELECT 1 FROM intake WHERE more_saved_at IS NOT NULL OR completed_at IS NOT NULL LIMIT 1")
    ) or bind.scalar(sa.text("SELECT 1 FROM intake_answers WHERE lanes_sealed IS NOT NULL LIMIT 1")):
        raise RuntimeError("somebody answered for a session, which the earlier schema can't tell from what was sent")
    with op.batch_alter_table("intake_answers") as answers:
        answers.drop_column("lanes_sealed")
    with op.batch_alter_table("intake") as intake:
        intake.drop_constraint(COMPLETED, type_="check")
        intake.drop_index("ix_intake_more_saved_at")
        intake.drop_column("more_saved_at")
    op.drop_table("return_code")
