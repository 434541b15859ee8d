"""Opening with a reason what isn't one's own: its trace and the right to it come in one work, before it is shown."""

from __future__ import annotations

from datetime import timedelta

from practice.audit import record
from practice.clearing.two_keys import seal_for_two
from practice.couples import Couple, find_couple
from practice.errors import Conflict, NotFound, Refused
from practice.intake.models import Intake
from practice.intake.queries import find_newest_of, get_intake
from practice.languages import N_
from practice.review.glass_forms import BOTH
from practice.review.glass_models import GlassGrant
from practice.review.glass_queries import COLUMN, TABLE, get_grant
from practice.review.seeing import couple_is_closed, couple_ties, owners_among, roles_of, ties_to
from practice.review.sight import opens_with_reason, takes
from practice.sealing import vault
from practice.staff.models import OWNER, StaffAccount
from practice.tokens import reference
from practice.work import Work

OPEN_FOR = timedelta(hours=24)


class NothingToOpen(Conflict):
    """Everything that was asked for is theirs to read already, or there are no two."""

    title = N_("There is nothing here that you would need a reason for")
    way_out = N_("Look at the request as it stands now.")


class ReasonMissing(Refused):
    """Nobody said why."""

    title = N_("Say why you need to read this")


def break_glass(work: Work, account: StaffAccount, found: str, what: str, reason: str) -> GlassGrant:
    """Open the person of an intake, or (BOTH) the two who come together, for this account, for 24 hours.

    :raises NotFound: when there is no such intake, or this account is no clinician.
    :raises NothingToOpen: when they read it without a reason.
    :raises ReasonMissing: when there is none.
    """
    intake = get_intake(found)
    if not may_open_something(account, intake):
        raise NotFound if "clinician" not in roles_of(account) else NothingToOpen
    if not reason.strip():
        raise ReasonMissing
    couple = find_couple(intake.person_id)
    grant = GlassGrant(
        reference=reference("gl"),
        account_id=account.id,
        whose=_whose(intake.person_id, couple),
        opened_at=work.now,
        ends_at=work.now + OPEN_FOR,
    )
    place = {"row": grant.reference, "table": TABLE, "column": COLUMN}
    if what == BOTH:
        if couple is None or not opens_with_reason(roles_of(account), couple_ties(account, couple)):
            raise NothingToOpen
        grant.couple, grant.couple_id = couple, couple.id
        grant.reason_sealed = seal_for_two(couple, reason, table=TABLE, row=grant.reference, column=COLUMN)
        about = couple.reference
    else:
        if not opens_with_reason(roles_of(account), ties_to(account, intake.person_id)):
            raise NothingToOpen
        grant.person, grant.person_id = intake.person, intake.person_id
        grant.reason_sealed = vault().seal(intake.person_id, reason, **place)
        about = intake.reference
    work.session.add(grant)
    work.session.flush()
    record(work, account.actor, "glass_broken", about, {"grant": grant.reference, "whose": grant.whose})
    return grant


def close_glass(work: Work, account: StaffAccount, found: str) -> None:
    """End a grant before its time. Twice is as good as once.

    :raises NotFound: when there is none, or it is neither this account's nor this account the owner of the practice.
    """
    grant = get_grant(found)
    if grant.account_id != account.id and not account.is_any_of(OWNER):
        raise NotFound
    work.session.refresh(grant, with_for_update={"of": GlassGrant})
    if grant.ended_at is None and work.now < grant.ends_at:
        grant.ended_at, grant.ended_by = work.now, account.actor
        work.session.flush()
        record(work, account.actor, "glass_closed", grant.reference)


def may_open_something(account: StaffAccount, intake: Intake) -> bool:
    """Whether something of this intake's person, or of the two, opens for this account with a reason alone."""
    closed = opens_with_reason(roles_of(account), ties_to(account, intake.person_id))
    return closed or couple_is_closed(account, intake)


def takes_over(account: StaffAccount, intake: Intake) -> bool:
    """Whether this account can make this request its own."""
    couple = find_couple(intake.person_id)
    of_two = couple_ties(account, couple) if couple is not None else None
    return takes(roles_of(account), ties_to(account, intake.person_id), of_two)


def _whose(person_id: int, couple: Couple | None) -> str:
    people = [member.person_id for member in couple.members] if couple is not None else [person_id]
    return " ".join(owners_among(person_id, couple, find_newest_of(people)))[:200]
