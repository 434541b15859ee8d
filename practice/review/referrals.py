"""The practice's list of others who can help: read by whoever refers somebody out, kept by the owner."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from practice.audit import record
from practice.database import db
from practice.errors import Conflict, NotFound
from practice.languages import N_
from practice.own_words import Texts
from practice.review.models import Referral
from practice.tokens import reference as new_reference
from practice.work import Work


class ReferralChanged(Conflict):
    """Somebody else changed it meanwhile."""

    title = N_("Somebody changed this while you had it open")
    way_out = N_("Nothing that you sent was saved. Look at it as it stands now, and change it once more.")


@dataclass(frozen=True)
class Entry:
    """What the list says of one, in each language; `phone` and `web` may be empty, but not both."""

    name: str
    what_for: Texts
    place: Texts
    phone: str
    web: str


def find_offered() -> list[Referral]:
    """Everybody on the list, by name."""
    return list(
        db.session.scalars(select(Referral).where(Referral.ended_at.is_(None)).order_by(Referral.name, Referral.id))
    )


def get_referral(reference: str) -> Referral:
    """One of the list.

    :raises NotFound: when there is none of this reference, or it was taken off the list.
    """
    found = select(Referral).where(Referral.reference == reference, Referral.ended_at.is_(None))
    one = db.session.scalars(found).one_or_none()
    if one is None:
        raise NotFound
    return one


def add(work: Work, actor: str, entry: Entry) -> Referral:
    """Put somebody on the list."""
    row = Referral(reference=new_reference("rf"), revision=1, ended_at=None, **vars(entry))
    work.session.add(row)
    work.session.flush()
    record(work, actor, "referral_added", row.reference)
    return row


def change(work: Work, actor: str, reference: str, entry: Entry, *, seen: int) -> None:
    """Say otherwise who they are. Whoever was sent there reads it so from now on. `seen` is the revision that was read.

    :raises NotFound: when it isn't on the list.
    :raises ReferralChanged: when it stands otherwise by now.
    """
    row = _lock(work, reference, seen)
    for name, said in vars(entry).items():
        setattr(row, name, said)
    row.revision += 1
    work.session.flush()
    record(work, actor, "referral_changed", row.reference)


def end(work: Work, actor: str, reference: str, *, seen: int) -> None:
    """Take somebody off the list. Whoever was sent there reads it still.

    Raises what change() raises.
    """
    row = _lock(work, reference, seen)
    row.ended_at = work.now
    work.session.flush()
    record(work, actor, "referral_ended", row.reference)


def _lock(work: Work, reference: str, seen: int) -> Referral:
    found = select(Referral).where(Referral.reference == reference, Referral.ended_at.is_(None)).with_for_update()
    row = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    if row.revision != seen:
        raise ReferralChanged
    return row
