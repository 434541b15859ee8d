"""Let each therapist have several feeds, the practice one of everybody's, and remember what letters brought.

Backfill: a feed that stands is called "Calendar" and says "Session", as before; the rows of addresses that were revoked
go, since ending a feed deletes it from now on. Which organizer earlier letters named is not known: the next letter
about a booking names the sender of its own time.
Lock: feed gets columns (SQLite: it is copied); it has a few rows. mailed_object is new.
Downgrade: of each therapist's feeds the one stays whose address was made last, and says "Session" again; the others
and those of the whole practice answer 404 from then on. Which organizer letters named is lost, and so are letters that
would take an appointment out of the calendar of an address that somebody left.

Revision ID: 0025
Revises: 0024
"""

import secrets

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
STANDS = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.execute("DELETE FROM feed WHERE revoked_at IS NOT NULL")
    op.drop_index("ix_feed_therapist_id", "feed")
    with op.batch_alter_table("feed") as feed:
        feed.add_column(sa.Column("reference", sa.String(20), nullable=True))
        feed.add_column(sa.Column("name", sa.String(60), nullable=False, server_default="Calendar"))
        feed.add_column(sa.Column("detail", sa.String(12), nullable=False, server_default="session"))
        feed.add_column(sa.Column("names_revision", sa.Integer(), nullable=False, server_default="0"))
        feed.drop_column("revoked_at")
    for (feed_id,) in op.get_bind().execute(sa.text("SELECT id FROM feed")).all():
        reference = "fd_" + "".join(secrets.choice(ALPHABET) for _ in range(14))
        named = sa.text("UPDATE feed SET reference = :reference WHERE id = :id")
        op.get_bind().execute(named, {"reference": reference, "id": feed_id})
    with op.batch_alter_table("feed") as feed:
        feed.alter_column("reference", existing_type=sa.String(20), nullable=False)
        feed.alter_column("therapist_id", existing_type=sa.Integer(), nullable=True)
        for column in ("name", "detail", "names_revision"):
            feed.alter_column(column, server_default=None)
        feed.create_unique_constraint("uq_feed_reference", ["reference"])
        feed.create_check_constraint(conv("ck_feed_detail"), "detail IN ('busy', 'session', 'initials', 'first_names')")
        feed.create_check_constraint(
            conv("ck_feed_names_for_one_alone"), "therapist_id IS NOT NULL OR detail IN ('busy', 'session')"
        )
    op.create_index("ix_feed_therapist_id", "feed", ["therapist_id"])
    op.create_table(
        "mailed_object",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("staff_address", sa.String(254), nullable=True),
        sa.Column("organizer", sa.String(320), nullable=False),
        sa.Column("mailed_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_mailed_object_booking_id_booking"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_mailed_object_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_mailed_object"),
        sa.UniqueConstraint(
            "booking_id", "recipient", "address_index", name="uq_mailed_object_booking_id_recipient_address_index"
        ),
    )
    op.create_index("ix_mailed_object_person_id", "mailed_object", ["person_id"])


def downgrade() -> None:
    op.execute("DELETE FROM outbox_message WHERE kind = 'send_letter' AND payload LIKE '%\"taken_out\"%'")
    op.drop_table("mailed_object")
    op.execute("DELETE FROM feed WHERE therapist_id IS NULL")
    op.execute(
        "DELETE FROM feed WHERE EXISTS (SELECT 1 FROM feed AS newer WHERE newer.therapist_id = feed.therapist_id"
        " AND (newer.created_at > feed.created_at OR (newer.created_at = feed.created_at AND newer.id > feed.id)))"
    )
    op.drop_index("ix_feed_therapist_id", "feed")
    with op.batch_alter_table("feed") as feed:
        feed.add_column(sa.Column("revoked_at", UtcDateTime(), nullable=True))
        feed.drop_constraint(conv("ck_feed_names_for_one_alone"), type_="check")
        feed.drop_constraint(conv("ck_feed_detail"), type_="check")
        feed.drop_constraint("uq_feed_reference", type_="unique")
        for column in ("reference", "name", "detail", "names_revision"):
            feed.drop_column(column)
        feed.alter_column("therapist_id", existing_type=sa.Integer(), nullable=False)
    op.create_index(
        "ix_feed_therapist_id", "feed", ["therapist_id"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS
    )
