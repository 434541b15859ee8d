"""Keep what a practice writes itself of its therapists, sessions and referrals in each language that it is written in.

Backfill: what there is, is English; names and words that a first run wrote, and nobody changed, get our Spanish.
Lock: three tables with a few rows each.
Downgrade: the words in other languages go; the English ones stand in their columns, as before.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLES = ("therapist", "offering", "referral")
OURS = {
    "offering": {
        "name": {
            "Couple session, 50 minutes, by video": "Sesión de pareja, 50 minutos, por video",
            "Couple session, 80 minutes, by video": "Sesión de pareja, 80 minutos, por video",
            "Couple session, 90 minutes, in person": "Sesión de pareja, 90 minutos, en persona",
            "Individual session, 50 minutes, by video": "Sesión individual, 50 minutos, por video",
            "Individual session, 50 minutes, in person": "Sesión individual, 50 minutos, en persona",
        }
    },
    "therapist": {
        "title": {"Couples therapist": "Terapeuta de parejas"},
        "approach": {
            "Attachment and trust repair for couples and individuals.": (
                "Apego y reparación de la confianza, para parejas y personas."
            )
        },
    },
}


def upgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("other_words", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        with op.batch_alter_table(name) as table:
            table.alter_column("other_words", server_default=None)
    for name, ours in OURS.items():
        _say_in_spanish(name, ours)


def downgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_column("other_words")


def _say_in_spanish(name: str, ours: dict[str, dict[str, str]]) -> None:
    columns = [sa.column(text, sa.Text()) for text in ours]
    table = sa.table(name, sa.column("id", sa.Integer()), sa.column("other_words", sa.JSON()), *columns)
    connection = op.get_bind()
    for row in connection.execute(sa.select(table)).mappings().all():
        known = {text: spanish[row[text]] for text, spanish in ours.items() if row[text] in spanish}
        if known:
            connection.execute(sa.update(table).where(table.c.id == row["id"]).values(other_words={"es": known}))
