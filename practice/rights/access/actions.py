"""What moves access requests along, and hands records over. The only writer of this room's tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from practice.audit import record
from practice.erasing import lock_person
from practice.errors import NotFound
from practice.notify.messages import CLIENT, Kind, SendLetter
from practice.people import Person
from practice.profile import profile
from practice.rights.access import queries
from practice.rights.access.errors import (
    MovedMeanwhile,
    NoSuchDay,
    NotLookedAt,
    OpenAlready,
    OtherThanReviewed,
    TooLate,
)
from practice.rights.access.messages import AccessDue
from practice.rights.access.models import AccessCopy, AccessRequest, AccessReview
from practice.rights.access.redacting import Looked
from practice.rights.access.rules import (
    HANDED_FOR,
    TRANSITIONS,
    WARNED_BEFORE,
    How,
    Outcome,
    State,
    Step,
    Way,
    is_overdue,
    limits_of,
    may_have_arrived,
    next_state,
)
from practice.sealing import vault
from practice.speaking import gettext as _
from practice.speaking import speaking, spoken
from practice.tokens import reference as new_reference
from practice.work import Work

ONE_DAY = timedelta(days=1)
WORKER = "worker"


def ask(work: Work, person: Person) -> None:
    """Somebody asks on their page, with their code; asking twice is asking once.

    :raises NotFound: once this person was erased.
    """
    lock_person(work, person.id)
    if not vault().has_key(person.id):
        raise NotFound
    if queries.find_open(person.id) is None:
        _add(work, person, Way.PAGE, queries.today_at(work.now), f"client:{person.reference}")


def enter(work: Work, actor: str, person: Person, way: Way, arrived: date) -> str:
    """Staff enter a request that came otherwise; its reference. `arrived` is a date in the practice's zone.

    :raises NoSuchDay: in the future, or more than a year ago.
    :raises OpenAlready: when one of theirs waits.
    :raises NotFound: once this person was erased.
    """
    lock_person(work, person.id)
    if not vault().has_key(person.id):
        raise NotFound
    if not may_have_arrived(arrived, queries.today_at(work.now)):
        raise NoSuchDay
    if queries.find_open(person.id) is not None:
        raise OpenAlready
    return _add(work, person, way, arrived, actor)


def take_back(work: Work, person: Person) -> None:
    """They don't want it any more; nothing where nothing waits."""
    lock_person(work, person.id)
    request = queries.find_open(person.id)
    if request is not None:
        _end(work, f"client:{person.reference}", request, Step.TAKE_BACK)


def take_back_for(work: Work, actor: str, reference: str) -> None:
    """The same, told to staff.

    :raises MovedMeanwhile: when it doesn't wait any more.
    """
    _end(work, actor, _lock(work, reference, Step.TAKE_BACK), Step.TAKE_BACK)


def check_identity(work: Work, actor: str, reference: str, how: How, remark: str) -> None:
    """Somebody made sure that it is they who ask. `remark` may be empty; staff alone read it.

    :raises MovedMeanwhile: when it was checked or doesn't wait any more.
    """
    request = _lock(work, reference, Step.CHECK)
    if remark:
        request.remark_sealed = _seal(request, "access_request", "remark", remark)
    request.checked_at, request.checked_by, request.checked_how = work.now, actor, how
    request.state = next_state(State(request.state), Step.CHECK)
    work.session.flush()
    record(work, actor, "access_checked", reference, {"how": how.value})


def extend(work: Work, actor: str, reference: str, words: str) -> None:
    """Give it the time that the law allows once more, with the reason that its person reads.

    :raises MovedMeanwhile: when it doesn't wait any more.
    :raises TooLate: after its last day, or when it was extended before.
    """
    request = _lock(work, reference, Step.EXTEND)
    if request.extended_at is not None or is_overdue(request.due_on, queries.today_at(work.now)):
        raise TooLate
    request.extension_sealed = _seal(request, "access_request", "extension", words)
    request.extended_at, request.extended_by = work.now, actor
    request.due_on = limits_of(request.country).extended.after(request.arrived_on)
    work.session.flush()
    record(work, actor, "access_extended", reference, {"due": request.due_on.isoformat()})
    _post_due(work, request)
    _tell(work, request, "extended")


def save_review(work: Work, actor: str, reference: str, looked: Mapping[str, Looked | None], *, seen: int) -> None:
    """Keep what a clinician decided of some texts, beside what was kept of the others; None: nothing yet.

    `seen` is the revision that they began with.

    :raises MovedMeanwhile: when somebody saved another meanwhile, or it can't be reviewed (any more).
    """
    request = _lock(work, reference, Step.HAND_OVER)
    before = queries.read_review(request)
    if before.revision != seen:
        raise MovedMeanwhile
    row = work.session.get(AccessReview, request.id)
    if row is None:
        row = AccessReview(request_id=request.id, person_id=request.person_id)
        work.session.add(row)
    merged = {**before.looked, **looked}
    kept = {key: one.to_keep() for key, one in merged.items() if one is not None}
    row.revision, row.saved_at, row.saved_by = seen + 1, work.now, actor
    row.choices_sealed = _seal(request, "access_review", "choices", json.dumps(kept))
    work.session.flush()
    record(work, actor, "access_reviewed", reference, {"texts": len(looked)})


def hand_over(work: Work, actor: str, reference: str, outcome: Outcome, reason: str, *, seen: str) -> None:
    """Freeze the record as it was reviewed and let its person read it, in the language of our letters to them. `seen`
    is the mark of what was looked at.

    :raises MovedMeanwhile: when the record or its review changed meanwhile, or it can't be handed over (any more).
    :raises NotLookedAt: while a text that staff wrote was not looked at.
    :raises OtherThanReviewed: when it is called whole and isn't, or the other way round.
    """
    request = _lock(work, reference, Step.HAND_OVER)
    review = queries.read_review(request)
    redacted = queries.prepare(request, review, work.now).redacted
    if redacted.unseen:
        raise NotLookedAt("; ".join(spoken(item.what) for item in redacted.unseen) + ".")
    if redacted.mark != seen:
        raise MovedMeanwhile
    if (outcome is Outcome.PARTS) != (redacted.left_out > 0):
        raise OtherThanReviewed(
            _("Parts are left out.") if redacted.left_out else _("Nothing is marked to be left out.")
        )
    with speaking(request.person.language):
        handed = queries.prepare(request, review, work.now).redacted
    if handed.unseen or handed.left_out != redacted.left_out:  # the same texts in every language; rather stop than leak
        raise MovedMeanwhile
    plain = json.dumps(handed.record, ensure_ascii=False)
    work.session.add(
        AccessCopy(
            request_id=request.id,
            person_id=request.person_id,
            made_at=work.now,
            until=work.now + HANDED_FOR,
            content_sealed=_seal(request, "access_copy", "content", plain),
        )
    )
    _decide(work, actor, request, outcome, reason)


def refuse(work: Work, actor: str, reference: str, reason: str) -> None:
    """Hand nothing over. Why is the practice's own; its person reads what they can do about it.

    :raises MovedMeanwhile: when it can't be refused (any more).
    """
    _decide(work, actor, _lock(work, reference, Step.REFUSE), Outcome.NOTHING, reason)


def remove_run_out(work: Work, reference: str) -> None:
    """Remove the copy of a request whose time is over.

    :raises MovedMeanwhile: when it was removed meanwhile.
    """
    request = _lock(work, reference, Step.RUN_OUT)
    work.session.execute(delete(AccessCopy).where(AccessCopy.request_id == request.id))
    _move(work, WORKER, request, Step.RUN_OUT)


def forget(work: Work, person_id: int) -> None:
    """Somebody was erased: what waits ends, and the copies and reviews that nobody can open any more go."""
    theirs = select(AccessRequest).where(AccessRequest.person_id == person_id).with_for_update()
    for request in work.session.scalars(theirs):
        if (State(request.state), Step.ERASE) in TRANSITIONS:
            if request.ended_at is None:
                request.ended_at, request.ended_by = work.now, WORKER
            _move(work, WORKER, request, Step.ERASE)
    for table in (AccessCopy, AccessReview):
        work.session.execute(delete(table).where(table.person_id == person_id))
    work.session.get_one(Person, person_id).awaits_record = False
    work.session.flush()


def _add(work: Work, person: Person, way: Way, arrived: date, actor: str) -> str:
    country = profile().help_region
    request = AccessRequest(
        reference=new_reference("ar"),
        person_id=person.id,
        state=State.ASKED,
        way=way,
        entered_at=work.now,
        entered_by=actor,
        country=country,
        arrived_on=arrived,
        due_on=limits_of(country).first.after(arrived),
    )
    person.awaits_record = True
    work.session.add(request)
    work.session.flush()
    record(work, actor, "access_asked", request.reference, {"way": way.value, "due": request.due_on.isoformat()})
    _post_due(work, request)
    return request.reference


def _post_due(work: Work, request: AccessRequest) -> None:
    """Have the desk told a week before its last day, and the day after."""
    for overdue, day in ((False, request.due_on - WARNED_BEFORE), (True, request.due_on + ONE_DAY)):
        begins = datetime.combine(day, time(), ZoneInfo(profile().zone)).astimezone(UTC)
        work.post(AccessDue(request.reference, request.due_on.isoformat(), overdue), due=max(begins, work.now))


def _lock(work: Work, reference: str, step: Step) -> AccessRequest:
    """A request that can take this step, locked until the work ends; its person first, as an erasure does."""
    person_id = queries.get_request(reference).person_id
    lock_person(work, person_id)
    if not vault().has_key(person_id):
        raise NotFound
    found = select(AccessRequest).where(AccessRequest.reference == reference).with_for_update()
    request = work.session.scalars(found.execution_options(populate_existing=True)).one()
    if (State(request.state), step) not in TRANSITIONS:
        raise MovedMeanwhile
    return request


def _decide(work: Work, actor: str, request: AccessRequest, outcome: Outcome, reason: str) -> None:
    row = work.session.get(AccessReview, request.id)
    if row is None:
        row = AccessReview(request_id=request.id, person_id=request.person_id, revision=0)
        row.saved_at, row.saved_by = work.now, actor
        row.choices_sealed = _seal(request, "access_review", "choices", "{}")
        work.session.add(row)
    row.reason_sealed = _seal(request, "access_review", "reason", reason)
    _end(work, actor, request, Step.REFUSE if outcome is Outcome.NOTHING else Step.HAND_OVER, outcome)
    _tell(work, request, "answered")


def _end(work: Work, actor: str, request: AccessRequest, step: Step, outcome: Outcome | None = None) -> None:
    row = work.session.get(AccessReview, request.id)
    if row is not None:  # it repeats what was written, and is of no use any more
        row.choices_sealed = _seal(request, "access_review", "choices", "{}")
    request.outcome, request.ended_at, request.ended_by = outcome, work.now, actor
    _move(work, actor, request, step)


def _move(work: Work, actor: str, request: AccessRequest, step: Step) -> None:
    request.state = next_state(State(request.state), step)
    work.session.flush()
    person = work.session.get_one(Person, request.person_id)
    person.awaits_record = queries.is_awaited(person.id)
    work.session.flush()
    record(work, actor, f"access_{request.state}", request.reference)


def _tell(work: Work, request: AccessRequest, what: str) -> None:
    """A letter to its person that something on their page has changed: never what."""
    occasion = f"{request.reference}:{what}"
    letter = SendLetter(Kind.PAGE_CHANGED.value, request.person.reference, CLIENT, occasion, since=work.now.isoformat())
    work.post(letter)


def _seal(request: AccessRequest, table: str, column: str, plain: str) -> bytes:
    return vault().seal(request.person_id, plain, table=table, row=request.reference, column=column)
