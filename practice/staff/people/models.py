"""Invitations: a mailed link by which somebody chooses the password of an account, new or their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.offers.models import Therapist
from practice.database import Model
from practice.staff.models import StaffAccount


class StaffInvitation(Model):
    """That somebody may choose a password: for a new account with these roles or, with `account_id`, for that one.

    It is good until `expires_at`, once. Ended ones stay: who was invited by whom is to be read later.
    """

    __tablename__ = "staff_invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    email: Mapped[str] = mapped_column(String(254), index=True)  # lower case
    roles: Mapped[list[str]] = mapped_column(JSON)
    therapist_id: Mapped[int | None] = mapped_column(ForeignKey("therapist.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them
    sent_at: Mapped[datetime]  # the last letter
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    therapist: Mapped[Therapist | None] = relationship()
    account: Mapped[StaffAccount | None] = relationship()
    __table_args__ = (CheckConstraint("used_at IS NULL OR revoked_at IS NULL", name="ended_once"),)


class StaffInvitationLink(Model):
    """A link to an invitation, one a letter: a letter that is sent twice holds two, and both work."""

    __tablename__ = "staff_invitation_link"
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("staff_invitation.id"), index=True)
    ended_at: Mapped[datetime | None]  # a later letter has another
    invitation: Mapped[StaffInvitation] = relationship(lazy="joined", innerjoin=True)
