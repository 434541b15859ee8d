"""Add the first tables: practice, people and their keys, bookings with claims, intakes, payments, calendars, staff.

Backfill: none; there is nothing before it.
Lock: new tables only.  Downgrade: drops every table, and with them all that clients and staff entered.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

import practice.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "offering",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("attendance", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("session_minutes", sa.Integer(), nullable=False),
        sa.Column("step_minutes", sa.Integer(), nullable=False),
        sa.Column("before_minutes", sa.Integer(), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("notice_hours", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("late_cancel_hours", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("attendance IN ('couple', 'individual')", name=op.f("ck_offering_attendance")),
        sa.CheckConstraint("place IN ('video', 'in_person')", name=op.f("ck_offering_place")),
        sa.CheckConstraint("after_minutes >= 0 AND after_minutes % 5 = 0", name=op.f("ck_offering_after_in_ticks")),
        sa.CheckConstraint("before_minutes >= 0 AND before_minutes % 5 = 0", name=op.f("ck_offering_before_in_ticks")),
        sa.CheckConstraint("price_minor > 0", name=op.f("ck_offering_price_above_zero")),
        sa.CheckConstraint(
            "session_minutes > 0 AND session_minutes % 5 = 0", name=op.f("ck_offering_session_in_ticks")
        ),
        sa.CheckConstraint("step_minutes > 0 AND step_minutes % 5 = 0", name=op.f("ck_offering_step_in_ticks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offering")),
        sa.UniqueConstraint("slug", name=op.f("uq_offering_slug")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("handler", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("stream", sa.String(length=120), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("posted_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lease_until", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=120), nullable=True),
        sa.Column("done_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_message_key")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_message_state_due_at"), ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_message_stream_id"), ["stream", "id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("code_hash", sa.String(length=200), nullable=True),
        sa.Column("created_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("reference", name=op.f("uq_person_reference")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_email_index"), ["email_index"], unique=False)

    op.create_table(
        "practice_profile",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("help_region", sa.String(length=2), nullable=False),
        sa.Column("desk_hours", sa.String(length=120), nullable=False),
        sa.Column("statement_name", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_profile")),
    )
    op.create_table(
        "questionnaire_copy",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_questionnaire_copy")),
    )
    op.create_table(
        "resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
    )
    op.create_table(
        "staff_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "name IN ('owner', 'coordinator', 'clinician', 'therapist')", name=op.f("ck_staff_role_name")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_role")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_role_name")),
    )
    op.create_table(
        "stripe_event",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("attempt", sa.String(length=255), nullable=True),
        sa.Column("stray", sa.Boolean(), nullable=False),
        sa.Column("happened_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_event")),
    )
    op.create_table(
        "client_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_client_session_person_id_person")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_client_session")),
    )
    with op.batch_alter_table("client_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "eligibility",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attendance", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("region", sa.String(length=10), nullable=False),
        sa.Column("expires_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_eligibility_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_eligibility")),
    )
    op.create_table(
        "intake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_hash", sa.String(length=64), nullable=False),
        sa.Column("started_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("saved_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("flags_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("review_state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("erased_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("review_state IN ('new', 'accepted', 'declined')", name=op.f("ck_intake_review_state")),
        sa.CheckConstraint(
            "flags_sealed IS NULL OR submitted_at IS NOT NULL", name=op.f("ck_intake_flags_with_submission")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_intake_person_id_person")),
        sa.ForeignKeyConstraint(
            ["questionnaire_hash"],
            ["questionnaire_copy.hash"],
            name=op.f("fk_intake_questionnaire_hash_questionnaire_copy"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
        sa.UniqueConstraint("reference", name=op.f("uq_intake_reference")),
    )
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_intake_saved_at"), ["saved_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_intake_submitted_at"), ["submitted_at"], unique=False)

    op.create_table(
        "mailed_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=True),
        sa.Column("expires_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mailed_link_person_id_person")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_mailed_link")),
    )
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailed_link_person_id"), ["person_id"], unique=False)

    op.create_table(
        "person_key",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("master_key_id", sa.String(length=20), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_key_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_key")),
    )
    op.create_table(
        "therapist",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("approach", sa.Text(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("licence_places", sa.JSON(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("join_link", sa.String(length=300), nullable=False),
        sa.Column("office", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_therapist_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapist")),
        sa.UniqueConstraint("resource_id", name=op.f("uq_therapist_resource_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_therapist_slug")),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("uid", sa.String(length=60), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reserved",
                "held",
                "releasing",
                "expired",
                "in_review",
                "confirmed",
                "cancelled",
                "declined",
                "attended",
                "missed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("blocked_from", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("held_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("payable", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("declined_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "blocked_from <= starts_at AND ends_at <= blocked_until", name=op.f("ck_booking_buffers_around")
        ),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_booking_price_not_below_zero")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_booking_starts_before_ends")),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name=op.f("fk_booking_offering_id_offering")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booking_person_id_person")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name=op.f("fk_booking_therapist_id_therapist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("reference", name=op.f("uq_booking_reference")),
        sa.UniqueConstraint("uid", name=op.f("uq_booking_uid")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_state_deadline_at"), ["state", "deadline_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_booking_therapist_id_starts_at"), ["therapist_id", "starts_at"], unique=False
        )

    op.create_table(
        "day_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=True),
        sa.Column("closes", sa.Time(), nullable=True),
        sa.CheckConstraint(
            "(opens IS NULL AND closes IS NULL) OR opens < closes", name=op.f("ck_day_override_opens_before_closes")
        ),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_day_override_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_override")),
    )
    with op.batch_alter_table("day_override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_day_override_therapist_id"), ["therapist_id"], unique=False)

    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_fetched_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name=op.f("fk_feed_therapist_id_therapist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_token_hash")),
    )
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_feed_therapist_id"),
            ["therapist_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "feed_revision",
        sa.Column("therapist_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_feed_revision_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("therapist_id", name=op.f("pk_feed_revision")),
    )
    op.create_table(
        "intake_answers",
        sa.Column("intake_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_answers_intake_id_intake")),
        sa.PrimaryKeyConstraint("intake_id", "section", name=op.f("pk_intake_answers")),
    )
    op.create_table(
        "staff_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=20), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=400), nullable=True),
        sa.Column("tf_last_counter", sa.BigInteger(), nullable=True),
        sa.Column("mf_recovery_codes", sa.JSON(), nullable=True),
        sa.Column("therapist_id", sa.Integer(), nullable=True),
        sa.Column("created_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_staff_account_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_account")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_account_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_staff_account_fs_uniquifier")),
        sa.UniqueConstraint("therapist_id", name=op.f("uq_staff_account_therapist_id")),
    )
    op.create_table(
        "therapist_offering",
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_therapist_offering_offering_id_offering")
        ),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_therapist_offering_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("therapist_id", "offering_id", name=op.f("pk_therapist_offering")),
    )
    op.create_table(
        "weekly_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_weekly_hours_opens_before_closes")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapist.id"], name=op.f("fk_weekly_hours_therapist_id_therapist")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_hours")),
    )
    with op.batch_alter_table("weekly_hours", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_weekly_hours_therapist_id"), ["therapist_id"], unique=False)

    op.create_table(
        "feed_entry",
        sa.Column("booking_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("written_as", sa.String(length=32), nullable=False),
        sa.Column("fragment", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_feed_entry_booking_id_booking")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name=op.f("fk_feed_entry_therapist_id_therapist")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_feed_entry")),
    )
    with op.batch_alter_table("feed_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_feed_entry_therapist_id_starts_at"), ["therapist_id", "starts_at"], unique=False
        )

    op.create_table(
        "intake_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("written_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff_account.id"], name=op.f("fk_intake_note_author_id_staff_account")
        ),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_note_intake_id_intake")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_note")),
        sa.UniqueConstraint("reference", name=op.f("uq_intake_note_reference")),
    )
    with op.batch_alter_table("intake_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intake_note_intake_id"), ["intake_id"], unique=False)

    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "creating",
                "open",
                "paid",
                "expired",
                "failed",
                "quarantined",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("expires_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.String(length=255), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("payment", sa.String(length=255), nullable=True),
        sa.Column("confirms", sa.Boolean(), nullable=False),
        sa.Column(
            "mismatch",
            sa.Enum(
                "reference",
                "mode",
                "currency",
                "amount",
                name="mismatch",
                native_enum=False,
                create_constraint=True,
                length=12,
            ),
            nullable=True,
        ),
        sa.Column("refund_due_minor", sa.Integer(), nullable=True),
        sa.Column("created_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state = 'creating' OR state = 'failed' OR session_id IS NOT NULL",
            name=op.f("ck_payment_attempt_session_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_attempt_amount_above_zero")),
        sa.CheckConstraint(
            "refund_due_minor BETWEEN 0 AND amount_minor", name=op.f("ck_payment_attempt_refund_within_amount")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_payment_attempt_booking_id_booking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempt")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_attempt_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_attempt_reference")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_attempt_session_id")),
    )
    with op.batch_alter_table("payment_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_attempt_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(
            "uq_payment_attempt_confirms",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("confirms"),
            postgresql_where=sa.text("confirms"),
        )
        batch_op.create_index(
            "uq_payment_attempt_live",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('creating', 'open')"),
            postgresql_where=sa.text("state IN ('creating', 'open')"),
        )

    op.create_table(
        "slot_claim",
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("tick", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_slot_claim_booking_id_booking")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_slot_claim_resource_id_resource")),
        sa.PrimaryKeyConstraint("resource_id", "tick", name=op.f("pk_slot_claim")),
    )
    with op.batch_alter_table("slot_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_claim_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "staff_account_role",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_staff_account_role_account_id_staff_account")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["staff_role.id"], name=op.f("fk_staff_account_role_role_id_staff_role")),
        sa.PrimaryKeyConstraint("account_id", "role_id", name=op.f("pk_staff_account_role")),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_staff_session_account_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "refund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "due", "sent", "succeeded", "failed", name="state", native_enum=False, create_constraint=True, length=12
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("refund_id", sa.String(length=255), nullable=True),
        sa.Column("tried_at", practice.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", practice.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cause IN ('late', 'cancelled')", name=op.f("ck_refund_cause")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount_above_zero")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempt.id"], name=op.f("fk_refund_attempt_id_payment_attempt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("attempt_id", "cause", name=op.f("uq_refund_attempt_id_cause")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_refund_reference")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_refund_refund_id")),
    )


def downgrade() -> None:
    op.drop_table("refund")
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_session_expires_at"))
        batch_op.drop_index(batch_op.f("ix_staff_session_account_id"))

    op.drop_table("staff_session")
    op.drop_table("staff_account_role")
    with op.batch_alter_table("slot_claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slot_claim_booking_id"))

    op.drop_table("slot_claim")
    with op.batch_alter_table("payment_attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_payment_attempt_live",
            sqlite_where=sa.text("state IN ('creating', 'open')"),
            postgresql_where=sa.text("state IN ('creating', 'open')"),
        )
        batch_op.drop_index(
            "uq_payment_attempt_confirms", sqlite_where=sa.text("confirms"), postgresql_where=sa.text("confirms")
        )
        batch_op.drop_index(batch_op.f("ix_payment_attempt_booking_id"))

    op.drop_table("payment_attempt")
    with op.batch_alter_table("intake_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_intake_note_intake_id"))

    op.drop_table("intake_note")
    with op.batch_alter_table("feed_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feed_entry_therapist_id_starts_at"))

    op.drop_table("feed_entry")
    with op.batch_alter_table("weekly_hours", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_weekly_hours_therapist_id"))

    op.drop_table("weekly_hours")
    op.drop_table("therapist_offering")
    op.drop_table("staff_account")
    op.drop_table("intake_answers")
    op.drop_table("feed_revision")
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_feed_therapist_id"),
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.drop_table("feed")
    with op.batch_alter_table("day_override", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_day_override_therapist_id"))

    op.drop_table("day_override")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_therapist_id_starts_at"))
        batch_op.drop_index(batch_op.f("ix_booking_state_deadline_at"))
        batch_op.drop_index(batch_op.f("ix_booking_person_id"))

    op.drop_table("booking")
    op.drop_table("therapist")
    op.drop_table("person_key")
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailed_link_person_id"))

    op.drop_table("mailed_link")
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_intake_submitted_at"))
        batch_op.drop_index(batch_op.f("ix_intake_saved_at"))
        batch_op.drop_index(batch_op.f("ix_intake_person_id"))

    op.drop_table("intake")
    op.drop_table("eligibility")
    with op.batch_alter_table("client_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_session_person_id"))

    op.drop_table("client_session")
    op.drop_table("stripe_event")
    op.drop_table("staff_role")
    op.drop_table("resource")
    op.drop_table("questionnaire_copy")
    op.drop_table("practice_profile")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_email_index"))

    op.drop_table("person")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_message_stream_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_message_state_due_at"))

    op.drop_table("outbox_message")
    op.drop_table("offering")
    op.drop_table("audit_head")
    op.drop_table("audit_entry")
