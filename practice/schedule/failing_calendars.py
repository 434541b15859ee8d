"""Therapists' own calendars that can't be read, as lines of the page Today."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import url_for

from practice.calendars.reading.queries import list_failing
from practice.speaking import gettext as _
from practice.staff.models import OWNER, StaffAccount
from practice.staff.noticing import Notice

OWN_AFTER, OTHERS_AFTER = timedelta(hours=1), timedelta(days=1)


def which_fail(account: StaffAccount, now: datetime) -> list[Notice]:
    """To a therapist, that one of theirs does, after an hour; to an owner, whose it is, after a day. Never its name."""
    notices = []
    own = account.therapist_id
    if own is not None and any(one.calendar.therapist_id == own for one in list_failing(now - OWN_AFTER)):
        words = _("One of your own calendars can’t be read. What it said before still keeps times from being booked.")
        notices.append(Notice(words, url_for("busy_calendars.overview"), _("See what is wrong"), presses=True))
    if account.is_any_of(OWNER):
        others = {one.calendar.therapist_id: one.calendar.therapist for one in list_failing(now - OTHERS_AFTER)}
        for therapist in others.values():
            if therapist.id != own:
                words = _(
                    "A calendar of %(name)s’s own can’t be read for a day. They have a letter about it.",
                    name=therapist.name,
                )
                notices.append(Notice(words, url_for("schedule.week", therapist=therapist.slug), _("See their week")))
    return notices
