"""What intake does on messages, in the worker: each may run twice, late, or out of order."""

from __future__ import annotations

import structlog
from sqlalchemy import select

from practice.booking.waiting.actions import run_out as run_out_wishes
from practice.clock import clock
from practice.database import db
from practice.errors import NotFound
from practice.intake import retention
from practice.intake.messages import RetentionSweep, ReturnLinkAsked, SendReturnLink
from practice.intake.running_out import find_run_out, find_unsent_parts
from practice.people import Person
from practice.work import begin_work

MOST_PEOPLE = 3  # of one address, the newest: a shared inbox is no reason for a flood of letters

log = structlog.get_logger()


def on_retention_sweep(_message: RetentionSweep) -> None:
    """See to the next night, so that no fault of this one ends the chain; then erase what has run out, each alone."""
    with begin_work() as work:
        retention.post_next_sweep(work)
        retention.erase_place_wishes(work)
        run_out_wishes(work)
    run_out = find_run_out(clock().now())
    for reference in run_out:
        try:
            with begin_work() as work:
                retention.erase_run_out(work, reference)
        except NotFound:
            continue  # another worker was here
    unsent = find_unsent_parts(clock().now())
    for reference in unsent:
        with begin_work() as work:
            retention.erase_unsent_part(work, reference)
    log.info("intakes_erased", count=len(run_out) + len(unsent))


def on_return_link_asked(message: ReturnLinkAsked) -> None:
    """Find who gave the address; only somebody with a code can use a link."""
    found = select(Person.reference).where(
        Person.email_index == bytes.fromhex(message.address), Person.code_hash.is_not(None)
    )
    people = list(db.session.scalars(found.order_by(Person.id.desc()).limit(MOST_PEOPLE)))
    with begin_work() as work:
        for person in people:
            work.post(SendReturnLink(person, message.asked))
