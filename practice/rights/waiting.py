"""What people asked of their data and wait for, as lines of the page Today. Counts alone, for whoever decides."""

from __future__ import annotations

from datetime import datetime

from flask import url_for

from practice.review.noticing import Notice
from practice.rights.access.queries import count_open
from practice.rights.queries import list_waiting
from practice.staff.models import CLINICIAN, OWNER, StaffAccount


def what_waits(account: StaffAccount, now: datetime) -> list[Notice]:
    """Requests for a record that are overdue, near or waiting, and requests to be erased."""
    if not account.is_any_of(OWNER, CLINICIAN):
        return []
    load, erasures, address = count_open(now), len(list_waiting()), url_for("rights_desk.requests")
    lines = (
        (load.overdue, "for a whole record is overdue", "for a whole record are overdue", True),
        (load.soon, "for a whole record is due within a week", "for a whole record are due within a week", True),
        (load.later, "for a whole record waits", "for a whole record wait", False),
        (erasures, "to be erased waits", "to be erased wait", False),
    )
    return [
        Notice(f"{count} request {one}." if count == 1 else f"{count} requests {many}.", address, "See them", presses)
        for count, one, many, presses in lines
        if count
    ]
