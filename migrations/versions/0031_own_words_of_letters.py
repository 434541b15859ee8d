"""Add letter_draft and letter_edition, so that a practice writes its letters itself, and person.language.

Backfill: everybody reads letters in English, as before.
Lock: person gets a column; on PostgreSQL its rows are not rewritten, but read once for the check.
Downgrade: drops all three; stops while the practice's own words of a letter were published, since they would be lost.
What languages people chose is lost.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_draft",
        sa.Column("letter", sa.String(40), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=True),
        sa.Column("changed_by", sa.String(60), nullable=True),
        sa.CheckConstraint("(words IS NULL) = (changed_at IS NULL)", name=conv("ck_letter_draft_changed_when")),
        sa.CheckConstraint("(words IS NULL) = (changed_by IS NULL)", name=conv("ck_letter_draft_changed_by_whom")),
        sa.PrimaryKeyConstraint("letter", name="pk_letter_draft"),
    )
    op.create_table(
        "letter_edition",
        sa.Column("letter", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("made_from", sa.String(64), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.String(60), nullable=False),
        sa.CheckConstraint("number > 0", name=conv("ck_letter_edition_number")),
        sa.PrimaryKeyConstraint("letter", "number", name="pk_letter_edition"),
    )
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("language", sa.String(2), nullable=False, server_default="en"))
        person.create_check_constraint(conv("ck_person_language"), "language IN ('en', 'es')")
    with op.batch_alter_table("person") as person:
        person.alter_column("language", server_default=None)


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT 1 FROM letter_edition WHERE words IS NOT NULL LIMIT 1")):
        raise RuntimeError("the practice published its own words of letters, which the version before can't send")
    op.execute("DELETE FROM outbox_message WHERE kind = 'send_sample'")
    with op.batch_alter_table("person") as person:
        person.drop_constraint(conv("ck_person_language"), type_="check")
        person.drop_column("language")
    op.drop_table("letter_edition")
    op.drop_table("letter_draft")
