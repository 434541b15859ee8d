"""Taking and handing over several requests at once. Nothing is decided in bulk: only whose they are."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from practice.audit import record
from practice.errors import NotFound
from practice.intake.models import Intake
from practice.intake.queries import SENT
from practice.review.given_away import FROM
from practice.review.queries import find_deciders
from practice.review.seeing import find_ties, roles_of
from practice.review.sight import DESK, decides
from practice.staff.models import StaffAccount
from practice.work import Work


def give_several(work: Work, account: StaffAccount, seen: Mapping[str, str], to: int) -> list[str]:
    """Make requests somebody's: a clinician's or the owner's, by the number of the account. Those that were left.

    `seen`: by reference, the owner whom the list showed, empty for none. Whichever is somebody else's by now is left as
    it is; so is one about which this account doesn't decide, or that is there no more.

    :raises NotFound: when this account doesn't decide about requests, or there is nobody of this number who does.
    """
    whose = next((one for one in find_deciders() if one.id == to), None)
    roles = roles_of(account)
    if whose is None or not DESK & roles:
        raise NotFound
    # In order of id, so that two who give some of the same requests wait for each other, and don't deadlock.
    found = select(Intake).where(Intake.reference.in_(seen), SENT).order_by(Intake.id)
    locked = list(work.session.scalars(found.with_for_update(of=Intake).execution_options(populate_existing=True)))
    ties = find_ties(account, {one.person_id for one in locked})
    theirs = [one for one in locked if decides(roles, ties[one.person_id])]
    given = [one for one in theirs if (one.owner or "") == seen[one.reference]]
    for one in given:
        one.owner = whose.actor
    work.session.flush()
    for one in given:
        record(work, account.actor, "request_given", one.reference, {"to": whose.actor, FROM: seen[one.reference]})
    there = {one.reference for one in given}
    return [reference for reference in seen if reference not in there]
