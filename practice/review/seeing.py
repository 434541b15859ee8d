"""For whom on the desk somebody's request, or a couple, exists: roles, sessions and other ties, for review/sight.py."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, String, case, cast, func, literal, null, select, union_all

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.offers.models import FOR_TWO, Offering
from practice.clearing.bands import read_bands
from practice.clock import clock
from practice.couples import Couple, find_couple, find_couples
from practice.database import UtcDateTime, among, db
from practice.intake.models import Intake
from practice.intake.queries import find_newest_of
from practice.intake.questions import Answers
from practice.intake.safety import Band
from practice.review.glass_queries import UNDER, find_standing, opening
from practice.review.sight import Sight, Tie, opens_with_reason, reads_private, reads_private_of, sight_of
from practice.staff.duty.queries import calling, find_called_to
from practice.staff.models import StaffAccount

TREATED = (State.IN_REVIEW, State.CONFIRMED, State.ATTENDED, State.MISSED)
Ties = frozenset[Tie]


@dataclass(frozen=True)
class View:
    """What an account sees of one intake: how much, how soon a clinician should look, and what was answered in it.

    `band` and `answers` are None where it sees logistics alone.
    """

    sight: Sight
    band: Band | None
    answers: Answers | None


@dataclass(frozen=True)
class _Known:
    """What is read once of many people: with whom each comes, what each sent last, and what ties the account to each.

    `joint`: the couples with whom it has a session of the two.
    """

    couples: dict[int, Couple]
    newest: dict[int, Intake]
    ties: dict[int, Ties]
    joint: set[int]


def roles_of(account: StaffAccount) -> set[str]:
    """The names of somebody's roles."""
    return {role.name for role in account.roles}


def treated_by(account: StaffAccount) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What a booking must be, so that this account sees its client."""
    return Booking.therapist_id == account.therapist_id, Booking.state.in_(TREATED)


def ties_to(account: StaffAccount, person_id: int) -> Ties:
    """What ties this account to a person."""
    return _know(account, {person_id}).ties[person_id]


def find_ties(account: StaffAccount, people: Collection[int]) -> dict[int, Ties]:
    """What ties this account to each of these people, by id, in as many queries for two hundred as for one."""
    return _know(account, people).ties


def find_sight(account: StaffAccount, intake: Intake) -> Sight | None:
    """How much of this intake this account sees; None when for them it doesn't exist."""
    return find_sight_of(account, intake.person_id)


def find_sight_of(account: StaffAccount, person_id: int) -> Sight | None:
    """The same for whatever else is this person's."""
    return sight_of(roles_of(account), ties=ties_to(account, person_id))


def sees_clinically(account: StaffAccount, person_id: int) -> bool:
    """Whether this account reads what is clinical of a person."""
    return find_sight_of(account, person_id) is Sight.CLINICAL


def may_read_private(account: StaffAccount, person_id: int) -> bool:
    """Whether this account reads what a person answered just for themselves."""
    return reads_private_of(roles_of(account), ties_to(account, person_id))


def find_sights(account: StaffAccount, intakes: Sequence[Intake]) -> dict[int, Sight]:
    """How much this account sees of each of these intakes, by id; those that for them don't exist are missing.

    It takes as many queries for two hundred intakes as for one.
    """
    seen = find_sights_of(account, {intake.person_id for intake in intakes})
    return {intake.id: seen[intake.person_id] for intake in intakes if intake.person_id in seen}


def find_sights_of(account: StaffAccount, people: Collection[int]) -> dict[int, Sight]:
    """How much this account sees of each of these people, by id; who for them doesn't exist is missing."""
    return _sights(account, people, _know(account, people))


def find_couple_sight(account: StaffAccount, couple: Couple) -> Sight | None:
    """How much of this couple this account sees; None when for them it doesn't exist.

    Logistics alone opens nothing here. A therapist without the desk sees it who has a session of the two together, or
    who sees each of them; seeing one of them alone doesn't open the other's answers. A clinician sees it likewise, and
    where they answer for both, or opened both with a reason.
    """
    sight = sight_of(roles_of(account), ties=couple_ties(account, couple))
    return sight if sight is Sight.CLINICAL else None


def couple_ties(account: StaffAccount, couple: Couple) -> Ties:
    """What ties this account to both of a couple; nothing, where one of the two isn't theirs."""
    known = _know(account, {member.person_id for member in couple.members}, couple)
    return _ties_to_both(couple, known)


def couple_is_closed(account: StaffAccount, intake: Intake) -> bool:
    """Whether a clinician needs a reason to read both of the two who come together, one of whom sent this intake.

    Also where one of the two is theirs already.
    """
    couple = find_couple(intake.person_id)
    return couple is not None and opens_with_reason(roles_of(account), couple_ties(account, couple))


def find_couple_of(account: StaffAccount, intake: Intake) -> Couple | None:
    """The couple that somebody who sent answers is in, where this account sees it."""
    couple = find_couple(intake.person_id)
    return couple if couple is not None and find_couple_sight(account, couple) is not None else None


def open_band(account: StaffAccount, intake: Intake) -> Band | None:
    """How soon a clinician should look at a request: the worst flag that nobody has cleared.

    What was found in two people's answers counts for those who may read both.
    """
    return open_bands(account, [intake])[intake.id]


def open_bands(account: StaffAccount, intakes: Sequence[Intake]) -> dict[int, Band | None]:
    """What open_band() says of each of these sent intakes, by id.

    It takes as many queries for two hundred intakes as for one.
    """
    return _bands(account, intakes, _know(account, {intake.person_id for intake in intakes}, read=intakes))[0]


def read_views(account: StaffAccount, intakes: Sequence[Intake]) -> dict[int, View]:
    """What find_sights() and open_bands() say of these sent intakes, by id, in fewer queries than the two of them."""
    people = {intake.person_id for intake in intakes}
    known = _know(account, people, read=intakes)
    sights = _sights(account, people, known)
    clinical = [one for one in intakes if sights.get(one.person_id) is Sight.CLINICAL]
    bands, answers = _bands(account, clinical, known)
    return {
        one.id: View(sights[one.person_id], bands.get(one.id), answers.get(one.id))
        for one in intakes
        if one.person_id in sights
    }


def under(account: StaffAccount, people: Collection[int]) -> dict[str, str]:
    """What the audit log adds to a look at these people: by which grants it was, where nothing else would open them."""
    known = _know(account, people)
    resting = [person_id for person_id in people if known.ties[person_id] == {Tie.OPENED}]
    grants = find_standing(account, resting, clock().now()) if resting else {}
    return {UNDER: " ".join(sorted(set(grants.values())))} if grants else {}


def _know(
    account: StaffAccount, people: Collection[int], ended: Couple | None = None, read: Sequence[Intake] = ()
) -> _Known:
    """Read it. `ended` is a couple besides, which may be over; `read`: what these people sent that is read already."""
    couples = find_couples(set(people))
    all_couples = {one.id: one for one in (*couples.values(), *([ended] if ended is not None else []))}
    everybody = {*people, *(member.person_id for one in all_couples.values() for member in one.members)}
    newest = find_newest_of(everybody, read)
    rows = _read_ties(account, everybody, ended)
    alone, joint = _treated([row for row in rows if row.tie == Tie.TREATS], all_couples.values())
    ties = {person_id: set[Tie]() for person_id in everybody}
    for person_id in everybody:
        couple = couples.get(person_id)
        if person_id in alone or (couple is not None and couple.id in joint):
            ties[person_id].add(Tie.TREATS)
    if reads_private(roles_of(account)):
        _tie_clinician(account, ties, couples, newest, rows)
    return _Known(couples, newest, {one: frozenset(found) for one, found in ties.items()}, joint)


def _read_ties(account: StaffAccount, people: Collection[int], ended: Couple | None) -> Sequence[Row[Any]]:
    """Sessions, notices and grants that may tie, in one query: a list of requests has few to spare.

    Each row has `tie`, `person_id`, and what its tie is told by: with Tie.TREATS `attendance`, `at` (the last end) and
    `before` (of those held until `ended` parted); with Tie.CALLED `step` and `at` (when a notice was read).
    """
    parts: list[Select[*tuple[Any, ...]]] = []
    step, attendance = cast(null(), Integer), cast(null(), String)
    at = before = cast(null(), UtcDateTime)
    if account.therapist_id is not None:
        whose = (literal(Tie.TREATS.value).label("tie"), Booking.person_id.label("person_id"))
        last = (step.label("step"), Offering.attendance.label("attendance"), func.max(Booking.ends_at).label("at"))
        parted = ended.ended_at if ended is not None else None
        held = func.max(case((Booking.held_at <= parted, Booking.ends_at))) if parted is not None else before
        treats = select(*whose, *last, held.label("before")).join(Offering, Offering.id == Booking.offering_id)
        treats = treats.where(among(Booking.person_id, people), *treated_by(account))
        parts.append(treats.group_by(Booking.person_id, Offering.attendance))
    if reads_private(roles_of(account)):
        now = clock().now()
        called, opened = calling(account, people, now).subquery(), opening(account, people, now).subquery()
        waits = (called.c.person_id, called.c.step.label("step"), attendance.label("attendance"), called.c.at)
        parts.append(select(literal(Tie.CALLED.value).label("tie"), *waits, before.label("before")))
        parts.append(select(literal(Tie.OPENED.value).label("tie"), opened.c.person_id, step, attendance, at, before))
    return db.session.execute(union_all(*parts)).all() if parts else []


def _tie_clinician(
    account: StaffAccount,
    ties: dict[int, set[Tie]],
    couples: dict[int, Couple],
    newest: dict[int, Intake],
    rows: Sequence[Row[Any]],
) -> None:
    called = find_called_to(account, [row for row in rows if row.tie == Tie.CALLED], clock().now())
    opened = {row.person_id for row in rows if row.tie == Tie.OPENED}
    for person_id, found in ties.items():
        whose = owners_among(person_id, couples.get(person_id), newest)
        if account.actor in whose:
            found.add(Tie.OWNS)
        if not whose:
            found.add(Tie.NOBODYS)
        if person_id in called:
            found.add(Tie.CALLED)
        if person_id in opened:
            found.add(Tie.OPENED)


def owners_among(person_id: int, couple: Couple | None, newest: dict[int, Intake]) -> list[str]:
    """Whose somebody is: who has what they sent last, or what whoever they come with sent last."""
    people = [member.person_id for member in couple.members] if couple is not None else [person_id]
    return sorted({newest[one].owner or "" for one in people if one in newest} - {""})


def _treated(rows: Sequence[Row[Any]], couples: Collection[Couple]) -> tuple[set[int], set[int]]:
    """With which people this account has a session that they booked, and with which couples one of the two."""
    of_two = [row for row in rows if row.attendance == FOR_TWO]
    lasts: dict[int, datetime] = {row.person_id: row.at for row in of_two}
    befores: dict[int, datetime] = {row.person_id: row.before for row in of_two if row.before is not None}

    def is_seen(couple: Couple) -> bool:
        ends = lasts if couple.ended_at is None else befores  # what one of them booked since is with somebody else
        return any(ends.get(one.person_id, couple.formed_at) > couple.formed_at for one in couple.members)

    return {row.person_id for row in rows}, {one.id for one in couples if is_seen(one)}


def _sights(account: StaffAccount, people: Collection[int], known: _Known) -> dict[int, Sight]:
    roles = roles_of(account)
    sights = {person_id: sight_of(roles, ties=known.ties[person_id]) for person_id in people}
    return {person_id: sight for person_id, sight in sights.items() if sight is not None}


def _bands(
    account: StaffAccount, intakes: Sequence[Intake], known: _Known
) -> tuple[dict[int, Band | None], dict[int, Answers]]:
    """Of each of these, by id: how soon, and what was answered, since that was read for it."""
    couples = {one.id: one for one in (known.couples.get(intake.person_id) for intake in intakes) if one is not None}
    seen = _seen(account, list(couples.values()), known)
    bands = read_bands(intakes, seen, known.newest)
    of_two = {member.person_id: bands.of_two.get(couple.id) for couple in seen for member in couple.members}
    worst = {one.id: _worse(bands.of_one[one.id], of_two.get(one.person_id)) for one in intakes}
    return worst, {one.id: bands.answers[one.id] for one in intakes}


def _worse(own: Band | None, of_two: Band | None) -> Band | None:
    return Band.RED if Band.RED in (own, of_two) else own or of_two


def _seen(account: StaffAccount, couples: Sequence[Couple], known: _Known) -> list[Couple]:
    roles = roles_of(account)
    return [one for one in couples if sight_of(roles, ties=_ties_to_both(one, known)) is Sight.CLINICAL]


def _ties_to_both(couple: Couple, known: _Known) -> Ties:
    """Whatever ties to both; where something ties to one and something else to the other, the weaker of it."""
    if couple.id in known.joint:
        return frozenset({Tie.TREATS})
    each = [known.ties[member.person_id] for member in couple.members]
    if not all(each):
        return frozenset()
    answers = all(ties - {Tie.OPENED} for ties in each)
    return frozenset().union(*each) - {Tie.OPENED} if answers else frozenset({Tie.OPENED})
