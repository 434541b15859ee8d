"""Let staff decide about money: give some of a payment back, and bring quarantined and failed ones to an end.

Backfill: nothing was given back of any price; a payment of which it was decided what goes back has ended then,
and one was paid when its booking was confirmed, or else when it was changed last. How much came of a quarantined
payment is not known: those can be settled by hand alone.
Lock: booking, payment_attempt, refund and stripe_event are altered; SQLite copies them, PostgreSQL holds them for a
moment.
Downgrade: drops the decisions and their reasons. It stops, and names them, where staff gave money back, which 0003
can't hold.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BY_RULE = "cause <> 'staff' AND state <> 'failed'"


def check(table: str, name: str, sql: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(sql, name=conv(f"ck_{table}_{name}"))


WITHIN_PRICE = check("booking", "given_back_within_price", "given_back_minor BETWEEN 0 AND price_minor")
CAUSES_BEFORE = check("refund", "cause", "cause IN ('late', 'cancelled')")
CAUSES = check("refund", "cause", "cause IN ('late', 'cancelled', 'staff', 'not_as_asked')")


def upgrade() -> None:
    with op.batch_alter_table("booking") as batch:
        batch.add_column(sa.Column("given_back_minor", sa.Integer(), nullable=True))
    op.execute("UPDATE booking SET given_back_minor = 0")
    with op.batch_alter_table("booking") as batch:
        batch.alter_column("given_back_minor", existing_type=sa.Integer(), nullable=False)
        batch.create_check_constraint(WITHIN_PRICE.name, WITHIN_PRICE.sqltext)
    with op.batch_alter_table("payment_attempt") as batch:
        batch.add_column(sa.Column("paid_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("paid_minor", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("paid_currency", sa.String(3), nullable=True))
        batch.add_column(sa.Column("ended_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("resolved_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE payment_attempt SET ended_at = updated_at WHERE refund_due_minor IS NOT NULL")
    confirmed_at = "SELECT confirmed_at FROM booking WHERE booking.id = payment_attempt.booking_id AND confirms"
    op.execute(
        f"UPDATE payment_attempt SET paid_at = coalesce(({confirmed_at}), updated_at) "  # noqa: S608 - our own words
        "WHERE state IN ('paid', 'quarantined')"
    )
    with op.batch_alter_table("refund") as batch:
        batch.add_column(sa.Column("resolved_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("by_hand", sa.Boolean(), nullable=True))
        batch.drop_constraint("uq_refund_attempt_id_cause", type_="unique")
    op.execute("UPDATE refund SET by_hand = false")
    with op.batch_alter_table("refund") as batch:
        batch.alter_column("by_hand", existing_type=sa.Boolean(), nullable=False)
        batch.drop_constraint(CAUSES_BEFORE.name, type_="check")
        batch.create_check_constraint(CAUSES.name, CAUSES.sqltext)
        batch.create_index("ix_refund_attempt_id", ["attempt_id"])
        batch.create_index(
            "uq_refund_by_rule",
            ["attempt_id", "cause"],
            unique=True,
            sqlite_where=sa.text(BY_RULE),
            postgresql_where=sa.text(BY_RULE),
        )
    with op.batch_alter_table("stripe_event") as batch:
        batch.add_column(sa.Column("resolved_at", UtcDateTime(), nullable=True))
    op.create_table(
        "money_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        check("money_decision", "kind", "kind IN ('given_back', 'returned', 'sent_again', 'by_hand')"),
        check("money_decision", "amount_not_below_zero", "amount_minor >= 0"),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_money_decision_booking_id_booking"),
        sa.PrimaryKeyConstraint("id", name="pk_money_decision"),
    )
    op.create_index("ix_money_decision_booking_id", "money_decision", ["booking_id"])


def downgrade() -> None:
    _refuse_refunds_by_staff()
    op.drop_table("money_decision")
    with op.batch_alter_table("stripe_event") as batch:
        batch.drop_column("resolved_at")
    with op.batch_alter_table("refund") as batch:
        batch.drop_index("uq_refund_by_rule")
        batch.drop_index("ix_refund_attempt_id")
        batch.drop_constraint(CAUSES.name, type_="check")
        batch.create_check_constraint(CAUSES_BEFORE.name, CAUSES_BEFORE.sqltext)
        batch.create_unique_constraint("uq_refund_attempt_id_cause", ["attempt_id", "cause"])
        batch.drop_column("by_hand")
        batch.drop_column("resolved_at")
    with op.batch_alter_table("payment_attempt") as batch:
        for column in ("resolved_at", "ended_at", "paid_currency", "paid_minor", "paid_at"):
            batch.drop_column(column)
    with op.batch_alter_table("booking") as batch:
        batch.drop_constraint(WITHIN_PRICE.name, type_="check")
        batch.drop_column("given_back_minor")


def _refuse_refunds_by_staff() -> None:
    decided = "cause IN ('staff', 'not_as_asked') OR resolved_at IS NOT NULL"
    asked = sa.text(f"SELECT reference FROM refund WHERE {decided} ORDER BY id")  # noqa: S608 - our own words
    found = [row.reference for row in op.get_bind().execute(asked)]
    if found:
        raise RuntimeError("these refunds were decided by staff, which 0003 can't hold: " + ", ".join(found))
