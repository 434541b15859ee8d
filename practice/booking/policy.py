"""What a cancellation costs. Pure: times go in, a share comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

WHOLE = Fraction(1)
NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """Free until `notice` before the start; after that `late_fee` of the price is kept (1 keeps all of it)."""

    notice: timedelta
    late_fee: Fraction = WHOLE

    def free_until(self, starts: datetime) -> datetime:
        """The last instant at which a cancellation is free."""
        return starts - self.notice


def refund_share(policy: CancellationPolicy, *, starts: datetime, cancelled: datetime) -> Fraction:
    """The share of the price that goes back to the payer.

    Both times are aware UTC. Exactly at the limit still counts as in time.
    """
    return WHOLE if cancelled <= policy.free_until(starts) else WHOLE - policy.late_fee
