"""What prices read: the scale, and what somebody pays.

What is offered is kept for everybody at the price of the list. A person's own price is put into copies, here alone, so
that it can't come into what others see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from practice.booking.offers.queries import Offer
from practice.booking.prices.models import PriceAgreement, ScaleStep
from practice.booking.prices.pricing import BASIS_POINTS, Agreed, price_on
from practice.couples import partner_ids
from practice.database import db
from practice.money import Money
from practice.people import Person
from practice.profile import profile

# Each page with prices and each hold asks this, in columns and by an index.
AGREED = (
    select(
        PriceAgreement.person_id,
        PriceAgreement.number,
        PriceAgreement.offering_id,
        ScaleStep.basis_points,
        PriceAgreement.price_minor,
        PriceAgreement.currency,
        PriceAgreement.first_day,
        PriceAgreement.last_day,
    )
    .outerjoin(ScaleStep, ScaleStep.id == PriceAgreement.step_id)
    .where(
        or_(
            PriceAgreement.person_id == bindparam("person", type_=Integer),
            PriceAgreement.person_id.in_(partner_ids(bindparam("person", type_=Integer))),
        )
    )
    .order_by(PriceAgreement.number)
)


@dataclass(frozen=True)
class OwnPrices:
    """What one visitor pays on one day; a stranger pays what the list says.

    `agreed` holds what was agreed with them and, apart from it, with whoever comes with them: the lower price holds.
    """

    agreed: tuple[tuple[Agreed, ...], ...]
    day: date

    def of(self, listed: Money, offering_id: int) -> Money:
        """Their price of an offering that costs `listed`."""
        those = (price_on(listed, one, offering_id, self.day) for one in self.agreed)
        return min(those, key=lambda price: price.minor_units, default=listed)

    def put_into(self, offers: Iterable[Offer]) -> list[Offer]:
        """Copies of these offers that cost what this person pays; what is kept for everybody stays as it is."""
        if not self.agreed:
            return list(offers)
        return [replace(one, price=self.of(one.price, one.offering_id)) for one in offers]


def own_prices(person_id: int | None, now: datetime) -> OwnPrices:
    """What somebody pays for what they hold now; None is a stranger."""
    day = today(now)
    return OwnPrices(_read_shared(person_id) if person_id is not None else (), day)


def today(now: datetime) -> date:
    """The date in the practice's calendar, by which agreements begin and end."""
    return now.astimezone(ZoneInfo(profile().zone)).date()


def read_agreed(person_id: int) -> tuple[Agreed, ...]:
    """Everything that was ever agreed with somebody, as values."""
    return _read_by_person(person_id).get(person_id, ())


def _read_shared(person_id: int) -> tuple[tuple[Agreed, ...], ...]:
    """What was agreed with somebody, and with whoever comes with them; empty where nothing was with either.

    Nobody pays more for coming with somebody: their own, be it the list, is always among them.
    """
    found = _read_by_person(person_id)
    return (found.pop(person_id, ()), *found.values()) if found else ()


def _read_by_person(person_id: int) -> dict[int, tuple[Agreed, ...]]:
    found: dict[int, tuple[Agreed, ...]] = {}
    for row in db.session.connection().execute(AGREED, {"person": person_id}):
        agreed = Agreed(
            number=row.number,
            offering_id=row.offering_id,
            share=None if row.basis_points is None else Fraction(row.basis_points, BASIS_POINTS),
            price=None if row.price_minor is None else Money(row.price_minor, row.currency),
            first_day=row.first_day,
            last_day=row.last_day,
        )
        found[row.person_id] = (*found.get(row.person_id, ()), agreed)
    return found


def find_steps() -> list[ScaleStep]:
    """The sliding scale, the highest share first; the archived steps last."""
    order = (ScaleStep.archived_at.is_not(None), ScaleStep.basis_points.desc(), ScaleStep.id)
    return list(db.session.scalars(select(ScaleStep).order_by(*order)))


def find_agreements(person_id: int) -> list[PriceAgreement]:
    """What was agreed with somebody, the newest first."""
    found = select(PriceAgreement).where(PriceAgreement.person_id == person_id)
    fully = found.options(joinedload(PriceAgreement.offering), joinedload(PriceAgreement.step))
    return list(db.session.scalars(fully.order_by(PriceAgreement.number.desc())))


def count_agreements(person_id: int) -> int:
    """How many there are: a page says what it showed by this number, since rows are only added."""
    found = select(func.coalesce(func.max(PriceAgreement.number), 0)).where(PriceAgreement.person_id == person_id)
    return int(db.session.connection().execute(found).scalar_one())


def find_people_with_prices() -> list[Person]:
    """Everybody with whom something was ever agreed and who isn't forgotten, whoever was agreed with last first."""
    last = select(PriceAgreement.person_id, func.max(PriceAgreement.id).label("last"))
    grouped = last.group_by(PriceAgreement.person_id).subquery()
    found = select(Person).join(grouped, grouped.c.person_id == Person.id).where(Person.contact_sealed.is_not(None))
    return list(db.session.scalars(found.order_by(grouped.c.last.desc())))
