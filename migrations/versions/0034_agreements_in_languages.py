"""Keep each version of a document that people agree to in every language that it is written in.

Backfill: what there is, is English.
Lock: consent_text is read while it is changed; it has a few rows.
Downgrade: the texts in other languages go; stops where somebody agreed to one, since nothing else says what they saw.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

UNIQUE = "uq_consent_text_document_version_language"


def upgrade() -> None:
    with op.batch_alter_table("consent_text") as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(2), nullable=False, server_default="en"))
        batch_op.drop_constraint("uq_consent_text_document_version", type_="unique")
        batch_op.create_unique_constraint(UNIQUE, ["document", "version", "language"])
        batch_op.create_check_constraint(conv("ck_consent_text_language"), "language IN ('en', 'es')")
    with op.batch_alter_table("consent_text") as batch_op:
        batch_op.alter_column("language", server_default=None)


def downgrade() -> None:
    seen = sa.text(
        "SELECT count(*) FROM consent JOIN consent_text ON consent_text.id = consent.text_id"
        " WHERE consent_text.language <> 'en'"
    )
    if op.get_bind().scalar(seen):
        raise RuntimeError("somebody agreed to words in another language, which the version before can't keep")
    op.execute("DELETE FROM consent_text WHERE language <> 'en'")
    with op.batch_alter_table("consent_text") as batch_op:
        batch_op.drop_constraint(conv("ck_consent_text_language"), type_="check")
        batch_op.drop_constraint(UNIQUE, type_="unique")
        batch_op.create_unique_constraint("uq_consent_text_document_version", ["document", "version"])
        batch_op.drop_column("language")
