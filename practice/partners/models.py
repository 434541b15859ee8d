"""Invitations, how each person stands with whoever comes with them, and pauses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.couples import Couple
from practice.database import Model
from practice.partners.lifecycle import Standing
from practice.people import Person

BY_MAIL, BY_CODE = "mail", "code"


class Invitation(Model):
    """One invitation of one person, by a mailed link or by a code to hand over.

    It is open until somebody joins by it, its inviter withdraws it, or it runs out. That it was declined is noted for
    staff and ends nothing: a link that stopped working would tell whoever else reads that mailbox.
    """

    __tablename__ = "partner_invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)  # whose invitation it is
    way: Mapped[str] = mapped_column(String(10))
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # with the inviter's key
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    withdrawn_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    couple_id: Mapped[int | None] = mapped_column(ForeignKey("couple.id"), unique=True)  # that came of it
    person: Mapped[Person] = relationship()
    __table_args__ = (
        CheckConstraint("way IN ('mail', 'code')", name="way"),
        CheckConstraint("code_hash IS NULL OR way = 'code'", name="code_is_handed_over"),
        CheckConstraint("address_sealed IS NULL OR way = 'mail'", name="address_is_written_to"),
        CheckConstraint("(joined_at IS NULL) = (couple_id IS NULL)", name="joined_is_a_couple"),
        CheckConstraint("joined_at IS NULL OR withdrawn_at IS NULL", name="joined_or_withdrawn"),
    )


class PartnerStanding(Model):
    """How one person stands with whoever comes with them. Nobody without a row was ever asked or said anything."""

    __tablename__ = "partner_standing"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    state: Mapped[Standing] = mapped_column(
        Enum(Standing, native_enum=False, create_constraint=True, length=12, name="state", values_callable=list)
    )
    shares_progress: Mapped[bool] = mapped_column(default=False)  # the other may see "done", if they let them too
    changed_at: Mapped[datetime]


class Pause(Model):
    """One partner's pause of joint sessions. It ends when they take it back, or the couple ends."""

    __tablename__ = "partner_pause"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    couple_id: Mapped[int] = mapped_column(ForeignKey("couple.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    paused_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # for clinicians alone, with that person's key
    couple: Mapped[Couple] = relationship()
    person: Mapped[Person] = relationship()
    __table_args__ = (
        # Nobody pauses twice at once; each of the two may have a pause of their own.
        Index(
            "uq_partner_pause_open",
            "couple_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
