"""What the audit page reads: entries of the log that somebody looks for, in words, by way of the log's own numbers."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, not_, select

from practice.audit import AuditEntry
from practice.booking.models import Booking
from practice.couples import Couple
from practice.database import Model, db
from practice.intake.models import Intake
from practice.intake.queries import SENT
from practice.languages import N_
from practice.people import Person
from practice.speaking import gettext as _
from practice.staff.audit_words import GROUPS, words_of
from practice.staff.models import StaffAccount
from practice.staff.queries import find_actor_names

ON_A_PAGE = 50
MOST_IN_A_FILE = 10_000
STAFF, CLIENT = "staff:", "client:"
CLIENTS, ITSELF = "clients", "itself"
OTHERS = {
    "invited": N_("Somebody who was invited"),
    "worker": N_("The system"),
    "system": N_("The system"),
}

# What a reference that begins so stands for; a link leads there alone where there is such a row.
TABLES: dict[str, tuple[type[Model], ColumnElement[str], ColumnElement[bool] | None]] = {
    "i_": (Intake, Intake.reference.expression, SENT),
    "b_": (Booking, Booking.reference.expression, None),
    "c_": (Couple, Couple.reference.expression, None),
    "p_": (Person, Person.reference.expression, None),
}


@dataclass(frozen=True)
class Wanted:
    """What to look for; whatever is empty doesn't matter. `who` is an actor, CLIENTS or ITSELF; days are local."""

    who: str = ""
    group: str = ""
    subject: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Line:
    """One entry in words. `about` is its subject; `details` pairs of a name and what it says."""

    number: int
    at: datetime
    actor: str
    who: str
    did: str
    action: str
    about: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Leaf:
    """A page of the log, the newest first. `older` and `newer`: by which number the next one in that way is found."""

    lines: list[Line]
    older: int | None
    newer: int | None


def read_leaf(wanted: Wanted, zone: str, *, before: int | None = None, after: int | None = None) -> Leaf:
    """The newest entries that are wanted; or those before, or after, an entry of this number."""
    found = select(AuditEntry).where(*_conditions(wanted, zone))
    if after is not None:
        rows = db.session.scalars(
            found.where(AuditEntry.number > after).order_by(AuditEntry.number).limit(ON_A_PAGE + 1)
        ).all()
        more, rows = len(rows) > ON_A_PAGE, rows[:ON_A_PAGE][::-1]
        return Leaf(_lines(rows), after + 1, rows[0].number if more else None)
    if before is not None:
        found = found.where(AuditEntry.number < before)
    rows = db.session.scalars(found.order_by(AuditEntry.number.desc()).limit(ON_A_PAGE + 1)).all()
    more, rows = len(rows) > ON_A_PAGE, rows[:ON_A_PAGE]
    return Leaf(_lines(rows), rows[-1].number if more else None, before - 1 if before is not None else None)


def list_for_file(wanted: Wanted, zone: str) -> list[Line]:
    """The newest MOST_IN_A_FILE entries that are wanted."""
    found = select(AuditEntry).where(*_conditions(wanted, zone)).order_by(AuditEntry.number.desc())
    return _lines(db.session.scalars(found.limit(MOST_IN_A_FILE)).all())


def list_who() -> dict[str, str]:
    """Whom one can look for, by actor: every account there ever was, and who is no account."""
    accounts = db.session.scalars(select(StaffAccount).order_by(StaffAccount.id)).all()
    known = {account.actor: account.name for account in accounts}
    return {"": _("Anybody"), **known, CLIENTS: _("Clients"), ITSELF: _("The system, and commands")}


def find_there(references: Collection[str]) -> set[str]:
    """Which of these references there is something of that a page can show."""
    there: set[str] = set()
    for start, (_table, column, also) in TABLES.items():
        asked = [one for one in references if one.startswith(start)]
        if asked:
            found = select(column).where(column.in_(asked))
            there.update(db.session.scalars(found if also is None else found.where(also)))
    return there


def _conditions(wanted: Wanted, zone: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.who == CLIENTS:
        found.append(AuditEntry.actor.startswith(CLIENT))
    elif wanted.who == ITSELF:
        found.append(and_(not_(AuditEntry.actor.startswith(CLIENT)), not_(AuditEntry.actor.startswith(STAFF))))
    elif wanted.who:
        found.append(AuditEntry.actor == wanted.who)
    if wanted.group:
        found.append(AuditEntry.action.in_(sorted(GROUPS[wanted.group].words)))
    if wanted.subject:
        found.append(AuditEntry.subject == wanted.subject)
    if wanted.first is not None:
        found.append(AuditEntry.at >= _begins(wanted.first, zone))
    if wanted.last is not None:
        found.append(AuditEntry.at < _begins(wanted.last + timedelta(days=1), zone))
    return found


def _begins(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


def _lines(entries: Sequence[AuditEntry]) -> list[Line]:
    names = find_actor_names({entry.actor for entry in entries})
    return [
        Line(
            number=entry.number,
            at=entry.at,
            actor=entry.actor,
            who=names.get(entry.actor) or _unnamed(entry.actor),
            did=_(words_of(entry.action)),
            action=entry.action,
            about=entry.subject,
            details=tuple((name.replace("_", " "), str(said)) for name, said in json.loads(entry.detail).items()),
        )
        for entry in entries
    ]


def _unnamed(actor: str) -> str:
    if actor.startswith(CLIENT):
        return _("Client %(reference)s", reference=actor.removeprefix(CLIENT))
    return _(OTHERS[actor]) if actor in OTHERS else actor.capitalize()
