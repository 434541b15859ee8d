"""What an export for taxes is made of: the movements of a period, and its payouts with their lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from practice.database import db
from practice.payments.bookkeeping import GONE
from practice.payments.models import MoneyMovement, MoneyReading, PaymentAttempt, Payout, Refund
from practice.payments.queries import Mismatch, find_mismatched_payouts
from practice.payments.snapshots import MovementKind
from practice.profile import ONLY
from practice.till.tax_report import Entry, Period, Sums, add_up, entry


@dataclass(frozen=True)
class ShownPayout:
    """A payout with the lines that we know of it."""

    payout: Payout
    entries: list[Entry]

    @property
    def total(self) -> int:
        """What its lines add up to, in minor units."""
        return sum(one.net for one in self.entries)

    @property
    def adds_up(self) -> bool:
        same = all(one.currency == self.payout.currency for one in self.entries)
        return same and self.total == self.payout.amount_minor


@dataclass(frozen=True)
class TaxReport:
    """A period: its lines by their own dates, its payouts by when they arrive; `read_at` is None before any reading."""

    period: Period
    entries: list[Entry]
    sums: list[Sums]
    payouts: list[ShownPayout]
    read_at: datetime | None
    complete: bool
    mismatched: list[Mismatch]  # of any time


def read_report(period: Period, zone: str) -> TaxReport:
    """Everything about a period of the practice's calendar."""
    entries = list_entries(period, zone)
    payouts = _payouts(period, zone)
    reading = db.session.get(MoneyReading, ONLY)
    arrived = [(one.payout.currency, one.payout.amount_minor) for one in payouts if one.payout.state not in GONE]
    return TaxReport(
        period=period,
        entries=entries,
        sums=add_up(entries, arrived),
        payouts=payouts,
        read_at=reading.read_at if reading else None,
        complete=reading is not None and reading.read_at >= _instant(period.end, zone),
        mismatched=find_mismatched_payouts(db.session()),
    )


def list_entries(period: Period, zone: str) -> list[Entry]:
    """The lines of a period, the oldest first. A payout is no line: each line names its own."""
    within = (MoneyMovement.created_at >= _instant(period.first, zone)) & (
        MoneyMovement.created_at < _instant(period.end, zone)
    )
    return [made for _, made in _entries(within, zone)]


def _payouts(period: Period, zone: str) -> list[ShownPayout]:
    arrives = (Payout.arrives_on >= period.first) & (Payout.arrives_on < period.end)
    lines: dict[str | None, list[Entry]] = {}
    for payout_id, made in _entries(MoneyMovement.payout_id.in_(select(Payout.id).where(arrives)), zone):
        lines.setdefault(payout_id, []).append(made)
    found = db.session.scalars(select(Payout).where(arrives).order_by(Payout.arrives_on.desc(), Payout.id))
    return [ShownPayout(one, lines.get(one.id, [])) for one in found]


def _entries(which: ColumnElement[bool], zone: str) -> Iterable[tuple[str | None, Entry]]:
    chosen = which & (MoneyMovement.kind != MovementKind.PAYOUT)
    payments = select(MoneyMovement.payment).where(chosen, MoneyMovement.payment.is_not(None))
    refunds = select(MoneyMovement.refund).where(chosen, MoneyMovement.refund.is_not(None))
    paid = select(PaymentAttempt.payment, PaymentAttempt.reference).where(PaymentAttempt.payment.in_(payments))
    numbers = {row.payment: row.reference for row in db.session.execute(paid)}
    ours = set(db.session.scalars(select(Refund.reference).where(Refund.reference.in_(refunds))))
    here = ZoneInfo(zone)
    found = (
        select(MoneyMovement)
        .where(chosen)
        .options(joinedload(MoneyMovement.payout))
        .order_by(MoneyMovement.created_at, MoneyMovement.id)
    )
    for one in db.session.scalars(found):
        refund = one.refund if one.refund in ours else None
        yield (
            one.payout_id,
            entry(
                one.kind,
                (one.gross_minor, one.fee_minor, one.net_minor),
                one.currency,
                number=refund or numbers.get(one.payment, ""),
                day=one.created_at.astimezone(here).date(),
                percent=one.tax_percent,
                payout=(one.payout.id, one.payout.arrives_on) if one.payout else None,
            ),
        )


def _instant(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)
