"""What people asked of their data and wait for, as lines of the page Today. Counts alone, for whoever decides."""

from __future__ import annotations

from datetime import datetime

from flask import url_for

from practice.rights.access.queries import count, list_open
from practice.rights.queries import list_waiting
from practice.rights.whose import seen_among
from practice.speaking import gettext as _
from practice.speaking import ngettext
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
        (
            load.overdue,
            ngettext(
                "%(num)s request for a whole record is overdue.",
                "%(num)s requests for a whole record are overdue.",
                load.overdue,
            ),
            True,
        ),
        (
            load.soon,
            ngettext(
                "%(num)s request for a whole record is due within a week.",
                "%(num)s requests for a whole record are due within a week.",
                load.soon,
            ),
            True,
        ),
        (
            load.later,
            ngettext(
                "%(num)s request for a whole record waits.", "%(num)s requests for a whole record wait.", load.later
            ),
            False,
        ),
        (
            erasures,
            ngettext("%(num)s request to be erased waits.", "%(num)s requests to be erased wait.", erasures),
            False,
        ),
    )
    return [Notice(words, address, _("See them"), presses) for number, words, presses in lines if number]
