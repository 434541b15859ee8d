"""What a cancellation costs."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from practice.booking.policy import CancellationPolicy, refund_share

STARTS = datetime(2026, 3, 3, 15, tzinfo=UTC)
TWO_DAYS = CancellationPolicy(notice=timedelta(hours=48))


def test_exactly_at_the_limit_is_still_in_time():
    assert refund_share(TWO_DAYS, starts=STARTS, cancelled=STARTS - timedelta(hours=48)) == 1


def test_a_moment_past_the_limit_the_fee_is_kept():
    late = STARTS - timedelta(hours=48) + timedelta(microseconds=1)

    assert refund_share(TWO_DAYS, starts=STARTS, cancelled=late) == 0


def test_a_practice_may_keep_a_part_only():
    half = CancellationPolicy(notice=timedelta(hours=24), late_fee=Fraction(1, 2))

    assert refund_share(half, starts=STARTS, cancelled=STARTS) == Fraction(1, 2)


def test_the_limit_is_counted_in_elapsed_hours_when_the_clocks_change():
    # 9 March 2026 in New York comes 23 hours after 8 March; the rule counts hours, not wall clocks.
    assert TWO_DAYS.free_until(datetime(2026, 3, 9, 13, tzinfo=UTC)) == datetime(2026, 3, 7, 13, tzinfo=UTC)
