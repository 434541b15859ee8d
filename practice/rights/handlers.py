"""What rights do in the night, each erasure in a work of its own: it may run twice, late, and be cut off."""

from __future__ import annotations

import structlog

from practice.clock import clock
from practice.database import db, empty_write_ahead_log
from practice.erasing import lock_person
from practice.errors import NotFound
from practice.intake.messages import RetentionSweep
from practice.papers.actions import destroy_document, keep_for_the_books
from practice.rights import actions, running_out
from practice.work import begin_work

WORKER = "worker"
DOCUMENTS_A_WORK = 100

log = structlog.get_logger()


def on_retention_sweep(_message: RetentionSweep) -> None:
    """Erase what has run out by the practice's terms, and what is over by itself."""
    with begin_work() as work:
        actions.sweep_sessions(work)
        actions.close_requests_of_the_gone(work)
    _give_documents_keys()
    count = erase_run_out()
    log.info("records_erased", count=count)
    if not empty_write_ahead_log():
        log.warning("write_ahead_log_busy")


def erase_run_out() -> int:
    """Erase every person and document whose time is over; how many. What stops one stops no other."""
    now, count = clock().now(), 0
    people = [person.id for person in running_out.find_people_over(now)]
    documents = running_out.find_documents_over(now)
    for person_id in people:
        try:
            with begin_work() as work:
                person = lock_person(work, person_id)
                if person in running_out.find_people_over(work.now):  # or they came back since they were listed
                    actions.erase_person(work, WORKER, person)
                    count += 1
        except (actions.Stopped, NotFound):
            continue  # something is still open, or another worker was here
    for reference in documents:
        with begin_work() as work:
            count += destroy_document(work, WORKER, reference)
    db.session.rollback()
    return count


def _give_documents_keys() -> None:
    """Documents that were issued before there were any get keys of their own, so that they outlive their person."""
    while True:
        with begin_work() as work:
            found = keep_for_the_books(work, limit=DOCUMENTS_A_WORK)
        if found < DOCUMENTS_A_WORK:
            return
