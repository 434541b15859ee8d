"""What the desk reads of prices: who has some of their own, and everything that was agreed with one client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from practice.booking.offers.queries import find_all_offerings
from practice.booking.prices.amounts import write_share
from practice.booking.prices.models import PriceAgreement
from practice.booking.prices.pricing import in_force
from practice.booking.prices.queries import (
    find_agreements,
    find_people_with_prices,
    own_prices,
    read_agreed,
    today,
)
from practice.database import db
from practice.errors import NotFound
from practice.money import Money
from practice.people import Person, contact_of
from practice.presenting import fee
from practice.sealing import vault
from practice.speaking import gettext as _
from practice.staff.models import StaffAccount


@dataclass(frozen=True)
class Priced:
    """What an offering costs somebody today; `own`: a price that was set for it."""

    name: str
    listed: Money
    price: Money
    own: bool


@dataclass(frozen=True)
class Told:
    """One agreement of the history. `last_day` None is open-ended; `reason` as far as it can still be read."""

    at: datetime
    by: str
    what: str
    first_day: date
    last_day: date | None
    reason: str


@dataclass(frozen=True)
class ClientPrices:
    """Everything about the prices of one client. `step` is what they are on today, in words; `seen` guards a change."""

    person: Person
    name: str
    step: str
    prices: list[Priced]
    history: list[Told]
    seen: int


@dataclass(frozen=True)
class Somebody:
    """A client with whom something was agreed."""

    reference: str
    name: str
    step: str
    set_prices: int


def list_people(now: datetime) -> list[Somebody]:
    """Everybody with whom something was ever agreed; what holds today."""
    return [_somebody(person, now) for person in find_people_with_prices()]


def read_client(reference: str, now: datetime) -> ClientPrices:
    """The prices of one client.

    :raises NotFound: when there is none of this reference, or they were forgotten.
    """
    named = select(Person).where(Person.reference == reference)
    person = db.session.scalars(named).one_or_none() if reference.isprintable() else None
    if person is None or person.contact_sealed is None:
        raise NotFound
    own, agreed_with = own_prices(person.id, now), read_agreed(person.id)
    offered = [one for one in find_all_offerings() if one.active]
    rows = find_agreements(person.id)
    names = {account.actor: account.name for account in db.session.scalars(select(StaffAccount))} if rows else {}
    prices = []
    for one in offered:
        agreed = in_force(agreed_with, one.id, own.day)
        set_for_it = agreed is not None and agreed.price is not None
        prices.append(Priced(one.name, one.price, own.of(one.price, one.id), set_for_it))
    return ClientPrices(
        person=person,
        name=_name(person),
        step=_somebody(person, now).step,
        prices=prices,
        history=[_told(row, names.get(row.actor, "")) for row in rows],
        seen=rows[0].number if rows else 0,
    )


def _somebody(person: Person, now: datetime) -> Somebody:
    agreed, day = read_agreed(person.id), today(now)
    rows = {row.number: row for row in find_agreements(person.id)}
    on = in_force(agreed, None, day)
    offerings = {one.offering_id for one in agreed if one.offering_id is not None}
    in_use = [in_force(agreed, offering, day) for offering in offerings]
    return Somebody(
        reference=person.reference,
        name=_name(person),
        step=_step(rows[on.number]) if on is not None and on.share is not None else "",
        set_prices=sum(one is not None and one.price is not None for one in in_use),
    )


def _told(row: PriceAgreement, by: str) -> Told:
    plain = vault().open(row.person_id, row.reason_sealed, table="price_agreement", row=row.reference, column="reason")
    return Told(row.made_at, by, _what(row), row.first_day, row.last_day, plain)


def _what(row: PriceAgreement) -> str:
    if row.offering is None:
        return _step(row) if row.step is not None else _("No step: as the list says")
    price = row.price
    said = _("as their step or the list says") if price is None else fee(price)
    return f"{row.offering.name}: {said}"


def _step(row: PriceAgreement) -> str:
    return f"{row.step.name}, {write_share(row.step.share)}" if row.step is not None else ""


def _name(person: Person) -> str:
    contact = contact_of(person)
    return contact.first_name if contact is not None else _("Somebody")
