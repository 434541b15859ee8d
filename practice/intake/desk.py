"""The practice's desk hours as they stand: its weekly hours, and the public holidays that it keeps."""

from __future__ import annotations

from datetime import datetime

from practice.booking.offers.queries import public_holidays
from practice.desk_hours import DeskHours, read_weekly
from practice.profile import profile


def desk_hours(now: datetime) -> DeskHours:
    """When somebody reads what comes. Hours that nobody can read are no hours, so that nothing untrue is promised."""
    found = profile()
    try:
        weekly = read_weekly(found.desk_hours)
    except ValueError:
        weekly = {}
    region = found.desk_holidays
    years = (now.year - 1, now.year, now.year + 1)
    return DeskHours(found.zone, weekly, public_holidays(region, years) if region else {})
