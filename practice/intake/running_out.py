"""Which intakes have run out: what to erase, and what to keep because somebody comes. Only reads."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking
from practice.booking.waiting.models import PlaceWish
from practice.couples import CoupleMember
from practice.database import db
from practice.erasing import is_held, is_kept
from practice.intake.models import Intake
from practice.intake.queries import INTAKE_LIFE
from practice.intake.questions import PARTNER

PLACE_WISH_LIFE = timedelta(days=180)


def find_run_out(now: datetime) -> list[str]:
    """The references of the intakes to erase: not touched for INTAKE_LIFE, and no booking came of them, their own or
    that of whom they come with. What an invited partner began stays until after the session that they were invited to.
    """
    booked = _some_booking(or_(Booking.confirmed_at.is_not(None), Booking.state.in_(CLAIMING)))
    led_nowhere = or_(
        and_(Intake.submitted_at.is_(None), or_(Intake.audience != PARTNER, ~_coming(now))),
        and_(Intake.submitted_at.is_not(None), ~booked),
    )
    found = select(Intake.reference).where(
        Intake.saved_at <= now - INTAKE_LIFE, Intake.erased_at.is_(None), led_nowhere, ~is_kept(Intake.person_id)
    )
    return list(db.session.scalars(found.order_by(Intake.id)))


def find_unsent_parts(now: datetime) -> list[str]:
    """The references of the sent intakes whose part before the session was saved and not sent for INTAKE_LIFE, where no
    session is coming any more.
    """
    found = select(Intake.reference).where(
        Intake.more_saved_at <= now - INTAKE_LIFE,
        Intake.completed_at.is_(None),
        Intake.submitted_at.is_not(None),
        Intake.erased_at.is_(None),
        ~_coming(now),
        ~is_kept(Intake.person_id),
    )
    return list(db.session.scalars(found.order_by(Intake.id)))


def find_place_wishes_over(now: datetime) -> list[PlaceWish]:
    """The wishes for a licence somewhere that waited long enough, and those of people who were told."""
    over = or_(PlaceWish.asked_at <= now - PLACE_WISH_LIFE, PlaceWish.told_at <= now - INTAKE_LIFE)
    return list(db.session.scalars(select(PlaceWish).where(over, ~is_held(PlaceWish.person_id))))


def _coming(now: datetime) -> ColumnElement[bool]:
    return _some_booking(and_(Booking.state.in_(CLAIMING), Booking.ends_at > now))


def _some_booking(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is such a booking of the intake's person, or of somebody whom they are or were joined with."""
    mine, theirs = aliased(CoupleMember), aliased(CoupleMember)
    joined = (
        select(theirs.person_id)
        .join(mine, mine.couple_id == theirs.couple_id)
        .where(mine.person_id == Intake.person_id)
        .correlate(Intake)
    )
    return exists().where(or_(Booking.person_id == Intake.person_id, Booking.person_id.in_(joined)), which)
