"""One timeline of what happened with somebody, or with two who come together, and who of them may know what.

A reader gets the entries that their sight of each person allows, and money where money is theirs to see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from practice.couples import INVITER, Couple, find_couple
from practice.partners.queries import read_own_side
from practice.people import Person, contact_of
from practice.review import timeline_money
from practice.review.seeing import find_couple_sight, find_sight_of
from practice.review.sight import Sight
from practice.review.timeline_kinds import GROUP_WORDS, KINDS, Group, Kind, Knows, Needs
from practice.review.timeline_sources import Circle, Happening, gather
from practice.speaking import gettext as _
from practice.speaking import pgettext
from practice.staff.models import COORDINATOR, OWNER, StaffAccount
from practice.staff.queries import find_actor_names

ON_A_PAGE = 40
SEES_MONEY = (OWNER, COORDINATOR)


@dataclass(frozen=True)
class Wanted:
    """What a reader asked to see: a group, one of the people by their place (1 or 2), and which page, from 1."""

    group: Group | None = None
    place: int | None = None
    page: int = 1

    @classmethod
    def read(cls, said: Mapping[str, str]) -> Wanted:
        """What stands in an address; what makes no sense asks for everything."""
        group, place, page = said.get("kind", ""), said.get("who", ""), said.get("page", "")
        return cls(
            group=Group(group) if group in set(Group) else None,
            place=int(place) if place in ("1", "2") else None,
            page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )


@dataclass(frozen=True)
class Entry:
    """One entry in words: whom it is about, what happened, and who of the two may know of it."""

    at: datetime
    about: str
    kind: Kind
    detail: str
    session: datetime | None
    by: str
    known: str


@dataclass(frozen=True)
class Timeline:
    """One page of it, grouped by day, with what can be chosen."""

    days: list[tuple[date, list[Entry]]]
    groups: list[tuple[Group, str]]
    people: list[tuple[int, str]]  # by place; nobody to choose where it is one person's
    wanted: Wanted
    pages: int
    count: int


@dataclass(frozen=True)
class Glance:
    """What one of the two may know of the other, in sentences."""

    name: str
    knows: list[str]


def read_timeline_of_person(account: StaffAccount, person: Person, wanted: Wanted, zone: str) -> Timeline:
    """One person's, with what happened to them as one of two."""
    couple = find_couple(person.id)
    return _read(
        account, Circle((person.id,), couple), {person.id: _name(person, _("Whoever sent this"))}, wanted, zone
    )


def read_timeline_of_couple(account: StaffAccount, couple: Couple, wanted: Wanted, zone: str) -> Timeline:
    """Both people's, until they part."""
    circle = Circle(tuple(one.person_id for one in couple.members), couple)
    return _read(account, circle, names_of(couple), wanted, zone)


def read_glance(couple: Couple, now: datetime) -> list[Glance]:
    """For each of the two, what their own pages let them know of the other; nothing once they parted."""
    if couple.ended_at is not None:
        return []
    names = names_of(couple)
    glances = []
    for member in couple.members:
        other = next(name for person_id, name in names.items() if person_id != member.person_id)
        side = read_own_side(member.person, now)
        progress = {
            None: _("Whether %(name)s has answered: isn’t shown, since not both allow it.", name=other),
            True: _("Whether %(name)s has answered: “done”.", name=other),
            False: _("Whether %(name)s has answered: “not yet”.", name=other),
        }
        knows = [
            _("That %(name)s comes with them.", name=other),
            progress[side.others_progress],
            _("“Joint sessions rest at the moment.” Not who paused, nor why.")
            if side.rests and not side.paused
            else _("That they themselves paused. Not whether the other did too.")
            if side.rests
            else _("Nothing is paused."),
        ]
        glances.append(Glance(names[member.person_id], knows))
    return glances


def names_of(couple: Couple) -> dict[int, str]:
    """How the page names each of the two."""
    return {
        one.person_id: _name(one.person, _("Whoever booked") if one.seat == INVITER else _("Whoever was invited"))
        for one in couple.members
    }


def _read(account: StaffAccount, circle: Circle, names: dict[int, str], wanted: Wanted, zone: str) -> Timeline:
    sights = {person_id: find_sight_of(account, person_id) for person_id in circle.ids}
    of_two = find_couple_sight(account, circle.couple) if circle.couple is not None else None
    sees_money = account.is_any_of(*SEES_MONEY)

    def may_see(one: Happening) -> bool:
        needs, shown = KINDS[one.kind].needs, [sights[person_id] for person_id in one.people if person_id in sights]
        if needs is Needs.CLINICAL:
            return of_two is Sight.CLINICAL if len(one.people) > 1 else shown == [Sight.CLINICAL]
        return any(shown) and (needs is not Needs.MONEY or sees_money)

    def is_wanted(one: Happening) -> bool:
        whose = circle.ids[wanted.place - 1] if wanted.place is not None and wanted.place <= len(circle.ids) else None
        return (wanted.group in (None, KINDS[one.kind].group)) and (whose is None or whose in one.people)

    def is_of_then(one: Happening) -> bool:  # on the page of two who parted, what one of them did later is theirs alone
        parted = circle.couple.ended_at if circle.couple is not None and len(circle.ids) > 1 else None
        return parted is None or len(one.people) > 1 or one.at <= parted

    happened = [one for one in _gather(circle) if may_see(one)]
    groups = {KINDS[one.kind].group for one in happened}
    found = sorted((one for one in happened if is_wanted(one) and is_of_then(one)), key=lambda one: one.at)[::-1]
    pages = max(1, -(-len(found) // ON_A_PAGE))
    page = min(wanted.page, pages)
    shown = found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    staff = find_actor_names({one.by for one in shown})
    entries = [_entry(one, names, staff) for one in shown]
    return Timeline(
        days=[
            (day, list(those)) for day, those in groupby(entries, lambda one: one.at.astimezone(ZoneInfo(zone)).date())
        ],
        groups=[(group, words) for group, words in GROUP_WORDS.items() if group in groups],
        people=list(enumerate(names.values(), 1)) if len(names) > 1 else [],
        wanted=Wanted(wanted.group, wanted.place, page),
        pages=pages,
        count=len(found),
    )


def _gather(circle: Circle) -> list[Happening]:
    more = (timeline_money.letters, timeline_money.payments, timeline_money.fee_agreements)
    return [*gather(circle), *(one for source in more for one in source(circle))]


def _entry(one: Happening, names: dict[int, str], staff: dict[str, str]) -> Entry:
    kind = KINDS[one.kind]
    two = len(one.people) > 1
    about = pgettext("of two people", "Both") if two else names.get(one.people[0], _("Whoever comes with them"))
    return Entry(
        one.at, about, kind, one.detail, one.session, staff.get(one.by, ""), known_to(kind.knows, about, two=two)
    )


def known_to(knows: Knows, about: str, *, two: bool) -> str:
    """The mark of an entry: which of the two may know of it."""
    if knows is Knows.STAFF:
        return _("Staff only")
    if two and knows is not Knows.ITS_PERSON:
        return _("Known to both")
    return _("Known to %(name)s", name=about)


def _name(person: Person, otherwise: str) -> str:
    contact = contact_of(person)
    return contact.first_name if contact is not None else otherwise
