"""What people asked of their data and wait for, as lines of the page Today. Counts alone, for whoever decides."""

from __future__ import annotations

from datetime import datetime

from flask import url_for

from practice.rights.access.queries import count, list_open
from practice.rights.queries import list_waiting
from practice.rights.whose import seen_among
from practice.staff.models import CLINICIAN, OWNER, StaffAccount
from practice.staff.noticing import Notice


def what_waits(account: StaffAccount, now: datetime) -> list[Notice]:
    """Requests for a record that are overdue, near or waiting, and requests to be erased."""
    if not account.is_any_of(OWNER, CLINICIAN):
        return []
    waiting, asked = list_waiting(), list_open()
    seen = seen_among(account, {one.person_id for one in waiting} | {one.person_id for one in asked})
    load = count(now, [one for one in asked if one.person_id in seen])
    erasures, address = sum(one.person_id in seen for one in waiting), url_for("rights_desk.requests")
    lines = (
        (load.overdue, "for a whole record is overdue", "for a whole record are overdue", True),
        (load.soon, "for a whole record is due within a week", "for a whole record are due within a week", True),
        (load.later, "for a whole record waits", "for a whole record wait", False),
        (erasures, "to be erased waits", "to be erased wait", False),
    )
    return [
        Notice(
            f"{number} request {one}." if number == 1 else f"{number} requests {many}.", address, "See them", presses
        )
        for number, one, many, presses in lines
        if number
    ]
