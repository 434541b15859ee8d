"""What access requests read: who asked, what a clinician saved of a review, and what was handed over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from practice.database import db
from practice.errors import NotFound
from practice.intake.models import Intake
from practice.intake.queries import questionnaire_of
from practice.intake.questions import Questionnaire
from practice.languages import N_
from practice.people import Person, contact_of
from practice.profile import profile
from practice.pulse.documents import read_questions
from practice.pulse.models import PulseAnswer
from practice.rights.access.models import AccessCopy, AccessRequest, AccessReview
from practice.rights.access.redacting import LEFT_OUT, Free, Item, Looked, Record, Redacted, find_items, redact
from practice.rights.access.rules import OPEN, State, is_due_soon, is_overdue
from practice.rights.export import PARTS, UNSENT, in_sentences, read_export
from practice.rights.scope import Scope
from practice.sealing import PersonKey, vault
from practice.speaking import gettext as _

WRITTEN = frozenset({"text", "textarea"})  # kinds of questions that are answered in free words
NEVER_IN_IT = N_(
    "What anybody else told us is in no record, nor is why we decided something about two people together, or about "
    "prices and money, nor how we made sure who asks."
)
NOTHING_LEFT_OUT = (N_("Nothing was left out of this."), NEVER_IN_IT, UNSENT)
PARTS_LEFT_OUT = (
    N_("Some of this was left out; it says “[left out]” in those places, but where a whole entry is missing."),
    NEVER_IN_IT,
    UNSENT,
)
KNOWN = exists().where(PersonKey.person_id == AccessRequest.person_id)


@dataclass(frozen=True)
class Review:
    """What a clinician saved: what became of each text, by its key, and why all in all. `revision` 0: nothing yet."""

    revision: int = 0
    saved_at: datetime | None = None
    saved_by: str = ""
    looked: dict[str, Looked] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Prepared:
    """A record with every text to look at, and what would be handed over of it now."""

    items: tuple[Item, ...]
    redacted: Redacted


@dataclass(frozen=True)
class Load:
    """How many requests wait that are overdue, due within a week, and due later."""

    overdue: int
    soon: int
    later: int


def today_at(now: datetime) -> date:
    """The practice's own date at an instant."""
    return now.astimezone(ZoneInfo(profile().zone)).date()


def find_open(person_id: int) -> AccessRequest | None:
    """What somebody asked for and nobody has answered."""
    found = select(AccessRequest).where(AccessRequest.person_id == person_id, AccessRequest.state.in_(OPEN))
    return db.session.scalars(found).one_or_none()


def find_last(person_id: int) -> AccessRequest | None:
    """What somebody asked for last, answered or not."""
    found = select(AccessRequest).where(AccessRequest.person_id == person_id)
    return db.session.scalars(found.order_by(AccessRequest.id.desc()).limit(1)).one_or_none()


def list_of(person_id: int) -> list[AccessRequest]:
    """Everything that somebody ever asked for, the newest first."""
    found = select(AccessRequest).where(AccessRequest.person_id == person_id)
    return list(db.session.scalars(found.order_by(AccessRequest.id.desc())))


def list_open() -> list[AccessRequest]:
    """Every request that nobody has answered, the first due first."""
    found = select(AccessRequest).where(AccessRequest.state.in_(OPEN), KNOWN)
    return list(db.session.scalars(found.order_by(AccessRequest.due_on, AccessRequest.id)))


def count(now: datetime, asked: Sequence[AccessRequest]) -> Load:
    """How much of these requests waits in which way."""
    today = today_at(now)
    dues = [one.due_on for one in asked]
    overdue = sum(is_overdue(due, today) for due in dues)
    soon = sum(is_due_soon(due, today) for due in dues)
    return Load(overdue, soon, len(dues) - overdue - soon)


def get_request(reference: str) -> AccessRequest:
    """A request of somebody who is not erased.

    :raises NotFound: when there is none of this reference.
    """
    found = select(AccessRequest).where(AccessRequest.reference == reference, KNOWN)
    request = db.session.scalars(found).one_or_none() if reference.isprintable() else None
    if request is None:
        raise NotFound
    return request


def find_request(reference: str) -> AccessRequest | None:
    """The same, of anybody; None where there is none."""
    return db.session.scalars(select(AccessRequest).where(AccessRequest.reference == reference)).one_or_none()


def name_of(person: Person) -> str:
    """What to call somebody; their reference before they said so."""
    contact = contact_of(person)
    return contact.first_name if contact is not None else person.reference


def remark_of(request: AccessRequest) -> str:
    """What staff noted when they made sure who asks; for staff alone."""
    if request.remark_sealed is None:
        return ""
    place = {"table": "access_request", "row": request.reference, "column": "remark"}
    return vault().open(request.person_id, request.remark_sealed, **place)


def read_review(request: AccessRequest) -> Review:
    """What was saved of its review; for clinicians alone."""
    row = db.session.get(AccessReview, request.id, populate_existing=True)
    if row is None:
        return Review()
    place = {"table": "access_review", "row": request.reference}
    saved = json.loads(vault().open(row.person_id, row.choices_sealed, **place, column="choices"))
    reason = ""
    if row.reason_sealed is not None:
        reason = vault().open(row.person_id, row.reason_sealed, **place, column="reason")
    looked = {key: Looked.as_kept(one) for key, one in saved.items()}
    return Review(row.revision, row.saved_at, row.saved_by, looked, reason)


def prepare(request: AccessRequest, review: Review, now: datetime) -> Prepared:
    """The record of whoever asked, as it is now and with what a review leaves out; for clinicians alone.

    Its words are in the language that is spoken; which texts there are to look at is the same in each.
    """
    record = read_export(request.person, Scope.WHOLE, now)
    items = find_items(record, find_free_words(request.person))
    redacted = redact(record, items, review.looked, _(LEFT_OUT))
    redacted.record["left_out"] = in_sentences(PARTS_LEFT_OUT if redacted.left_out else NOTHING_LEFT_OUT)
    return Prepared(tuple(items), redacted)


def find_copy(person_id: int, now: datetime) -> AccessCopy | None:
    """What was handed over to somebody last and can be read still."""
    found = (
        select(AccessCopy)
        .join(AccessCopy.request)
        .where(AccessCopy.person_id == person_id, AccessCopy.until > now, AccessRequest.state == State.HANDED_OVER)
    )
    return db.session.scalars(found.order_by(AccessCopy.request_id.desc()).limit(1)).one_or_none()


def find_copy_of(request: AccessRequest, now: datetime) -> AccessCopy | None:
    """What was handed over for a request, while it can be read."""
    found = select(AccessCopy).where(AccessCopy.request_id == request.id, AccessCopy.until > now)
    return db.session.scalars(found).one_or_none()


def open_copy(copy: AccessCopy) -> Record:
    """What was handed over. It may be older than a part that exports have by now."""
    place = {"table": "access_copy", "row": copy.request.reference, "column": "content"}
    found: Record = json.loads(vault().open(copy.person_id, copy.content_sealed, **place))
    return found


def to_show(record: Record) -> dict[str, Any]:
    """A record for a page, with an empty part for each that it is older than."""
    return {**{part.name: [] for part in PARTS}, **record}


def find_run_out_copies(now: datetime) -> list[str]:
    """The references of the requests whose copy's time is over."""
    found = select(AccessRequest.reference).join(AccessCopy, AccessCopy.request_id == AccessRequest.id)
    return list(db.session.scalars(found.where(AccessCopy.until <= now, KNOWN).order_by(AccessRequest.id)))


def is_awaited(person_id: int) -> bool:
    """Whether somebody waits for their record, or may read what was handed over."""
    awaited = AccessRequest.state.in_((*OPEN, State.HANDED_OVER))
    found = select(AccessRequest.id).where(AccessRequest.person_id == person_id, awaited)
    return db.session.scalar(found.limit(1)) is not None


def find_free_words(person: Person) -> Free:
    """Which of somebody's answers are in free words, as redacting.Free says; names and dates are none."""
    found = set()
    for intake in db.session.scalars(select(Intake).where(Intake.person_id == person.id, Intake.erased_at.is_(None))):
        found |= {(intake.reference, name) for name in _written(questionnaire_of(intake))}
    for answer in db.session.scalars(select(PulseAnswer).where(PulseAnswer.person_id == person.id)):
        asked = read_questions(answer.questions.document)
        found |= {(answer.due_on.isoformat(), name) for name in _written(asked)}
    return found


def _written(asked: Questionnaire) -> list[str]:
    return [one.name for one in asked.fields() if one.kind in WRITTEN and one.autocomplete == "off"]
