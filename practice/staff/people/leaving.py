"""What an account lets go of when it can't have it any more. Part of actions.py."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from practice.audit import record
from practice.intake.owners import give_undecided
from practice.staff.models import OWNER, StaffAccount
from practice.staff.people.models import StaffInvitation
from practice.staff.people.queries import DECIDERS, invitations_by
from practice.work import Work

NOBODY = "nobody"


@dataclass(frozen=True)
class LetGo:
    """How many undecided requests went on, and to whom (as the audit log names them); how many invitations ended."""

    requests: int
    to: str
    invitations: int


def let_go(work: Work, actor: str, account: StaffAccount, successor: StaffAccount | None) -> LetGo:
    """Hand the undecided requests of whoever decides no more to the `successor`, or to nobody; and end the open
    invitations of whoever is no owner any more, so that nobody who goes has left a door for themselves.

    Call with the account locked, and as it stands from now on.
    """
    requests = invitations = 0
    if not (account.active and account.is_any_of(*DECIDERS)):
        requests = give_undecided(work, actor, account.actor, successor.actor if successor is not None else None)
    if not (account.active and account.is_any_of(OWNER)):
        invitations = _end_invitations_by(work, actor, account)
    return LetGo(requests, successor.actor if successor is not None and requests else NOBODY, invitations)


def end_password_links(work: Work, account: StaffAccount) -> None:
    """Have every link by which this account's password could be chosen anew open nothing."""
    waiting = (StaffInvitation.used_at.is_(None), StaffInvitation.revoked_at.is_(None))
    for one in work.session.scalars(select(StaffInvitation).where(StaffInvitation.account_id == account.id, *waiting)):
        one.revoked_at = work.now
    work.session.flush()


def _end_invitations_by(work: Work, actor: str, account: StaffAccount) -> int:
    found = invitations_by(account).with_for_update(of=StaffInvitation).execution_options(populate_existing=True)
    those = list(work.session.scalars(found))
    for one in those:
        one.revoked_at = work.now
    work.session.flush()
    for one in those:
        record(work, actor, "colleague_invitation_ended", one.reference)
    return len(those)
