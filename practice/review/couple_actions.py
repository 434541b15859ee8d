"""What the desk does about two people who come together: each step checks whose it is and says what had been read."""

from __future__ import annotations

from practice.audit import record
from practice.clearing import actions as clearing
from practice.clearing.queries import get_couple
from practice.errors import NotFound
from practice.intake.models import Intake
from practice.review.seeing import couple_ties, find_couple_sight, roles_of, ties_to, under
from practice.review.sight import clears
from practice.staff.models import StaffAccount
from practice.work import Work


def open_couple(work: Work, account: StaffAccount, reference: str) -> bool:
    """Note in the audit log that somebody opens a couple's page, and say whether for them it exists.

    :raises NotFound: when there is no such couple for anybody.
    """
    couple = get_couple(reference)
    allowed = find_couple_sight(account, couple) is not None
    said = under(account, [member.person_id for member in couple.members])
    record(work, account.actor, "couple_viewed" if allowed else "couple_refused", reference, said)
    return allowed


def clear(work: Work, account: StaffAccount, reference: str, *, seen: str, reason: str) -> None:
    """Clear joint time. Raises what clearing's own action does; NotFound for whoever may not."""
    _refuse_others(account, reference)
    clearing.clear(work, account.actor, reference, seen=seen, reason=reason)


def take_back(work: Work, account: StaffAccount, reference: str, *, seen: str, reason: str) -> None:
    """Take the clearing back. Raises what clear() does."""
    _refuse_others(account, reference)
    clearing.take_back(work, account.actor, reference, seen=seen, reason=reason)


def clear_flag_of_two(work: Work, account: StaffAccount, reference: str, *, seen: str, reason: str) -> None:
    """Clear a flag of the two together. Raises what clear() does."""
    _refuse_others(account, reference)
    clearing.clear_flag_of_two(work, account.actor, reference, seen=seen, reason=reason)


def convert(
    work: Work, account: StaffAccount, reference: str, booking: str, *, seen: str, turned_into: str, reason: str
) -> None:
    """Call a session of the two off. Raises what clear() does."""
    _refuse_others(account, reference)
    clearing.convert(work, account.actor, reference, booking, seen=seen, turned_into=turned_into, reason=reason)


def clear_flag(work: Work, account: StaffAccount, intake: Intake, *, seen: str, reason: str) -> None:
    """Clear a flag of one person's answers. Raises what clear() does."""
    if not clears(roles_of(account), ties_to(account, intake.person_id)):
        raise NotFound
    clearing.clear_flag(work, account.actor, intake.reference, seen=seen, reason=reason)


def _refuse_others(account: StaffAccount, reference: str) -> None:
    """
    :raises NotFound: for whoever doesn't answer for the couple, or is no clinician.
    """
    if not clears(roles_of(account), couple_ties(account, get_couple(reference))):
        raise NotFound
