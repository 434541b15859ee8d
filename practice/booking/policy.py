"""What a cancellation costs. Pure: times go in, a share comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from practice.money import Money

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


def left_of_fee(most: Money, kept: Money) -> Money:
    """What may be charged where at most `most` was agreed to, and `kept` of what was paid stays with us."""
    return most - kept if kept <= most else Money(0, most.currency)


class TermsKind(StrEnum):
    """What somebody reads who is about to cancel."""

    UNPAID = "unpaid"  # nothing was paid yet: the time is let go
    FREE = "free"
    WITHDRAWN = "withdrawn"  # too late to cancel, and still inside the time in which the contract can be withdrawn
    WAIVED = "waived"  # too late, but the first time is on us
    CHARGED = "charged"
    OVER = "over"  # it can't be cancelled any more


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """The terms of cancelling now, and the share of what was paid that goes back."""

    kind: TermsKind
    share: Fraction


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The right to withdraw from a contract: up to the end of `last_day`, which is before the instant `ends`."""

    last_day: date
    ends: datetime


def withdrawal_of(contract: datetime, days: int, zone: str) -> Withdrawal:
    """The right to withdraw from a contract that was made at `contract` (aware UTC), in the practice's zone.

    The days count from the day after the contract was made, and the last of them counts to its end: the Consumer
    Contracts Regulations 2013 (SI 2013/3134), reg 30; regs 29 to 38 say the rest. Whether they apply is for each
    practice to find out, since health services are partly exempt (reg 6).
    """
    last_day = contract.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    following = datetime.combine(last_day + timedelta(days=1), time(0), ZoneInfo(zone))
    return Withdrawal(last_day, following.astimezone(UTC))


def terms_of(
    policy: CancellationPolicy,
    *,
    unpaid: bool,
    stands: bool,
    starts: datetime,
    now: datetime,
    waiver_left: bool,
    withdrawal: Withdrawal | None = None,
) -> CancellationTerms:
    """The terms on which a client cancels at `now` (aware UTC, as `starts`); the caller knows of waivers used.

    Who can withdraw gets everything back, whatever the rule about late cancellations says, and uses up no waiver. Once
    the session has begun nothing goes back: it was asked for, and held, inside that time (reg 36).
    """
    if unpaid:
        return CancellationTerms(TermsKind.UNPAID, WHOLE)
    if not stands or starts <= now:
        return CancellationTerms(TermsKind.OVER, NOTHING)
    share = refund_share(policy, starts=starts, cancelled=now)
    if share == WHOLE:
        return CancellationTerms(TermsKind.FREE, WHOLE)
    if withdrawal is not None and now < withdrawal.ends:
        return CancellationTerms(TermsKind.WITHDRAWN, WHOLE)
    if waiver_left:
        return CancellationTerms(TermsKind.WAIVED, WHOLE)
    return CancellationTerms(TermsKind.CHARGED, share)


def once_waived(policy: CancellationPolicy, *, starts: datetime, now: datetime) -> CancellationTerms:
    """The terms in place of WAIVED for whoever cancels another session in the same breath: one waiver is for one."""
    return CancellationTerms(TermsKind.CHARGED, refund_share(policy, starts=starts, cancelled=now))
