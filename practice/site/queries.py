"""What the public pages read: who works here, what a session costs, when the next one is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from practice.booking.offers import queries as offers
from practice.booking.offers.models import FOR_TWO, Offering, Therapist
from practice.booking.offers.queries import Offer
from practice.booking.openings import earliest_times
from practice.database import db
from practice.errors import NotFound
from practice.profile import PracticeProfile
from practice.site.articles import Article, articles
from practice.spans import Span
from practice.speaking import current_language

OpenTime = tuple[Span, Offer]


@dataclass(frozen=True)
class FrontPage:
    """What the front page shows of the practice."""

    therapists: list[Therapist]
    offerings: list[Offering]
    next_time: OpenTime | None


def front_page(now: datetime) -> FrontPage:
    """Therapists by name, offerings by price, and the next open time for a couple."""
    return FrontPage(offers.find_therapists(), offers.find_offerings(), next_time(now))


def next_time(now: datetime) -> OpenTime | None:
    """The next time at which a couple could come, whoever it is with."""
    # The shortest couple session of each therapist: it fits wherever a longer one would.
    shortest: dict[int, Offer] = {}
    for offer in offers.find_offers().values():
        if offer.attendance == FOR_TWO and not offer.staff_only and offer.visit != "follow_up":
            known = shortest.get(offer.therapist_id)
            if known is None or offer.rules.session < known.rules.session:
                shortest[offer.therapist_id] = offer
    return next(iter(earliest_times(list(shortest.values()), now=now, count=1)), None)


def get_article(slug: str) -> Article:
    """One article, in the language of this answer.

    :raises NotFound: when there is none of this name.
    """
    found = articles(current_language()).get(slug)
    if found is None:
        raise NotFound
    return found


def is_ready() -> bool:
    """Whether the database answers and the practice is set up.

    :raises SQLAlchemyError: when the database doesn't answer.
    """
    return db.session.scalar(select(PracticeProfile.id)) is not None
