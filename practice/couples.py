"""Couples: which two people come together. Each of the two owns their own intake, and is authorised alone.

A couple is formed when the second person joins, never by an invitation. Whoever leaves keeps their seat in the history
and has none any more; with somebody new they form another couple.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    ScalarSelect,
    Select,
    String,
    UniqueConstraint,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship
from sqlalchemy.sql.elements import SQLColumnExpression

from practice.database import Model, among, db
from practice.errors import Conflict
from practice.languages import N_
from practice.people import Person
from practice.tokens import reference
from practice.work import Work

INVITER, INVITED = 1, 2


class AlreadyInACouple(Conflict):
    """One of the two comes with somebody else already."""

    title = N_("This can’t be joined any more")
    way_out = N_("Call or write to us, and we sort it out with you in person.")


class Couple(Model):
    """Up to two people who come together. It ends when one of them leaves."""

    __tablename__ = "couple"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    formed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    resting_since: Mapped[datetime | None]  # nothing is booked for the two together meanwhile; why is said elsewhere
    members: Mapped[list[CoupleMember]] = relationship(back_populates="couple", order_by="CoupleMember.seat")


class CoupleMember(Model):
    """One of the two. Seat 1 is the inviter's, seat 2 that of whoever was invited. `left_at` ends both seats."""

    __tablename__ = "couple_member"
    couple_id: Mapped[int] = mapped_column(ForeignKey("couple.id"), primary_key=True, autoincrement=False)
    seat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    left_at: Mapped[datetime | None]
    couple: Mapped[Couple] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()
    __table_args__ = (
        UniqueConstraint("couple_id", "person_id"),
        CheckConstraint("seat IN (1, 2)", name="seat"),
        # Nobody is in two couples at once.
        Index(
            "uq_couple_member_current",
            "person_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )


def find_couple(person_id: int) -> Couple | None:
    """The couple that this person is in now."""
    found = select(Couple).join(CoupleMember).where(CoupleMember.person_id == person_id, CoupleMember.left_at.is_(None))
    return db.session.scalars(found).one_or_none()


def find_couples(people: Collection[int]) -> dict[int, Couple]:
    """The couple that each of these people is in now, by person; who is in none is missing."""
    theirs = select(CoupleMember.couple_id).where(among(CoupleMember.person_id, people), CoupleMember.left_at.is_(None))
    loaded = select(Couple).where(Couple.id.in_(theirs)).options(joinedload(Couple.members))
    found = db.session.scalars(loaded).unique()
    return {member.person_id: couple for couple in found for member in couple.members if member.person_id in people}


def find_by_reference(reference: str) -> Couple | None:
    """The couple of this reference, ended or not."""
    return db.session.scalars(select(Couple).where(Couple.reference == reference)).one_or_none()


def find_partner(person_id: int) -> Person | None:
    """The other person of the couple that this person is in now."""
    couple = find_couple(person_id)
    if couple is None:
        return None
    return next((one.person for one in couple.members if one.person_id != person_id), None)


def couples_of_two(one_id: int, other_id: int) -> list[Couple]:
    """Every couple that these two are or were, in the order in which they came to be."""
    mine = select(CoupleMember.couple_id).where(CoupleMember.person_id == one_id)
    theirs = select(CoupleMember.couple_id).where(CoupleMember.person_id == other_id)
    found = select(Couple).where(Couple.id.in_(mine), Couple.id.in_(theirs))
    return list(db.session.scalars(found.order_by(Couple.formed_at, Couple.id)))


def partner_ids(person_id: SQLColumnExpression[int]) -> Select[int]:
    """For a larger query: the id of the partner whom somebody has now, if any."""
    own, other = aliased(CoupleMember), aliased(CoupleMember)
    joined = select(other.person_id).join(own, own.couple_id == other.couple_id)
    return joined.where(own.person_id == person_id, own.left_at.is_(None), other.person_id != own.person_id)


def formed_at(person_id: SQLColumnExpression[int]) -> ScalarSelect[datetime]:
    """Since when somebody comes with whom they come with now, as part of a query: what was before is none of both."""
    found = select(Couple.formed_at).join(CoupleMember, CoupleMember.couple_id == Couple.id)
    return found.where(CoupleMember.person_id == person_id, CoupleMember.left_at.is_(None)).scalar_subquery()


def lock_couple(work: Work, person_id: int) -> Couple | None:
    """The couple that this person is in now, as the database has it, locked until the work ends."""
    mine = select(CoupleMember.couple_id).where(CoupleMember.person_id == person_id, CoupleMember.left_at.is_(None))
    found = select(Couple).where(Couple.id.in_(mine)).with_for_update(of=Couple)
    couple = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    return couple if couple is not None and couple.ended_at is None else None


def lock_with_partner(work: Work, person_id: int) -> None:
    """Lock somebody and whoever comes with them, until the work ends, so that what counts for both is decided once.

    Every work that needs several of these locks takes them in this order, and so no two works wait for each other:

    1. the request (intake),
    2. what its person may book (eligibility),
    3. bookings, in order of id,
    4. people, in order of id.

    An erasure alone begins with its person, which it may: nothing of theirs is open by then. A work that does meet it
    may be ended by the database, and is tried again (Contended).
    """
    _lock_people(work, {person_id, *work.session.scalars(partner_ids(literal(person_id, Integer)))})


def form_couple(work: Work, inviter: Person, invited: Person) -> Couple:
    """Join two people, from now on.

    :raises AlreadyInACouple: when one of them is in a couple, or both are the same person.
    """
    ids = {inviter.id, invited.id}
    _lock_people(work, ids)  # two joinings of one person take turns; the index is what refuses the second
    if len(ids) == 1 or any(find_couple(person_id) is not None for person_id in ids):
        raise AlreadyInACouple
    couple = Couple(reference=reference("c"), formed_at=work.now)
    couple.members = [
        CoupleMember(seat=INVITER, person_id=inviter.id),
        CoupleMember(seat=INVITED, person_id=invited.id),
    ]
    work.session.add(couple)
    work.session.flush()
    return couple


def part_couple(work: Work, couple: Couple) -> None:
    """End a couple: neither is in it any more. Twice is as good as once."""
    if couple.ended_at is not None:
        return
    couple.ended_at = work.now
    for member in couple.members:
        member.left_at = work.now
    work.session.flush()


def rest_couple(work: Work, couple: Couple) -> None:
    """From now on nothing is booked for the two together."""
    couple.resting_since = couple.resting_since or work.now
    work.session.flush()


def wake_couple(work: Work, couple: Couple) -> None:
    """The two can book together again."""
    couple.resting_since = None
    work.session.flush()


def _lock_people(work: Work, ids: set[int]) -> None:
    work.session.execute(
        select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
    )
