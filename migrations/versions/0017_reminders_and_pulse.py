"""Remind of sessions by mail, let people stop letters, and keep what they answer every two weeks.

Backfill: every practice reminds 48 hours before, until it says otherwise; the coming night plans the sessions ahead.
Lock: new tables; practice_profile gets a column (SQLite: it is copied).
Downgrade: stops where somebody answered, or stopped letters, since that can't be had again.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stopped_letters",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(10), nullable=False),
        sa.Column("stopped_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("topic IN ('near', 'missing', 'pulse')", name=conv("ck_stopped_letters_topic")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_stopped_letters_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "topic", name="pk_stopped_letters"),
    )
    op.create_table(
        "pulse_course",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_pulse_course_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name="pk_pulse_course"),
    )
    op.create_table(
        "pulse_questions",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_pulse_questions"),
    )
    op.create_table(
        "pulse_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("questions_hash", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("spoken_at", UtcDateTime(), nullable=True),
        sa.Column("spoken_by", sa.String(60), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_pulse_answer_person_id_person", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["questions_hash"], ["pulse_questions.hash"], name="fk_pulse_answer_questions_hash_pulse_questions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pulse_answer"),
        sa.UniqueConstraint("reference", name="uq_pulse_answer_reference"),
        sa.UniqueConstraint("person_id", "due_on", name="uq_pulse_answer_person_id_due_on"),
    )
    with op.batch_alter_table("practice_profile") as profile:
        profile.add_column(sa.Column("reminder_hours", sa.Integer(), nullable=True, server_default="48"))
        profile.create_check_constraint(conv("ck_practice_profile_reminder_hours"), "reminder_hours BETWEEN 1 AND 336")
    with op.batch_alter_table("practice_profile") as profile:
        profile.alter_column("reminder_hours", server_default=None)


def downgrade() -> None:
    bind = op.get_bind()
    for table in ("pulse_answer", "stopped_letters"):
        if bind.scalar(sa.text(f"SELECT 1 FROM {table} LIMIT 1")):  # noqa: S608 - both names stand above
            raise RuntimeError("somebody answered or stopped letters, which 0016 can't hold")
    with op.batch_alter_table("practice_profile") as profile:
        profile.drop_constraint(conv("ck_practice_profile_reminder_hours"), type_="check")
        profile.drop_column("reminder_hours")
    op.drop_table("pulse_answer")
    op.drop_table("pulse_questions")
    op.drop_table("pulse_course")
    op.drop_table("stopped_letters")
