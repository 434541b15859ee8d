"""Checks the chain of the audit log outside of any request, and keeps what it came to for the page.

Each batch of entries is a read of its own, so that nobody waits for the check, however long the log is.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import islice

from flask import url_for
from sqlalchemy import func, select

from practice import audit
from practice.audit import AuditEntry, record
from practice.database import add_if_absent, db
from practice.speaking import gettext as _
from practice.staff.audit_messages import CheckAudit
from practice.staff.audit_models import ONLY, AuditCheck
from practice.staff.models import OWNER, StaffAccount
from practice.staff.noticing import Notice
from practice.staff.words import breach_said
from practice.work import Work, begin_work

MOST_SENTENCES = 20
PATIENCE = timedelta(hours=1)


def ask_for_check(work: Work, actor: str) -> None:
    """Have the worker check the whole log now. Asked again before it has, it is asked once, unless it took too long."""
    check = _row(work)
    if check.asked_at is None or work.now - check.asked_at > PATIENCE:
        check.asked_at = work.now
        work.post(CheckAudit(work.now.isoformat()))
        record(work, actor, "audit_check_asked", "audit")


def check_now() -> AuditCheck:
    """Go through the whole log, and keep what it came to."""
    breaches = audit.verify(db.session())
    first = list(islice(breaches, MOST_SENTENCES))
    broken = len(first) + sum(1 for _ in breaches)
    entries = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    with begin_work() as work:
        check = _row(work)
        check.asked_at, check.checked_at = None, work.now
        check.entries, check.broken, check.breaches = entries, broken, json.dumps(first)
    return check


def on_check_audit(_message: CheckAudit) -> None:
    """Somebody asked for it."""
    check_now()


def on_night(_message: object) -> None:
    """Each night the whole log is checked."""
    check_now()


def find_check() -> AuditCheck | None:
    """What the last check came to; None before the first."""
    return db.session.get(AuditCheck, ONLY)


def breaches_of(check: AuditCheck) -> list[str]:
    """The first sentences that say where the chain is broken, as the page speaks."""
    found: list[str] = json.loads(check.breaches)
    return [breach_said(one) for one in found]


def what_is_broken(account: StaffAccount, _now: datetime) -> list[Notice]:
    """For owners, on their page Today: that somebody changed the audit log behind the product's back."""
    check = find_check() if account.is_any_of(OWNER) else None
    if check is None or not check.broken:
        return []
    words = _("The audit log was changed from outside: its chain is broken.")
    return [Notice(words, url_for("audit.log"), _("See where"), presses=True)]


def _row(work: Work) -> AuditCheck:
    add_if_absent(work.session, AuditCheck, id=ONLY, entries=0, broken=0, breaches="[]")
    return work.session.get_one(AuditCheck, ONLY, with_for_update=True, populate_existing=True)
