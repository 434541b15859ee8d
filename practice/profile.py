"""The practice itself: its name, zone and how it is reached. One row, edited by `practice init`."""

from __future__ import annotations

from typing import cast

from sqlalchemy import CheckConstraint, String, Table, select
from sqlalchemy.orm import Mapped, mapped_column

from practice.database import Model, db
from practice.desk_hours import LONGEST_TEXT
from practice.errors import Unavailable
from practice.kept import Kept, keep

ONLY = 1


class PracticeProfile(Kept, Model):
    """What every page and letter says of the practice."""

    __tablename__ = "practice_profile"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    zone: Mapped[str] = mapped_column(String(60))  # IANA name
    currency: Mapped[str] = mapped_column(String(3))
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(200))
    help_region: Mapped[str] = mapped_column(String(2))  # whose crisis lines are shown first: US, GB or CA
    desk_hours: Mapped[str] = mapped_column(String(LONGEST_TEXT))  # when somebody reads: desk_hours.py
    desk_holidays: Mapped[str | None] = mapped_column(String(10))  # whose public holidays the desk keeps; empty: none
    statement_name: Mapped[str] = mapped_column(String(22))  # what a card statement shows; neutral
    review_first: Mapped[bool] = mapped_column(default=False)  # first requests are read before their card is charged
    attended_after_days: Mapped[int | None]  # after which an unmarked session counts as attended; empty: never
    late_fee_minor: Mapped[int | None]  # at most, for cancelling too late; empty: none. In `currency`
    missed_fee_minor: Mapped[int | None]  # at most, for a session that somebody did not come to
    withdrawal_days: Mapped[int | None]  # in which a client can withdraw from a paid booking; empty: no such right
    embed_origins: Mapped[str] = mapped_column(String(1000), default="")  # which sites may frame our small pages
    tax_percent: Mapped[str | None] = mapped_column(String(6))  # included in each price, as in 19 or 8.875; empty: none

    secrets_policy: Mapped[str] = mapped_column(String(10), default="limited")  # one of SECRETS_POLICIES
    reminder_hours: Mapped[int | None] = mapped_column(default=48)  # before a session; empty: nobody is reminded of it
    __table_args__ = (
        CheckConstraint("secrets_policy IN ('no_secrets', 'limited')", name="secrets_policy"),
        CheckConstraint("reminder_hours BETWEEN 1 AND 336", name="reminder_hours"),
    )


NO_SECRETS, LIMITED = "no_secrets", "limited"
SECRETS_POLICIES = (NO_SECRETS, LIMITED)
"""Whether the practice keeps what one partner tells it alone: not at all, or within limits that it has written down."""

WITHDRAWAL_DAYS = {"GB": 14}
"""By `help_region`, what a new practice begins with: where the law gives a right of withdrawal."""

WHOLE = select(cast(Table, PracticeProfile.__table__))


def profile() -> PracticeProfile:
    """The practice's profile, to read: no session knows this copy.

    :raises Unavailable: before `practice init` was run.
    """
    return keep("profile", _read)


def _read() -> PracticeProfile:
    found = db.session().connection().execute(WHOLE).one_or_none()
    if found is None:
        raise Unavailable("This practice is not set up yet. Its owner runs: practice init")
    return PracticeProfile(**found._mapping)
