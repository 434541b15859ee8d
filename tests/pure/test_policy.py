"""What a cancellation costs."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from practice.booking.policy import (
    NOTHING,
    WHOLE,
    CancellationPolicy,
    CancellationTerms,
    TermsKind,
    Withdrawal,
    refund_share,
    terms_of,
    withdrawal_of,
)

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


MADE = datetime(2026, 2, 20, 23, 30, tzinfo=UTC)  # still the 20th in London, and in New York
ENDS = datetime(2026, 3, 7, tzinfo=UTC)  # the 6th is the fourteenth day after it


RIGHT = withdrawal_of(MADE, 14, "Europe/London")


def cancelling(now, *, withdrawal=RIGHT, waiver_left=False, **changes):
    asked = {"unpaid": False, "stands": True, "starts": STARTS, "now": now, "waiver_left": waiver_left}
    return terms_of(TWO_DAYS, withdrawal=withdrawal, **(asked | changes))


LATE = STARTS - timedelta(hours=1)
MOMENT = timedelta(microseconds=1)


def test_the_days_of_withdrawal_count_from_the_day_after_and_to_the_end_of_the_last_in_the_practices_zone():
    assert withdrawal_of(MADE, 14, "Europe/London") == Withdrawal(date(2026, 3, 6), ENDS)
    assert withdrawal_of(MADE, 14, "America/New_York").ends == datetime(2026, 3, 7, 5, tzinfo=UTC)
    assert withdrawal_of(MADE, 14, "Asia/Tokyo").last_day == date(2026, 3, 7)  # where the 21st has begun
    summer = withdrawal_of(datetime(2026, 3, 20, 12, tzinfo=UTC), 14, "Europe/London")
    assert summer.ends == datetime(2026, 4, 3, 23, tzinfo=UTC)  # midnight of a day in summer time


def test_who_can_withdraw_gets_everything_back_however_late_it_is():
    assert cancelling(LATE) == CancellationTerms(TermsKind.WITHDRAWN, WHOLE)


def test_exactly_at_the_limit_it_is_free_and_a_moment_later_it_is_a_withdrawal():
    limit = TWO_DAYS.free_until(STARTS)

    assert cancelling(limit).kind is TermsKind.FREE
    assert cancelling(limit + MOMENT).kind is TermsKind.WITHDRAWN


def test_the_last_instant_of_the_last_day_counts_and_the_one_behind_it_does_not():
    starts = ENDS + timedelta(hours=10)

    assert cancelling(ENDS - MOMENT, starts=starts) == CancellationTerms(TermsKind.WITHDRAWN, WHOLE)
    assert cancelling(ENDS, starts=starts) == CancellationTerms(TermsKind.CHARGED, NOTHING)


def test_withdrawing_uses_up_no_waiver():
    assert cancelling(LATE, waiver_left=True).kind is TermsKind.WITHDRAWN
    assert cancelling(LATE, waiver_left=True, withdrawal=None).kind is TermsKind.WAIVED


def test_once_the_session_has_begun_nothing_goes_back():
    assert cancelling(STARTS - MOMENT).kind is TermsKind.WITHDRAWN
    assert cancelling(STARTS) == CancellationTerms(TermsKind.OVER, NOTHING)


def test_without_that_right_the_rule_for_late_cancellations_is_all_there_is():
    assert cancelling(LATE, withdrawal=None) == CancellationTerms(TermsKind.CHARGED, NOTHING)


def test_what_is_unpaid_is_let_go_and_what_was_ended_is_over_whatever_right_there_is():
    assert cancelling(LATE, unpaid=True, stands=False).kind is TermsKind.UNPAID
    assert cancelling(LATE, stands=False).kind is TermsKind.OVER
