"""What staff/ reads: accounts, and who is signed in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from flask_login import current_user
from sqlalchemy import ScalarSelect, select

from practice.database import db
from practice.speaking import TherapistId
from practice.staff.models import OWNER, StaffAccount, StaffRole, StaffSession
from practice.tokens import token_hash

IDLE_FOR = timedelta(minutes=60)


def current_account() -> StaffAccount | None:
    """The member of staff whose browser this is, both factors given; None for everybody else."""
    account = current_user._get_current_object() if current_user else None
    return account if isinstance(account, StaffAccount) else None


def therapist_language(therapist_id: TherapistId) -> ScalarSelect[str]:
    """What a therapist reads at the desk, as a part of a statement; NULL for one without an account."""
    return select(StaffAccount.language).where(StaffAccount.therapist_id == therapist_id).scalar_subquery()


def signed_in() -> StaffAccount:
    """The member of staff whose request this is; only behind a staff policy, which has let them in."""
    account = current_account()
    if account is None:
        raise RuntimeError("this view has no staff policy")
    return account


def find_account(email: str) -> StaffAccount | None:
    """The account of this address."""
    return db.session.scalars(select(StaffAccount).where(StaffAccount.email == email.strip().lower())).one_or_none()


def find_owners() -> list[StaffAccount]:
    """The accounts that may change everything; a practice without one can't be mended from its pages."""
    return find_with_roles(OWNER)


def find_with_roles(*roles: str) -> list[StaffAccount]:
    """The active accounts with one of these roles, in the order in which they were made."""
    holds = StaffAccount.roles.any(StaffRole.name.in_(roles))
    found = select(StaffAccount).where(holds, StaffAccount.active).order_by(StaffAccount.id)
    return list(db.session.scalars(found))


def find_session(token: str, now: datetime) -> StaffSession | None:
    """The session of this cookie, unless it has run out or lay idle for too long."""
    found = db.session.get(StaffSession, token_hash(token))
    if found is None or found.expires_at <= now or found.seen_at + IDLE_FOR <= now:
        return None
    return found


def list_sessions(account_id: int, now: datetime) -> list[StaffSession]:
    """The browsers in which this account is signed in, the one that was seen last first."""
    alive = (StaffSession.expires_at > now, StaffSession.seen_at > now - IDLE_FOR)
    found = select(StaffSession).where(StaffSession.account_id == account_id, StaffSession.signed_in, *alive)
    return list(db.session.scalars(found.order_by(StaffSession.seen_at.desc(), StaffSession.created_at.desc())))


def find_actor(actor: str) -> StaffAccount | None:
    """The account that the audit log names so; None for whoever is none."""
    kind, _, number = actor.partition(":")
    return db.session.get(StaffAccount, int(number)) if kind == "staff" else None


def find_actor_names(actors: Collection[str]) -> dict[str, str]:
    """How pages name those of these actors who are staff, as the audit log writes them: staff:<id>."""
    ids = [int(actor.removeprefix("staff:")) for actor in actors if actor.startswith("staff:")]
    if not ids:
        return {}
    found = db.session.scalars(select(StaffAccount).where(StaffAccount.id.in_(ids)))
    return {account.actor: account.name for account in found}
