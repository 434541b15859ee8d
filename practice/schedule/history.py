"""The history of a session: what the audit log has of it, in the words and the language of whoever reads it now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select

from practice.audit import AuditEntry
from practice.booking.models import Booking
from practice.booking.policy import NOTHING, WHOLE
from practice.database import db
from practice.languages import N_
from practice.speaking import gettext as _
from practice.staff.queries import find_actor_names

# What the history of a session tells of the audit log; who merely looked stays there.
HISTORY = {
    "session_cancelled": N_("Cancelled"),
    "session_moved": N_("Moved"),
    "calendar_put_back": N_("Put back in the therapist’s own calendar, where it was moved or deleted"),
    "session_called_off": N_("Called off; all of the fee goes back"),
    "session_let_go": N_("Let go"),
    "collision_left": N_("Left as it is, though it meets a busy time"),
    "time_reserved": N_("Kept for the client"),
    "attendance_marked": N_("Attendance noted"),
    "attendance_assumed": N_("Counted as attended, since nobody marked it"),
}
NOTED_AS = {"attended": N_("Noted as attended"), "missed": N_("Noted as missed")}
WENT_BACK = {
    WHOLE: N_("Cancelled, all of the fee went back"),
    NOTHING: N_("Cancelled, nothing of the fee went back"),
}


@dataclass(frozen=True)
class Happened:
    """One change of a session: when, by whom, what."""

    at: datetime
    what: str
    by: str


def read_history(booking: Booking) -> tuple[Happened, ...]:
    """What became of a session, in order."""
    told = select(AuditEntry).where(AuditEntry.subject == booking.reference, AuditEntry.action.in_(HISTORY))
    entries = list(db.session.scalars(told.order_by(AuditEntry.number)))
    names = find_actor_names({entry.actor for entry in entries})
    happened = []
    if not any(entry.action == "time_reserved" for entry in entries):
        happened.append(Happened(booking.held_at, _("Time taken"), ""))
    if booking.confirmed_at is not None:
        happened.append(Happened(booking.confirmed_at, _("Confirmed"), ""))
    happened += [Happened(entry.at, _what(entry), _by(entry, names)) for entry in entries]
    return tuple(sorted(happened, key=lambda one: one.at))


def _by(entry: AuditEntry, names: Mapping[str, str]) -> str:
    return _("the client") if entry.actor.startswith("client:") else names.get(entry.actor, "")


def _what(entry: AuditEntry) -> str:
    detail = json.loads(entry.detail)
    if entry.action == "attendance_marked":
        return _(NOTED_AS.get(detail.get("as", ""), HISTORY[entry.action]))
    if entry.action == "session_cancelled" and "share" in detail:
        share = Fraction(str(detail["share"]))
        if share in WENT_BACK:
            return _(WENT_BACK[share])
        return _("Cancelled, %(share)s of the fee went back", share=share)
    return _(HISTORY[entry.action])
