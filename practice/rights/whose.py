"""Whose data somebody on the staff may see and decide about: as of everything clinical, by the desk's rule."""

from __future__ import annotations

from practice.audit import record
from practice.errors import NotFound
from practice.people import Person
from practice.review.seeing import find_sights_of, may_read_private, roles_of, sees_clinically, ties_to, under
from practice.review.sight import Sight, clears, decides
from practice.staff.models import StaffAccount
from practice.work import begin_work


def seen_among(account: StaffAccount, people: set[int]) -> set[int]:
    """Those of these people, by id, whose data this account sees."""
    return {one for one, sight in find_sights_of(account, people).items() if sight is Sight.CLINICAL}


def check_sees(account: StaffAccount, person: Person) -> None:
    """
    :raises NotFound: where this account doesn't see this person's data; the note of the try stays.
    """
    _refuse_unless(sees_clinically(account, person.id), account, person)


def check_reads_all(account: StaffAccount, person: Person) -> None:
    """
    :raises NotFound: where this account doesn't read what they answered just for themselves; the note stays.
    """
    _refuse_unless(may_read_private(account, person.id), account, person)


def check_decides(account: StaffAccount, person: Person) -> None:
    """
    :raises NotFound: where this account doesn't decide about this person's data; the note of the try stays.
    """
    _refuse_unless(decides(roles_of(account), ties_to(account, person.id)), account, person)


def hands_over(account: StaffAccount, person: Person) -> bool:
    """Whether this account decides what of this person's whole record leaves the house."""
    return clears(roles_of(account), ties_to(account, person.id))


def check_hands_over(account: StaffAccount, person: Person) -> None:
    """
    :raises NotFound: where this account doesn't decide what of the whole record leaves the house; the note stays.
    """
    _refuse_unless(hands_over(account, person), account, person)


def noted_under(account: StaffAccount, person: Person) -> dict[str, str | int]:
    """What the audit log adds, where this account opened this person with a reason."""
    return {**under(account, [person.id])}


def _refuse_unless(allowed: bool, account: StaffAccount, person: Person) -> None:
    if allowed:
        return
    with begin_work() as work:
        record(work, account.actor, "data_refused", person.reference)
    raise NotFound
