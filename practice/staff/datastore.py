"""How Flask-Security reads and writes our accounts: through the one commit that is not begin_work()'s."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Any, cast

from flask import Flask, g, session, url_for
from flask_security import MfRecoveryCodesUtil, PasswordUtil, SQLAlchemyUserDatastore, tf_disabled, tf_profile_changed
from flask_security.totp import Totp
from passlib.exc import TokenError

from practice.clock import clock
from practice.staff.actions import use_recovery_code, use_time_step
from practice.staff.models import StaffAccount
from practice.staff.passwords import problem_with
from practice.tokens import ALPHABET
from practice.work import begin_work, commit_for_flask_security

RECOVERY_CODES = 8
CLOCK_SLACK = 30  # seconds that a phone's clock may be off
SESSION_USER = "_user_id"  # where flask-login keeps who is signed in


class StaffDatastore(SQLAlchemyUserDatastore):
    """Commits as the rest of the practice does, once a request: after a failure the answer tells of it, not a retry."""

    def commit(self) -> None:
        if g.get("staff_commit_failed"):
            return
        g.staff_commit_failed = True
        commit_for_flask_security()
        g.staff_commit_failed = False


class OneTimeCodes(Totp):
    """Codes from an authenticator app. A time step is spent in a work of its own, before anything follows from it."""

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        account_id = cast(StaffAccount, user).id
        try:
            match = self._totp.verify(token, totp_secret, time=clock().now(), window=min(window, CLOCK_SLACK))
        except TokenError:
            return False
        with begin_work() as work:
            return use_time_step(work, account_id, match.counter)

    def generate_qrcode(self, username: str, totp: str) -> str:
        """The picture has an address of its own: our pages show no data: images."""
        return url_for("staff.two_factor_picture")


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes: shown once, kept as hashes, each good for one sign-in."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        codes = ["-".join(_letters(4) for _ in range(4)) for _ in range(RECOVERY_CODES)]  # 79 bits each
        account = cast(StaffAccount, user)
        account.mf_recovery_codes = [_hashed(code) for code in codes]
        return codes

    def get_recovery_codes(self, user: Any) -> list[str]:
        return []  # they can't be shown again

    def check_recovery_code(self, user: Any, code: str) -> bool:
        account_id = cast(StaffAccount, user).id
        with begin_work() as work:
            return use_recovery_code(work, account_id, _hashed(code))

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        return True  # the check has spent it


class StaffPasswords(PasswordUtil):
    """Our own rules for a new password, in our own words."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        normal = self.normalize(password)
        problem = problem_with(normal, address=cast(StaffAccount, kwargs["user"]).email)
        return ([problem] if problem else None), normal


def end_other_sessions(app: Flask) -> None:
    """Have a changed second factor end every other session of that account, in the commit that changes it."""
    tf_profile_changed.connect(_renew, app)
    tf_disabled.connect(_without_codes, app)


def _renew(_app: Flask, *, user: Any, **_more: Any) -> None:
    account = cast(StaffAccount, user)
    account.fs_uniquifier = uuid.uuid4().hex
    session[SESSION_USER] = account.fs_uniquifier


def _without_codes(app: Flask, *, user: Any, **_more: Any) -> None:
    account = cast(StaffAccount, user)
    if not account.passkeys:
        account.mf_recovery_codes = None
    _renew(app, user=account)


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def _hashed(code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter in ALPHABET)
    return hashlib.sha256(plain.encode()).hexdigest()
