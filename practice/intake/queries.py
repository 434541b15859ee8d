"""What intake reads: drafts, submitted intakes, their answers and flags."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, not_, select

from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking
from practice.booking.offers.queries import find_therapists
from practice.booking.queries import find_bookings_of, find_eligibility
from practice.couples import find_couple
from practice.database import among, db
from practice.errors import NotFound
from practice.intake.documents import current_questionnaire, documents_of, instruments_of, read_questionnaire
from practice.intake.instruments import read_instrument
from practice.intake.lanes import default_lane
from practice.intake.messages import RETURN
from practice.intake.models import Intake, IntakeAnswers
from practice.intake.questions import BOOKER, PARTNER, SESSION, Answer, Field, Questionnaire, Section
from practice.intake.safety import Band, Flag
from practice.intake.scoring import Score, score
from practice.people import BY_PHONE, MailedLink, Person, contact_of, get_link
from practice.profile import profile
from practice.regions import REGIONS, region_name
from practice.sealing import Vault, vault
from practice.speaking import current_language
from practice.telling.places import in_order

INTAKE_LIFE = timedelta(days=30)
SENT = and_(Intake.submitted_at.is_not(None), Intake.erased_at.is_(None))


class Answered(NamedTuple):
    """One answer as staff read it: where it was asked, what was said in the words of the page, and who may speak of it
    (one of lanes.LANES; None where that is no question).
    """

    section: Section
    field: Field
    said: str
    lane: str | None = None


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
    return sorted((region_name(code, current_language()) for code in find_licensed_regions()), key=in_order)


def find_draft(person: Person | None, now: datetime) -> Intake | None:
    """The first part that this person began and has not sent; None after it ran out, even before it is erased.

    What is asked before the session, and an invited partner's whole intake, is found by session_part.find_session_part.
    """
    if person is None:
        return None
    found = select(Intake).where(
        Intake.person_id == person.id,
        Intake.audience == BOOKER,
        Intake.submitted_at.is_(None),
        Intake.saved_at > now - INTAKE_LIFE,
    )
    return db.session.scalars(found.order_by(Intake.id.desc()).limit(1)).one_or_none()


def open_draft(person: Person | None, now: datetime) -> Draft:
    """This person's draft with its questions and answers."""
    intake = find_draft(person, now)
    if intake is None:
        return Draft(None, current_questionnaire(), {})
    return Draft(intake, questionnaire_of(intake), codes_of(intake))


def find_submitted(person: Person | None) -> Intake | None:
    """The intake that this person sent last, as whoever: for booking or as an invited partner."""
    return find_newest_sent(person, BOOKER, PARTNER)


def is_settled(person: Person) -> bool:
    """Whether this person's code and address guard more than a first draft: they sent something, or joined somebody.

    From then on both are changed with the code alone, on their own page.
    """
    if person.code_hash is None or person.contact_sealed is None:
        return False  # whoever was entered by the practice chooses a first code
    return find_couple(person.id) is not None or find_submitted(person) is not None or bool(find_bookings_of(person))


def settled_reach(person: Person | None) -> dict[str, Answer]:
    """What is settled of how this person is reached, as answers by field; nothing before it is."""
    contact = contact_of(person) if person is not None and is_settled(person) else None
    if contact is None:
        return {}
    known: dict[str, Answer] = {
        "preferred_name": contact.first_name,
        "email": contact.email,
        "contact_ok": contact.channels,
        "phone": contact.phone if BY_PHONE & set(contact.channels) else "",
    }
    return {name: answer for name, answer in known.items() if answer}


def find_request(person: Person | None) -> Intake | None:
    """The intake that this person sent last to book a session."""
    return find_newest_sent(person, BOOKER)


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
    """Every answer so far, by field, as codes, sent or not: for whoever gave them. Staff read sent_codes_of().

    A field that was shown and left empty is there, empty.
    """
    keys = keys or vault()
    rows = db.session.scalars(select(IntakeAnswers).where(IntakeAnswers.intake_id == intake.id))
    found: dict[str, Answer] = {}
    for row in rows:
        found |= open_section(intake, row, keys)
    return found


def open_section(intake: Intake, row: IntakeAnswers, keys: Vault) -> dict[str, Answer]:
    """The answers of one section."""
    return _open_answers(intake, row.section, row.sealed, keys)


def _open_answers(intake: Intake, section: str, sealed: bytes, keys: Vault) -> dict[str, Answer]:
    plain = keys.open(intake.person_id, sealed, table="intake_answers", row=intake.reference, column=section)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(plain).items()}


def sent_codes_of(intake: Intake, keys: Vault | None = None) -> dict[str, Answer]:
    """The answers that were sent. What is saved for the part before the session is its author's until they send it."""
    if intake.submitted_at is None:
        return {}
    unsent = set[str]()
    if intake.completed_at is None:
        unsent = {field.name for field in questionnaire_of(intake).fields() if field.moment == SESSION}
    return {name: answer for name, answer in codes_of(intake, keys).items() if name not in unsent}


def read_sent_codes(intakes: Sequence[Intake]) -> dict[int, dict[str, Answer]]:
    """What sent_codes_of() says of each of these sent intakes, by id, in so many queries however many there are."""
    keys, found = vault(), dict[int, dict[str, Answer]]({intake.id: {} for intake in intakes})
    keys.have_ready(intake.person_id for intake in intakes)
    documents = documents_of({intake.questionnaire_hash for intake in intakes})
    known = {intake.id: intake for intake in intakes}
    # In columns: of so many rows, objects would cost as much as opening them does.
    rows = select(IntakeAnswers.intake_id, IntakeAnswers.section, IntakeAnswers.sealed)
    for row in db.session.execute(rows.where(among(IntakeAnswers.intake_id, known))):
        found[row.intake_id] |= _open_answers(known[row.intake_id], row.section, row.sealed, keys)
    unsent = {
        (one, audience): {
            field.name for field in read_questionnaire(documents[one], audience).fields() if field.moment == SESSION
        }
        for one, audience in {(intake.questionnaire_hash, intake.audience) for intake in intakes}
    }
    for intake in intakes:
        if intake.completed_at is None:
            held_back = unsent[intake.questionnaire_hash, intake.audience] & found[intake.id].keys()
            for name in held_back:
                del found[intake.id][name]
    return found


def lanes_of(intake: Intake, keys: Vault | None = None) -> dict[str, str]:
    """Who may speak of each answer, by field, as chosen so far; what nobody chose for is missing."""
    keys = keys or vault()
    rows = db.session.scalars(select(IntakeAnswers).where(IntakeAnswers.intake_id == intake.id))
    found: dict[str, str] = {}
    for row in rows:
        found |= open_lanes(intake, row, keys)
    return found


def open_lanes(intake: Intake, row: IntakeAnswers, keys: Vault) -> dict[str, str]:
    """Who may speak of the answers of one section."""
    if row.lanes_sealed is None:
        return {}
    place = lanes_place(row.section)
    plain = keys.open(intake.person_id, row.lanes_sealed, table="intake_answers", row=intake.reference, column=place)
    found: dict[str, str] = json.loads(plain)
    return found


def lanes_place(section: str) -> str:
    """The column that the seal of a section's lanes is bound to."""
    return f"{section}:lanes"


def answers_of(intake: Intake, keys: Vault | None = None) -> list[Answered]:
    """What was answered and sent, in the order and the words of the questions that were asked then."""
    answers = sent_codes_of(intake, keys)
    lanes = lanes_of(intake, keys) if intake.completed_at is not None else {}
    questionnaire, default = questionnaire_of(intake), default_lane(profile().secrets_policy)
    return [
        Answered(
            section,
            field,
            questionnaire.said(field, answers),
            lanes.get(field.name, default) if field.may_be_shared else None,
        )
        for section in questionnaire.sections
        for field in section.fields
        if field.name in answers
    ]


def scores_of(intake: Intake) -> list[Score]:
    """What the answers to each instrument add up to, as its own version counted; for clinicians alone."""
    answers = sent_codes_of(intake)
    found = (score(read_instrument(data), answers) for data in instruments_of(intake.questionnaire.document))
    return [one for one in found if one is not None]


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


def find_current_booking(person: Person | None) -> Booking | None:
    """The booking that this person made last, where it still holds time."""
    bookings = find_bookings_of(person) if person is not None else []
    return next((booking for booking in bookings if booking.state in CLAIMING), None)


def may_book(person: Person, now: datetime) -> bool:
    """Whether what this person sent still opens times; after a while the questions are asked again."""
    eligibility = find_eligibility(person)
    return eligibility is not None and now < eligibility.expires_at


def get_return_link(token: str) -> MailedLink:
    """The mailed link of this token.

    :raises NotFound: when we never sent it, or for something else.
    :raises Gone: when it was used, has run out or was withdrawn.
    """
    return get_link(token, RETURN)


def find_newest_of(people: Iterable[int], read: Iterable[Intake] = ()) -> dict[int, Intake]:
    """What find_submitted() says of each of these people, by id; who sent nothing is missing.

    `read`: what these people sent, as far as the caller has it already.
    """
    wanted, known = set(people), {intake.id: intake for intake in read}
    if not wanted:
        return {}
    besides = select(Intake).where(among(Intake.person_id, wanted), not_(among(Intake.id, known)), SENT)
    sent = [(one.submitted_at, one.id, one) for one in (*known.values(), *db.session.scalars(besides))]
    return {intake.person_id: intake for _, _, intake in sorted(sent)}  # the newest comes last, and stays


def find_newest_sent(person: Person | None, *audiences: str) -> Intake | None:
    """The intake that this person sent last as one of these audiences."""
    if person is None:
        return None
    found = select(Intake).where(Intake.person_id == person.id, Intake.audience.in_(audiences), SENT)
    newest = found.order_by(Intake.submitted_at.desc(), Intake.id.desc()).limit(1)
    return db.session.scalars(newest).one_or_none()
