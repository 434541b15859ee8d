"""Fees for late cancels and missed sessions: who agreed to which sums, the kept card, and what staff decided.

Payments keep the rate of tax that held when they came.

Backfill: what was paid has the rate of its movement, or, where that was not read yet, the one that is set. No card is
kept and no fee was charged. Which client cancelled too late was not kept before, so no session that was cancelled
before can be charged for.
Lock: three new tables; practice_profile, booking and payment_attempt are altered; SQLite copies them, PostgreSQL holds
them for a moment.
Downgrade: drops consents and settings. It stops, and names them, where a card is kept, or somebody decided on a fee or
against one: 0007 can't hold that.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KNOWN = conv("ck_payment_attempt_session_known")
KNOWN_BEFORE = "state = 'creating' OR state = 'failed' OR session_id IS NOT NULL"
CHECKS = {
    KNOWN: f"{KNOWN_BEFORE} OR off_session",
    conv("ck_payment_attempt_charged_for_a_fee"): "fee_id IS NOT NULL OR NOT off_session",
    conv("ck_payment_attempt_a_fee_confirms_nothing"): "fee_id IS NULL OR NOT confirms",
}
ITS_CHARGE = "FROM money_movement AS one WHERE one.payment = payment_attempt.payment AND one.kind = 'charge'"
READ_RATE = f"(SELECT max(one.tax_percent) {ITS_CHARGE})"
SET_RATE = "(SELECT tax_percent FROM practice_profile WHERE id = 1)"
IS_READ = f"EXISTS (SELECT 1 {ITS_CHARGE})"
FLAGS = ("off_session", "keeps_card")
MOMENTS = ("late_cancelled_at", "spared_at")
DECIDED = conv("ck_money_decision_kind")
DECISIONS_BEFORE = "kind IN ('given_back', 'returned', 'sent_again', 'by_hand')"
DECISIONS = "kind IN ('given_back', 'returned', 'sent_again', 'by_hand', 'fee', 'fee_asked', 'fee_dropped', 'spared')"
SUMS = ("late_fee_minor", "missed_fee_minor")
CONSENT_STANDS = sa.text("kept_at IS NOT NULL AND withdrawn_at IS NULL")
FEE_STANDS = sa.text("dropped_at IS NULL")


def upgrade() -> None:
    _make_consents()
    _make_fees()
    op.create_table(
        "agreed_fees",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("late_minor", sa.Integer(), nullable=True),
        sa.Column("missed_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_agreed_fees_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_agreed_fees")),
    )
    with op.batch_alter_table("practice_profile") as batch:
        for name in SUMS:
            batch.add_column(sa.Column(name, sa.Integer(), nullable=True))
    with op.batch_alter_table("booking") as batch:
        for name in MOMENTS:
            batch.add_column(sa.Column(name, UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("fee_minor", sa.Integer(), nullable=True))
    _allow_decisions(DECISIONS)
    with op.batch_alter_table("payment_attempt") as batch:
        batch.add_column(sa.Column("fee_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("tax_percent", sa.String(6), nullable=True))
        for name in FLAGS:
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=True))
    op.execute(f"UPDATE payment_attempt SET tax_percent = {READ_RATE} WHERE paid_at IS NOT NULL AND {IS_READ}")  # noqa: S608 - our own words
    op.execute(f"UPDATE payment_attempt SET tax_percent = {SET_RATE} WHERE paid_at IS NOT NULL AND NOT {IS_READ}")  # noqa: S608
    for name in FLAGS:
        op.execute(f"UPDATE payment_attempt SET {name} = false")  # noqa: S608 - our own words
    with op.batch_alter_table("payment_attempt") as batch:
        for name in FLAGS:
            batch.alter_column(name, existing_type=sa.Boolean(), nullable=False)
        batch.create_foreign_key(op.f("fk_payment_attempt_fee_id_fee"), "fee", ["fee_id"], ["id"])
        batch.create_index(op.f("ix_payment_attempt_fee_id"), ["fee_id"])
        batch.drop_constraint(KNOWN, type_="check")
        for name, condition in CHECKS.items():
            batch.create_check_constraint(name, condition)


def downgrade() -> None:
    _refuse_what_was_agreed()
    _allow_decisions(DECISIONS_BEFORE)
    with op.batch_alter_table("payment_attempt") as batch:
        for name in CHECKS:
            batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(KNOWN, KNOWN_BEFORE)
        batch.drop_index(op.f("ix_payment_attempt_fee_id"))
        batch.drop_constraint(op.f("fk_payment_attempt_fee_id_fee"), type_="foreignkey")
        for name in ("fee_id", "tax_percent", *FLAGS):
            batch.drop_column(name)
    with op.batch_alter_table("booking") as batch:
        for name in (*MOMENTS, "fee_minor"):
            batch.drop_column(name)
    with op.batch_alter_table("practice_profile") as batch:
        for name in SUMS:
            batch.drop_column(name)
    op.drop_table("agreed_fees")
    op.drop_table("fee")
    op.drop_table("fee_consent")


def _allow_decisions(kinds: str) -> None:
    with op.batch_alter_table("money_decision") as batch:
        batch.drop_constraint(DECIDED, type_="check")
        batch.create_check_constraint(DECIDED, kinds)


def _make_consents() -> None:
    op.create_table(
        "fee_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("late_minor", sa.Integer(), nullable=True),
        sa.Column("missed_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("wording", sa.String(20), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("customer", sa.String(255), nullable=True),
        sa.Column("card", sa.String(255), nullable=True),
        sa.Column("kept_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("forgotten_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("late_minor > 0 AND missed_minor > 0", name=op.f("ck_fee_consent_sums_above_zero")),
        sa.CheckConstraint(
            "late_minor IS NOT NULL OR missed_minor IS NOT NULL", name=op.f("ck_fee_consent_for_something")
        ),
        sa.CheckConstraint(
            "kept_at IS NULL OR (customer IS NOT NULL AND card IS NOT NULL)", name=op.f("ck_fee_consent_card_known")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_fee_consent_person_id_person")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_fee_consent_booking_id_booking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_consent")),
        sa.UniqueConstraint("reference", name=op.f("uq_fee_consent_reference")),
    )
    op.create_index(op.f("ix_fee_consent_person_id"), "fee_consent", ["person_id"])
    op.create_index(op.f("ix_fee_consent_booking_id"), "fee_consent", ["booking_id"])
    op.create_index(
        "uq_fee_consent_stands",
        "fee_consent",
        ["person_id"],
        unique=True,
        sqlite_where=CONSENT_STANDS,
        postgresql_where=CONSENT_STANDS,
    )


def _make_fees() -> None:
    kinds = sa.Enum("late", "missed", name="kind", native_enum=False, create_constraint=True, length=8)
    op.create_table(
        "fee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("consent_id", sa.Integer(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("declined_at", UtcDateTime(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("dropped_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_fee_amount_above_zero")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_fee_booking_id_booking")),
        sa.ForeignKeyConstraint(["consent_id"], ["fee_consent.id"], name=op.f("fk_fee_consent_id_fee_consent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee")),
        sa.UniqueConstraint("reference", name=op.f("uq_fee_reference")),
    )
    op.create_index(op.f("ix_fee_booking_id"), "fee", ["booking_id"])
    op.create_index(op.f("ix_fee_consent_id"), "fee", ["consent_id"])
    op.create_index(
        "uq_fee_stands", "fee", ["booking_id"], unique=True, sqlite_where=FEE_STANDS, postgresql_where=FEE_STANDS
    )


def _refuse_what_was_agreed() -> None:
    kept = sa.text("SELECT reference FROM fee_consent WHERE kept_at IS NOT NULL AND forgotten_at IS NULL")
    charged = sa.text("SELECT reference FROM fee")
    spared = sa.text("SELECT reference FROM booking WHERE spared_at IS NOT NULL")
    found = [row.reference for asked in (kept, charged, spared) for row in op.get_bind().execute(asked)]
    if found:
        raise RuntimeError(f"cards are kept, or somebody decided on fees, which 0007 can't hold: {', '.join(found)}")
