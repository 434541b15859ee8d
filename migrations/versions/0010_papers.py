"""Issue documents under numbers without gaps, and keep what they carry: registrations, service codes, diagnoses.

Backfill: a practice in the United States writes good faith estimates from now on. Nothing else: documents about older
payments are made when somebody asks for them.
Lock: new tables; practice_profile, one row, is read.
Downgrade: stops where a document was issued, since its number and its words can't be had again.

Revision ID: 0010
Revises: 0009
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KINDS = "kind IN ('estimate', 'receipt', 'invoice', 'credit_note', 'superbill')"


def upgrade() -> None:
    op.create_table(
        "paper_series",
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint(KINDS, name=conv("ck_paper_series_kind")),
        sa.PrimaryKeyConstraint("kind", "year", name="pk_paper_series"),
    )
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("tax_minor", sa.Integer(), nullable=False),
        sa.Column("tax_percent", sa.String(6), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_by", sa.String(60), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(KINDS, name=conv("ck_paper_kind")),
        sa.CheckConstraint("number > 0", name=conv("ck_paper_number_above_zero")),
        sa.CheckConstraint("tax_minor BETWEEN 0 AND amount_minor", name=conv("ck_paper_tax_within_amount")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_paper_person_id_person"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_paper_booking_id_booking"),
        sa.ForeignKeyConstraint(["supersedes_id"], ["paper.id"], name="fk_paper_supersedes_id_paper"),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
        sa.UniqueConstraint("reference", name="uq_paper_reference"),
        sa.UniqueConstraint("kind", "year", "number", name="uq_paper_kind_year_number"),
    )
    for column in ("person_id", "booking_id", "source"):
        op.create_index(f"ix_paper_{column}", "paper", [column])
    _registrations()
    op.create_table(
        "diagnosis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("entered_by", sa.String(60), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_diagnosis_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_diagnosis"),
        sa.UniqueConstraint("reference", name="uq_diagnosis_reference"),
    )
    op.create_index("ix_diagnosis_person_id", "diagnosis", ["person_id"])


def _registrations() -> None:
    practice = op.create_table(
        "practice_registration",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tin", sa.String(10), nullable=False),
        sa.Column("npi", sa.String(10), nullable=False),
        sa.Column("estimates_since", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_practice_registration"),
    )
    op.create_table(
        "therapist_registration",
        sa.Column("therapist_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("npi", sa.String(10), nullable=False),
        sa.Column("licence", sa.String(120), nullable=False),
        sa.Column("credentials", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name="fk_therapist_registration_therapist_id_therapist"
        ),
        sa.PrimaryKeyConstraint("therapist_id", name="pk_therapist_registration"),
    )
    op.create_table(
        "service_code",
        sa.Column("offering_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(5), nullable=False),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name="fk_service_code_offering_id_offering"),
        sa.PrimaryKeyConstraint("offering_id", name="pk_service_code"),
    )
    profile = sa.table("practice_profile", sa.column("id"), sa.column("help_region"))
    here = op.get_bind().scalar(sa.select(profile.c.help_region).where(profile.c.id == 1))
    if here == "US":
        op.bulk_insert(practice, [{"id": 1, "tin": "", "npi": "", "estimates_since": datetime.now(UTC)}])


def downgrade() -> None:
    issued = op.get_bind().scalar(sa.text("SELECT count(*) FROM paper"))
    if issued:
        raise RuntimeError(f"{issued} documents were issued, and going back would lose them and their numbers")
    for table in (
        *("diagnosis", "service_code", "therapist_registration", "practice_registration"),
        *("paper", "paper_series"),
    ):
        op.drop_table(table)
