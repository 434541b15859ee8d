"""Who waits: wishes in the order in which times are offered to them, and places where nobody is licensed yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from practice.booking.waiting.models import Wish, WishOffer
from practice.booking.waiting.queries import find_open_offer, list_place_wishes, list_wishes
from practice.database import db
from practice.errors import NotFound
from practice.people import Person
from practice.regions import region_name
from practice.schedule.queries import first_name


@dataclass(frozen=True)
class Waiting:
    """A wish, whose it is, and the time that is kept for it just now."""

    wish: Wish
    name: str
    offered: WishOffer | None


def list_waiting() -> list[Waiting]:
    """Everybody's wishes, in the order in which times are offered to them."""
    return [Waiting(wish, first_name(wish.person), find_open_offer(wish)) for wish in list_wishes()]


def list_regions_waited_for() -> list[tuple[str, list[tuple[str, datetime]]]]:
    """For each place where nobody is licensed yet: who waits there (first name), since when."""
    places: dict[str, list[tuple[str, datetime]]] = {}
    for one in list_place_wishes():
        person = db.session.get_one(Person, one.person_id)
        places.setdefault(one.region, []).append((first_name(person), one.asked_at))
    return sorted((region_name(region), those) for region, those in places.items())


def get_wish(reference: str) -> Wish:
    """One wish, whoever's it is.

    :raises NotFound: when there is none.
    """
    found = select(Wish).where(Wish.reference == reference)
    wish = db.session.scalars(found).one_or_none() if reference.isprintable() else None
    if wish is None:
        raise NotFound
    return wish
