"""Add the life of master keys, keys of documents, legal holds, requests to be erased, and a log of what was erased.

Backfill: each master key that wraps something has been in use since the first person whose key it wraps. Documents that
were issued stay sealed with their person's key; the worker gives those of the books a key of their own in the next
nights, and an erasure does so first.
Lock: new tables; paper gets a column (SQLite: it is copied).
Downgrade: stops where a document has a key of its own, or a hold stands: without them documents can't be read any more,
and what must stay would run out.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "master_key",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_master_key"),
    )
    op.execute(
        "INSERT INTO master_key (id, since) SELECT person_key.master_key_id, min(person.created_at) FROM person_key "
        "JOIN person ON person.id = person_key.person_id GROUP BY person_key.master_key_id"
    )
    op.create_table(
        "document_key",
        sa.Column("document", sa.String(20), nullable=False),
        sa.Column("master_key_id", sa.String(20), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("document", name="pk_document_key"),
    )
    with op.batch_alter_table("paper") as paper:
        paper.add_column(sa.Column("own_key", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("paper") as paper:
        paper.alter_column("own_key", server_default=None)
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("placed_by", sa.String(60), nullable=False),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.Column("lifted_by", sa.String(60), nullable=True),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=conv("ck_legal_hold_lifted_by_somebody")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_legal_hold_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_legal_hold"),
        sa.UniqueConstraint("reference", name="uq_legal_hold_reference"),
    )
    op.create_index("ix_legal_hold_person_id", "legal_hold", ["person_id"])
    op.create_index(
        "uq_legal_hold_stands",
        "legal_hold",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=conv("ck_erasure_count_above_zero")),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.create_index("ix_erasure_at", "erasure", ["at"])
    op.create_index("ix_erasure_subject", "erasure", ["subject"])
    op.create_table(
        "erasure_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(60), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'erased', 'refused', 'taken_back')", name=conv("ck_erasure_request_state")
        ),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name=conv("ck_erasure_request_decided_once")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_erasure_request_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_request"),
        sa.UniqueConstraint("reference", name="uq_erasure_request_reference"),
    )
    op.create_index("ix_erasure_request_person_id", "erasure_request", ["person_id"])
    op.create_index(
        "uq_erasure_request_waits",
        "erasure_request",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "retention_terms",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("records_years", sa.Integer(), nullable=False),
        sa.Column("documents_years", sa.Integer(), nullable=False),
        sa.CheckConstraint("records_years BETWEEN 1 AND 40", name=conv("ck_retention_terms_records_years")),
        sa.CheckConstraint("documents_years BETWEEN 1 AND 40", name=conv("ck_retention_terms_documents_years")),
        sa.PrimaryKeyConstraint("id", name="pk_retention_terms"),
    )


def downgrade() -> None:
    bind = op.get_bind()
    if bind.scalar(sa.text("SELECT 1 FROM document_key LIMIT 1")) or bind.scalar(
        sa.text("SELECT 1 FROM legal_hold WHERE lifted_at IS NULL LIMIT 1")
    ):
        raise RuntimeError("documents have keys of their own, or somebody's data must stay, which 0011 can't hold")
    op.drop_table("retention_terms")
    op.drop_table("erasure_request")
    op.drop_table("erasure")
    op.drop_table("legal_hold")
    with op.batch_alter_table("paper") as paper:
        paper.drop_column("own_key")
    op.drop_table("document_key")
    op.drop_table("master_key")
