"""What issues documents and sets what they carry. The only writer of this room's tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, delete, exists, select

from practice.audit import record
from practice.booking.models import Booking
from practice.booking.offers.models import Offering, Therapist
from practice.database import add_if_absent
from practice.erasing import note_erasure
from practice.errors import Conflict, Refused
from practice.languages import N_
from practice.money import Money, included_tax
from practice.papers.kinds import BOOKS, Kind
from practice.papers.layout import Sheet, to_plain
from practice.papers.models import (
    Diagnosis,
    Paper,
    PaperSeries,
    PracticeRegistration,
    ServiceCode,
    TherapistRegistration,
)
from practice.papers.queries import find_diagnoses, is_readable, read_content
from practice.people import Person
from practice.profile import ONLY, profile
from practice.sealing import PersonKey, vault
from practice.tokens import reference as new_reference
from practice.work import Work


class EnteredMeanwhile(Conflict):
    """Somebody else entered a diagnosis after the page was made."""

    title = N_("Somebody entered a diagnosis meanwhile")


class Forgotten(Refused):
    """Without their key nothing that names somebody can be kept."""

    title = N_("This person was erased")
    way_out = N_("Nothing more can be made or noted for them. What the books need of documents that were made stays.")


@dataclass(frozen=True)
class Draft:
    """A document that is to be issued.

    `basis` are the facts that it is made from, as JSON takes them: where they are the same, it is the same document.
    `source` is the reference of what it is about, and `supersedes` the document that it corrects or credits.
    """

    kind: Kind
    booking: Booking
    source: str
    basis: dict[str, Any]
    sheet: Sheet
    amount: Money
    tax_percent: str | None = None
    supersedes: Paper | None = None


def issue(work: Work, actor: str, draft: Draft) -> Paper:
    """Give a document its number; both stand, or neither does. The caller holds its booking locked."""
    today = _today(work)
    reference = new_reference("d")
    content = json.dumps({"basis": draft.basis, "sheet": to_plain(draft.sheet)}, sort_keys=True)
    person_id = draft.booking.person_id
    paper = Paper(
        reference=reference,
        kind=draft.kind,
        year=today.year,
        number=_next_number(work, draft.kind, today.year),
        person_id=person_id,
        booking_id=draft.booking.id,
        source=draft.source,
        supersedes_id=draft.supersedes.id if draft.supersedes is not None else None,
        amount_minor=draft.amount.minor_units,
        tax_minor=included_tax(draft.amount.minor_units, draft.tax_percent),
        tax_percent=draft.tax_percent,
        currency=draft.amount.currency,
        issued_at=work.now,
        issued_on=today,
        issued_by=actor,
        own_key=draft.kind in BOOKS,
    )
    if paper.own_key:
        vault().new_key(reference, work.now)
    _seal(paper, content)
    work.session.add(paper)
    work.session.flush()
    record(work, actor, "document_issued", draft.booking.reference, {"document": reference})
    return paper


def keep_for_the_books(work: Work, person_id: int | None = None, limit: int = 500) -> int:
    """Give the documents of the books keys of their own that have none yet: a person's, or whoever's; how many.

    They were issued before documents had keys. Until they have theirs, they would go with their person.
    """
    old = select(Paper).where(Paper.kind.in_(BOOKS), Paper.own_key.is_(False))
    if person_id is not None:
        old = old.where(Paper.person_id == person_id)
    else:
        old = old.where(exists().where(PersonKey.person_id == Paper.person_id)).limit(limit)
    papers = list(work.session.scalars(old.order_by(Paper.id).with_for_update(of=Paper)))
    for paper in papers:
        if not is_readable(paper):
            continue
        content = json.dumps(read_content(paper), sort_keys=True)
        vault().new_key(paper.reference, work.now)
        paper.own_key = True
        _seal(paper, content)
    work.session.flush()
    return len(papers)


def destroy_document(work: Work, actor: str, reference: str) -> bool:
    """Make what one document of the books says unreadable; number and sums stay. Whether it was readable."""
    gone = vault().destroy_key(reference)
    if gone:
        note_erasure(work, actor, reference, "document")
    return gone


def forget_diagnoses(work: Work, person_id: int) -> int:
    """Erase every diagnosis that was entered for somebody; how many."""
    gone = work.session.execute(delete(Diagnosis).where(Diagnosis.person_id == person_id))
    return cast("CursorResult[Any]", gone).rowcount


def set_practice(work: Work, actor: str, *, tin: str, npi: str) -> None:
    """Under which numbers the practice is known; checked already (codes.py)."""
    row = _practice(work)
    row.tin, row.npi = tin, npi
    _note(work, actor, "practice")


def set_therapist(work: Work, actor: str, therapist: Therapist, *, npi: str, licence: str, credentials: str) -> None:
    """The same of a therapist."""
    row = work.session.get(TherapistRegistration, therapist.id)
    if row is None:
        row = TherapistRegistration(therapist_id=therapist.id)
        work.session.add(row)
    row.npi, row.licence, row.credentials = npi, licence, credentials
    _note(work, actor, therapist.slug)


def set_service_code(work: Work, actor: str, offering: Offering, code: str) -> None:
    """What a kind of session is called on a bill for insurance; empty for nothing."""
    row = work.session.get(ServiceCode, offering.id)
    if row is not None and not code:
        work.session.delete(row)
    elif row is not None:
        row.code = code
    elif code:
        work.session.add(ServiceCode(offering_id=offering.id, code=code))
    _note(work, actor, offering.slug)


def switch_estimates(work: Work, actor: str, *, on: bool) -> None:
    """Write good faith estimates from now on, or no more. Those that were written stay."""
    row = _practice(work)
    if on is not (row.estimates_since is not None):
        row.estimates_since = work.now if on else None
        work.session.flush()
        record(work, actor, "estimates_switched", "practice", {"on": str(on)})


def enter_diagnosis(work: Work, actor: str, person_id: int, code: str, *, seen: str) -> None:
    """Note a diagnosis for a client, or, with an empty code, that there is none any more. Nothing is overwritten.

    `seen` is the reference of the entry that stood when somebody decided; empty for none.

    :raises EnteredMeanwhile: when another stands by now.
    :raises Forgotten: once this person was erased.
    """
    person = work.session.get_one(Person, person_id, with_for_update=True, populate_existing=True)
    if person.contact_sealed is None:
        raise Forgotten
    history = find_diagnoses(person)
    if seen != (history[0].reference if history else ""):
        raise EnteredMeanwhile
    reference = new_reference("g")
    work.session.add(
        Diagnosis(
            reference=reference,
            person_id=person.id,
            code_sealed=vault().seal(person.id, code, table="diagnosis", row=reference, column="code"),
            entered_by=actor,
            entered_at=work.now,
        )
    )
    work.session.flush()
    record(work, actor, "diagnosis_entered", person.reference)


def lock_series(work: Work, *kinds: Kind) -> None:
    """Lock the series of several kinds before the first of them is issued.

    Issuing one locks the audit log too. Whoever then waits for another series would be waited for by its holder.
    """
    for kind in sorted(kinds):
        _series(work, kind, _today(work).year)


def _seal(paper: Paper, content: str) -> None:
    place = {"table": "paper", "row": paper.reference, "column": "content"}
    paper.content_sealed = vault().seal(paper.key_owner, content, **place)


def _next_number(work: Work, kind: Kind, year: int) -> int:
    """Count on, with the series locked until the work ends: whoever comes next waits, and rolling back gives back."""
    series = _series(work, kind, year)
    series.last += 1
    return series.last


def _series(work: Work, kind: Kind, year: int) -> PaperSeries:
    key = {"kind": kind, "year": year}
    series = work.session.get(PaperSeries, (kind, year), with_for_update=True, populate_existing=True)
    if series is None:  # of two who both find none, one makes it and the other waits
        add_if_absent(work.session, PaperSeries, **key, last=0)
        series = work.session.get_one(PaperSeries, (kind, year), with_for_update=True, populate_existing=True)
    return series


def _today(work: Work) -> date:
    return work.now.astimezone(ZoneInfo(profile().zone)).date()


def _practice(work: Work) -> PracticeRegistration:
    row = work.session.get(PracticeRegistration, ONLY)
    if row is None:
        row = PracticeRegistration(id=ONLY, tin="", npi="")
        work.session.add(row)
    return row


def _note(work: Work, actor: str, subject: str) -> None:
    work.session.flush()
    record(work, actor, "registration_saved", subject)
