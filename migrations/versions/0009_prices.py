"""Keep a sliding scale and what was agreed with each client, and the right of withdrawal.

Backfill: a practice in the United Kingdom gets 14 days of withdrawal, for what is booked from now on; bookings that are
there keep the terms that they were made on.
Lock: three tables are made; practice_profile, one row, and booking are altered, without a rewrite on PostgreSQL.
Downgrade: stops where somebody asked for a session inside the time of withdrawal, since that is the proof of it, and
where a session stands from which its client may still withdraw by what they were told; else drops all of it. Bookings
keep the prices that they were made at.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("practice_profile") as batch:
        batch.add_column(sa.Column("withdrawal_days", sa.Integer(), nullable=True))
    op.execute(sa.text("UPDATE practice_profile SET withdrawal_days = 14 WHERE help_region = 'GB'"))
    with op.batch_alter_table("booking") as batch:
        batch.add_column(sa.Column("withdrawal_days", sa.Integer(), nullable=True))
        batch.create_check_constraint(conv("ck_booking_withdrawal_days_above_zero"), "withdrawal_days > 0")
    op.create_table(
        "withdrawal_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_withdrawal_request_booking_id_booking"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_withdrawal_request_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_withdrawal_request"),
        sa.UniqueConstraint("booking_id", "text_sha256", name="uq_withdrawal_request_booking_id_text_sha256"),
    )
    op.create_table(
        "scale_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name=conv("ck_scale_step_share_of_the_price")),
        sa.PrimaryKeyConstraint("id", name="pk_scale_step"),
    )
    op.create_table(
        "price_agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=True),
        sa.Column("step_id", sa.Integer(), nullable=True),
        sa.Column("price_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=conv("ck_price_agreement_number_above_zero")),
        sa.CheckConstraint(
            "offering_id IS NULL OR step_id IS NULL", name=conv("ck_price_agreement_step_is_for_every_offering")
        ),
        sa.CheckConstraint(
            "offering_id IS NOT NULL OR price_minor IS NULL", name=conv("ck_price_agreement_price_is_for_one_offering")
        ),
        sa.CheckConstraint(
            "(price_minor IS NULL) = (currency IS NULL)", name=conv("ck_price_agreement_price_in_a_currency")
        ),
        sa.CheckConstraint("price_minor >= 0", name=conv("ck_price_agreement_price_not_below_zero")),
        sa.CheckConstraint("first_day <= last_day", name=conv("ck_price_agreement_first_before_last")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_price_agreement_person_id_person"),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name="fk_price_agreement_offering_id_offering"),
        sa.ForeignKeyConstraint(["step_id"], ["scale_step.id"], name="fk_price_agreement_step_id_scale_step"),
        sa.PrimaryKeyConstraint("id", name="pk_price_agreement"),
        sa.UniqueConstraint("reference", name="uq_price_agreement_reference"),
        sa.UniqueConstraint("person_id", "number", name="uq_price_agreement_person_id_number"),
    )


def downgrade() -> None:
    _refuse_what_was_promised()
    for table in ("price_agreement", "scale_step", "withdrawal_request"):
        op.drop_table(table)
    with op.batch_alter_table("booking") as batch:
        batch.drop_constraint(conv("ck_booking_withdrawal_days_above_zero"), type_="check")
        batch.drop_column("withdrawal_days")
    with op.batch_alter_table("practice_profile") as batch:
        batch.drop_column("withdrawal_days")


def _refuse_what_was_promised() -> None:
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT 1 FROM withdrawal_request")).first() is not None:
        raise RuntimeError("clients asked for sessions inside the time of withdrawal, which 0008 can't hold")
    standing = sa.text("SELECT reference FROM booking WHERE withdrawal_days IS NOT NULL AND state = 'confirmed'")
    found = [row.reference for row in connection.execute(standing)]
    if found:
        raise RuntimeError(f"clients were told that they may withdraw, which 0008 can't hold: {', '.join(found)}")
