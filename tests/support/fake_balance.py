"""The balance behind the fake payment service: what came, what went, what it cost, and what was paid out."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from practice.clock import Clock
from practice.payments.snapshots import MovementKind, MovementSnapshot, PayoutSnapshot, PayoutStatus

HELD_BACK = timedelta(days=2)
DISPUTE_FEE = 15_00


def fee_of(minor: int) -> int:
    """2.9 % and 30 minor units."""
    return (minor * 29 + 500) // 1000 + 30


@dataclass
class FakeBalance:
    """Movements and payouts, oldest first. A payout collects everything that no payout holds, in each currency."""

    clock: Clock
    movements: list[MovementSnapshot] = field(default_factory=list)
    payouts: list[PayoutSnapshot] = field(default_factory=list)
    lines: dict[str, str] = field(default_factory=dict)  # movement to payout
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def add(
        self,
        kind: MovementKind,
        minor: int,
        currency: str,
        *,
        fee: int = 0,
        payment: str | None = None,
        refund: str | None = None,
        payout: str | None = None,
    ) -> None:
        now = self.clock.now()
        number, available = next(self._numbers), now + HELD_BACK
        net = minor - fee
        self.movements.append(
            MovementSnapshot(f"txn_{number}", kind, payment, refund, minor, fee, net, currency, now, available, payout)
        )

    def pay_out(self, *, automatic: bool = True) -> list[str]:
        """Send everything to the bank; the ids of the payouts."""
        waiting: dict[str, list[MovementSnapshot]] = defaultdict(list)
        for one in self.movements:
            if one.id not in self.lines and one.kind is not MovementKind.PAYOUT:
                waiting[one.currency].append(one)
        made = []
        for currency, some in waiting.items():
            total = sum(one.net_minor for one in some)
            if total > 0:
                now = self.clock.now()
                payout = PayoutSnapshot(
                    f"po_{next(self._numbers)}",
                    PayoutStatus.PAID,
                    total,
                    currency,
                    automatic,
                    automatic,
                    now.date() + timedelta(days=1),
                    now,
                )
                self.payouts.append(payout)
                self.lines |= {one.id: payout.id for one in some}
                self.add(MovementKind.PAYOUT, -total, currency, payout=payout.id)
                made.append(payout.id)
        return made

    def change(self, payout_id: str, **changes: object) -> None:
        """Let a payout be otherwise than it was."""
        self.payouts = [replace(one, **changes) if one.id == payout_id else one for one in self.payouts]  # type: ignore[arg-type]

    def list_movements(self, since: datetime) -> list[MovementSnapshot]:
        return [one for one in reversed(self.movements) if one.created_at >= since]

    def list_payouts(self, since: datetime) -> list[PayoutSnapshot]:
        return [one for one in reversed(self.payouts) if one.created_at >= since]

    def list_lines(self, payout_id: str) -> list[MovementSnapshot]:
        held = [one for one in reversed(self.movements) if payout_id in (self.lines.get(one.id), one.payout)]
        return [replace(one, payout=payout_id) for one in held]
