"""Let a clinician open somebody who isn't theirs, with a reason.

Backfill: none; nobody has opened anything in this way before.
Lock: a new table.
Downgrade: drops the table. That somebody opened something, and each look, stays in the audit log; why is lost.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "glass_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("couple_id", sa.Integer(), nullable=True),
        sa.Column("whose", sa.String(200), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(60), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (couple_id IS NULL)", name=conv("ck_glass_grant_of_one")),
        sa.CheckConstraint("opened_at < ends_at", name=conv("ck_glass_grant_ends_after")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=conv("ck_glass_grant_ended_by_somebody")),
        sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name="fk_glass_grant_account_id_staff_account"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_glass_grant_person_id_person"),
        sa.ForeignKeyConstraint(["couple_id"], ["couple.id"], name="fk_glass_grant_couple_id_couple"),
        sa.PrimaryKeyConstraint("id", name="pk_glass_grant"),
        sa.UniqueConstraint("reference", name="uq_glass_grant_reference"),
    )
    for column in ("account_id", "person_id", "couple_id", "opened_at"):
        op.create_index(f"ix_glass_grant_{column}", "glass_grant", [column])


def downgrade() -> None:
    op.drop_table("glass_grant")
