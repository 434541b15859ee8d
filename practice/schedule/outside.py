"""What was done to sessions in therapists' own calendars, as a line of the page Today, for whoever may answer."""

from __future__ import annotations

from datetime import datetime

from flask import url_for

from practice.calendars.caldav.queries import list_open_questions
from practice.schedule.queries import therapists_of
from practice.speaking import gettext as _
from practice.speaking import ngettext
from practice.staff.models import StaffAccount
from practice.staff.noticing import Notice


def what_was_done_outside(account: StaffAccount, _now: datetime) -> list[Notice]:
    """How many questions wait: of the whole practice for those who see it all, else of their own calendar."""
    count = len(list_open_questions([one.id for one in therapists_of(account)]))
    if not count:
        return []
    words = ngettext(
        "%(num)s session was moved or deleted in its therapist’s own calendar.",
        "%(num)s sessions were moved or deleted in therapists’ own calendars.",
        count,
    )
    return [Notice(words, url_for("schedule.calendar_questions.questions"), _("Say what is meant"), presses=True)]
