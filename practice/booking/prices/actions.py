"""What changes the sliding scale and what is agreed with people. Each runs in its caller's work, and is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from practice.audit import record
from practice.booking.offers.checks import HIGHEST_PRICE
from practice.booking.offers.models import Offering
from practice.booking.prices.models import PriceAgreement, ScaleStep
from practice.booking.prices.pricing import BASIS_POINTS
from practice.booking.prices.queries import count_agreements
from practice.errors import Conflict, NotFound, Refused
from practice.languages import N_
from practice.money import Money
from practice.people import Person
from practice.sealing import vault
from practice.tokens import reference
from practice.work import Work

LONGEST_NAME = 60


class NotAStep(Refused):
    """A share above the whole price, or a step without a name."""

    title = N_("That is no step of a scale")
    way_out = N_("Give it a name, and a share between 0 and 100 percent.")


class NotAgreeable(Refused):
    """An agreement that ends before it begins, about nothing that there is, or above what anything costs."""

    title = N_("That can’t be agreed")
    way_out = N_("Check the dates, and choose a step or an offering that isn’t archived.")


class AgreedMeanwhile(Conflict):
    """Somebody else agreed something with this person since the page was read."""

    title = N_("Somebody changed this client’s prices while you had the page open")
    way_out = N_("Nothing that you sent was saved. Look at what is agreed now, and decide once more.")


@dataclass(frozen=True)
class OnStep:
    """Put somebody on a step of the scale; without one, back to the prices of the list."""

    step_id: int | None


@dataclass(frozen=True)
class SetPrice:
    """One offering at a price of their own, which may be nothing; without one, as their step or the list says."""

    offering_id: int
    price: Money | None


@dataclass(frozen=True)
class Agreeing:
    """What is agreed, for which days (of the practice's calendar, both included), and why.

    `seen` is how many agreements with this person the page showed.
    """

    what: OnStep | SetPrice
    first_day: date
    last_day: date | None
    reason: str
    seen: int


def add_step(work: Work, actor: str, name: str, basis_points: int) -> ScaleStep:
    """Another step of the scale.

    :raises NotAStep: when the name is empty or too long, or the share isn't one.
    """
    words = " ".join(name.split())
    if not words or len(words) > LONGEST_NAME or not 0 <= basis_points <= BASIS_POINTS:
        raise NotAStep
    step = ScaleStep(name=words, basis_points=basis_points)
    work.session.add(step)
    work.session.flush()
    record(work, actor, "scale_step_added", f"step:{step.id}", {"basis_points": basis_points})
    return step


def archive_step(work: Work, actor: str, step_id: int) -> ScaleStep:
    """Offer a step to nobody any more; whoever stands on it stays there. Doing so again changes nothing.

    :raises NotFound: when there is none of this number.
    """
    step = work.session.get(ScaleStep, step_id, with_for_update=True, populate_existing=True)
    if step is None:
        raise NotFound
    if step.archived_at is None:
        step.archived_at = work.now
        record(work, actor, "scale_step_archived", f"step:{step.id}")
    return step


def agree(work: Work, actor: str, person_id: int, asked: Agreeing) -> PriceAgreement:
    """Agree with somebody on what they pay. What they have booked already stays as it is.

    :raises NotFound: when there is no such person, or they were forgotten.
    :raises AgreedMeanwhile: when something was agreed since the page was read.
    :raises NotAgreeable: when it makes no sense.
    """
    locked = select(Person).where(Person.id == person_id).with_for_update(key_share=True)  # two of staff take turns
    person = work.session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if person is None or person.contact_sealed is None:
        raise NotFound
    number = count_agreements(person_id)
    if number != asked.seen:
        raise AgreedMeanwhile
    if asked.last_day is not None and asked.last_day < asked.first_day:
        raise NotAgreeable
    row = PriceAgreement(
        reference=reference("pr"),
        person_id=person_id,
        number=number + 1,
        first_day=asked.first_day,
        last_day=asked.last_day,
        actor=actor,
        made_at=work.now,
    )
    _fill(work, row, asked.what)
    row.reason_sealed = vault().seal(
        person_id, asked.reason, table="price_agreement", row=row.reference, column="reason"
    )
    work.session.add(row)
    work.session.flush()
    record(work, actor, "price_agreed", person.reference, {"from": asked.first_day.isoformat(), "number": row.number})
    return row


def forget_agreements(work: Work, person_id: int) -> None:
    """Erase what was agreed with somebody. Their bookings keep the prices that they were made at."""
    work.session.execute(delete(PriceAgreement).where(PriceAgreement.person_id == person_id))


def _fill(work: Work, row: PriceAgreement, what: OnStep | SetPrice) -> None:
    if isinstance(what, OnStep):
        step = work.session.get(ScaleStep, what.step_id) if what.step_id is not None else None
        if what.step_id is not None and (step is None or step.archived_at is not None):
            raise NotAgreeable
        row.step_id = what.step_id
        return
    offering = work.session.get(Offering, what.offering_id)
    if offering is None or not offering.active:
        raise NotAgreeable
    row.offering_id = offering.id
    if what.price is not None:
        if what.price.currency != offering.currency or what.price.minor_units > HIGHEST_PRICE:
            raise NotAgreeable
        row.price_minor, row.currency = what.price.minor_units, what.price.currency
