"""What the desk reads. Who may read it is decided here, once, by review/sight.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import joinedload

from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking
from practice.booking.offers.models import FOR_TWO, Offering
from practice.booking.offers.queries import find_therapists
from practice.booking.queries import find_bookings_of
from practice.clearing.flags import flags_seen
from practice.consents.queries import Standing, find_standings, find_taken_back
from practice.couples import Couple, formed_at, partner_ids
from practice.database import db
from practice.intake.agreeing import circumstances_of
from practice.intake.models import Intake
from practice.intake.queries import (
    SENT,
    Answered,
    answers_of,
    find_newest_of,
    find_submitted,
    scores_of,
    sent_codes_of,
)
from practice.intake.safety import Band
from practice.intake.scoring import Score
from practice.languages import N_
from practice.notes.models import Note
from practice.notes.queries import list_about_person
from practice.outbox import OutboxMessage
from practice.partners.lifecycle import Standing as Standings
from practice.partners.queries import SeenByStaff, read_for_staff
from practice.payments.queries import Unsettled, find_unsettled
from practice.people import Person, contact_of, takes_mail
from practice.regions import region_name
from practice.review.corrections import NOTHING, History, looked_since, read_history
from practice.review.flags import Shown, explained
from practice.review.heads import Head, read_head
from practice.review.seeing import find_couple_of, find_sight, find_sights_of, open_band, roles_of, treated_by
from practice.review.sight import DESK, Sight, sight_of
from practice.sealing import vault
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.staff.duty.queries import find_unread
from practice.staff.models import StaffAccount
from practice.staff.queries import find_actor_names, find_with_roles

TAKEN_BACK_SHOWN = timedelta(days=14)
COMING = timedelta(days=14)
# What a reviewer reads first, under short words; in this order.
ESSENCE = {
    "trust_role": N_("Their side"),
    "breach_main": N_("Weighs most"),
    "breach_types": N_("What touched trust"),
    "breach_pattern": N_("Pattern"),
    "breach_known_since": N_("In the open"),
    "breach_ongoing": N_("Still going on"),
}
GOALS = {
    "goal_direction": N_("Wants most"),
    "lean": N_("Right now"),
    "goals_concrete": N_("Would matter most"),
    "goals_own_words": N_("In three months"),
}
# Shown by the contact rule, or of no use once answered.
NEVER_LISTED = frozenset(
    {"age_18_plus", "preferred_name", "email", "phone", "contact_ok", "private_now", "session_location"}
)


@dataclass(frozen=True)
class Reach:
    """How to reach somebody, without why: an empty address or number means that this way is not to be used."""

    email: str
    phone: str
    voicemail: bool
    call_times: str = ""  # one of people.CALL_TIMES


class Said(NamedTuple):
    """One answer under a short word, and who may speak of it: one of intake.lanes.LANES, or None."""

    label: str
    words: str
    lane: str | None
    field: str


@dataclass(frozen=True)
class Sheet:
    """One intake, as far as this reader sees it. For the coordinator everything clinical is empty."""

    intake: Intake
    sight: Sight
    name: str
    reach: Reach
    place: str
    licensed: list[str]
    waited: timedelta
    owner: str
    unread_since: datetime | None
    bookings: list[Booking]
    logistics: list[Answered]
    band: Band | None
    flags: list[Shown]
    couple: Couple | None  # whom they come with, where this reader may see both
    essence: list[Said]
    goals: list[Said]
    rest: list[Answered]
    notes: list[Note]  # about this person alone; their words stand on a page of their own
    agreements: list[Standing]
    scores: list[Score]
    company: SeenByStaff  # who comes with them, and how that stands
    history: History  # what was corrected; for the coordinator empty
    head: Head
    partners_intake: str | None  # where it is this reader's to open


def find_deciders() -> list[StaffAccount]:
    """Who may own a request: whoever decides about them."""
    return find_with_roles(*DESK)


def sent_last(intake: Intake) -> datetime | None:
    """When something of this intake was last sent."""
    return intake.completed_at or intake.submitted_at


def was_looked_at(intake: Intake) -> bool:
    """Whether a clinician has opened what was sent last."""
    sent = sent_last(intake)
    return sent is not None and looked_since(intake, sent)


def read_sheet(account: StaffAccount, intake: Intake, sight: Sight, now: datetime) -> Sheet:
    """One intake for its page. `sight` is what find_sight said of this account."""
    clinical = sight is Sight.CLINICAL
    answered = [one for one in answers_of(intake) if not one.field.write_only and one.field.name not in NEVER_LISTED]
    open_answers = [one for one in answered if clinical and one.field.visibility == "own"]
    told = {one.field.name: one for one in open_answers}
    contact = contact_of(intake.person)
    region = str(sent_codes_of(intake).get("session_location", ""))
    company = read_for_staff(intake.person, now)
    other = find_submitted(company.partner)
    others_sight = find_sight(account, other) if other is not None else None
    bookings, band = find_bookings_of(intake.person), open_band(account, intake) if clinical else None
    agreements = find_standings(intake.person_id, circumstances_of(intake.person))
    head = read_head(
        intake,
        other if others_sight is Sight.CLINICAL else None,
        sight,
        now,
        band=band,
        bookings=bookings,
        agreements=agreements,
        company=_who_is_missing(company, answered=other is not None),
    )
    return Sheet(
        intake=intake,
        sight=sight,
        name=contact.first_name if contact else "",
        reach=reach_of(intake.person),
        place=region_name(region, current_language()),
        licensed=[therapist.name for therapist in find_therapists() if region in therapist.licence_places],
        waited=now - (intake.submitted_at or now),
        owner=_owner_names([intake]).get(intake.owner or "", ""),
        unread_since=find_unread().get(intake.id) if clinical else None,
        bookings=bookings,
        logistics=[one for one in answered if one.field.visibility == "admin" and one.field.kind != "checkbox"],
        band=band,
        flags=explained(intake, flags_seen(intake)) if clinical else [],
        couple=find_couple_of(account, intake) if clinical else None,
        essence=_under_short_words(ESSENCE, told),
        goals=_under_short_words(GOALS, told),
        rest=[one for one in open_answers if one.field.name not in (*ESSENCE, *GOALS)],
        notes=list_about_person(intake.person) if clinical else [],
        agreements=agreements,
        scores=[one for one in scores_of(intake) if not one.private] if clinical else [],
        company=company,
        history=read_history(intake, private=False) if clinical else NOTHING,
        head=head,
        partners_intake=other.reference if other is not None and others_sight is not None else None,
    )


def read_private(intake: Intake) -> list[Answered]:
    """What somebody answered just for themselves, and whatever else only clinicians read."""
    return [one for one in answers_of(intake) if one.field.write_only]


def read_private_scores(intake: Intake) -> list[Score]:
    """What the instruments add up to whose answers only clinicians read."""
    return [one for one in scores_of(intake) if one.private]


def reach_of(person: Person) -> Reach:
    """The ways that somebody allowed, and nothing of why the others are closed."""
    contact = contact_of(person)
    if contact is None:
        return Reach("", "", voicemail=False)
    voicemail = "voicemail" in contact.channels
    by_phone = voicemail or "call" in contact.channels
    return Reach(
        email=contact.email if takes_mail(person) else "",
        phone=contact.phone if by_phone else "",
        voicemail=voicemail,
        call_times=contact.call_times if by_phone else "",
    )


def list_sessions(account: StaffAccount, first: datetime, until: datetime) -> list[tuple[Booking, str, str | None]]:
    """The sessions that begin in [first, until): each with the client's first name and their intake's reference.

    A therapist without the desk sees their own. The reference is None where the intake isn't theirs to open.
    """
    found = select(Booking).where(Booking.starts_at >= first, Booking.starts_at < until, Booking.state.in_(CLAIMING))
    if sight_of(roles_of(account), treats=False) is None:
        found = found.where(Booking.therapist_id == account.therapist_id)
    found = found.options(joinedload(Booking.person), joinedload(Booking.offering), joinedload(Booking.therapist))
    bookings = list(db.session.scalars(found.order_by(Booking.starts_at, Booking.id)))
    people = {one.person_id for one in bookings}
    newest, seen = find_newest_of(people), find_sights_of(account, people)
    vault().have_ready(people)
    opens = {person_id: intake.reference for person_id, intake in newest.items() if person_id in seen}
    return [(one, _first_name(one.person), opens.get(one.person_id)) for one in bookings]


def list_taken_back(account: StaffAccount, now: datetime) -> list[tuple[str, str]]:
    """Who lately took back what sessions need: first name and the intake's reference, where this account sees them."""
    newest = find_newest_of({consent.person_id for consent in find_taken_back(now - TAKEN_BACK_SHOWN)})
    if not newest:
        return []
    seen = find_sights_of(account, newest)
    vault().have_ready(newest)
    return sorted((_first_name(one.person), one.reference) for one in newest.values() if one.person_id in seen)


def count_undelivered() -> int:
    """How many things to tell somebody could not be delivered."""
    dead = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == "dead")
    return db.session.scalar(dead) or 0


def list_unsettled() -> list[Unsettled]:
    """Payments and refunds that only a person can bring to an end."""
    return find_unsettled(db.session())


def _first_name(person: Person) -> str:
    contact = contact_of(person)
    return contact.first_name if contact else ""


def visible(account: StaffAccount) -> Select[Intake]:
    """The intakes of which this account may see something; of each, find_sight() says how much."""
    found = select(Intake).where(SENT)
    if sight_of(roles_of(account), treats=False) is not None:
        return found
    booked = exists().where(Booking.person_id == Intake.person_id, *treated_by(account))
    joint = exists().where(
        Booking.person_id.in_(partner_ids(Intake.person_id)),
        Booking.offering_id == Offering.id,
        Offering.attendance == FOR_TWO,
        Booking.ends_at > formed_at(Intake.person_id),
        *treated_by(account),
    )
    return found.where(or_(booked, joint))


def _who_is_missing(company: SeenByStaff, *, answered: bool) -> str:
    if company.partner is not None:
        if answered:
            return ""
        return _("What %(name)s answers", name=company.name) if company.name else _("What the other answers")
    return "" if company.standing is Standings.ALONE else _("Somebody to come with them")


def _owner_names(intakes: Sequence[Intake]) -> dict[str, str]:
    return find_actor_names({one.owner for one in intakes if one.owner is not None})


def _under_short_words(labels: Mapping[str, str], told: Mapping[str, Answered]) -> list[Said]:
    return [Said(_(label), told[name].said, told[name].lane, name) for name, label in labels.items() if name in told]
