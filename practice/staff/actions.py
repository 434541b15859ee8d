"""What changes staff's tables, besides Flask-Security's own views. Each action runs in its caller's work."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, or_, select, update

from practice.audit import record
from practice.booking.offers.models import Therapist
from practice.languages import DEFAULT
from practice.staff.models import ROLES, StaffAccount, StaffRole, StaffSession
from practice.tokens import reference as new_reference
from practice.tokens import token_hash
from practice.work import Work


def create_account(
    work: Work,
    *,
    email: str,
    password_hash: str,
    roles: Sequence[str],
    therapist: Therapist | None = None,
    by: str = "system",
    language: str = DEFAULT,
) -> StaffAccount:
    """A new account. `password_hash` is what hashing.hash_new() made before the work; `by`: who gave these roles;
    `language`: what the desk and letters to them speak.

    :raises ValueError: when a role is unknown.
    """
    account = StaffAccount(
        email=email.strip().lower(),
        password=password_hash,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        created_at=work.now,
        language=language,
        therapist_id=therapist.id if therapist is not None else None,
        roles=[role_named(work, name) for name in roles],
    )
    work.session.add(account)
    work.session.flush()
    record(work, by, "account_created", account.actor, {"roles": ",".join(sorted(roles))})
    return account


def choose_language(work: Work, account_id: int, language: str) -> None:
    """Have the desk and letters speak this language to an account. A database that knows it not refuses it."""
    account = work.session.get_one(
        StaffAccount, account_id, with_for_update={"of": StaffAccount}, populate_existing=True
    )
    if account.language != language:
        account.language = language
        work.session.flush()
        record(work, account.actor, "desk_language_chosen", account.actor, {"language": language})


def use_time_step(work: Work, account_id: int, step: int) -> bool:
    """Spend a time step of an account's codes. False when it, or a later one, was spent before."""
    spent = work.session.execute(
        update(StaffAccount)
        .where(
            StaffAccount.id == account_id,
            or_(StaffAccount.tf_last_counter.is_(None), StaffAccount.tf_last_counter < step),
        )
        .values(tf_last_counter=step)
    )
    return _rows(spent) == 1


def use_recovery_code(work: Work, account_id: int, hashed: str) -> bool:
    """Spend a recovery code. False when the account has none of this hash (any more)."""
    account = work.session.get(StaffAccount, account_id, with_for_update={"of": StaffAccount}, populate_existing=True)
    if account is None or hashed not in (account.mf_recovery_codes or ()):
        return False
    account.mf_recovery_codes = [code for code in account.mf_recovery_codes or () if code != hashed]
    record(work, account.actor, "recovery_code_used", account.actor, {"left": len(account.mf_recovery_codes)})
    return True


def open_session(
    work: Work, token: str, account_id: int, data: str, life: timedelta, *, browser: str, signed_in: bool
) -> None:
    """Begin a session; what has run out, of anybody, goes."""
    work.session.execute(delete(StaffSession).where(StaffSession.expires_at <= work.now))
    work.session.add(
        StaffSession(
            token_hash=token_hash(token),
            reference=new_reference("ss"),
            account_id=account_id,
            data=data,
            browser=browser,
            signed_in=signed_in,
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now + life,
        )
    )
    if signed_in:
        work.session.execute(update(StaffAccount).where(StaffAccount.id == account_id).values(last_seen_at=work.now))


def keep_session(work: Work, token: str, data: str) -> None:
    """Write what changed. A session that was ended meanwhile stays ended."""
    kept = StaffSession.token_hash == token_hash(token)
    work.session.execute(update(StaffSession).where(kept).values(data=data, seen_at=work.now))
    whose = select(StaffSession.account_id).where(kept, StaffSession.signed_in).scalar_subquery()
    work.session.execute(update(StaffAccount).where(StaffAccount.id == whose).values(last_seen_at=work.now))


def end_session(work: Work, token: str) -> None:
    """End one session."""
    work.session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash(token)))


def end_sessions_of(work: Work, account_id: int) -> None:
    """End every session of an account."""
    work.session.execute(delete(StaffSession).where(StaffSession.account_id == account_id))


def end_one_session(work: Work, actor: str, account_id: int, reference: str) -> None:
    """End one of an account's sessions, by whoever wishes it. Twice is as good as once."""
    those = delete(StaffSession).where(StaffSession.account_id == account_id, StaffSession.reference == reference)
    if _rows(work.session.execute(those)):
        record(work, actor, "session_ended", f"staff:{account_id}")


def end_other_sessions(work: Work, actor: str, account_id: int, kept: str) -> None:
    """End every session of an account but the one of this token."""
    theirs = StaffSession.account_id == account_id
    gone = work.session.execute(delete(StaffSession).where(theirs, StaffSession.token_hash != token_hash(kept)))
    record(work, actor, "sessions_ended", f"staff:{account_id}", {"count": _rows(gone)})


def role_named(work: Work, name: str) -> StaffRole:
    """The row of a role.

    :raises ValueError: when there is no such role.
    """
    if name not in ROLES:
        raise ValueError(f"role: {name!r} is none of {', '.join(ROLES)}.")
    role = work.session.scalars(select(StaffRole).where(StaffRole.name == name)).one_or_none()
    if role is None:
        role = StaffRole(name=name)
        work.session.add(role)
        work.session.flush()
    return role


def _rows(result: Any) -> int:
    return cast("CursorResult[Any]", result).rowcount
