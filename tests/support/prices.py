"""What stories about prices share: a step of the scale, and what staff agree on with somebody."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select

from practice.booking.offers.models import Offering
from practice.booking.prices import actions
from practice.booking.prices.actions import Agreeing, OnStep, SetPrice
from practice.booking.prices.queries import count_agreements
from practice.money import Money
from practice.profile import ONLY, PracticeProfile
from practice.work import Work
from tests.support.offers import COUPLE, NEW_YORK, work_in
from tests.support.story import Client, Practice

WHY = "They asked, and it is a hard year"


def add_step(practice: Practice, points: int = 6000, name: str = "Reduced") -> int:
    """A step of the sliding scale; its id."""
    with work_in(practice) as work:
        return actions.add_step(work, "staff:1", name, points).id


def put_on_step(practice: Practice, client: Client, step: int | None, **days: date | None) -> None:
    """Agree on a step with somebody, from today on if no days are named."""
    _agree(practice, client, lambda _work: OnStep(step), days)


def set_price(
    practice: Practice, client: Client, minor: int | None, offering: str = COUPLE, **days: date | None
) -> None:
    """Agree on what one offering costs somebody."""

    def what(work: Work) -> SetPrice:
        found = work.session.scalars(select(Offering).where(Offering.slug == offering)).one()
        return SetPrice(found.id, None if minor is None else Money(minor, found.currency))

    _agree(practice, client, what, days)


def give_withdrawal(practice: Practice, days: int | None = 14) -> None:
    """The practice's clients have a right of withdrawal from now on."""
    with work_in(practice) as work:
        work.session.get_one(PracticeProfile, ONLY).withdrawal_days = days


def today(practice: Practice) -> date:
    """The date at the practice."""
    return practice.clock.now().astimezone(ZoneInfo(NEW_YORK)).date()


def _agree(practice, client, what, days) -> None:  # type: ignore[no-untyped-def]
    with work_in(practice) as work:
        first = days.get("first") or today(practice)
        asked = Agreeing(what(work), first, days.get("last"), WHY, count_agreements(client.person_id))
        actions.agree(work, "staff:1", client.person_id, asked)
