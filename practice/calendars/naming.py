"""The names of whoever comes, for the feeds that say them: read while a feed is built, and kept nowhere.

A feed's tag is known before it is built. So whatever may change a name counts up in each feed that says names, within
the very transaction that changes it: a contact, who comes with whom, an erasure, for how many a session is. That is
rare, and a feed that is sent once too often costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import event, inspect, select, update
from sqlalchemy.orm import ORMExecuteState, Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from practice.booking.models import Booking
from practice.booking.offers.models import FOR_TWO, Offering
from practice.calendars.models import NAMING, Detail, Feed, FeedEntry
from practice.couples import Couple, CoupleMember
from practice.database import db
from practice.languages import N_
from practice.people import Person, contact_of
from practice.presenting import listing
from practice.sealing import PersonKey
from practice.speaking import gettext

CHUNK = 500  # people asked for in one query
TOLD = {Person: ("contact_sealed",), Offering: ("attendance",)}  # what of these says or changes a name
NAMED = N_("Session: %(who)s")
WHOLLY = (Couple, CoupleMember)
WATCHED = (*TOLD, *WHOLLY, PersonKey)


def words_with_names(shown: ColumnElement[bool], detail: Detail) -> dict[int, str]:
    """What a feed says of each entry for which `shown` holds, by the id of its booking; in the language spoken.

    A booking of which nobody is known any more is missing.
    """
    own, other = aliased(CoupleMember), aliased(CoupleMember)
    columns = (FeedEntry.booking_id, Booking.person_id, Booking.ends_at, Offering.attendance)
    asked = (
        select(*columns, other.person_id, Couple.formed_at)
        .join(Booking, Booking.id == FeedEntry.booking_id)
        .join(Offering, Offering.id == Booking.offering_id)
        .outerjoin(own, (own.person_id == Booking.person_id) & own.left_at.is_(None))
        .outerjoin(Couple, Couple.id == own.couple_id)
        .outerjoin(other, (other.couple_id == own.couple_id) & (other.person_id != own.person_id))
        .where(shown)
    )
    coming: dict[int, list[int]] = {}
    for booking_id, booker, ends_at, attendance, partner, formed_at in db.session.execute(asked):
        # As booking.attending.find_attendees has it; a test compares the two.
        comes = attendance == FOR_TWO and partner is not None and ends_at > formed_at
        coming[booking_id] = [booker, partner] if comes else [booker]
    names = _first_names({person for people in coming.values() for person in people})
    known = {booking_id: tuple(names[one] for one in people if one in names) for booking_id, people in coming.items()}
    words = {who: _words(who, detail) for who in set(known.values()) if who}  # the same come again and again
    return {booking_id: words[who] for booking_id, who in known.items() if who}


def _words(names: tuple[str, ...], detail: Detail) -> str:
    said = names if detail is Detail.FIRST_NAMES else [_initials(name) for name in names]
    return gettext(NAMED, who=listing(said))


def _first_names(person_ids: Iterable[int]) -> dict[int, str]:
    """By person; whoever was erased, or never said a name, is missing."""
    ids, names = sorted(person_ids), {}
    for first in range(0, len(ids), CHUNK):
        some = ids[first : first + CHUNK]
        # Held until the names are read: the vault finds them in the session then, without a query for each.
        keys = db.session.scalars(select(PersonKey).where(PersonKey.person_id.in_(some))).all()
        for person in db.session.scalars(select(Person).where(Person.id.in_([key.person_id for key in keys]))):
            contact = contact_of(person)
            if contact is not None and contact.first_name.strip():
                names[person.id] = contact.first_name.strip()
    return names


def _initials(name: str) -> str:
    return " ".join(f"{word[0].upper()}." for word in name.replace("-", " ").split())


def _count_up(session: Session) -> None:
    session.execute(
        update(Feed)
        .where(Feed.detail.in_(NAMING))
        .values(names_revision=Feed.names_revision + 1)
        .execution_options(synchronize_session=False)
    )


def _may_change_a_name(session: Session) -> bool:
    if any(isinstance(one, WHOLLY) for one in (*session.new, *session.dirty, *session.deleted)):
        return True
    if any(isinstance(one, PersonKey) for one in session.deleted):
        return True
    for one in session.dirty:
        for name in TOLD.get(type(one), ()):
            if inspect(one).attrs[name].history.has_changes():
                return True
    return False


@event.listens_for(Session, "before_flush")
def _count_at_a_flush(session: Session, _context: Any, _instances: Any) -> None:
    if _may_change_a_name(session):
        _count_up(session)


@event.listens_for(Session, "do_orm_execute")
def _count_in_bulk(state: ORMExecuteState) -> None:
    if state.is_select or state.bind_mapper is None:
        return
    if issubclass(state.bind_mapper.class_, WATCHED):
        _count_up(state.session)
