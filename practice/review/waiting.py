"""The list of requests, narrowed and sorted, in a number of queries that doesn't grow with it.

What is sealed is opened for what a list needs and no further: a key and a contact each, and the two sections in which
somebody says where they are and who hopes to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.database import among, db
from practice.desk_hours import DeskHours
from practice.intake.desk import desk_hours
from practice.intake.documents import documents_of, read_questionnaire
from practice.intake.models import Intake, IntakeAnswers
from practice.intake.queries import open_section
from practice.intake.questions import PARTNER, SESSION, Answer, Answers
from practice.intake.safety import Band
from practice.people import Person, open_contact
from practice.regions import region_name
from practice.review import narrowing as by
from practice.review.corrections import corrected_unseen
from practice.review.lifecycle import ON_DESK, OPEN
from practice.review.narrowing import Narrowing
from practice.review.queries import visible, was_looked_at
from practice.review.seeing import read_views, roles_of
from practice.review.sight import DESK, Sight, sight_of
from practice.review.targets import red_targets_of, targets_of
from practice.sealing import WRAPPED, PersonKey, vault
from practice.speaking import current_language
from practice.staff.duty.queries import unread_since
from practice.staff.models import StaffAccount, StaffRole

A_PAGE = 50
LOOKED_THROUGH = 1000
"""How many requests a list is made from at most: so many are opened, whatever it is narrowed to."""
GRAVITY = {Band.RED: 0, Band.AMBER: 1, None: 2}
PLACE, ATTENDING = "session_location", "attending"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The time that somebody chose last and that is still taken for them. `therapist`: a name."""

    starts_at: datetime
    state: State
    deadline_at: datetime | None
    therapist: str


@dataclass(frozen=True)
class Waiting:
    """One line of the list. `owner` is as the audit log names them, or empty; `overdue` as Targets.overdue() says.

    For the coordinator `band` and `unread_since`, which an urgent notice has, are None, whatever was answered, and
    what is overdue is reckoned as for any request.
    """

    reference: str
    name: str
    state: str
    submitted_at: datetime
    waited: timedelta
    place: str
    attending: str  # one of narrowing.ATTENDING, or empty
    band: Band | None
    booking: Chosen | None
    owner: str
    overdue: str
    unread_since: datetime | None
    corrected: bool  # since a clinician looked; for the coordinator never


@dataclass(frozen=True)
class Listed:
    """One page of the list. `cut` says that there are older ones, or newer ones, which were not looked through."""

    lines: list[Waiting]
    total: int
    page: int
    pages: int
    cut: bool


@dataclass(frozen=True)
class _Opened:
    name: str
    place: str
    attending: str


@dataclass(frozen=True)
class _Found:
    """The requests that this account sees, in order, and by id what else was read of them."""

    intakes: list[Intake]
    people: dict[int, Row[Any]]  # `reference` and `contact_sealed` of who sent it
    clinical: set[int]
    bands: dict[int, Band | None]
    answers: dict[int, Answers]  # of those of which this account sees more than logistics
    unread: dict[int, datetime]
    corrected: set[int]
    chosen: dict[int, Chosen]


def reads_risk(account: StaffAccount) -> bool:
    """Whether lists show this account more than logistics, at least of some."""
    return sight_of(roles_of(account), treats=True) is Sight.CLINICAL


def list_waiting(account: StaffAccount, now: datetime) -> list[Waiting]:
    """The intakes that nobody has decided: the riskiest first, or, for the coordinator, the oldest."""
    usual = by.read_narrowing({}, clinical=reads_risk(account))
    found = _find(account, usual, now, "")
    intakes = _narrowed(found, usual, "", desk_hours(now), now)
    return _lines(_sorted(replace(found, intakes=intakes), usual.sort), found, now)


def list_requests(account: StaffAccount, asked: Narrowing, now: datetime, *, page: int = 1, text: str = "") -> Listed:
    """One page of A_PAGE lines; past the last one, the last. `text`: of a first name, or a reference."""
    found = _find(account, asked, now, text.strip())
    intakes = _narrowed(found, asked, text.strip().casefold(), desk_hours(now), now)
    ordered = _sorted(replace(found, intakes=intakes), asked.sort)
    pages = max(1, -(-len(ordered) // A_PAGE))
    page = min(page, pages)
    shown = ordered[(page - 1) * A_PAGE : page * A_PAGE]
    return Listed(_lines(shown, found, now), len(ordered), page, pages, len(found.intakes) == LOOKED_THROUGH)


def _find(account: StaffAccount, asked: Narrowing, now: datetime, text: str) -> _Found:
    """Everything that columns can tell, with what risk there is of each."""
    found = visible(account).where(*_columns(account, asked, now))
    if text.startswith("i_"):
        found = found.where(Intake.reference == text)
    first = {by.NEWEST: Intake.submitted_at.desc(), by.LATEST: Intake.decided_at.desc().nulls_last()}
    found = found.order_by(first.get(asked.sort, Intake.submitted_at), Intake.id).limit(LOOKED_THROUGH)
    rows = db.session.execute(_with_more(found)).all()
    vault().take_in((row.person_id, row.master_key_id, row.wrapped) for row in rows if row.wrapped is not None)
    views = read_views(account, [row.Intake for row in rows])
    clinical = {one for one, view in views.items() if view.sight is Sight.CLINICAL}
    read = [row for row in rows if row.Intake.id in clinical]
    return _Found(
        intakes=[row.Intake for row in rows if row.Intake.id in views],
        people={row.Intake.id: row for row in rows},
        clinical=clinical,
        bands={one: view.band for one, view in views.items()},
        answers={one: view.answers for one, view in views.items() if view.answers is not None},
        unread={row.Intake.id: row.unread_since for row in read if row.unread_since is not None},
        corrected={row.Intake.id for row in read if row.corrected},
        chosen={
            row.Intake.id: Chosen(row.starts_at, row.state, row.deadline_at, row.therapist)
            for row in rows
            if row.starts_at is not None
        },
    )


def _with_more(found: Select[Intake]) -> Select[Any]:
    """The same rows with what else is shown of each: a query for each of these would be several too many."""
    made = aliased(Booking)
    last = select(func.max(Booking.id)).where(Booking.person_id == Intake.person_id, Booking.state.in_(CLAIMING))
    return (
        found.join(Intake.person)
        .outerjoin(PersonKey, PersonKey.person_id == Intake.person_id)
        .outerjoin(made, made.id == last.correlate(Intake).scalar_subquery())
        .outerjoin(Therapist, Therapist.id == made.therapist_id)
        .add_columns(
            Person.reference,
            Person.contact_sealed,
            *WRAPPED.selected_columns,
            unread_since().label("unread_since"),
            corrected_unseen().label("corrected"),
            made.starts_at,
            made.state,
            made.deadline_at,
            Therapist.name.label("therapist"),
        )
    )


def _columns(account: StaffAccount, asked: Narrowing, now: datetime) -> list[ColumnElement[bool]]:
    wanted = []
    waits: ColumnElement[bool] = Intake.review_state.in_(OPEN)
    if asked.state == by.WAITING:
        if reads_risk(account):  # whatever was decided: nobody has read what calls, or what was corrected
            waits = or_(waits, unread_since().is_not(None), corrected_unseen())
        wanted.append(waits)
    elif asked.state == by.DECIDED:
        wanted.append(~waits)
    elif asked.state != by.EVERY:
        wanted.append(Intake.review_state == asked.state)
    if asked.owner == by.NOBODYS:
        wanted.append(Intake.owner.is_(None))
    elif asked.owner:
        wanted.append(Intake.owner == (account.actor if asked.owner == by.MINE else f"staff:{int(asked.owner)}"))
    if asked.age == by.TODAY:
        wanted.append(Intake.submitted_at >= _midnight(now))
    elif asked.age:
        wanted.append(Intake.submitted_at <= now - timedelta(days=int(asked.age)))
    return wanted


def _midnight(now: datetime) -> datetime:
    zone = ZoneInfo(desk_hours(now).zone)
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def _narrowed(found: _Found, asked: Narrowing, text: str, desk: DeskHours, now: datetime) -> list[Intake]:
    """Those of them that also fit what only opening can tell."""
    intakes = found.intakes
    if asked.state == by.WAITING:
        # What was decided, and isn't theirs to read, would tell by standing here that it calls.
        calls = found.unread.keys() | found.corrected
        intakes = [one for one in intakes if one.review_state in OPEN or one.id in calls]
    if asked.band:
        wanted = None if asked.band == by.NOTHING_RAISED else Band(asked.band)
        intakes = [one for one in intakes if one.id in found.clinical and found.bands[one.id] is wanted]
    if asked.unread:
        intakes = [
            one for one in intakes if one.id in found.unread or (one.id in found.clinical and not was_looked_at(one))
        ]
    if asked.overdue:
        intakes = [one for one in intakes if _overdue(one, found.bands[one.id], desk, now)]
    if not (asked.place or asked.attending or text):
        return intakes
    opened = _open(intakes, found)

    def fits(one: Intake) -> bool:
        said = opened[one.id]
        return (
            asked.place in ("", said.place)
            and asked.attending in ("", said.attending)
            and (text in said.name.casefold() or text == one.reference)
        )

    return [one for one in intakes if fits(one)]


def _sorted(found: _Found, sort: str) -> list[Intake]:
    if sort != by.RISK:
        return found.intakes  # as they were asked for
    # Stable: the older first within a band. What an urgent notice calls for stands above everything.
    return sorted(found.intakes, key=lambda one: (one.id not in found.unread, GRAVITY[found.bands[one.id]]))


def _overdue(intake: Intake, band: Band | None, desk: DeskHours, now: datetime) -> str:
    if intake.submitted_at is None or intake.review_state not in ON_DESK:
        return ""
    targets = (red_targets_of if band is Band.RED else targets_of)(intake.submitted_at, desk)
    return targets.overdue(looked=intake.looked_at, now=now)


def _lines(intakes: Sequence[Intake], found: _Found, now: datetime) -> list[Waiting]:
    opened, desk = _open(intakes, found), desk_hours(now)
    return [
        Waiting(
            reference=one.reference,
            name=opened[one.id].name,
            state=one.review_state,
            submitted_at=one.submitted_at or now,
            waited=now - (one.submitted_at or now),
            place=region_name(opened[one.id].place, current_language()),
            attending=opened[one.id].attending,
            band=found.bands[one.id],
            booking=found.chosen.get(one.id),
            owner=one.owner or "",
            overdue=_overdue(one, found.bands[one.id], desk, now),
            unread_since=found.unread.get(one.id),
            corrected=one.id in found.corrected,
        )
        for one in intakes
    ]


def find_colleagues(lines: Iterable[Waiting]) -> list[StaffAccount]:
    """Whoever may own a request, and whoever owns one of these, in the order in which their accounts were made."""
    owners = [int(one.owner.removeprefix("staff:")) for one in lines if one.owner.startswith("staff:")]
    may_own = and_(StaffAccount.active, StaffAccount.roles.any(StaffRole.name.in_(DESK)))
    found = select(StaffAccount).where(or_(may_own, StaffAccount.id.in_(owners))).order_by(StaffAccount.id)
    loaded = found.options(joinedload(StaffAccount.roles), joinedload(StaffAccount.therapist))
    return list(db.session.scalars(loaded).unique())


def _open(intakes: Sequence[Intake], found: _Found) -> dict[int, _Opened]:
    """What lists show of who these people are."""
    opened = {}
    said = {**_open_places([one for one in intakes if one.id not in found.answers]), **found.answers}
    for one in intakes:
        who = found.people[one.id]
        contact = open_contact(one.person_id, who.reference, who.contact_sealed)
        place, attending = (str(said[one.id].get(name, "")) for name in (PLACE, ATTENDING))
        if one.audience == PARTNER:
            attending = PARTNER
        opened[one.id] = _Opened(contact.first_name if contact else "", place, attending)
    return opened


def _open_places(intakes: Sequence[Intake]) -> dict[int, dict[str, Answer]]:
    """Where these people are and who hopes to come, by intake; nothing else that they said is opened."""
    said: dict[int, dict[str, Answer]] = {one.id: {} for one in intakes}
    if not intakes:
        return said
    vault().have_ready(one.person_id for one in intakes)
    documents = documents_of({one.questionnaire_hash for one in intakes})
    known = {one.id: (one, _sections_of(one, documents[one.questionnaire_hash])) for one in intakes}
    wanted = {section for _, sections in known.values() for section in sections}
    rows = select(IntakeAnswers).where(among(IntakeAnswers.intake_id, known), IntakeAnswers.section.in_(wanted))
    for row in db.session.scalars(rows):
        intake, sections = known[row.intake_id]
        if row.section in sections:
            answers = open_section(intake, row, vault())
            said[row.intake_id] |= {name: answers[name] for name in sections[row.section] if name in answers}
    return said


def _sections_of(intake: Intake, document: str) -> dict[str, list[str]]:
    """In which section this intake was asked what lists show, as far as it was sent."""
    found: dict[str, list[str]] = {}
    for section in read_questionnaire(document, intake.audience).sections:
        for field in section.fields:
            if field.name in (PLACE, ATTENDING) and (intake.completed_at is not None or field.moment != SESSION):
                found.setdefault(section.id, []).append(field.name)
    return found
