"""What a person may book, as an intake and the practice's answer to it say. Each runs in its caller's work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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


@dataclass(frozen=True)
class Chosen:
    """With whom, and which offerings, the practice said yes to somebody; and the attendance and places of these."""

    therapist_ids: Collection[int]
    offering_ids: Collection[int]
    attendance: Sequence[str]
    places: Sequence[str]


def grant_eligibility(work: Work, person: Person, grant: Grant) -> None:
    """Let this person book what the grant says, for ELIGIBLE_FOR from now; replaces an earlier grant."""
    row = _lock(work, person.id) or _first(work, person.id)
    row.attendance = list(grant.attendance)
    row.places = list(grant.places)
    row.region = grant.region
    row.accepted = False  # a new request, to be read anew
    row.therapist_ids = row.offering_ids = None
    row.expires_at = work.now + ELIGIBLE_FOR
    work.session.add(row)


def change_attendance(work: Work, person: Person, attendance: Sequence[str]) -> None:
    """They come otherwise than they said; everything else of what they may book stays.

    Where the practice said yes to some offerings alone, these may be for the other way of coming. So nothing is left
    of that choice, and nothing of the yes: what they book now is read anew, as after a new request.
    """
    row = _lock(work, person.id)
    if row is not None:
        row.attendance = list(attendance)
        row.accepted = row.accepted and row.offering_ids is None
        row.offering_ids = None


def forget_eligibility(work: Work, person_id: int) -> None:
    """Erase what somebody may book, and where they said that they are."""
    work.session.execute(delete(Eligibility).where(Eligibility.person_id == person_id))


def note_accepted(work: Work, person_id: int, chosen: Chosen | None = None) -> None:
    """The practice said yes to somebody: what they book from now on waits for nobody.

    `chosen` is what it said yes to, for ELIGIBLE_FOR from now; None: to all that they may book as it stands.
    """
    row = _lock(work, person_id)
    if row is None:
        return
    row.accepted = True
    if chosen is not None:
        row.attendance, row.places = list(chosen.attendance), list(chosen.places)
        row.therapist_ids, row.offering_ids = sorted(chosen.therapist_ids), sorted(chosen.offering_ids)
        row.expires_at = work.now + ELIGIBLE_FOR


def _first(work: Work, person_id: int) -> Eligibility:
    # Two first intakes of one person take turns, so that they don't both add it. Nothing is booked before there is one.
    work.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    return _lock(work, person_id) or Eligibility(person_id=person_id)


def _lock(work: Work, person_id: int) -> Eligibility | None:
    found = select(Eligibility).where(Eligibility.person_id == person_id).with_for_update()
    return work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
