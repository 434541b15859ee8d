"""Let staff be invited, sign in with passkeys, and see where they are signed in.

Backfill: nobody knows of the sessions that are open which browser they are in, so they end, and staff sign in anew.
When an account was seen last is known from its next sign-in on.
Lock: staff_session is emptied and gets columns (SQLite: it is copied); staff_account gets two. The rest is new.
Downgrade: stops while an account has a passkey and no app, since its password alone would open the desk from then on.
Else passkeys and invitations go, and who is invited needs another invitation. Sessions end here too.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ONLY_A_PASSKEY = sa.text(
    "SELECT COUNT(*) FROM staff_account WHERE tf_totp_secret IS NULL"
    " AND EXISTS (SELECT 1 FROM staff_passkey WHERE staff_passkey.account_id = staff_account.id)"
)


def upgrade() -> None:
    op.execute("DELETE FROM staff_session")
    with op.batch_alter_table("staff_session") as session:
        session.add_column(sa.Column("reference", sa.String(20), nullable=False))
        session.add_column(sa.Column("browser", sa.String(60), nullable=False))
        session.add_column(sa.Column("signed_in", sa.Boolean(), nullable=False))
        session.create_unique_constraint("uq_staff_session_reference", ["reference"])
    with op.batch_alter_table("staff_account") as account:
        account.add_column(sa.Column("passkey_handle", sa.LargeBinary(), nullable=True))
        account.add_column(sa.Column("last_seen_at", UtcDateTime(), nullable=True))
    op.create_table(
        "staff_passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("last_challenge", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name="fk_staff_passkey_account_id_staff_account"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_passkey"),
        sa.UniqueConstraint("credential_id", name="uq_staff_passkey_credential_id"),
        sa.UniqueConstraint("reference", name="uq_staff_passkey_reference"),
    )
    op.create_index("ix_staff_passkey_account_id", "staff_passkey", ["account_id"])
    op.create_table(
        "staff_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(60), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("used_at IS NULL OR revoked_at IS NULL", name=conv("ck_staff_invitation_ended_once")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name="fk_staff_invitation_account_id_staff_account"
        ),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], name="fk_staff_invitation_therapist_id_therapist"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_invitation"),
        sa.UniqueConstraint("reference", name="uq_staff_invitation_reference"),
    )
    op.create_index("ix_staff_invitation_email", "staff_invitation", ["email"])
    op.create_table(
        "staff_invitation_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["staff_invitation.id"], name="fk_staff_invitation_link_invitation_id_staff_invitation"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_staff_invitation_link"),
    )
    op.create_index("ix_staff_invitation_link_invitation_id", "staff_invitation_link", ["invitation_id"])


def downgrade() -> None:
    if op.get_bind().scalar(ONLY_A_PASSKEY):
        raise RuntimeError(
            "An account signs in with a passkey and has no app: without it its password alone would open the desk. "
            "Let whoever it is connect an app first."
        )
    op.execute("DELETE FROM outbox_message WHERE kind = 'colleague_invited'")
    for letter in ("staff_invitation", "staff_password"):
        written = sa.text("DELETE FROM outbox_message WHERE kind = 'send_letter' AND payload LIKE :letter")
        op.get_bind().execute(written, {"letter": f'%"{letter}"%'})
    op.drop_table("staff_invitation_link")
    op.drop_table("staff_invitation")
    op.drop_table("staff_passkey")
    op.execute("DELETE FROM staff_session")
    with op.batch_alter_table("staff_account") as account:
        account.drop_column("last_seen_at")
        account.drop_column("passkey_handle")
    with op.batch_alter_table("staff_session") as session:
        session.drop_constraint("uq_staff_session_reference", type_="unique")
        for column in ("signed_in", "browser", "reference"):
            session.drop_column(column)
