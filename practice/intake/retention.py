"""Erasing what has run out: drafts, and intakes that led nowhere. Part of what changes an intake."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from practice.audit import record
from practice.booking.eligibility import forget_eligibility
from practice.booking.prices.actions import forget_agreements
from practice.booking.queries import find_bookings_of
from practice.booking.waiting.actions import forget_wishes, wish_for_place
from practice.consents.actions import forget_consents
from practice.erasing import drop_row, note_erasure
from practice.intake.messages import PersonForgotten, RetentionSweep
from practice.intake.models import AnswerCorrection, Intake, IntakeAnswers
from practice.intake.queries import lock_intake, questionnaire_of
from practice.intake.questions import SESSION
from practice.intake.running_out import find_place_wishes_over, find_run_out, find_unsent_parts
from practice.intake.storing import read_section, write_section
from practice.languages import DEFAULT
from practice.people import Contact, Person, add_person, forget_person, save_contact
from practice.profile import profile
from practice.work import Work

SWEEP_AT = time(3, 30)  # local time of the practice, when few people type


def note_place_wish(work: Work, contact: Contact, region: str, zone: str, language: str = DEFAULT) -> None:
    """Keep how to reach somebody who wants to hear when somebody is licensed where they are; nothing else of them."""
    person = add_person(work, zone, language)
    save_contact(person, contact)
    wish_for_place(work, person, region)
    post_next_sweep(work)


def erase_place_wishes(work: Work) -> None:
    """Erase those who waited long enough for a licence, and those who were told; whoever came to be a client stays."""
    for wish in find_place_wishes_over(work.now):
        person = work.session.get_one(Person, wish.person_id)
        known = select(Intake.id).where(Intake.person_id == person.id).limit(1)
        forget_wishes(work, person.id)
        if work.session.scalar(known) is None and not find_bookings_of(person):
            _forget(work, "worker", person)
            record(work, "worker", "place_wish_erased", person.reference)
            drop_row(work, person)


def erase_draft(work: Work, reference: str, actor: str) -> None:
    """Erase a draft and, where nothing else is kept of them, its person. A sent intake stays.

    Whoever was joined with them hears in neutral words that their page changed (partners).
    """
    intake = lock_intake(reference)
    if intake.submitted_at is not None:
        return
    person = intake.person
    _erase_answers(work, intake)
    work.session.delete(intake)
    work.session.flush()
    record(work, actor, "draft_erased", reference)
    note_erasure(work, actor, person.reference, "draft")
    if _has_other_intake(work, intake) or find_bookings_of(person):
        return
    _forget(work, actor, person)
    drop_row(work, person)  # or the bare row stays, for the erased intake or the couple that refers to it


def erase_run_out(work: Work, reference: str) -> None:
    """Erase an intake whose time is over: a draft, or one that was sent and that no booking came of."""
    if reference not in find_run_out(work.now):
        return  # touched, or erased, since it was listed
    intake = lock_intake(reference)
    if intake.submitted_at is None:
        erase_draft(work, reference, "worker")
        return
    _empty(work, intake)
    record(work, "worker", "intake_erased", reference)
    note_erasure(work, "worker", intake.person.reference, "intake")
    if not _has_other_intake(work, intake):
        _forget(work, "worker", intake.person)


def erase_unsent_part(work: Work, reference: str) -> None:
    """Erase what somebody saved of the part before the session and never sent; what they sent stays."""
    if reference not in find_unsent_parts(work.now):
        return  # touched, or sent, since it was listed
    intake = lock_intake(reference)
    for section in questionnaire_of(intake).sections:
        unsent = {field.name for field in section.fields if field.moment == SESSION}
        kept = read_section(work, intake, section.id)
        if unsent & set(kept):
            write_section(work, intake, section.id, {name: kept[name] for name in kept if name not in unsent})
    for row in work.session.scalars(select(IntakeAnswers).where(IntakeAnswers.intake_id == intake.id)):
        row.lanes_sealed = None
    intake.more_saved_at = None
    record(work, "worker", "unsent_part_erased", reference)
    note_erasure(work, "worker", intake.person.reference, "unsent_part")


def erase_intakes(work: Work, actor: str, person: Person) -> None:
    """Erase everything that somebody ever answered, sent or not. Their key is the caller's to destroy."""
    kept = select(Intake).where(Intake.person_id == person.id, Intake.erased_at.is_(None))
    for intake in work.session.scalars(kept.order_by(Intake.id).with_for_update(of=Intake)).all():
        sent = intake.submitted_at is not None
        _empty(work, intake)
        if not sent:
            work.session.delete(intake)
        note_erasure(work, actor, person.reference, "intake" if sent else "draft")
    work.session.flush()


def post_next_sweep(work: Work) -> None:
    """Have the drafts that run out erased in the coming night."""
    zone = ZoneInfo(profile().zone)
    night = datetime.combine(work.now.astimezone(zone).date() + timedelta(days=1), SWEEP_AT, zone)
    work.post(RetentionSweep(night.date().isoformat()), due=night.astimezone(UTC))


def _forget(work: Work, actor: str, person: Person) -> None:
    forget_wishes(work, person.id)
    forget_agreements(work, person.id)
    forget_consents(work, person.id)
    forget_eligibility(work, person.id)
    forget_person(work, person)
    work.post(PersonForgotten(person.reference))
    note_erasure(work, actor, person.reference, "person")


def _empty(work: Work, intake: Intake) -> None:
    """Erase what was answered; the row stays, for what refers to it."""
    _erase_answers(work, intake)
    intake.flags_sealed = intake.more_saved_at = None
    intake.erased_at = work.now if intake.submitted_at is not None else None


def _erase_answers(work: Work, intake: Intake) -> None:
    for table in (AnswerCorrection, IntakeAnswers):
        work.session.execute(delete(table).where(table.intake_id == intake.id))


def _has_other_intake(work: Work, intake: Intake) -> bool:
    others = select(Intake.id).where(
        Intake.person_id == intake.person_id, Intake.id != intake.id, Intake.erased_at.is_(None)
    )
    return work.session.scalar(others.limit(1)) is not None
