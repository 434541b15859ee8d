"""What the desk reads of two people who come together. Who may read it, review/seeing.py says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.offers.models import FOR_TWO, Offering
from practice.booking.offers.queries import Offer, find_offers
from practice.clearing.flags import find_open_band
from practice.clearing.models import INDIVIDUAL, Conversion
from practice.clearing.queries import (
    JointTime,
    Missing,
    Side,
    list_clearances,
    list_coming,
    list_conversions,
    read_joint_time,
)
from practice.couples import Couple, CoupleMember
from practice.database import db
from practice.intake.queries import questionnaire_of
from practice.intake.questions import TYPED, Questionnaire
from practice.intake.safety import Band
from practice.people import contact_of
from practice.review.flags import Shown, explained, explained_for_two
from practice.review.queries import Reach, reach_of
from practice.review.seeing import find_couple_sight
from practice.staff.models import StaffAccount
from practice.staff.queries import find_actor_names

ONLY_DIFFERENCES = "differences"
EMPTY = ""
NOT_COMPARED = frozenset({"private_now", "ack_not_emergency"})


@dataclass(frozen=True)
class Partner:
    """One of the two as the page shows them."""

    side: Side
    name: str
    reach: Reach
    flags: list[Shown]

    @property
    def missing(self) -> Missing | None:
        """What of theirs joint time waits for."""
        return self.side.missing


@dataclass(frozen=True)
class Compared:
    """What both answered to one question; None where somebody was not asked, EMPTY where they left it empty."""

    question: str
    said: tuple[str | None, str | None]
    typed: bool  # in somebody's own words, which always differ

    @property
    def differs(self) -> bool:
        """Whether both answered, and chose otherwise."""
        return self._both_chose and self.said[0] != self.said[1]

    @property
    def agrees(self) -> bool:
        """Whether both answered, and chose the same."""
        return self._both_chose and self.said[0] == self.said[1]

    @property
    def _both_chose(self) -> bool:
        # Two who say nothing agree on nothing, and silence contradicts nobody.
        return not self.typed and None not in self.said and EMPTY not in self.said


@dataclass(frozen=True)
class Cleared:
    """One clearing in words."""

    at: datetime
    by: str
    reason: str
    rules: str
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn: str


@dataclass(frozen=True)
class CalledOff:
    """One session that was called off, in words."""

    conversion: Conversion
    by: str
    reason: str
    alone: list[Offer]  # what its therapist offers one person, where individual calls come instead


@dataclass(frozen=True)
class CoupleSheet:
    """A couple for its page."""

    joint: JointTime
    partners: tuple[Partner, Partner]
    band: Band | None
    flags: list[Shown]  # of the two together
    compared: list[tuple[str, list[Compared]]]  # by section
    cleared: list[Cleared]
    coming: list[Booking]
    called_off: list[CalledOff]

    @property
    def differences(self) -> int:
        """In how many answers the two differ."""
        return sum(row.differs for _, rows in self.compared for row in rows)

    def compared_as(self, only: str) -> list[tuple[str, list[Compared]]]:
        """What is side by side, narrowed to the rows in which the two differ where `only` is ONLY_DIFFERENCES."""
        if only != ONLY_DIFFERENCES:
            return self.compared
        found = [(title, [row for row in rows if row.differs]) for title, rows in self.compared]
        return [(title, rows) for title, rows in found if rows]


def read_couple(couple: Couple, now: datetime) -> CoupleSheet:
    """A couple for the page of somebody who sees it."""
    joint = read_joint_time(couple)
    first, second = joint.sides
    every = [one for side in joint.sides for one in side.flags] + list(joint.flags)
    return CoupleSheet(
        joint=joint,
        partners=(_partner(first), _partner(second)),
        band=find_open_band(every),
        flags=explained_for_two(first.intake, joint.flags) if first.intake is not None else [],
        # Side by side only once both have answered: nobody is read against somebody who hasn't spoken.
        compared=_compared(first, second) if first.intake is not None and second.intake is not None else [],
        cleared=_cleared(couple),
        coming=list_coming(couple, now),
        called_off=_called_off(couple),
    )


def _partner(side: Side) -> Partner:
    contact = contact_of(side.person)
    flags = explained(side.intake, side.flags) if side.intake is not None else []
    return Partner(side, contact.first_name if contact else "", reach_of(side.person), flags)


def _compared(first: Side, second: Side) -> list[tuple[str, list[Compared]]]:
    """What was asked of both and clinicians and the treating therapist read; *Just for you* stays apart."""
    theirs = [(side, questionnaire_of(side.intake)) for side in (first, second) if side.intake is not None]
    sections = []
    for section in theirs[0][1].sections:
        rows = []
        for field in section.fields:
            if field.write_only or field.visibility != "own" or field.name in NOT_COMPARED:
                continue
            said = tuple(_said(questions, field.name, side) for side, questions in theirs)
            if said != (None, None):
                rows.append(Compared(field.question, (said[0], said[1]), field.kind in TYPED))
        if rows:
            sections.append((section.title, rows))
    return sections


def _said(questions: Questionnaire, name: str, side: Side) -> str | None:
    if name not in side.answers:
        return None
    try:
        return questions.said(questions.field(name), side.answers) if side.answers[name] else EMPTY
    except KeyError:  # asked in another version
        return EMPTY


def _cleared(couple: Couple) -> list[Cleared]:
    listed = list_clearances(couple)
    actors = {one.cleared_by for one, _ in listed} | {one.withdrawn_by or "" for one, _ in listed}
    names = find_actor_names(actors)
    return [
        Cleared(
            at=one.cleared_at,
            by=names.get(one.cleared_by, one.cleared_by),
            reason=words.reason,
            rules=one.rule_version,
            withdrawn_at=one.withdrawn_at,
            withdrawn_by=names.get(one.withdrawn_by or "", ""),
            withdrawn=words.withdrawn,
        )
        for one, words in listed
    ]


def _called_off(couple: Couple) -> list[CalledOff]:
    listed = list_conversions(couple)
    names = find_actor_names({one.decided_by for one, _ in listed})
    return [
        CalledOff(one, names.get(one.decided_by, one.decided_by), reason, _alone_instead(one)) for one, reason in listed
    ]


def _alone_instead(one: Conversion) -> list[Offer]:
    if one.turned_into != INDIVIDUAL:
        return []
    offers = [offer for offer in find_offers().values() if offer.therapist_id == one.booking.therapist_id]
    return [offer for offer in offers if offer.attendance == "individual"]


def list_waiting_couples(account: StaffAccount, now: datetime) -> list[tuple[Couple, CoupleSheet]]:
    """The couples whose next session stands and whose joint time a clinician could clear, the soonest first."""
    stands = (Booking.state == State.CONFIRMED, Booking.starts_at > now, Offering.attendance == FOR_TWO)
    come = select(CoupleMember.couple_id).join(Booking, Booking.person_id == CoupleMember.person_id)
    come = come.join(Offering, Offering.id == Booking.offering_id).where(*stands)
    found = select(Couple).where(Couple.ended_at.is_(None), Couple.id.in_(come)).order_by(Couple.id)
    seen = [one for one in db.session.scalars(found) if find_couple_sight(account, one) is not None]
    return sorted(((one, read_couple(one, now)) for one in seen), key=lambda one: one[1].coming[0].starts_at)
