"""What the people's room reads: everybody who works here, and who is invited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import selectinload

from practice.booking.offers.queries import find_therapists
from practice.calendars.caldav.queries import list_accounts
from practice.calendars.queries import find_feeds
from practice.clock import clock
from practice.database import db
from practice.errors import Gone, NotFound
from practice.intake.owners import count_undecided
from practice.languages import N_
from practice.speaking import gettext as _
from practice.staff.duty.queries import list_turns
from practice.staff.models import CLINICIAN, OWNER, StaffAccount
from practice.staff.people.models import StaffInvitation, StaffInvitationLink
from practice.staff.queries import find_with_roles
from practice.tokens import token_hash

DECIDERS = (CLINICIAN, OWNER)
"""The roles that decide about requests, so that requests can be theirs."""


class InvitationOver(Gone):
    """It was used, taken back, or has run out; which of these, it doesn't say."""

    title = N_("This link doesn’t work any more")
    way_out = N_("Whoever runs the practice can send you another.")


@dataclass(frozen=True)
class Belongings:
    """What goes along with the end of an account."""

    requests: int  # undecided ones that are theirs
    invitations: int  # open ones that they sent
    turns: int  # of duty
    feeds: int  # private addresses of their sessions
    connections: int  # calendars of their own into which sessions are written


def list_people() -> list[StaffAccount]:
    """Everybody who has or had an account, the active ones first."""
    found = select(StaffAccount).options(selectinload(StaffAccount.passkeys), selectinload(StaffAccount.therapist))
    return list(db.session.scalars(found.order_by(StaffAccount.active.desc(), StaffAccount.id)))


def get_person(number: int) -> StaffAccount:
    """The account of this number.

    :raises NotFound: when there is none.
    """
    found = db.session.get(StaffAccount, number)
    if found is None:
        raise NotFound
    return found


def list_invitations() -> list[StaffInvitation]:
    """The invitations to new accounts that nobody used or took back, the newest first; also those that ran out."""
    waiting = (StaffInvitation.used_at.is_(None), StaffInvitation.revoked_at.is_(None))
    new = StaffInvitation.account_id.is_(None)
    return list(db.session.scalars(select(StaffInvitation).where(new, *waiting).order_by(StaffInvitation.id.desc())))


def invitations_by(account: StaffAccount) -> Select[StaffInvitation]:
    """The invitations to new accounts that this one sent, and that nobody used or took back."""
    waiting = (StaffInvitation.used_at.is_(None), StaffInvitation.revoked_at.is_(None))
    new = (StaffInvitation.made_by == account.actor, StaffInvitation.account_id.is_(None))
    return select(StaffInvitation).where(*new, *waiting).order_by(StaffInvitation.id)


def get_invitation(token: str) -> StaffInvitation:
    """The invitation that this link leads to, while it is good.

    :raises NotFound: for an unknown token.
    :raises InvitationOver: when it was used, taken back, or has run out.
    """
    link = db.session.get(StaffInvitationLink, token_hash(token))
    if link is None:
        raise NotFound
    if link.ended_at is not None or not is_open(link.invitation, clock().now()):
        raise InvitationOver
    return link.invitation


def find_letter(reference: str, now: datetime) -> StaffInvitation | None:
    """The invitation that a letter is about, while it is good."""
    found = db.session.scalars(select(StaffInvitation).where(StaffInvitation.reference == reference)).one_or_none()
    return found if found is not None and is_open(found, now) else None


def is_open(invitation: StaffInvitation, now: datetime) -> bool:
    """Whether somebody can still choose a password by it. Where its account has ended, nobody can."""
    ended = invitation.account is not None and not invitation.account.active
    return invitation.used_at is None and invitation.revoked_at is None and invitation.expires_at > now and not ended


def belongings_of(account: StaffAccount, now: datetime) -> Belongings:
    """What this account has that would be ended with it, or handed over."""
    therapist = account.therapist
    return Belongings(
        requests=count_undecided(account.actor),
        invitations=len(db.session.scalars(invitations_by(account)).all()),
        turns=sum(turn.account_id == account.id for turn in list_turns(now)),
        feeds=len(find_feeds(therapist)) if therapist is not None else 0,
        connections=len(list_accounts(therapist.id)) if therapist is not None else 0,
    )


def therapist_choices(account: StaffAccount | None) -> dict[str, str]:
    """The therapists whom an account can be: those who have none, and whoever this one is already."""
    own = account.therapist_id if account is not None else None
    taken = select(StaffAccount.therapist_id).where(StaffAccount.therapist_id.is_not(None))
    others = set(db.session.scalars(taken)) - {own}
    free = {one.slug: one.name for one in find_therapists() if one.id not in others}
    if account is not None and account.therapist is not None:
        free[account.therapist.slug] = account.therapist.name  # also one who takes no bookings any more
    return {"": _("None of them"), **free}


def successor_choices(account: StaffAccount) -> dict[str, str]:
    """Who can take over this account's requests: whoever decides about them, or nobody for now."""
    others = [one for one in find_with_roles(*DECIDERS) if one.id != account.id]
    return {"": _("Nobody for now"), **{str(one.id): one.name for one in others}}


def get_successor(account: StaffAccount, number: int | None) -> StaffAccount | None:
    """Who takes over this account's requests: the account of this number; None for nobody.

    :raises NotFound: when nobody of this number decides about requests, or it is the account itself.
    """
    if number is None:
        return None
    found = next((one for one in find_with_roles(*DECIDERS) if one.id == number), None)
    if found is None or found.id == account.id:
        raise NotFound
    return found


def mark_of(account: StaffAccount) -> str:
    """How an account stands: what a form says that it was made from."""
    roles = ",".join(sorted(role.name for role in account.roles))
    return f"{roles};{account.therapist_id or ''};{'active' if account.active else 'ended'}"


def same_address(email: str) -> tuple[bool, bool]:
    """Whether an account has this address, and whether somebody is invited by it."""
    waiting = and_(StaffInvitation.used_at.is_(None), StaffInvitation.revoked_at.is_(None))
    account = db.session.scalar(select(StaffAccount.id).where(StaffAccount.email == email))
    invited = db.session.scalar(select(StaffInvitation.id).where(StaffInvitation.email == email, waiting).limit(1))
    return account is not None, invited is not None
