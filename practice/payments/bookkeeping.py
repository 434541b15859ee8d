"""Reading what moved our balance at the service, for taxes: each night, and when staff ask. Safe to do twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, or_, select, update

from practice.audit import record
from practice.errors import NotFound
from practice.payments.gateway import payments
from practice.payments.messages import ReadMovements
from practice.payments.models import MoneyMovement, MoneyReading, PaymentAttempt, Payout
from practice.payments.snapshots import MovementKind, MovementSnapshot, PayoutSnapshot, PayoutStatus
from practice.profile import ONLY, PracticeProfile
from practice.work import Work, begin_work

OVERLAP = timedelta(days=3)
"""How much is read again each time: what the service lists late is found all the same."""
UNSETTLED = timedelta(days=30)
"""For how long a payout is looked at again: some that were paid fail afterwards."""
AT_ONCE = 200  # movements that are kept in one work
LONGEST_REFERENCE = 20
UNDER_WAY = (PayoutStatus.PENDING, PayoutStatus.IN_TRANSIT)
GONE = (PayoutStatus.FAILED, PayoutStatus.CANCELED)

log = structlog.get_logger()


def read() -> int:
    """Read everything that is new, and the lines of payouts that the service has itemised; how many movements.

    :raises GatewayUnavailable: when the service does not answer. What was read until then is kept.
    """
    with begin_work() as work:
        if work.session.get(PracticeProfile, ONLY) is None:
            return 0  # before `practice init`
        started, since, payouts_since = work.now, _since(work), _payouts_since(work)
    # The oldest first: a refund has the rate of its payment, also where this ends half-way and is done again.
    found = _keep(payments().list_movements(since)[::-1])
    for payout in reversed(payments().list_payouts(payouts_since)):
        with begin_work() as work:
            needs_lines = _note_payout(work, payout)
        if needs_lines:
            found += _keep(payments().list_payout_lines(payout.id)[::-1])
            with begin_work() as work:
                work.session.get_one(Payout, payout.id).itemised = True
    with begin_work() as work:
        reading = work.session.get(MoneyReading, ONLY)
        if reading is None:
            work.session.add(MoneyReading(id=ONLY, read_at=started))
        else:
            reading.read_at = max(reading.read_at, started)
    log.info("movements_read", count=found)
    return found


def ask_to_read(work: Work) -> None:
    """Have everything read soon; asked again within the same minute, it is read once."""
    work.post(ReadMovements(f"asked {work.now:%Y-%m-%dT%H:%M}"))


def set_tax(work: Work, actor: str, percent: str | None, since: date | None) -> None:
    """Set the tax within prices: of payments from now on, and of those since a date where one is named.

    What goes back of a payment has the rate that it was paid with.

    :raises NotFound: before the practice was set up.
    """
    profile = work.session.get(PracticeProfile, ONLY, with_for_update=True)
    if profile is None:
        raise NotFound
    profile.tax_percent = percent
    if since is not None:
        first = datetime.combine(since, time(0), ZoneInfo(profile.zone)).astimezone(UTC)
        paid = select(MoneyMovement.payment).where(
            MoneyMovement.kind == MovementKind.CHARGE, MoneyMovement.created_at >= first
        )
        earlier = select(MoneyMovement.payment).where(MoneyMovement.kind == MovementKind.CHARGE)
        strangers = (MoneyMovement.created_at >= first) & MoneyMovement.payment.not_in(
            earlier.where(MoneyMovement.payment.is_not(None))
        )
        work.session.execute(
            update(PaymentAttempt)
            .where(PaymentAttempt.paid_at >= first)
            .values(tax_percent=percent)
            .execution_options(synchronize_session=False)
        )
        work.session.execute(
            update(MoneyMovement)
            .where(or_(MoneyMovement.payment.in_(paid), strangers))
            .values(tax_percent=percent)
            .execution_options(synchronize_session=False)
        )
    record(work, actor, "tax_set", "practice", {"percent": percent or "none", "since": str(since or "now")})


def _since(work: Work) -> datetime:
    """From when on movements are read: a little before the last reading, or before our first payment."""
    reading = work.session.get(MoneyReading, ONLY)
    begun = work.session.scalar(select(func.min(PaymentAttempt.created_at)))
    return (reading.read_at if reading is not None else begun or work.now) - OVERLAP


def _payouts_since(work: Work) -> datetime:
    open_ones = select(func.min(Payout.created_at)).where(
        or_(Payout.state.in_(UNDER_WAY), Payout.automatic & ~Payout.itemised)
    )
    oldest = work.session.scalar(open_ones)
    return min(_since(work), work.now - UNSETTLED, *([oldest] if oldest else []))


def _keep(found: Sequence[MovementSnapshot]) -> int:
    for some in _in_parts(found):
        with begin_work() as work:
            _note(work, some)
    return len(found)


def _note(work: Work, found: Sequence[MovementSnapshot]) -> None:
    # The profile is locked, so that a rate that is being set meets all that was kept, and two readers take turns.
    profile = work.session.get_one(PracticeProfile, ONLY, with_for_update=True)
    known = {
        one.id: one
        for one in work.session.scalars(select(MoneyMovement).where(MoneyMovement.id.in_([one.id for one in found])))
    }
    payments_of = {one.payment for one in found if one.payment is not None}
    charged = select(MoneyMovement.payment, MoneyMovement.tax_percent).where(
        MoneyMovement.kind == MovementKind.CHARGE, MoneyMovement.payment.in_(payments_of)
    )
    rates = {row.payment: row.tax_percent for row in work.session.execute(charged)}
    named = {one.payout for one in found if one.payout is not None}
    payouts = set(work.session.scalars(select(Payout.id).where(Payout.id.in_(named))))
    for one in found:
        row = known.get(one.id)
        if row is None:
            row = known[one.id] = _row(one, rates.setdefault(one.payment, profile.tax_percent))
            work.session.add(row)
        row.available_at = one.available_at
        if one.payout in payouts:
            row.payout_id = one.payout


def _row(one: MovementSnapshot, percent: str | None) -> MoneyMovement:
    ours = one.refund if one.refund is not None and len(one.refund) <= LONGEST_REFERENCE else None
    return MoneyMovement(
        id=one.id,
        kind=one.kind,
        payment=one.payment,
        refund=ours,
        gross_minor=one.gross_minor,
        fee_minor=one.fee_minor,
        net_minor=one.net_minor,
        currency=one.currency,
        tax_percent=percent if one.payment is not None else None,
        created_at=one.created_at,
    )


def _note_payout(work: Work, found: PayoutSnapshot) -> bool:
    """Keep a payout; whether its lines can be asked for, and were not yet."""
    payout = work.session.get(Payout, found.id, with_for_update=True)
    if payout is None:
        payout = Payout(id=found.id, automatic=found.automatic, itemised=False, created_at=found.created_at)
        work.session.add(payout)
    payout.state, payout.arrives_on = found.status, found.arrives_on
    payout.amount_minor, payout.currency = found.amount_minor, found.currency
    work.session.flush()
    return found.itemised and not payout.itemised


def _in_parts(found: Sequence[MovementSnapshot]) -> Iterator[list[MovementSnapshot]]:
    rest = iter(found)
    while some := list(islice(rest, AT_ONCE)):
        yield some
