"""Keep the documents that people agree to, in every version, and who agreed to which.

Backfill: none. A practice that exists has no documents, and nobody is asked, until its owner installs them with
`practice consents install`; who gets letters stays as it was.
Lock: new tables; person gets a column that may be empty (SQLite: it is added in place).
Downgrade: stops where somebody agreed to something, or said no to letters, since that can't be had again.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CURRENT = "withdrawn_at IS NULL AND replaced_at IS NULL"


def upgrade() -> None:
    op.create_table(
        "consent_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("asked_of", sa.String(10), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("policy", sa.String(10), nullable=True),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("written_by", sa.String(60), nullable=False),
        sa.CheckConstraint("version > 0", name=conv("ck_consent_text_version")),
        sa.CheckConstraint(
            "asked_of IN ('everybody', 'couples', 'video', 'letters')", name=conv("ck_consent_text_asked_of")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consent_text"),
        sa.UniqueConstraint("document", "version", name="uq_consent_text_document_version"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("noted_by", sa.String(60), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("replaced_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("method IN ('page', 'paper')", name=conv("ck_consent_method")),
        sa.CheckConstraint("(method = 'paper') = (noted_by IS NOT NULL)", name=conv("ck_consent_paper_was_noted")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_consent_person_id_person"),
        sa.ForeignKeyConstraint(["text_id"], ["consent_text.id"], name="fk_consent_text_id_consent_text"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
        sa.UniqueConstraint("reference", name="uq_consent_reference"),
    )
    op.create_index("ix_consent_person_id", "consent", ["person_id"])
    op.create_index("ix_consent_text_id", "consent", ["text_id"])
    op.create_index(
        "uq_consent_current",
        "consent",
        ["person_id", "document"],
        unique=True,
        sqlite_where=sa.text(CURRENT),
        postgresql_where=sa.text(CURRENT),
    )
    op.add_column("person", sa.Column("letters_agreed", sa.Boolean(), nullable=True))


def downgrade() -> None:
    bind = op.get_bind()
    if bind.scalar(sa.text("SELECT 1 FROM consent LIMIT 1")) or bind.scalar(
        sa.text("SELECT 1 FROM person WHERE letters_agreed IS NOT NULL LIMIT 1")
    ):
        raise RuntimeError("somebody agreed to a document, or said no to letters, which 0011 can't hold")
    with op.batch_alter_table("person") as person:
        person.drop_column("letters_agreed")
    op.drop_table("consent")
    op.drop_table("consent_text")
