"""Add review_step and referral, five more states of a request, and what somebody was accepted for.

Backfill: nothing; a request that waits, was accepted or was declined goes on as that, without a step.
Lock: two new tables; intake and eligibility are altered: SQLite copies them, PostgreSQL holds them for a moment.
Downgrade: what is in review, or waits for the client, is new again; what was referred out or withdrawn is declined;
whoever was accepted for some therapists and offerings may book all that fits. It stops, and names the requests, where
a client answered what they were asked: 0025 can't hold that.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

STATE = conv("ck_intake_review_state")
BEFORE = "review_state IN ('new', 'accepted', 'declined')"
STATES = (
    "review_state IN ('new', 'in_review', 'info_requested', 'individual_call', 'accepted', 'referred_out', "
    "'declined', 'withdrawn')"
)


def upgrade() -> None:
    op.create_table(
        "review_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("taken_by", sa.String(60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_review_step_intake_id_intake"),
        sa.CheckConstraint("number > 0", name=conv("ck_review_step_number_from_one")),
        sa.CheckConstraint(
            "step IN ('take', 'ask', 'answer', 'take_back', 'offer_call', 'called', 'accept', 'refer_out', "
            "'decline', 'withdraw')",
            name=conv("ck_review_step_step"),
        ),
        sa.CheckConstraint(
            "stage IN ('new', 'in_review', 'info_requested', 'individual_call', 'accepted', 'referred_out', "
            "'declined', 'withdrawn')",
            name=conv("ck_review_step_stage"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_review_step"),
        sa.UniqueConstraint("reference", name="uq_review_step_reference"),
        sa.UniqueConstraint("intake_id", "number", name="uq_review_step_intake_id_number"),
    )
    op.create_table(
        "referral",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("what_for", sa.String(300), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("web", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_referral"),
        sa.UniqueConstraint("reference", name="uq_referral_reference"),
    )
    with op.batch_alter_table("intake") as batch:
        batch.drop_constraint(STATE, type_="check")
        batch.alter_column("review_state", existing_type=sa.String(10), type_=sa.String(20), existing_nullable=False)
        batch.create_check_constraint(STATE, STATES)
    with op.batch_alter_table("eligibility") as batch:
        batch.add_column(sa.Column("therapist_ids", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("offering_ids", sa.JSON(), nullable=True))


def downgrade() -> None:
    _refuse_what_was_answered()
    for letter in ("something_waits", "ready_to_book"):
        written = sa.text("DELETE FROM outbox_message WHERE kind = 'send_letter' AND payload LIKE :letter")
        op.get_bind().execute(written, {"letter": f'%"{letter}"%'})
    with op.batch_alter_table("eligibility") as batch:
        batch.drop_column("offering_ids")
        batch.drop_column("therapist_ids")
    op.execute(
        "UPDATE intake SET review_state = 'new' "
        "WHERE review_state IN ('in_review', 'info_requested', 'individual_call')"
    )
    op.execute("UPDATE intake SET review_state = 'declined' WHERE review_state IN ('referred_out', 'withdrawn')")
    with op.batch_alter_table("intake") as batch:
        batch.drop_constraint(STATE, type_="check")
        batch.alter_column("review_state", existing_type=sa.String(20), type_=sa.String(10), existing_nullable=False)
        batch.create_check_constraint(STATE, BEFORE)
    op.drop_table("referral")
    op.drop_table("review_step")


def _refuse_what_was_answered() -> None:
    asked = sa.text(
        "SELECT DISTINCT intake.reference FROM intake JOIN review_step ON review_step.intake_id = intake.id "
        "WHERE review_step.step = 'answer' ORDER BY intake.reference"
    )
    found = [row.reference for row in op.get_bind().execute(asked)]
    if found:
        raise RuntimeError(f"clients answered what they were asked, which 0025 can't hold: {', '.join(found)}")
