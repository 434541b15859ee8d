"""What intake reads: drafts, submitted intakes, their answers and flags."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import Offer, find_offers, find_therapists
from practice.booking.openings import earliest_times
from practice.booking.prices.queries import OwnPrices, own_prices
from practice.booking.queries import (
    FOLLOW_UP,
    find_bookings_of,
    find_choices,
    find_eligibility,
    find_last_therapist,
)
from practice.couples import CoupleMember
from practice.database import db
from practice.erasing import is_held
from practice.errors import NotFound
from practice.intake.documents import current_questionnaire, read_questionnaire
from practice.intake.messages import RETURN
from practice.intake.models import Intake, IntakeAnswers
from practice.intake.questions import Answer, Field, Questionnaire, Section
from practice.intake.safety import Band, Flag
from practice.people import MailedLink, Person, get_link
from practice.regions import REGIONS, region_name
from practice.sealing import Vault, vault
from practice.spans import Span

INTAKE_LIFE = timedelta(days=30)
EARLIEST_SHOWN = 3
SENT = and_(Intake.submitted_at.is_not(None), Intake.erased_at.is_(None))
NEVER = datetime.max.replace(tzinfo=UTC)


class Answered(NamedTuple):
    """One answer as staff read it: where it was asked, and what was said in the words of the page."""

    section: Section
    field: Field
    said: str


class Fitting(NamedTuple):
    """A therapist whom somebody may book, what they would most likely book, and the next open time for that.

    `call` is what the therapist offers everybody without charge, such as a first call, if anything.
    """

    therapist: Therapist
    offer: Offer
    next_time: Span | None
    call: Offer | None


class Draft(NamedTuple):
    """A draft, opened. Where there is none: nothing but the current questionnaire."""

    intake: Intake | None
    questionnaire: Questionnaire
    answers: dict[str, Answer]


def find_regions() -> list[str]:
    """The codes of every place that can be chosen as where somebody is, or a therapist is licensed."""
    return list(REGIONS)


def find_licensed_regions() -> set[str]:
    """The codes of the places in which some therapist is licensed."""
    return {place for therapist in find_therapists() for place in therapist.licence_places}


def find_licence_names() -> list[str]:
    """The names of those places, in the order of the alphabet."""
    return sorted(region_name(code) for code in find_licensed_regions())


def find_draft(person: Person | None, now: datetime) -> Intake | None:
    """The intake that this person began and has not sent; None after it ran out, even before it is erased."""
    if person is None:
        return None
    found = select(Intake).where(
        Intake.person_id == person.id, Intake.submitted_at.is_(None), Intake.saved_at > now - INTAKE_LIFE
    )
    return db.session.scalars(found.order_by(Intake.id.desc()).limit(1)).one_or_none()


def open_draft(person: Person | None, now: datetime) -> Draft:
    """This person's draft with its questions and answers."""
    intake = find_draft(person, now)
    if intake is None:
        return Draft(None, current_questionnaire(), {})
    return Draft(intake, questionnaire_of(intake), codes_of(intake))


def find_submitted(person: Person | None) -> Intake | None:
    """The intake that this person sent last."""
    if person is None:
        return None
    found = select(Intake).where(Intake.person_id == person.id, SENT)
    return db.session.scalars(found.order_by(Intake.submitted_at.desc()).limit(1)).one_or_none()


def find_run_out(now: datetime) -> list[str]:
    """The references of the intakes to erase: not touched for INTAKE_LIFE, no booking came of them, and no hold."""
    mine, theirs = aliased(CoupleMember), aliased(CoupleMember)
    beside = select(theirs.person_id).join(mine, mine.couple_id == theirs.couple_id)
    partners = beside.where(mine.person_id == Intake.person_id)
    booked = exists().where(  # by themselves, or by whom they come or came with
        or_(Booking.person_id == Intake.person_id, Booking.person_id.in_(partners)),
        or_(Booking.confirmed_at.is_not(None), Booking.state.in_(CLAIMING)),
    )
    found = select(Intake.reference).where(Intake.saved_at <= now - INTAKE_LIFE, Intake.erased_at.is_(None))
    found = found.where(~is_held(Intake.person_id))
    return list(db.session.scalars(found.where(or_(Intake.submitted_at.is_(None), ~booked)).order_by(Intake.id)))


def list_submitted() -> list[Intake]:
    """Every intake that was sent, the oldest first."""
    return list(db.session.scalars(select(Intake).where(SENT).order_by(Intake.id)))


def get_intake(reference: str) -> Intake:
    """A submitted intake.

    :raises NotFound: when there is none of this reference, or it is a draft still, or was erased.
    """
    intake = db.session.scalars(select(Intake).where(Intake.reference == reference, SENT)).one_or_none()
    if intake is None:
        raise NotFound
    return intake


def lock_intake(reference: str) -> Intake:
    """The intake, also a draft, as the database has it now, locked until the work ends.

    :raises NotFound: when there is none of this reference.
    """
    found = select(Intake).where(Intake.reference == reference).with_for_update(of=Intake)
    intake = db.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if intake is None:
        raise NotFound
    return intake


def questionnaire_of(intake: Intake) -> Questionnaire:
    """The questions that this intake was asked: the booker's, or the partner's."""
    return read_questionnaire(intake.questionnaire.document, intake.audience)


def codes_of(intake: Intake, keys: Vault | None = None) -> dict[str, Answer]:
    """Every answer so far, by field, as codes. A field that was shown and left empty is there, empty."""
    keys = keys or vault()
    rows = db.session.scalars(select(IntakeAnswers).where(IntakeAnswers.intake_id == intake.id))
    found: dict[str, Answer] = {}
    for row in rows:
        found |= open_section(intake, row, keys)
    return found


def open_section(intake: Intake, row: IntakeAnswers, keys: Vault) -> dict[str, Answer]:
    """The answers of one section."""
    plain = keys.open(intake.person_id, row.sealed, table="intake_answers", row=intake.reference, column=row.section)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(plain).items()}


def answers_of(intake: Intake, keys: Vault | None = None) -> list[Answered]:
    """What was answered, in the order and the words of the questions that were asked then."""
    answers = codes_of(intake, keys)
    questionnaire = questionnaire_of(intake)
    return [
        Answered(section, field, questionnaire.said(field, answers))
        for section in questionnaire.sections
        for field in section.fields
        if field.name in answers
    ]


def flags_of(intake: Intake, keys: Vault | None = None) -> tuple[Flag, ...]:
    """What clinicians are warned of, the gravest first; empty for a draft."""
    if intake.flags_sealed is None:
        return ()
    keys = keys or vault()
    plain = keys.open(intake.person_id, intake.flags_sealed, table="intake", row=intake.reference, column="flags")
    return tuple(
        Flag(entry["code"], Band(entry["band"]), entry["rule_version"], tuple(entry["sources"]))
        for entry in json.loads(plain)
    )


def find_first_times(now: datetime, own: OwnPrices) -> list[tuple[Span, Offer]]:
    """The earliest open times of all, one offering for each therapist, so that three times are three times.

    They cost what `own` says.
    """
    chosen: dict[int, Offer] = {}
    for offer in find_offers().values():
        if offer.staff_only or offer.visit == FOLLOW_UP:
            continue
        known = chosen.get(offer.therapist_id)
        if known is None or _first_shown(offer) < _first_shown(known):
            chosen[offer.therapist_id] = offer
    return earliest_times(own.put_into(chosen.values()), now=now, count=EARLIEST_SHOWN)


def find_current_booking(person: Person | None) -> Booking | None:
    """The booking that this person made last, where it still holds time."""
    bookings = find_bookings_of(person) if person is not None else []
    return next((booking for booking in bookings if booking.state in CLAIMING), None)


def may_book(person: Person, now: datetime) -> bool:
    """Whether what this person sent still opens times; after a while the questions are asked again."""
    eligibility = find_eligibility(person)
    return eligibility is not None and now < eligibility.expires_at


def find_fitting(person: Person, now: datetime) -> list[Fitting]:
    """Whom this person may book: the therapist whom they saw last, then by the next open time.

    Only what is not private plays a part.
    """
    eligibility, sent = find_eligibility(person), find_submitted(person)
    if eligibility is None or sent is None:
        return []
    wish = str(codes_of(sent).get("format_pref", ""))
    by_therapist: dict[int, list[Offer]] = {}
    choices = find_choices(eligibility, now)
    calls = {offer.therapist_id: offer for offer in choices if not offer.price}
    for offer in own_prices(person.id, now).put_into(choices):
        by_therapist.setdefault(offer.therapist_id, []).append(offer)
    therapists = {therapist.id: therapist for therapist in find_therapists()}
    found = []
    for therapist_id, offers in by_therapist.items():
        nearest = min(offers, key=lambda offer: _distance(offer, wish, eligibility.attendance))
        earliest = earliest_times([nearest], now=now, count=1)
        call = calls.get(therapist_id)
        other = call if call is not None and call.offering_id != nearest.offering_id else None
        found.append(Fitting(therapists[therapist_id], nearest, earliest[0][0] if earliest else None, other))
    seen = find_last_therapist(person.id, now)
    return sorted(
        found,
        key=lambda fit: (fit.therapist.id != seen, fit.next_time.start if fit.next_time else NEVER, fit.therapist.name),
    )


def get_return_link(token: str) -> MailedLink:
    """The mailed link of this token.

    :raises NotFound: when we never sent it, or for something else.
    :raises Gone: when it was used, has run out or was withdrawn.
    """
    return get_link(token, RETURN)


def _first_shown(offer: Offer) -> tuple[bool, bool, int]:
    """What a newcomer most likely looks for: a couple's session, the least expensive one that is no mere call."""
    return offer.attendance != "couple", not offer.price, offer.price.minor_units


def _distance(offer: Offer, place: str, attendance: list[str]) -> tuple[int, bool, bool, int]:
    """How far an offering is from what was wished for: who comes, where, then the price; free calls come last."""
    elsewhere = place in {"video", "in_person"} and offer.place != place
    return attendance.index(offer.attendance), elsewhere, not offer.price, offer.price.minor_units
