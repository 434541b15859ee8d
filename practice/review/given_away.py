"""Requests that a colleague took over or handed on, as lines of the page Today for whoever had them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from practice.audit import AuditEntry
from practice.database import db
from practice.intake.models import Intake
from practice.people import contact_of
from practice.presenting import local_datetime
from practice.profile import profile
from practice.review.seeing import find_sights
from practice.sealing import vault
from practice.speaking import gettext as _
from practice.staff.models import StaffAccount
from practice.staff.noticing import Notice
from practice.staff.queries import find_actor_names

TOLD_FOR = timedelta(days=7)
FROM = "from"
"""Under which name the audit log's entry of a request that changes hands says whose it was."""


def what_was_given_away(account: StaffAccount, now: datetime) -> list[Notice]:
    """One line for each request that was this account's, and that a colleague gave to somebody within a week."""
    told = select(AuditEntry).where(
        AuditEntry.action == "request_given",
        AuditEntry.at >= now - TOLD_FOR,
        AuditEntry.actor != account.actor,
        AuditEntry.detail.contains(f'"{FROM}": "{account.actor}"'),
    )
    given = {one.subject: one for one in db.session.scalars(told.order_by(AuditEntry.number))}
    if not given:
        return []
    found = select(Intake).where(Intake.reference.in_(given), Intake.owner.is_distinct_from(account.actor))
    intakes = list(db.session.scalars(found.options(joinedload(Intake.person))))
    vault().have_ready({one.person_id for one in intakes})
    sights, names = find_sights(account, intakes), find_actor_names({one.actor for one in given.values()})
    lines = [(given[one.reference], one) for one in intakes if one.id in sights]
    return [
        Notice(
            _said(entry, names.get(entry.actor, _("Somebody")), intake),
            url_for("review.intake", reference=intake.reference),
            _("See the request"),
        )
        for entry, intake in sorted(lines, key=lambda line: line[0].number, reverse=True)
    ]


def _said(entry: AuditEntry, by: str, intake: Intake) -> str:
    contact = contact_of(intake.person)
    name = contact.first_name if contact is not None else _("somebody who was forgotten")
    took = json.loads(entry.detail).get("to") == entry.actor
    said = {"by": by, "name": name, "time": local_datetime(entry.at, profile().zone)}
    if took:
        return _("%(by)s took over the request of %(name)s, which was yours, %(time)s.", **said)
    return _("%(by)s handed on the request of %(name)s, which was yours, %(time)s.", **said)
