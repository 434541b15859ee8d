"""What access requests do later: tell the desk when one is due, remove copies, and forget who was erased."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from practice.clock import clock
from practice.errors import NotFound
from practice.intake.messages import PersonForgotten, RetentionSweep
from practice.notify.messages import DESK, Kind, SendLetter
from practice.people import find_person
from practice.rights.access import actions, queries
from practice.rights.access.errors import MovedMeanwhile
from practice.rights.access.messages import AccessDue
from practice.rights.access.rules import OPEN, is_overdue
from practice.work import begin_work


def on_access_due(message: AccessDue) -> None:
    """Write to the desk, unless it was answered, given more time, or the later letter is due by now."""
    request = queries.find_request(message.request)
    late = is_overdue(date.fromisoformat(message.due), queries.today_at(clock().now()))
    if request is None or request.state not in OPEN or request.due_on.isoformat() != message.due:
        return
    if late is not message.overdue:
        return
    kind = Kind.RECORD_OVERDUE if late else Kind.RECORD_DUE
    with begin_work() as work:
        since = work.now.isoformat()
        work.post(SendLetter(kind.value, message.request, DESK, message.due, since=since))


def on_retention_sweep(_message: RetentionSweep) -> None:
    """Remove what was handed over and can't be read any more, each alone."""
    for reference in queries.find_run_out_copies(clock().now()):
        with suppress(MovedMeanwhile, NotFound), begin_work() as work:
            actions.remove_run_out(work, reference)


def on_person_forgotten(message: PersonForgotten) -> None:
    """End what an erased person asked for, and remove what nobody can open any more."""
    person = find_person(message.person)
    if person is not None:
        with begin_work() as work:
            actions.forget(work, person.id)
