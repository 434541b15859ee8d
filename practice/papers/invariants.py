"""What must hold of documents, checked against the live database."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from practice.booking.models import Booking
from practice.invariants import Invariant
from practice.papers.kinds import LETTERS, Kind
from practice.papers.models import Paper, PaperSeries, PracticeRegistration
from practice.papers.timing import due_on
from practice.profile import ONLY, profile


def check_numbers(session: Session) -> Iterator[str]:
    """Each series runs from 1 to its last number, each number once."""
    given: dict[tuple[Kind, int], list[int]] = {}
    rows = session.execute(select(Paper.kind, Paper.year, Paper.number).order_by(Paper.number))
    for kind, year, number in rows:
        given.setdefault((kind, year), []).append(number)
    last = {(one.kind, one.year): one.last for one in session.scalars(select(PaperSeries))}
    for kind, year in sorted(given.keys() | last.keys()):
        numbers = given.get((kind, year), [])
        if numbers != list(range(1, last.get((kind, year), 0) + 1)):
            yield f"the numbers {LETTERS[kind]}{year} don’t run from 1 to their last one, each once"


def check_credit_notes(session: Session) -> Iterator[str]:
    """No invoice is credited above its amount."""
    invoice = aliased(Paper)
    asked = (
        select(Paper.source, func.sum(Paper.amount_minor).label("total"), func.max(invoice.amount_minor).label("most"))
        .join(invoice, (invoice.id == Paper.supersedes_id) & (invoice.kind == Kind.INVOICE), isouter=True)
        .where(Paper.kind == Kind.CREDIT_NOTE)
        .group_by(Paper.source, Paper.supersedes_id)
        .order_by(Paper.source, Paper.supersedes_id)
    )
    for row in session.execute(asked):
        if row.most is None or row.total > row.most:
            yield f"the credit notes about {row.source} are above what was invoiced"


def check_estimates_in_time(session: Session) -> Iterator[str]:
    """Whoever scheduled a session that costs something, early enough, got an estimate within the business days.

    They scheduled it when they held its time, or when the practice kept it for them. An estimate names its patient, so
    where nobody knew who that was, it is in time before they pay.
    """
    row = session.get(PracticeRegistration, ONLY)
    if row is None or row.estimates_since is None:
        return
    zone = ZoneInfo(profile().zone)
    first = (
        select(Paper.booking_id, func.min(Paper.issued_on).label("day"))
        .where(Paper.kind == Kind.ESTIMATE)
        .group_by(Paper.booking_id)
        .subquery()
    )
    asked = (
        select(Booking.reference, Booking.held_at, Booking.confirmed_at, Booking.starts_at, first.c.day)
        .join(first, first.c.booking_id == Booking.id, isouter=True)
        .where(Booking.held_at >= row.estimates_since, Booking.confirmed_at.is_not(None), Booking.price_minor > 0)
        .order_by(Booking.id)
    )
    for reference, held_at, confirmed_at, starts_at, day in session.execute(asked):
        held, confirmed, starts = (moment.astimezone(zone).date() for moment in (held_at, confirmed_at, starts_at))
        due = due_on(held, starts)
        if due is not None and (day is None or day > max(due, confirmed)):
            yield f"booking {reference} has no estimate that was made in time"


OWN: tuple[Invariant, ...] = (
    Invariant("I4", "Documents are numbered without gaps", check_numbers),
    Invariant("I4", "No credit note is above its invoice", check_credit_notes),
    Invariant("I5", "Whoever should have an estimate has one in time", check_estimates_in_time),
)
