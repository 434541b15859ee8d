"""Join two people as a couple, let an intake be the invited partner's, and say whether the practice keeps secrets.

Backfill: every intake so far is that of the person who booked; whatever was sent stays as it was. Every practice keeps
what one partner tells it within limits, until it says otherwise.
Lock: new tables; intake and practice_profile get columns (SQLite: they are copied).
Downgrade: stops where two people are joined, or a partner answered, since that can't be had again.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "couple",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("formed_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_couple"),
        sa.UniqueConstraint("reference", name="uq_couple_reference"),
    )
    op.create_table(
        "couple_member",
        sa.Column("couple_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("seat IN (1, 2)", name=conv("ck_couple_member_seat")),
        sa.ForeignKeyConstraint(["couple_id"], ["couple.id"], name="fk_couple_member_couple_id_couple"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_couple_member_person_id_person"),
        sa.PrimaryKeyConstraint("couple_id", "seat", name="pk_couple_member"),
        sa.UniqueConstraint("couple_id", "person_id", name="uq_couple_member_couple_id_person_id"),
    )
    op.create_index(
        "uq_couple_member_current",
        "couple_member",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    with op.batch_alter_table("intake") as intake:
        intake.add_column(sa.Column("audience", sa.String(10), nullable=False, server_default="booker"))
        intake.add_column(sa.Column("completed_at", UtcDateTime(), nullable=True))
        intake.create_check_constraint(conv("ck_intake_audience"), "audience IN ('booker', 'partner')")
    with op.batch_alter_table("intake") as intake:
        intake.alter_column("audience", server_default=None)
    with op.batch_alter_table("practice_profile") as profile:
        profile.add_column(sa.Column("secrets_policy", sa.String(10), nullable=False, server_default="limited"))
        profile.create_check_constraint(
            conv("ck_practice_profile_secrets_policy"), "secrets_policy IN ('no_secrets', 'limited')"
        )
    with op.batch_alter_table("practice_profile") as profile:
        profile.alter_column("secrets_policy", server_default=None)


def downgrade() -> None:
    bind = op.get_bind()
    if bind.scalar(sa.text("SELECT 1 FROM couple LIMIT 1")) or bind.scalar(
        sa.text("SELECT 1 FROM intake WHERE audience = 'partner' OR completed_at IS NOT NULL LIMIT 1")
    ):
        raise RuntimeError("couples were joined, or somebody answered for a session, which 0010 can't hold")
    with op.batch_alter_table("practice_profile") as profile:
        profile.drop_constraint(conv("ck_practice_profile_secrets_policy"), type_="check")
        profile.drop_column("secrets_policy")
    with op.batch_alter_table("intake") as intake:
        intake.drop_constraint(conv("ck_intake_audience"), type_="check")
        intake.drop_column("completed_at")
        intake.drop_column("audience")
    op.drop_table("couple_member")
    op.drop_table("couple")
