"""Let a practice read a request before its card is charged: what is authorised, and who was said yes to.

Backfill: nothing was reviewed first or only authorised; whoever's newest intake was accepted is accepted.
Lock: practice_profile, booking, eligibility and payment_attempt are altered; SQLite copies them, PostgreSQL holds them
for a moment.
Downgrade: drops the setting and what was accepted. It stops, and names them, where a card is authorised and not
charged, or was: 0005 can't hold that.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = "state IN ('creating', 'open', 'paid', 'expired', 'failed', 'quarantined')"
STATES = "state IN ('creating', 'open', 'authorised', 'paid', 'voided', 'expired', 'failed', 'quarantined')"
STATE = conv("ck_payment_attempt_state")
FLAGS = (
    ("practice_profile", "review_first"),
    ("booking", "review_first"),
    ("eligibility", "accepted"),
    ("payment_attempt", "authorises"),
)


def upgrade() -> None:
    for table, name in FLAGS:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=True))
        op.execute(f"UPDATE {table} SET {name} = false")  # noqa: S608 - our own words
        with op.batch_alter_table(table) as batch:
            batch.alter_column(name, existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table("booking") as batch:
        batch.add_column(sa.Column("authorised_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("approved_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("payment_attempt") as batch:
        batch.add_column(sa.Column("capture_before", UtcDateTime(), nullable=True))
        batch.drop_constraint(STATE, type_="check")
        batch.create_check_constraint(STATE, STATES)
    newest = (
        "SELECT review_state FROM intake WHERE intake.person_id = eligibility.person_id AND submitted_at IS NOT NULL "
        "ORDER BY submitted_at DESC LIMIT 1"
    )
    op.execute(f"UPDATE eligibility SET accepted = true WHERE ({newest}) = 'accepted'")  # noqa: S608 - our own words


def downgrade() -> None:
    _refuse_what_was_authorised()
    with op.batch_alter_table("payment_attempt") as batch:
        batch.drop_constraint(STATE, type_="check")
        batch.create_check_constraint(STATE, BEFORE)
        batch.drop_column("capture_before")
    with op.batch_alter_table("booking") as batch:
        batch.drop_column("approved_at")
        batch.drop_column("authorised_at")
    for table, name in FLAGS:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(name)


def _refuse_what_was_authorised() -> None:
    asked = sa.text("SELECT reference FROM payment_attempt WHERE authorises OR state IN ('authorised', 'voided')")
    found = [row.reference for row in op.get_bind().execute(asked)]
    if found:
        raise RuntimeError(f"cards were authorised first, which 0005 can't hold: {', '.join(found)}")
