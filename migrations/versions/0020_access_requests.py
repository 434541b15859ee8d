"""Keep who asked for their whole record, what a clinician reviewed of it, and what was handed over.

Backfill: nobody waits for a record yet.
Lock: new tables, and a column of person with a constant default, which is short.
Downgrade: stops while a request waits, since the version before knows of no due date; what was answered goes, and so do
the messages that would tell the desk of a due date.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OPEN = "state IN ('asked', 'checked')"
CHECKS = {
    "state": "state IN ('asked', 'checked', 'handed_over', 'run_out', 'refused', 'taken_back', 'erased')",
    "way": "way IN ('page', 'letter', 'phone')",
    "due_after_arrival": "due_on > arrived_on",
    "extended_with_words": "(extended_at IS NULL) = (extension_sealed IS NULL)",
    "checked_somehow": "(checked_at IS NULL) = (checked_how IS NULL)",
    "checked_first": "state IN ('asked', 'taken_back', 'erased') OR checked_at IS NOT NULL",
    "ended_once": "(state IN ('asked', 'checked')) = (ended_at IS NULL)",
    "outcome": "(state = 'refused') = (outcome IS NOT NULL AND outcome = 'nothing')"
    " AND (state IN ('handed_over', 'run_out')) = (outcome IS NOT NULL AND outcome IN ('whole', 'parts'))",
}


def upgrade() -> None:
    op.create_table(
        "access_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("entered_by", sa.String(60), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended_at", UtcDateTime(), nullable=True),
        sa.Column("extended_by", sa.String(60), nullable=True),
        sa.Column("extension_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("checked_by", sa.String(60), nullable=True),
        sa.Column("checked_how", sa.String(10), nullable=True),
        sa.Column("remark_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(8), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(60), nullable=True),
        *(sa.CheckConstraint(rule, name=conv(f"ck_access_request_{name}")) for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_access_request_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_access_request"),
        sa.UniqueConstraint("reference", name="uq_access_request_reference"),
    )
    op.create_index("ix_access_request_person_id", "access_request", ["person_id"])
    op.create_index(
        "uq_access_request_open",
        "access_request",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_table(
        "access_review",
        sa.Column("request_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("saved_by", sa.String(60), nullable=False),
        sa.Column("choices_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["access_request.id"], name="fk_access_review_request_id_access_request"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_access_review_person_id_person"),
        sa.PrimaryKeyConstraint("request_id", name="pk_access_review"),
    )
    op.create_index("ix_access_review_person_id", "access_review", ["person_id"])
    op.create_table(
        "access_copy",
        sa.Column("request_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["access_request.id"], name="fk_access_copy_request_id_access_request"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_access_copy_person_id_person"),
        sa.PrimaryKeyConstraint("request_id", name="pk_access_copy"),
    )
    op.create_index("ix_access_copy_person_id", "access_copy", ["person_id"])
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("awaits_record", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("person") as person:
        person.alter_column("awaits_record", server_default=None)


def downgrade() -> None:
    if op.get_bind().scalar(sa.text(f"SELECT 1 FROM access_request WHERE {OPEN} LIMIT 1")):  # noqa: S608 - our own words
        raise RuntimeError("somebody waits for their record: answer them first, since the version before forgets it")
    op.execute("DELETE FROM outbox_message WHERE kind = 'access_due' AND state = 'waiting'")
    with op.batch_alter_table("person") as person:
        person.drop_column("awaits_record")
    op.drop_table("access_copy")
    op.drop_table("access_review")
    op.drop_table("access_request")
