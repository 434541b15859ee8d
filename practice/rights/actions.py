"""What erases people, and decides on their requests. The only writer of this room's tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import delete, select

from practice.audit import record
from practice.booking.eligibility import forget_eligibility
from practice.booking.prices.actions import forget_agreements
from practice.booking.waiting.actions import forget_wishes
from practice.consents.actions import forget_consents
from practice.erasing import lock_person, note_erasure
from practice.errors import Conflict, NotFound, Refused
from practice.intake.messages import PersonForgotten
from practice.intake.retention import erase_intakes
from practice.languages import N_
from practice.notes.actions import forget_notes
from practice.notify.messages import CLIENT, Kind, SendLetter
from practice.papers.actions import destroy_document, forget_diagnoses, keep_for_the_books
from practice.partners import pausing
from practice.payments.fees import consents
from practice.people import ClientSession, MailedLink, Person, forget_person
from practice.presenting import local_datetime
from practice.profile import ONLY
from practice.rights.models import ASKED, ERASED, REFUSED, TAKEN_BACK, ErasureRequest, RetentionTerms
from practice.rights.queries import Stop, find_stops, find_unkeyed, find_waiting, is_known
from practice.sealing import vault
from practice.speaking import gettext as _
from practice.tokens import reference as new_reference
from practice.work import Work

NOWHERE = "UTC"  # the zone of somebody of whom nothing is known any more


class Gone(NamedTuple):
    """A line of the log of erasures: whose person or document, by reference, and which kind."""

    subject: str
    kind: str


class Stopped(Refused):
    """An erasure waits for something; `stops` says what for."""

    title = N_("This person can’t be erased yet")
    way_out = N_("Bring to an end what stands here, and try again.")

    def __init__(self, stops: list[Stop]) -> None:
        things = ", ".join(f"{_(stop.what)} ({_which(stop)})" for stop in stops)
        super().__init__(_("It waits for %(things)s.", things=things))
        self.stops = stops


class DecidedMeanwhile(Conflict):
    """Somebody else decided, or it was taken back."""

    title = N_("This request doesn’t wait any more")


def erase_person(work: Work, actor: str, person: Person) -> None:
    """Erase somebody: their key, and everything that is theirs alone. Documents of the books stay until their own time.

    Afterwards, outside of the work, call database.empty_write_ahead_log().

    :raises Stopped: while something stands that needs them.
    :raises NotFound: once they were erased.
    """
    lock_person(work, person.id)
    if not vault().has_key(person.id):
        raise NotFound
    stops = find_stops(person, work.now)
    if stops:
        raise Stopped(stops)
    _erase(work, actor, person)


def replay(work: Work, log: Iterable[Gone]) -> int:
    """Do again what a newer log says, on an older copy of the database; how many people and documents that concerned.

    Nothing stops it: it was decided, and had happened. A copy without the table of keys may know somebody still.
    """
    done = 0
    for line in log:
        if line.kind == "person":
            found = select(Person).where(Person.reference == line.subject).with_for_update()
            person = work.session.scalars(found).one_or_none()
            if person is not None and is_known(person):
                _erase(work, "restore", person)
                done += 1
        elif line.kind == "document":
            done += destroy_document(work, "restore", line.subject)
    return done


def ask_to_be_erased(work: Work, person: Person) -> None:
    """Somebody asks; asking twice is asking once."""
    lock_person(work, person.id)
    if find_waiting(person.id) is not None:
        return
    request = ErasureRequest(reference=new_reference("er"), person_id=person.id, state=ASKED, asked_at=work.now)
    work.session.add(request)
    work.session.flush()
    record(work, f"client:{person.reference}", "erasure_asked", request.reference)


def take_back(work: Work, person: Person) -> None:
    """They want to stay after all."""
    lock_person(work, person.id)
    request = find_waiting(person.id)
    if request is not None:
        _decide(work, f"client:{person.reference}", request, TAKEN_BACK)


def refuse(work: Work, actor: str, reference: str, answer: str) -> None:
    """Say no to a request for now, in words that its person reads; a letter says that something on their page changed.

    :raises DecidedMeanwhile: when it doesn't wait any more.
    """
    request = _lock(work, reference)
    place = {"table": "erasure_request", "row": request.reference, "column": "answer"}
    request.answer_sealed = vault().seal(request.person_id, answer, **place)
    _decide(work, actor, request, REFUSED)
    about, since = f"{request.reference}:refused", work.now.isoformat()
    work.post(SendLetter(Kind.PAGE_CHANGED.value, request.person.reference, CLIENT, about, since=since))


def grant(work: Work, actor: str, reference: str) -> None:
    """Say yes to a request: erase its person.

    :raises DecidedMeanwhile: when it doesn't wait any more.
    :raises Stopped: as erase_person does.
    """
    erase_person(work, actor, _lock(work, reference).person)


def set_terms(work: Work, actor: str, *, records_years: int, documents_years: int) -> None:
    """For how long records and documents are kept from now on: between 1 and 40 years."""
    row = work.session.get(RetentionTerms, ONLY, with_for_update=True)
    if row is None:
        row = RetentionTerms(id=ONLY)
        work.session.add(row)
    row.records_years, row.documents_years = records_years, documents_years
    work.session.flush()
    record(work, actor, "retention_set", "practice", {"records": records_years, "documents": documents_years})


def sweep_sessions(work: Work) -> None:
    """Remove browser sessions and mailed links that have run out."""
    for table in (ClientSession, MailedLink):
        work.session.execute(delete(table).where(table.expires_at <= work.now))


def close_requests_of_the_gone(work: Work) -> None:
    """End the requests of people whom something else erased meanwhile."""
    for request in find_unkeyed():
        _decide(work, "worker", request, ERASED)


def _which(stop: Stop) -> str:
    """What it is about, as whoever erases knows it: a session by its time."""
    if stop.booking is None:
        return stop.about
    return local_datetime(stop.booking.starts_at, stop.booking.therapist.zone)


def _erase(work: Work, actor: str, person: Person) -> None:
    keep_for_the_books(work, person.id)
    erase_intakes(work, actor, person)
    note_erasure(work, actor, person.reference, "note", forget_notes(work, person.id))
    note_erasure(work, actor, person.reference, "diagnosis", forget_diagnoses(work, person.id))
    consents.withdraw(work, person, actor)
    forget_wishes(work, person.id)
    forget_agreements(work, person.id)
    forget_consents(work, person.id)
    forget_eligibility(work, person.id)
    pausing.forget(work, person)  # here, not on the message: nobody comes with somebody who is gone
    request = find_waiting(person.id)
    if request is not None:
        _decide(work, actor, request, ERASED)
    forget_person(work, person)
    work.post(PersonForgotten(person.reference))
    person.zone = NOWHERE
    note_erasure(work, actor, person.reference, "person")
    work.session.flush()
    record(work, actor, "person_erased", person.reference)


def _lock(work: Work, reference: str) -> ErasureRequest:
    found = select(ErasureRequest).where(ErasureRequest.reference == reference)
    request = work.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if request is None:
        raise NotFound
    if request.state != ASKED:
        raise DecidedMeanwhile
    return request


def _decide(work: Work, actor: str, request: ErasureRequest, state: str) -> None:
    request.state, request.decided_at, request.decided_by = state, work.now, actor
    work.session.flush()
    record(work, actor, f"erasure_{state}", request.reference)
