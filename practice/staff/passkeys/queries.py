"""What passkeys read: whose browser is half way, and which passkey an answer is from."""

from __future__ import annotations

from flask import session
from sqlalchemy import select

from practice.database import db
from practice.staff.models import StaffAccount, StaffPasskey

SETTING_UP = frozenset({"setup_from_login", "validating_profile"})


def find_half_way() -> StaffAccount | None:
    """Whose password has fitted in this browser, and whose second factor is asked for now."""
    return _half_way() if session.get("tf_state") == "ready" else None


def find_setting_up() -> StaffAccount | None:
    """Whose password has fitted in this browser, and who must set up a second factor, having none."""
    account = _half_way() if session.get("tf_state") in SETTING_UP else None
    return account if account is not None and not account.has_second_factor else None


def find_passkey(account: StaffAccount, credential_id: bytes) -> StaffPasskey | None:
    """This account's passkey of this id. Somebody else's is none."""
    theirs = select(StaffPasskey).where(StaffPasskey.account_id == account.id)
    return db.session.scalars(theirs.where(StaffPasskey.credential_id == credential_id)).one_or_none()


def _half_way() -> StaffAccount | None:
    whose = select(StaffAccount).where(StaffAccount.fs_uniquifier == session.get("tf_user_id"), StaffAccount.active)
    return db.session.scalars(whose).one_or_none() if session.get("tf_user_id") else None
