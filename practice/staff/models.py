"""Staff: accounts with their roles and passkeys, and the sessions in which they are signed in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    LargeBinary,
    String,
    Table,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.offers.models import Therapist
from practice.database import Model
from practice.languages import DEFAULT

if TYPE_CHECKING:
    # Flask-Security declares plain attributes where SQLAlchemy has mapped ones; mypy would refuse the marriage.
    class RoleMixin: ...

    class UserMixin: ...

else:
    from flask_security import RoleMixin, UserMixin

OWNER = "owner"
COORDINATOR = "coordinator"
CLINICIAN = "clinician"
THERAPIST = "therapist"
ROLES = (OWNER, COORDINATOR, CLINICIAN, THERAPIST)

account_role = Table(
    "staff_account_role",
    Model.metadata,
    Column("account_id", ForeignKey("staff_account.id"), primary_key=True),
    Column("role_id", ForeignKey("staff_role.id"), primary_key=True),
)


class StaffRole(Model, RoleMixin):
    """What somebody may do here: one of ROLES."""

    __tablename__ = "staff_role"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    __table_args__ = (CheckConstraint("name IN ('owner', 'coordinator', 'clinician', 'therapist')", name="name"),)


class StaffAccount(Model, UserMixin):
    """Somebody who works here. Names that begin with fs_, tf_ or mf_ are Flask-Security's.

    `fs_uniquifier` stands in the session; a new one ends every session at once. `tf_last_counter` is the time step of
    the last code that was accepted: none is accepted twice. Recovery codes are kept as hashes.
    """

    __tablename__ = "staff_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    password: Mapped[str] = mapped_column(String(200))  # Argon2id
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(20))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(400))  # encrypted by passlib
    tf_last_counter: Mapped[int | None] = mapped_column(BigInteger)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(JSON)
    passkey_handle: Mapped[bytes | None] = mapped_column(LargeBinary)  # random: what passkeys know this account by
    therapist_id: Mapped[int | None] = mapped_column(ForeignKey("therapist.id"), unique=True)
    language: Mapped[str] = mapped_column(String(2), default=DEFAULT, server_default=DEFAULT)  # of desk and letters
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]  # signed in, to the minute or so
    roles: Mapped[list[StaffRole]] = relationship(secondary=account_role, lazy="selectin")
    therapist: Mapped[Therapist | None] = relationship()
    passkeys: Mapped[list[StaffPasskey]] = relationship(order_by="StaffPasskey.id", back_populates="account")
    __table_args__ = (CheckConstraint("language IN ('en', 'es')", name="language"),)

    @property
    def has_second_factor(self) -> bool:
        """Whether a password alone doesn't sign them in."""
        return self.tf_totp_secret is not None or bool(self.passkeys)

    def check_tf_required_setup(self) -> bool:
        """Whether the app may not be turned off: a second factor is a must here, and there is no passkey."""
        return bool(current_app.config["SECURITY_TWO_FACTOR_REQUIRED"]) and not self.passkeys

    @property
    def actor(self) -> str:
        """How the audit log names them."""
        return f"staff:{self.id}"

    @property
    def name(self) -> str:
        """How pages name them."""
        return self.therapist.name if self.therapist is not None else self.email

    def is_any_of(self, *roles: str) -> bool:
        """Whether they have one of these roles."""
        return any(role.name in roles for role in self.roles)


class StaffPasskey(Model):
    """A passkey of an account: what a browser, a phone or a key of metal signs with instead of a code.

    `sign_count` never goes back where its maker counts at all. `last_challenge` is the hash of the last one that it
    signed: an answer counts once.
    """

    __tablename__ = "staff_passkey"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))  # in the words of whoever made it
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    last_challenge: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    account: Mapped[StaffAccount] = relationship(back_populates="passkeys")


class StaffSession(Model):
    """A browser in which a password has fitted. The cookie holds the token, this row its hash and the session.

    `browser` is its family, as browsers.py reads it; `signed_in`: the second factor was given too, or none is asked.
    """

    __tablename__ = "staff_session"
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    data: Mapped[str] = mapped_column(Text)  # JSON, as Flask tags it
    browser: Mapped[str] = mapped_column(String(60))
    signed_in: Mapped[bool]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
