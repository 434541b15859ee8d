"""Say who is on duty, call until an urgent request was read, give requests an owner, and keep desk hours as data.

Backfill: desk hours in words become hours where they can be read ("weekdays, 9 am to 5 pm"); otherwise there are none,
and the page promises no time until the owner says them. The desk keeps the public holidays of the country whose help
lines are shown, so that nothing is promised for a day off. Requests that were sent have no owner, and whoever decided
one has looked at it.
Lock: new tables; intake and practice_profile get columns (SQLite: they are copied).
Downgrade: stops where an urgent notice waits unread, since nobody would be called again. Who was on duty and which help
lines the practice had is lost; desk hours become words again.

Revision ID: 0015
Revises: 0011
"""

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.elements import conv

from practice.database import UtcDateTime

revision = "0015"
down_revision = "0011"
branch_labels = None
depends_on = None

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY = {
    "weekday": "mon-fri",
    "working day": "mon-fri",
    "business day": "mon-fri",
    "daily": "mon-sun",
    "every day": "mon-sun",
}
CLOCK = r"(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?"
FROM_TO = re.compile(rf"{CLOCK}\s*(?:to|until|till|-|–|—)\s*{CLOCK}")
DAY = r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b"
DAY_TO_DAY = re.compile(rf"{DAY}\s*(?:to|until|till|through|-|–|—)\s*{DAY}")
PROFILE = sa.table(
    "practice_profile",
    sa.column("id"),
    sa.column("desk_hours"),
    sa.column("desk_holidays"),
    sa.column("help_region"),
)


def upgrade() -> None:
    _make_tables()
    with op.batch_alter_table("intake") as intake:
        intake.add_column(sa.Column("owner", sa.String(60), nullable=True))
        intake.add_column(sa.Column("looked_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE intake SET looked_at = decided_at")
    with op.batch_alter_table("practice_profile") as profile:
        profile.alter_column("desk_hours", existing_type=sa.String(120), type_=sa.String(300), existing_nullable=False)
        profile.add_column(sa.Column("desk_holidays", sa.String(10), nullable=True))
    bind = op.get_bind()
    for row in bind.execute(sa.select(PROFILE)).all():
        hours = {"desk_hours": hours_of_words(row.desk_hours), "desk_holidays": row.help_region}
        bind.execute(sa.update(PROFILE).where(PROFILE.c.id == row.id).values(**hours))


def _make_tables() -> None:
    op.create_table(
        "duty_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("set_by", sa.String(60), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(60), nullable=True),
        sa.CheckConstraint(
            "(weekday BETWEEN 0 AND 6 AND starts_at IS NULL AND ends_at IS NULL)"
            " OR (weekday IS NULL AND starts_at < ends_at)",
            name=conv("ck_duty_turn_weekly_or_dated"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name="fk_duty_turn_account_id_staff_account"),
        sa.PrimaryKeyConstraint("id", name="pk_duty_turn"),
    )
    op.create_index("ix_duty_turn_ended_at", "duty_turn", ["ended_at"])
    op.create_table(
        "urgent_notice",
        sa.Column("intake_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("occasions", sa.String(200), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("read_by", sa.String(60), nullable=True),
        sa.CheckConstraint("(read_at IS NULL) = (read_by IS NULL)", name=conv("ck_urgent_notice_read_by_somebody")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_urgent_notice_intake_id_intake"),
        sa.PrimaryKeyConstraint("intake_id", name="pk_urgent_notice"),
    )
    op.create_index("ix_urgent_notice_read_at", "urgent_notice", ["read_at"])
    op.create_table(
        "contact_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("before_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_contact_change_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_change"),
        sa.UniqueConstraint("reference", name="uq_contact_change_reference"),
    )
    op.create_index("ix_contact_change_person_id", "contact_change", ["person_id"])
    op.create_table(
        "help_line_list",
        sa.Column("country", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("saved_by", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("country", "number", name="pk_help_line_list"),
    )


def hours_of_words(words: str) -> str:
    """Hours such as `mon-fri 09:00-17:00`, where the words say days and one stretch of time; else nothing."""
    said = words.lower()
    found = FROM_TO.search(said)
    named = DAY_TO_DAY.search(said)
    days = f"{named[1]}-{named[2]}" if named else next((line for word, line in EVERY.items() if word in said), "")
    one = re.search(DAY, said)
    days = days or (one[1] if one else "")
    if found is None or not days or (named and DAYS.index(named[1]) >= DAYS.index(named[2])):
        return ""
    opens, closes = _minutes(found[1], found[2], found[3] or found[6]), _minutes(found[4], found[5], found[6])
    if found[3] is None and found[6] is not None and opens is not None and closes is not None and opens >= closes:
        opens = _minutes(found[1], found[2], "am")
    if opens is None or closes is None or opens >= closes or FROM_TO.search(said, found.end()):
        return ""  # two stretches, or none that makes sense: nobody should promise what may not be meant
    return f"{days} {opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


def _minutes(hour: str, minute: str | None, half: str | None) -> int | None:
    hours, minutes = int(hour), int(minute or 0)
    if half is not None:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half == "pm" else 0)
    return hours * 60 + minutes if hours < 24 and minutes < 60 else None


def downgrade() -> None:
    bind = op.get_bind()
    if bind.scalar(sa.text("SELECT 1 FROM urgent_notice WHERE read_at IS NULL LIMIT 1")):
        raise RuntimeError("an urgent notice waits unread, and 0011 would call nobody again")
    for row in bind.execute(sa.select(PROFILE)).all():
        words = (row.desk_hours or "on working days")[:120]
        bind.execute(sa.update(PROFILE).where(PROFILE.c.id == row.id).values(desk_hours=words))
    with op.batch_alter_table("practice_profile") as profile:
        profile.drop_column("desk_holidays")
        profile.alter_column("desk_hours", existing_type=sa.String(300), type_=sa.String(120), existing_nullable=False)
    with op.batch_alter_table("intake") as intake:
        intake.drop_column("looked_at")
        intake.drop_column("owner")
    for table in ("help_line_list", "contact_change", "urgent_notice", "duty_turn"):
        op.drop_table(table)
