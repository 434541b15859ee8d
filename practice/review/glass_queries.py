"""Which people a clinician has opened with a reason: what stands of it, and everything that was, with each look."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CompoundSelect, or_, select
from sqlalchemy.orm import joinedload, selectinload

from practice.audit import AuditEntry
from practice.clearing.two_keys import open_for_two
from practice.couples import Couple, CoupleMember
from practice.database import among, db
from practice.errors import NotFound
from practice.review.glass_models import GlassGrant
from practice.sealing import CannotOpen, vault
from practice.staff.models import StaffAccount

KEPT_IN_VIEW = timedelta(days=90)
TABLE, COLUMN = "glass_grant", "reason"
UNDER = "under"
"""Under which name the audit log's entries of a look say by which grant it was."""


@dataclass(frozen=True)
class Look:
    """One thing that was looked at under a grant."""

    at: datetime
    action: str
    page: str
    subject: str


def standing(now: datetime) -> ColumnElement[bool]:
    """Of a grant: it counts at this instant."""
    return (GlassGrant.ended_at.is_(None)) & (GlassGrant.opened_at <= now) & (GlassGrant.ends_at > now)


def opening(account: StaffAccount, people: Collection[int], now: datetime) -> CompoundSelect[int | None, int, str]:
    """Whom of these people this account has opened: a person's id, and the grant's id and reference."""
    of_one = select(GlassGrant.person_id, GlassGrant.id, GlassGrant.reference)
    of_two = select(CoupleMember.person_id, GlassGrant.id, GlassGrant.reference).join(
        CoupleMember, CoupleMember.couple_id == GlassGrant.couple_id
    )
    counts = (GlassGrant.account_id == account.id, standing(now))
    return of_one.where(among(GlassGrant.person_id, people), *counts).union_all(
        of_two.where(among(CoupleMember.person_id, people), *counts)
    )


def find_standing(account: StaffAccount, people: Collection[int], now: datetime) -> dict[int, str]:
    """The grant by which this account reads each of these people, by id; who isn't opened is missing."""
    rows = sorted(db.session.execute(opening(account, people, now)), key=lambda row: row[1])
    return {person_id: reference for person_id, _, reference in rows if person_id is not None}


def get_grant(reference: str) -> GlassGrant:
    """A grant.

    :raises NotFound: when there is none of this reference.
    """
    found = db.session.scalars(select(GlassGrant).where(GlassGrant.reference == reference)).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_grants(since: datetime) -> list[GlassGrant]:
    """Everything that was opened since then, the latest first."""
    of_two = selectinload(GlassGrant.couple).selectinload(Couple.members).joinedload(CoupleMember.person)
    found = select(GlassGrant).where(GlassGrant.opened_at >= since).options(joinedload(GlassGrant.person), of_two)
    return list(db.session.scalars(found.order_by(GlassGrant.opened_at.desc(), GlassGrant.id.desc())))


def is_standing(grant: GlassGrant, now: datetime) -> bool:
    """Whether it counts at this instant."""
    return grant.ended_at is None and grant.opened_at <= now < grant.ends_at


def reason_of(grant: GlassGrant) -> str:
    """Why it was opened; empty where one of those whom it is about was erased since."""
    sealed, row = grant.reason_sealed, grant.reference
    try:
        if grant.couple is not None:
            return open_for_two(grant.couple, sealed, table=TABLE, row=row, column=COLUMN)
        assert grant.person_id is not None
        return vault().open(grant.person_id, sealed, table=TABLE, row=row, column=COLUMN)
    except CannotOpen:
        return ""


def list_looks(grants: Sequence[GlassGrant]) -> dict[str, list[Look]]:
    """What was looked at under each of these grants, by its reference, the first look first."""
    if not grants:
        return {}
    by_them = (
        (AuditEntry.actor == one.account.actor) & AuditEntry.at.between(one.opened_at, one.ended_at or one.ends_at)
        for one in grants
    )
    found: dict[str, list[Look]] = {one.reference: [] for one in grants}
    told = select(AuditEntry).where(or_(*by_them), AuditEntry.detail.contains(f'"{UNDER}"'))
    for entry in db.session.scalars(told.order_by(AuditEntry.number)):
        detail = json.loads(entry.detail)
        look = Look(entry.at, entry.action, str(detail.get("page", "")), entry.subject)
        for reference in str(detail.get(UNDER, "")).split():
            if reference in found:
                found[reference].append(look)
    return found
