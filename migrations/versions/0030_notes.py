"""Notes about one person or one couple, with every version of a draft, signatures and addenda, in place of intake_note.

Backfill: each note on an intake becomes a signed note about the person of that intake. Its words stay as they are
sealed, under the reference that is part of the seal.
Lock: intake_note is read and dropped; the new tables are empty before. Triggers refuse any change of what was signed.
Downgrade: a signed note, and each addendum, becomes a note on the intake of its person that was sent last by then.
It stops where there is a draft, a note about two, or one of somebody without an intake, which 0025 can't hold. What a
draft said before it was signed is lost.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

REFUSED = "a signed note is never changed"
SIGNED = "(SELECT signed_at FROM note WHERE id = NEW.note_id)"
GUARDS = (  # name, before what, on which table, when it refuses
    ("note_signed_stays", "UPDATE", "note", "OLD.signed_at IS NOT NULL"),
    ("note_version_stays", "UPDATE", "note_version", "OLD.note_id IS NOT NULL"),
    ("note_version_of_draft", "INSERT", "note_version", f"{SIGNED} IS NOT NULL"),
    ("note_addendum_stays", "UPDATE", "note_addendum", "OLD.note_id IS NOT NULL"),
    ("note_addendum_of_signed", "INSERT", "note_addendum", f"{SIGNED} IS NULL"),
)
ON_SQLITE = (
    "CREATE TRIGGER {name} BEFORE {before} ON {table} WHEN {refuses} BEGIN SELECT RAISE(ABORT, '" + REFUSED + "'); END",
)
ON_POSTGRESQL = (
    "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {refuses} THEN RAISE EXCEPTION '"
    + REFUSED
    + "' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER {name} BEFORE {before} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
)
NOT_TO_BE_HELD = (
    "SELECT 1 FROM note WHERE signed_at IS NULL OR person_id IS NULL"
    " OR NOT EXISTS (SELECT 1 FROM intake WHERE intake.person_id = note.person_id AND submitted_at IS NOT NULL) LIMIT 1"
)
THEIR_INTAKES = "FROM intake WHERE intake.person_id = note.person_id AND intake.submitted_at IS NOT NULL"
ON_INTAKE = (  # the one that was sent last by then, or the first
    f"COALESCE((SELECT MAX(intake.id) {THEIR_INTAKES} AND intake.submitted_at <= note.begun_at),"
    f" (SELECT MIN(intake.id) {THEIR_INTAKES}))"
)
BACK = """
INSERT INTO intake_note (reference, intake_id, author_id, written_at, sealed)
SELECT {row}.reference, {intake}, {author}.author_id, {at}, {row}.sealed
FROM note JOIN {table} AS {row} ON {row}.note_id = note.id {which} ORDER BY note.id
"""
VERSIONS = {
    "table": "note_version",
    "row": "v",
    "which": "AND v.number = note.last",
    "author": "note",
    "at": "note.signed_at",
}
ADDENDA = {"table": "note_addendum", "row": "a", "which": "", "author": "a", "at": "a.signed_at"}


def upgrade() -> None:
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("couple_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(person_id IS NULL) <> (couple_id IS NULL)", name=conv("ck_note_about_one")),
        sa.CheckConstraint("last > 0", name=conv("ck_note_versions_from_one")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_note_person_id_person"),
        sa.ForeignKeyConstraint(["couple_id"], ["couple.id"], name="fk_note_couple_id_couple"),
        sa.ForeignKeyConstraint(["author_id"], ["staff_account.id"], name="fk_note_author_id_staff_account"),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
        sa.UniqueConstraint("reference", name="uq_note_reference"),
    )
    op.create_index("ix_note_person_id", "note", ["person_id"])
    op.create_index("ix_note_couple_id", "note", ["couple_id"])
    op.create_index("ix_note_author_id_signed_at", "note", ["author_id", "signed_at"])
    op.create_table(
        "note_version",
        sa.Column("note_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=conv("ck_note_version_number_from_one")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name="fk_note_version_note_id_note"),
        sa.PrimaryKeyConstraint("note_id", "number", name="pk_note_version"),
        sa.UniqueConstraint("reference", name="uq_note_version_reference"),
    )
    op.create_table(
        "note_addendum",
        sa.Column("note_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=conv("ck_note_addendum_number_from_one")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name="fk_note_addendum_note_id_note"),
        sa.ForeignKeyConstraint(["author_id"], ["staff_account.id"], name="fk_note_addendum_author_id_staff_account"),
        sa.PrimaryKeyConstraint("note_id", "number", name="pk_note_addendum"),
        sa.UniqueConstraint("reference", name="uq_note_addendum_reference"),
    )
    op.execute(
        "INSERT INTO note (reference, person_id, author_id, begun_at, last, signed_at)"
        " SELECT old.reference, intake.person_id, old.author_id, old.written_at, 1, old.written_at"
        " FROM intake_note AS old JOIN intake ON intake.id = old.intake_id ORDER BY old.id"
    )
    op.execute(
        "INSERT INTO note_version (note_id, number, reference, saved_at, sealed)"
        " SELECT note.id, 1, old.reference, old.written_at, old.sealed"
        " FROM intake_note AS old JOIN note ON note.reference = old.reference"
    )
    op.drop_table("intake_note")
    # Only now, since they refuse versions of what is signed.
    for name, before, table, refuses in GUARDS:
        for statement in ON_SQLITE if _on_sqlite() else ON_POSTGRESQL:
            op.execute(statement.format(name=name, before=before, table=table, refuses=refuses))


def downgrade() -> None:
    if op.get_bind().scalar(sa.text(NOT_TO_BE_HELD)):
        raise RuntimeError(
            "drafts, notes about two and notes about somebody who sent nothing can't be held before 0030"
        )
    op.create_table(
        "intake_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["staff_account.id"], name="fk_intake_note_author_id_staff_account"),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_intake_note_intake_id_intake"),
        sa.PrimaryKeyConstraint("id", name="pk_intake_note"),
        sa.UniqueConstraint("reference", name="uq_intake_note_reference"),
    )
    op.create_index("ix_intake_note_intake_id", "intake_note", ["intake_id"])
    for these in (VERSIONS, ADDENDA):
        op.execute(BACK.format(intake=ON_INTAKE, **these))
    for table in ("note_addendum", "note_version", "note"):
        op.drop_table(table)
    if not _on_sqlite():
        for name, *_ in GUARDS:
            op.execute(f"DROP FUNCTION {name}()")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
