"""What the public pages read: who works here, what a session costs, when the next one is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from practice.booking import queries as booking
from practice.booking.models import Offering, Therapist
from practice.database import db
from practice.errors import NotFound
from practice.profile import PracticeProfile
from practice.site.articles import Article, articles
from practice.spans import Span

OpenTime = tuple[Span, Therapist, Offering]


@dataclass(frozen=True)
class FrontPage:
    """What the front page shows of the practice."""

    therapists: list[Therapist]
    offerings: list[Offering]
    next_time: OpenTime | None


def front_page(now: datetime) -> FrontPage:
    """Therapists by name, offerings by price, and the next open time for a couple."""
    therapists = booking.find_therapists()
    return FrontPage(therapists, booking.find_offerings(), _next_couple_time(therapists, now))


def next_time(now: datetime) -> OpenTime | None:
    """The next time at which a couple could come, whoever it is with."""
    return _next_couple_time(booking.find_therapists(), now)


def get_article(slug: str) -> Article:
    """One article.

    :raises NotFound: when there is none of this name.
    """
    found = articles().get(slug)
    if found is None:
        raise NotFound
    return found


def is_ready() -> bool:
    """Whether the database answers and the practice is set up.

    :raises SQLAlchemyError: when the database doesn't answer.
    """
    return db.session.scalar(select(PracticeProfile.id)) is not None


def _next_couple_time(therapists: list[Therapist], now: datetime) -> OpenTime | None:
    # The shortest couple session of each therapist: it fits wherever a longer one would.
    choices = []
    for therapist in therapists:
        couple = [one for one in therapist.offerings if one.active and one.attendance == "couple"]
        if couple:
            choices.append((therapist, min(couple, key=lambda one: one.session_minutes)))
    return next(iter(booking.earliest_times(choices, now=now, count=1)), None)
