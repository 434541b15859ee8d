"""What changes passkeys: made, used, taken away. Each action runs in its caller's work."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any, cast

from sqlalchemy import CursorResult, or_, select, update

from practice.audit import record
from practice.errors import Conflict, NotFound, Refused
from practice.languages import N_
from practice.settings import settings
from practice.staff.models import StaffAccount, StaffPasskey
from practice.staff.passkeys.verifying import NewKey
from practice.tokens import reference as new_reference
from practice.work import Work

MOST_PASSKEYS = 10


class HasAFactor(Conflict):
    """A password alone sets up the first second factor, and no other."""

    title = N_("This account has a second factor already")
    way_out = N_("Sign in with it, and add a passkey from your account.")


class KnownPasskey(Conflict):
    """It is connected already, to this account or another one."""

    title = N_("This passkey is connected already")
    way_out = N_("Make another one on this device, or go back to your account.")


class TooManyPasskeys(Refused):
    """Nobody has that many devices; more keys are more to lose."""

    title = N_("There are ten passkeys already")
    way_out = N_("Remove one that you use no longer, and add this one then.")


class LastFactor(Refused):
    """Without it the password alone would open the desk."""

    title = N_("This is your only second factor")
    way_out = N_("Add another passkey or connect an app first, then remove this one.")


def add_first_passkey(work: Work, account_id: int, name: str, key: NewKey, handle: bytes) -> StaffPasskey:
    """The first second factor of an account, whose password alone has fitted.

    :raises HasAFactor: when it has one by now.
    """
    account = _lock(work, account_id)
    if account.has_second_factor:
        raise HasAFactor
    return _add(work, account, name, key, handle)


def add_passkey(work: Work, account_id: int, name: str, key: NewKey, handle: bytes) -> StaffPasskey:
    """One more passkey of an account that is signed in. Every session of it ends but the one that is told so.

    :raises KnownPasskey: when it is connected already.
    :raises TooManyPasskeys: when there are as many as anybody needs.
    """
    return _add(work, _lock(work, account_id), name, key, handle)


def use_passkey(work: Work, passkey_id: int, challenge: bytes, sign_count: int) -> bool:
    """Note that a passkey signed this challenge. False when it did so before, or has signed more often than now."""
    counts = StaffPasskey.sign_count < sign_count if sign_count else StaffPasskey.sign_count == 0
    signed = _hashed(challenge)
    fresh = or_(StaffPasskey.last_challenge.is_(None), StaffPasskey.last_challenge != signed)
    used = work.session.execute(
        update(StaffPasskey)
        .where(StaffPasskey.id == passkey_id, counts, fresh)
        .values(sign_count=sign_count, last_challenge=signed, last_used_at=work.now)
    )
    return cast("CursorResult[Any]", used).rowcount == 1


def remove_passkey(work: Work, account_id: int, reference: str) -> None:
    """Take a passkey away from its account. The last second factor takes the recovery codes along.

    :raises NotFound: when this account has none of this reference.
    :raises LastFactor: when a second factor is a must and there is no other.
    """
    account = _lock(work, account_id)
    gone = next((one for one in account.passkeys if one.reference == reference), None)
    if gone is None:
        raise NotFound
    alone = account.tf_totp_secret is None and len(account.passkeys) == 1
    if alone and not settings().demo:
        raise LastFactor
    account.passkeys.remove(gone)
    work.session.delete(gone)
    if alone:
        account.mf_recovery_codes = None
    _renew(account)
    work.session.flush()
    record(work, account.actor, "passkey_removed", account.actor, {"passkey": reference})


def _add(work: Work, account: StaffAccount, name: str, key: NewKey, handle: bytes) -> StaffPasskey:
    if len(account.passkeys) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    known = select(StaffPasskey.id).where(StaffPasskey.credential_id == key.credential_id)
    if work.session.scalar(known) is not None or account.passkey_handle not in (None, handle):
        raise KnownPasskey
    account.passkey_handle = handle
    made = StaffPasskey(
        reference=new_reference("pk"),
        account_id=account.id,
        name=name,
        credential_id=key.credential_id,
        public_key=key.public_key,
        sign_count=key.sign_count,
        created_at=work.now,
    )
    account.passkeys.append(made)
    _renew(account)
    work.session.flush()
    record(work, account.actor, "passkey_added", account.actor, {"passkey": made.reference})
    return made


def _renew(account: StaffAccount) -> None:
    """End every session but the one that is given the new name of the account."""
    account.fs_uniquifier = uuid.uuid4().hex


def _lock(work: Work, account_id: int) -> StaffAccount:
    account = work.session.get(StaffAccount, account_id, with_for_update={"of": StaffAccount}, populate_existing=True)
    if account is None or not account.active:
        raise NotFound
    work.session.refresh(account, ["passkeys"])
    return account


def _hashed(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()
