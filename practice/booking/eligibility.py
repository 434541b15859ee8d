"""What a person may book, as an intake and the practice's answer to it say. Each runs in its caller's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from practice.booking.models import Eligibility
from practice.people import Person
from practice.work import Work

ELIGIBLE_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Grant:
    """What an intake lets a person book: the attendance, places and region that fit, and nothing of why."""

    attendance: Sequence[str]
    places: Sequence[str]
    region: str


def grant_eligibility(work: Work, person: Person, grant: Grant) -> None:
    """Let this person book what the grant says, for ELIGIBLE_FOR from now; replaces an earlier grant."""
    # Two intakes of one person take turns, so that they don't both add the first.
    work.session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    row = work.session.get(Eligibility, person.id, populate_existing=True) or Eligibility(person_id=person.id)
    row.attendance = list(grant.attendance)
    row.places = list(grant.places)
    row.region = grant.region
    row.accepted = False  # a new request, to be read anew
    row.expires_at = work.now + ELIGIBLE_FOR
    work.session.add(row)


def change_attendance(work: Work, person: Person, attendance: Sequence[str]) -> None:
    """They come otherwise than they said; everything else of what they may book stays."""
    found = select(Eligibility).where(Eligibility.person_id == person.id).with_for_update()
    row = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if row is not None:
        row.attendance = list(attendance)


def forget_eligibility(work: Work, person_id: int) -> None:
    """Erase what somebody may book, and where they said that they are."""
    work.session.execute(delete(Eligibility).where(Eligibility.person_id == person_id))


def note_accepted(work: Work, person_id: int) -> None:
    """The practice said yes to somebody: what they book from now on waits for nobody."""
    found = select(Eligibility).where(Eligibility.person_id == person_id).with_for_update()
    row = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if row is not None:
        row.accepted = True
