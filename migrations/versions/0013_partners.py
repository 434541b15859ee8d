"""Let a client invite whoever comes with them, and let either of the two pause.

Backfill: none. Nobody has invited anybody so far, and no couple rests.
Lock: new tables; couple and booking get a column (SQLite: they are copied).
Downgrade: stops where somebody was invited, said that they come alone, or paused, since that can't be had again.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATES = ("nobody", "invited", "declined", "joined", "paused", "alone")


def upgrade() -> None:
    op.create_table(
        "partner_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("declined_at", UtcDateTime(), nullable=True),
        sa.Column("joined_at", UtcDateTime(), nullable=True),
        sa.Column("couple_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("way IN ('mail', 'code')", name=conv("ck_partner_invitation_way")),
        sa.CheckConstraint("code_hash IS NULL OR way = 'code'", name=conv("ck_partner_invitation_code_is_handed_over")),
        sa.CheckConstraint(
            "address_sealed IS NULL OR way = 'mail'", name=conv("ck_partner_invitation_address_is_written_to")
        ),
        sa.CheckConstraint(
            "(joined_at IS NULL) = (couple_id IS NULL)", name=conv("ck_partner_invitation_joined_is_a_couple")
        ),
        sa.CheckConstraint(
            "joined_at IS NULL OR withdrawn_at IS NULL", name=conv("ck_partner_invitation_joined_or_withdrawn")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_partner_invitation_person_id_person"),
        sa.ForeignKeyConstraint(["couple_id"], ["couple.id"], name="fk_partner_invitation_couple_id_couple"),
        sa.PrimaryKeyConstraint("id", name="pk_partner_invitation"),
        sa.UniqueConstraint("reference", name="uq_partner_invitation_reference"),
        sa.UniqueConstraint("code_hash", name="uq_partner_invitation_code_hash"),
        sa.UniqueConstraint("couple_id", name="uq_partner_invitation_couple_id"),
    )
    op.create_index("ix_partner_invitation_person_id", "partner_invitation", ["person_id"])
    op.create_index("ix_partner_invitation_expires_at", "partner_invitation", ["expires_at"])
    state = sa.Enum(
        *STATES, name=conv("ck_partner_standing_state"), native_enum=False, create_constraint=True, length=12
    )
    op.create_table(
        "partner_standing",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("shares_progress", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_partner_standing_person_id_person"),
        sa.PrimaryKeyConstraint("person_id", name="pk_partner_standing"),
    )
    op.create_table(
        "partner_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("couple_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["couple_id"], ["couple.id"], name="fk_partner_pause_couple_id_couple"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_partner_pause_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_partner_pause"),
        sa.UniqueConstraint("reference", name="uq_partner_pause_reference"),
    )
    op.create_index("ix_partner_pause_couple_id", "partner_pause", ["couple_id"])
    op.create_index(
        "uq_partner_pause_open",
        "partner_pause",
        ["couple_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    with op.batch_alter_table("couple") as couple:
        couple.add_column(sa.Column("resting_since", UtcDateTime(), nullable=True))
    with op.batch_alter_table("booking") as booking:
        booking.add_column(sa.Column("called_off_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    bind = op.get_bind()
    for kept in ("partner_invitation", "partner_standing", "partner_pause"):
        if bind.scalar(sa.text(f"SELECT 1 FROM {kept} LIMIT 1")):  # noqa: S608 - names of our own
            raise RuntimeError("somebody was invited, paused, or said that they come alone, which 0011 can't hold")
    if bind.scalar(sa.text("SELECT 1 FROM booking WHERE called_off_at IS NOT NULL LIMIT 1")):
        raise RuntimeError("a session was called off, and a late payment could confirm it in 0011")
    with op.batch_alter_table("booking") as booking:
        booking.drop_column("called_off_at")
    with op.batch_alter_table("couple") as couple:
        couple.drop_column("resting_since")
    op.drop_table("partner_pause")
    op.drop_table("partner_standing")
    op.drop_table("partner_invitation")
