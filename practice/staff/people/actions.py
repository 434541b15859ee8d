"""What changes who works here. Each action runs in its caller's work; `actor` is how the audit log names whoever acts.

A practice always has an active owner: whoever would leave it without one is refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import select, update

from practice.audit import record
from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import get_therapist
from practice.errors import Conflict, NotFound, Refused
from practice.languages import DEFAULT, N_
from practice.staff.actions import create_account, end_sessions_of, role_named
from practice.staff.models import OWNER, StaffAccount, StaffRole
from practice.staff.people.leaving import end_password_links, let_go
from practice.staff.people.messages import ColleagueInvited
from practice.staff.people.models import StaffInvitation, StaffInvitationLink
from practice.staff.people.queries import (
    InvitationOver,
    get_invitation,
    get_successor,
    is_open,
    mark_of,
    same_address,
)
from practice.tokens import new_token, token_hash
from practice.tokens import reference as new_reference
from practice.work import Work

INVITATION_LIFE = timedelta(days=7)
PASSWORD_LINK_LIFE = timedelta(hours=24)


class ChangedMeanwhile(Conflict):
    """Somebody else changed this account between the reading and the saving."""

    title = N_("Somebody changed this while you had it open")
    way_out = N_("Nothing that you sent was saved. Look at it as it stands now, and change it once more.")


class LastOwner(Refused):
    """Without an active owner nobody could change anything from these pages."""

    title = N_("This is the only owner")
    way_out = N_("Make somebody else an owner first.")


class AddressTaken(Conflict):
    """An account has this address, or somebody was invited by it."""

    title = N_("Somebody has this address already")
    way_out = N_("Look for it in the list: send the invitation again, or open the account again.")


class TherapistTaken(Conflict):
    """Each therapist has one account at most."""

    title = N_("This therapist has an account already")
    way_out = N_("Choose somebody else, or nobody.")


def invite(work: Work, actor: str, email: str, roles: Collection[str], therapist: str | None) -> StaffInvitation:
    """Invite somebody to an account with these roles; `therapist`: the slug of who they are.

    :raises AddressTaken: when an account or an invitation has this address.
    :raises TherapistTaken: when that therapist has an account.
    :raises NotFound: when there is no such therapist.
    """
    address = email.strip().lower()
    if any(same_address(address)):
        raise AddressTaken
    whose = _free_therapist(work, therapist, None)
    invitation = _new_invitation(work, actor, address, INVITATION_LIFE)
    invitation.roles, invitation.therapist_id = sorted(roles), whose.id if whose is not None else None
    work.session.flush()
    record(work, actor, "colleague_invited", invitation.reference, {"roles": ",".join(invitation.roles)})
    return invitation


def invite_again(work: Work, actor: str, reference: str) -> StaffInvitation:
    """Send another letter. The links in those before end, and it is good for as long as a new one.

    :raises NotFound: when there is no such invitation, or it was used or taken back.
    """
    invitation = _lock_waiting(work, reference)
    standing = (StaffInvitationLink.invitation_id == invitation.id, StaffInvitationLink.ended_at.is_(None))
    work.session.execute(update(StaffInvitationLink).where(*standing).values(ended_at=work.now))
    invitation.sent_at, invitation.expires_at = work.now, work.now + INVITATION_LIFE
    work.session.flush()
    work.post(ColleagueInvited(reference, work.now.isoformat()))
    record(work, actor, "colleague_invited_again", reference)
    return invitation


def take_back(work: Work, actor: str, reference: str) -> None:
    """Have an invitation's links open nothing from now on.

    :raises NotFound: as above.
    """
    _lock_waiting(work, reference).revoked_at = work.now
    work.session.flush()
    record(work, actor, "colleague_invitation_ended", reference)


def way_in(work: Work, invitation: StaffInvitation) -> str:
    """The token of a new link, for a letter; it is not stored and can't be had again."""
    token = new_token()
    work.session.add(StaffInvitationLink(token_hash=token_hash(token), invitation_id=invitation.id))
    work.session.flush()
    return token


def accept(work: Work, token: str, password_hash: str, *, language: str = DEFAULT) -> StaffAccount:
    """Make the account of an invitation, or give its account this password, which ends every session of it.

    `language` is what a new account reads; one that is there has chosen its own.

    :raises NotFound: for an unknown token.
    :raises InvitationOver: when it was used meanwhile, or can't be used any more.
    """
    invitation = _lock(work, get_invitation(token).reference)
    if not is_open(invitation, work.now):
        raise InvitationOver
    invitation.used_at = work.now
    if invitation.account_id is not None:
        account = lock_account(work, invitation.account_id)
        account.password, account.fs_uniquifier = password_hash, uuid.uuid4().hex
        end_sessions_of(work, account.id)
        record(work, account.actor, "password_chosen_anew", account.actor, {"invitation": invitation.reference})
        return account
    taken, _ = same_address(invitation.email)
    if taken:
        raise InvitationOver
    return create_account(
        work,
        email=invitation.email,
        password_hash=password_hash,
        roles=invitation.roles,
        therapist=_still_free(work, invitation.therapist),
        by=invitation.made_by,
        language=language,
    )


def send_password_link(work: Work, actor: str, number: int) -> None:
    """Mail somebody a link by which they choose a new password. One that was sent before ends.

    :raises NotFound: when there is no such account, or it has ended.
    """
    account = lock_account(work, number)
    end_password_links(work, account)
    invitation = _new_invitation(work, actor, account.email, PASSWORD_LINK_LIFE)
    invitation.account_id = account.id
    work.session.flush()
    record(work, actor, "password_link_sent", account.actor, {"invitation": invitation.reference})


def change_roles(
    work: Work,
    actor: str,
    number: int,
    roles: Collection[str],
    therapist: str | None,
    *,
    successor: int | None,
    seen: str,
) -> None:
    """Give somebody these roles instead of theirs, and say which therapist they are.

    Where they decide about requests no more, theirs that are undecided become the `successor`'s (the number of an
    account), or nobody's; where they own the practice no more, the open invitations that they sent end.

    :raises ChangedMeanwhile: when the account stands otherwise now; `seen` is how the page showed it.
    :raises LastOwner: when nobody would own the practice any more.
    :raises TherapistTaken: when that therapist has another account.
    :raises NotFound: when there is no such account, or nobody of the successor's number decides about requests.
    """
    owners = lock_owners(work)
    account = lock_account(work, number)
    if mark_of(account) != seen:
        raise ChangedMeanwhile
    if OWNER not in roles:
        keep_an_owner(owners, account)
    whose, heir = _free_therapist(work, therapist, account), get_successor(account, successor)
    before = sorted(role.name for role in account.roles)
    account.roles = [role_named(work, name) for name in sorted(roles)]
    account.therapist_id = whose.id if whose is not None else None
    work.session.flush()
    left = let_go(work, actor, account, heir)
    said = {"before": ",".join(before), "after": ",".join(sorted(roles)), "therapist": therapist or "none"}
    record(work, actor, "roles_changed", account.actor, {**said, **asdict(left)})


def take_factors_away(work: Work, actor: str, number: int) -> None:
    """Let somebody who lost their phone begin anew: app, passkeys, recovery codes and sessions end.

    :raises NotFound: when there is no such account, it has ended, or it is one's own.
    """
    account = lock_account(work, number)
    if account.actor == actor:
        raise NotFound  # one's own are changed on one's own page, which asks for what there is
    for passkey in list(account.passkeys):
        account.passkeys.remove(passkey)
        work.session.delete(passkey)
    account.tf_primary_method = account.tf_totp_secret = account.mf_recovery_codes = None
    account.fs_uniquifier = uuid.uuid4().hex
    end_sessions_of(work, account.id)
    work.session.flush()
    record(work, actor, "second_factor_taken_away", account.actor)


def lock_owners(work: Work) -> list[StaffAccount]:
    """The active owners, locked in order: of two who step down at once, the second finds that they are the last."""
    holds = StaffAccount.roles.any(StaffRole.name == OWNER)
    found = select(StaffAccount).where(holds, StaffAccount.active).order_by(StaffAccount.id)
    locked = found.with_for_update(of=StaffAccount).execution_options(populate_existing=True)
    those = list(work.session.scalars(locked))
    # Whoever waited for a lock reads the roles again: those before were read as they stood when the waiting began.
    for one in those:
        work.session.refresh(one, ["roles"])
    return [one for one in those if one.active and one.is_any_of(OWNER)]


def keep_an_owner(owners: Collection[StaffAccount], account: StaffAccount) -> None:
    """Refuse to take the only one of these owners away.

    :raises LastOwner: when this account is that one.
    """
    if [one.id for one in owners] == [account.id]:
        raise LastOwner


def _new_invitation(work: Work, actor: str, email: str, life: timedelta) -> StaffInvitation:
    invitation = StaffInvitation(
        reference=new_reference("iv"),
        email=email,
        roles=[],
        made_at=work.now,
        made_by=actor,
        sent_at=work.now,
        expires_at=work.now + life,
    )
    work.session.add(invitation)
    work.session.flush()
    work.post(ColleagueInvited(invitation.reference, work.now.isoformat()))
    return invitation


def _free_therapist(work: Work, slug: str | None, account: StaffAccount | None) -> Therapist | None:
    if not slug:
        return None
    if account is not None and account.therapist is not None and account.therapist.slug == slug:
        return account.therapist  # also one who takes no bookings any more
    therapist = get_therapist(slug)
    if _still_free(work, therapist) is None:
        raise TherapistTaken
    return therapist


def _still_free(work: Work, therapist: Therapist | None) -> Therapist | None:
    if therapist is None:
        return None
    taken = work.session.scalar(select(StaffAccount.id).where(StaffAccount.therapist_id == therapist.id))
    return therapist if taken is None else None


def _lock_waiting(work: Work, reference: str) -> StaffInvitation:
    invitation = _lock(work, reference)
    if invitation.used_at is not None or invitation.revoked_at is not None:
        raise NotFound
    return invitation


def _lock(work: Work, reference: str) -> StaffInvitation:
    found = select(StaffInvitation).where(StaffInvitation.reference == reference)
    locked = found.with_for_update(of=StaffInvitation).execution_options(populate_existing=True)
    invitation = work.session.scalars(locked).one_or_none()
    if invitation is None:
        raise NotFound
    return invitation


def lock_account(work: Work, number: int) -> StaffAccount:
    """The account of this number, locked.

    :raises NotFound: when there is none, or it has ended.
    """
    account = work.session.get(StaffAccount, number, with_for_update={"of": StaffAccount}, populate_existing=True)
    if account is None or not account.active:
        raise NotFound
    return account
