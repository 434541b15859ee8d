"""Oracles for hours and open slots that count: slow, and with nothing in common with the code that they judge.

Slots: a wall clock is read at each UTC minute around a day; a window is the minutes between two readings.
Hours: each whole hour of a date is asked whether it is open.
"""

import os
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
START = datetime(2000, 1, 1, tzinfo=UTC)


def examples(count):
    """How many examples to try: ten times as many in `make test-long`."""
    return count * (10 if os.environ.get("PRACTICE_LONG") else 1)


def minute(instant):
    """Minutes since the start of 2000; the tests use whole minutes only."""
    count, rest = divmod(instant - START, MINUTE)
    assert not rest
    return count


@lru_cache(maxsize=64)
def clock_readings(zone, day):
    """What the clock shows at each minute, from two days before a local date to three days after it."""
    middle = minute(datetime.combine(day, time(0), UTC))
    return {
        at: (START + at * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        for at in range(middle - 2 * 1440, middle + 3 * 1440)
    }


def count_window(zone, day, window):
    """From the first minute whose reading has reached the opening to the last time that the clock reaches the closing.

    A closing that the clock shows twice, even one at which it is put back, counts when it is shown the second time.
    """
    opens, closes = (datetime.combine(day, wall) for wall in window)
    readings = clock_readings(zone, day)
    first = next(at for at, reading in readings.items() if reading >= opens)
    last = next(at for at, reading in reversed(readings.items()) if reading <= closes)
    return set(range(first, last if readings[last] == closes else last + 1))


def count_candidates(schedule, rules, first, last):
    """Start minute -> local date, of every candidate."""
    session, step = rules.session // MINUTE, rules.step // MINUTE
    found = {}
    for ordinal in range(first.toordinal() - 2, last.toordinal() + 3):
        day = date.fromordinal(ordinal)
        windows = schedule.overrides.get(day, schedule.weekly.get(day.weekday(), ()))
        open_minutes = set().union(*(count_window(schedule.zone, day, window) for window in windows))
        for opening in sorted(at for at in open_minutes if at - 1 not in open_minutes):
            closing = opening
            while closing in open_minutes:
                closing += 1
            for start in range(opening, closing - session + 1, step):
                local = clock_readings(schedule.zone, day)[start].date()
                if first <= local <= last:
                    found[start] = local
    return dict(sorted(found.items()))


def count_week(day, booked_per_day):
    """How many are booked on the dates that share the number of their week with a date."""
    return sum(count for other, count in booked_per_day.items() if other.isocalendar()[:2] == day.isocalendar()[:2])


def count_verdicts(schedule, rules, busy, *, now, first, last, booked_per_day):
    """(start, refusal or None) of every candidate, in order."""
    busy_minutes = {at for span in busy for at in range(minute(span.start), minute(span.end))}
    session, before, after = rules.session // MINUTE, rules.before // MINUTE, rules.after // MINUTE
    found = []
    for start, local in count_candidates(schedule, rules, first, last).items():
        instant = START + start * MINUTE
        if instant < now + rules.notice:
            refusal = "too_soon"
        elif instant > now + rules.horizon:
            refusal = "too_far"
        elif rules.daily_cap is not None and booked_per_day.get(local, 0) >= rules.daily_cap:
            refusal = "day_full"
        elif rules.weekly_cap is not None and count_week(local, booked_per_day) >= rules.weekly_cap:
            refusal = "week_full"
        elif busy_minutes.intersection(range(start - before, start + session + after)):
            refusal = "busy"
        else:
            refusal = None
        found.append((instant, refusal))
    return found


AWKWARD_DAYS = [
    ("America/New_York", date(2026, 3, 8)),  # 2:00 becomes 3:00
    ("America/New_York", date(2026, 11, 1)),  # 2:00 becomes 1:00
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/St_Johns", date(2026, 3, 8)),
    ("America/St_Johns", date(2010, 11, 7)),  # 0:01 becomes 23:01 of the day before
    ("America/St_Johns", date(2011, 3, 13)),  # 0:01 becomes 1:01
    ("Pacific/Apia", date(2011, 12, 30)),  # a date that never was
    ("Pacific/Apia", date(2011, 9, 24)),
    ("Africa/Casablanca", date(2026, 2, 15)),  # Ramadan: an hour back and forth in spring
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("America/Santiago", date(2026, 9, 6)),  # 0:00 becomes 1:00
    ("America/Santiago", date(2026, 4, 4)),  # 24:00 becomes 23:00
]
PLAIN_DAYS = [("Asia/Kolkata", date(2026, 3, 8)), ("Europe/Berlin", date(2026, 7, 1))]


def count_hours(hours, day, place):
    """The whole hours that are open on a date at a place, and the word for what decided; hours start on the hour."""
    here = [one for one in hours.exceptions if one.day == day and one.place in (None, place)]
    kinds = {str(one.kind) for one in here}
    usual = [
        one
        for one in hours.openings
        if one.weekday == day.weekday()
        and one.place in (None, place)
        and not (one.valid_from is not None and day < one.valid_from)
        and not (one.valid_until is not None and day > one.valid_until)
    ]
    if any(off.first <= day <= off.last for off in hours.away):
        return set(), "time_off"
    if "closed" in kinds:
        return set(), "closed"
    if "other" in kinds:
        base, cause = [one for one in here if one.kind == "other"], "other_hours"
    elif day in hours.holidays:
        base, cause = [], "holiday"
    else:
        base, cause = usual, "weekly" if usual else "no_hours"
    opened = [*base, *(one for one in here if one.kind == "extra")]
    found = {hour for hour in range(24) if any(one.opens.hour <= hour < one.closes.hour for one in opened)}
    return found, "extra" if "extra" in kinds else cause


def in_windows(found):
    """Whole hours as windows of wall time; 23 is never among them."""
    edges = [hour for hour in range(24) if (hour in found) != (hour - 1 in found)]
    return tuple((time(opens), time(closes)) for opens, closes in zip(edges[::2], edges[1::2], strict=True))
