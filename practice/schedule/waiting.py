"""Who waits: wishes in the order in which times are offered to them, and places where nobody is licensed yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from practice.booking.waiting.models import Wish, WishOffer
from practice.booking.waiting.queries import find_open_offer, list_place_wishes, list_wishes
from practice.database import db
from practice.errors import NotFound
from practice.languages import N_
from practice.people import Person
from practice.presenting import wall_time, zone_name
from practice.regions import region_name
from practice.schedule.queries import first_name
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.telling.places import in_order

WEEKDAYS = (
    N_("Mondays"),
    N_("Tuesdays"),
    N_("Wednesdays"),
    N_("Thursdays"),
    N_("Fridays"),
    N_("Saturdays"),
    N_("Sundays"),
)


@dataclass(frozen=True)
class Waiting:
    """A wish, whose it is, and the time that is kept for it just now."""

    wish: Wish
    name: str
    offered: WishOffer | None

    @property
    def days(self) -> str:
        """`Mondays, Tuesdays, 9:00 am to 5:00 pm Eastern Time`, `any day, at any time`"""
        wish = self.wish
        days = _("any day") if wish.any_day else ", ".join(_(WEEKDAYS[day]) for day in wish.weekdays)
        if wish.any_time:
            return _("%(days)s, at any time", days=days)
        return _(
            "%(days)s, %(opens)s to %(closes)s %(zone)s",
            days=days,
            opens=wall_time(wish.opens),
            closes=wall_time(wish.closes),
            zone=zone_name(wish.zone),
        )


def list_waiting() -> list[Waiting]:
    """Everybody's wishes, in the order in which times are offered to them."""
    return [Waiting(wish, first_name(wish.person), find_open_offer(wish)) for wish in list_wishes()]


def list_regions_waited_for() -> list[tuple[str, list[tuple[str, datetime]]]]:
    """For each place where nobody is licensed yet: who waits there (first name), since when."""
    places: dict[str, list[tuple[str, datetime]]] = {}
    for one in list_place_wishes():
        person = db.session.get_one(Person, one.person_id)
        places.setdefault(one.region, []).append((first_name(person), one.asked_at))
    named = ((region_name(region, current_language()), those) for region, those in places.items())
    return sorted(named, key=lambda one: in_order(one[0]))


def get_wish(reference: str) -> Wish:
    """One wish, whoever's it is.

    :raises NotFound: when there is none.
    """
    found = select(Wish).where(Wish.reference == reference)
    wish = db.session.scalars(found).one_or_none() if reference.isprintable() else None
    if wish is None:
        raise NotFound
    return wish
