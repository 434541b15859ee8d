"""What a clinician opened that wasn't theirs, since when, until when, and why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.couples import Couple
from practice.database import Model
from practice.people import Person
from practice.staff.models import StaffAccount


class GlassGrant(Model):
    """A clinician opened one person, or two who come together, with a reason. It ends by itself; rows are never erased.

    `whose` names who answered for them then, as the audit log does, with a space between. The reason is sealed with the
    person's key, or with both people's keys (clearing/two_keys.py).
    """

    __tablename__ = "glass_grant"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    couple_id: Mapped[int | None] = mapped_column(ForeignKey("couple.id"), index=True)
    whose: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # where somebody ended it before
    ended_by: Mapped[str | None] = mapped_column(String(60))
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    account: Mapped[StaffAccount] = relationship(lazy="joined", innerjoin=True)
    person: Mapped[Person | None] = relationship()
    couple: Mapped[Couple | None] = relationship()
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (couple_id IS NULL)", name="of_one"),
        CheckConstraint("opened_at < ends_at", name="ends_after"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
    )

    @property
    def people(self) -> list[Person]:
        """Whom it opens."""
        if self.couple is not None:
            return [member.person for member in self.couple.members]
        return [self.person] if self.person is not None else []
