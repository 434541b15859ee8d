"""Add calendar_account, account_calendar, pushed_session and calendar_question: calendars kept on CalDAV servers.

Backfill: nothing; no such calendar was connected before.
Lock: new tables; booking, therapist and busy_calendar are only referred to.
Downgrade: drops them. What was written to therapists' calendars stays there, and nobody knows any more that it is ours.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("user_name", sa.String(200), nullable=False),
        sa.Column("password_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("connected_at", UtcDateTime(), nullable=False),
        sa.Column("succeeded_at", UtcDateTime(), nullable=True),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("retry_at", UtcDateTime(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name="fk_calendar_account_therapist_id_therapist"),
        sa.CheckConstraint(
            "state IN ('working', 'away', 'sign_in_again', 'not_allowed', 'calendar_gone', 'not_caldav', 'leaving')",
            name=conv("ck_calendar_account_state"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_account"),
        sa.UniqueConstraint("reference", name="uq_calendar_account_reference"),
        sa.UniqueConstraint("therapist_id", "url", "user_name", name="uq_calendar_account_therapist_id_url_user_name"),
    )
    op.create_index("ix_calendar_account_therapist_id", "calendar_account", ["therapist_id"])
    op.create_table(
        "account_calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("href", sa.String(1000), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("color", sa.String(20), nullable=False),
        sa.Column("writable", sa.Boolean(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("sync_token", sa.String(1000), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
        sa.Column("busy_calendar_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["calendar_account.id"], name="fk_account_calendar_account_id_calendar_account"
        ),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name="fk_account_calendar_therapist_id_therapist"),
        sa.ForeignKeyConstraint(
            ["busy_calendar_id"], ["busy_calendar.id"], name="fk_account_calendar_busy_calendar_id_busy_calendar"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_calendar"),
        sa.UniqueConstraint("reference", name="uq_account_calendar_reference"),
        sa.UniqueConstraint("busy_calendar_id", name="uq_account_calendar_busy_calendar_id"),
        sa.UniqueConstraint("account_id", "href", name="uq_account_calendar_account_id_href"),
    )
    op.create_index("ix_account_calendar_account_id", "account_calendar", ["account_id"])
    written = sa.text("written")
    op.create_index(
        "ix_account_calendar_therapist_id",
        "account_calendar",
        ["therapist_id"],
        unique=True,
        sqlite_where=written,
        postgresql_where=written,
    )
    op.create_table(
        "pushed_session",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("href", sa.String(1100), nullable=False),
        sa.Column("etag", sa.String(200), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("known_digest", sa.String(32), nullable=True),
        sa.Column("known_starts_at", UtcDateTime(), nullable=True),
        sa.Column("known_ends_at", UtcDateTime(), nullable=True),
        sa.Column("not_ours_since", UtcDateTime(), nullable=True),
        sa.Column("refused_since", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_pushed_session_booking_id_booking"),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["account_calendar.id"], name="fk_pushed_session_calendar_id_account_calendar"
        ),
        sa.PrimaryKeyConstraint("booking_id", "calendar_id", name="pk_pushed_session"),
    )
    op.create_index("ix_pushed_session_calendar_id", "pushed_session", ["calendar_id"])
    op.create_table(
        "calendar_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("seen_starts_at", UtcDateTime(), nullable=True),
        sa.Column("seen_ends_at", UtcDateTime(), nullable=True),
        sa.Column("etag", sa.String(200), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(60), nullable=False),
        sa.Column("answer", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_calendar_question_booking_id_booking"),
        sa.CheckConstraint("kind IN ('moved', 'deleted')", name=conv("ck_calendar_question_kind")),
        sa.CheckConstraint(
            "answer IN ('moved', 'put_back', 'back', 'session_changed', 'disconnected', 'over')",
            name=conv("ck_calendar_question_answer"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_question"),
        sa.UniqueConstraint("reference", name="uq_calendar_question_reference"),
    )
    unanswered = sa.text("answered_at IS NULL")
    op.create_index(
        "ix_calendar_question_booking_id",
        "calendar_question",
        ["booking_id"],
        unique=True,
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )


def downgrade() -> None:
    op.drop_table("calendar_question")
    op.drop_table("pushed_session")
    op.drop_table("account_calendar")
    op.drop_table("calendar_account")
