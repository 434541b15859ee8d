"""By when a good faith estimate is due: 45 CFR 149.610(b)(1)(vi), in business days. Pure.

Days are the practice's own calendar; public holidays are the United States' federal ones.
"""

from __future__ import annotations

from datetime import date, timedelta

import holidays

DAY = timedelta(days=1)
FAR, NEAR = 10, 3  # business days from scheduling to the session
WITHIN_FAR, WITHIN_NEAR = 3, 1  # business days from scheduling to the estimate


def is_business_day(day: date) -> bool:
    """Neither a weekend nor a federal holiday."""
    return day.weekday() < 5 and day not in holidays.country_holidays("US", years=day.year)


def business_days_between(first: date, last: date) -> int:
    """How many business days come after the first date, up to and including the last: 3 from Monday to Thursday."""
    days = (first + number * DAY for number in range(1, (last - first).days + 1))
    return sum(is_business_day(day) for day in days)


def after_business_days(day: date, count: int) -> date:
    """The date so many business days later."""
    while count:
        day += DAY
        count -= is_business_day(day)
    return day


def due_on(scheduled: date, session: date) -> date | None:
    """The last day for the estimate of a session that was scheduled; None where the law names none: too near."""
    ahead = business_days_between(scheduled, session)
    if ahead >= FAR:
        return after_business_days(scheduled, WITHIN_FAR)
    if ahead >= NEAR:
        return after_business_days(scheduled, WITHIN_NEAR)
    return None
