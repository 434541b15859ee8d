"""What a cancellation costs. Pure: times go in, a share comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
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


class TermsKind(StrEnum):
    """What somebody reads who is about to cancel."""

    UNPAID = "unpaid"  # nothing was paid yet: the time is let go
    FREE = "free"
    WAIVED = "waived"  # too late, but the first time is on us
    CHARGED = "charged"
    OVER = "over"  # it can't be cancelled any more


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """The terms of cancelling now, and the share of what was paid that goes back."""

    kind: TermsKind
    share: Fraction


def terms_of(
    policy: CancellationPolicy, *, unpaid: bool, stands: bool, starts: datetime, now: datetime, waiver_left: bool
) -> CancellationTerms:
    """The terms on which a client cancels at `now` (aware UTC, as `starts`); the caller knows of waivers used."""
    if unpaid:
        return CancellationTerms(TermsKind.UNPAID, WHOLE)
    if not stands or starts <= now:
        return CancellationTerms(TermsKind.OVER, NOTHING)
    share = refund_share(policy, starts=starts, cancelled=now)
    if share == WHOLE:
        return CancellationTerms(TermsKind.FREE, WHOLE)
    if waiver_left:
        return CancellationTerms(TermsKind.WAIVED, WHOLE)
    return CancellationTerms(TermsKind.CHARGED, share)
