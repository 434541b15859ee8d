"""For whom on the desk somebody's request, or a couple, exists: roles and treated sessions, for review/sight.py."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Integer, literal, select

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.offers.models import FOR_TWO, Offering
from practice.clearing.flags import find_open_band, flags_seen
from practice.clearing.queries import read_joint_time
from practice.couples import Couple, find_couple, formed_at, partner_ids
from practice.database import db
from practice.intake.models import Intake
from practice.intake.safety import Band
from practice.review.sight import Sight, sight_of
from practice.staff.models import StaffAccount

TREATED = (State.IN_REVIEW, State.CONFIRMED, State.ATTENDED, State.MISSED)


def roles_of(account: StaffAccount) -> set[str]:
    """The names of somebody's roles."""
    return {role.name for role in account.roles}


def treated_by(account: StaffAccount) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What a booking must be, so that this account sees its client."""
    return Booking.therapist_id == account.therapist_id, Booking.state.in_(TREATED)


def find_sight(account: StaffAccount, intake: Intake) -> Sight | None:
    """How much of this intake this account sees; None when for them it doesn't exist."""
    return find_sight_of(account, intake.person_id)


def find_sight_of(account: StaffAccount, person_id: int) -> Sight | None:
    """The same for whatever else is this person's."""
    treats = False
    if account.therapist_id is not None:
        theirs = select(Booking.id).where(Booking.person_id == person_id)
        joint = (
            select(Booking.id)
            .join(Booking.offering)
            .where(
                Booking.person_id.in_(partner_ids(literal(person_id, Integer))),
                Offering.attendance == FOR_TWO,
                Booking.ends_at > formed_at(literal(person_id, Integer)),
            )
        )
        found = (one.where(*treated_by(account)).limit(1) for one in (theirs, joint))
        treats = any(db.session.scalar(one) is not None for one in found)
    return sight_of(roles_of(account), treats=treats)


def find_couple_sight(account: StaffAccount, couple: Couple) -> Sight | None:
    """How much of this couple this account sees; None when for them it doesn't exist.

    Logistics alone opens nothing here. A therapist without the desk sees it who has a session of the two together, or
    who sees each of them; seeing one of them alone doesn't open the other's answers.
    """
    treats = account.therapist_id is not None and _treats(account, couple)
    sight = sight_of(roles_of(account), treats=treats)
    return sight if sight is Sight.CLINICAL else None


def find_couple_of(account: StaffAccount, intake: Intake) -> Couple | None:
    """The couple that somebody who sent answers is in, where this account sees it."""
    couple = find_couple(intake.person_id)
    return couple if couple is not None and find_couple_sight(account, couple) is not None else None


def open_band(account: StaffAccount, intake: Intake) -> Band | None:
    """How soon a clinician should look at a request: the worst flag that nobody has cleared.

    What was found in two people's answers counts for those who may read both.
    """
    couple = find_couple_of(account, intake)
    of_two = find_open_band(read_joint_time(couple).flags) if couple is not None else None
    own = find_open_band(flags_seen(intake))
    return Band.RED if Band.RED in (own, of_two) else own or of_two


def _treats(account: StaffAccount, couple: Couple) -> bool:
    people = [member.person_id for member in couple.members]

    def seen(*which: ColumnElement[bool]) -> set[int]:
        found = select(Booking.person_id).join(Offering, Offering.id == Booking.offering_id)
        return set(db.session.scalars(found.where(Booking.person_id.in_(people), *treated_by(account), *which)))

    return bool(seen(Offering.attendance == FOR_TWO, Booking.ends_at > couple.formed_at)) or seen() == set(people)
