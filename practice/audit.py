"""The audit log: who saw or changed what. Append-only; every entry's hash covers the one before it.

Entries name references and kinds, never content. The hash is keyed (HMAC), so that somebody who can write to the
database but has not the keys file cannot forge a chain that verifies.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Index, LargeBinary, Row, Select, String, Table, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.database import Model, add_if_absent
from practice.sealing import keyring
from practice.work import Work

GENESIS = bytes(32)
BATCH = 2_000
MISSING, CHANGED = "audit entry {} is missing", "audit entry {} was changed"
CUT = "the audit log ends at entry {}, and its head says otherwise"


class AuditEntry(Model):
    """One thing that somebody saw or changed."""

    __tablename__ = "audit_entry"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(60))  # staff:<id>, client:<reference>, worker
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60), index=True)  # the reference of what was seen or changed
    detail: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (Index(None, "actor", "number"), Index(None, "action", "number"))


class AuditHead(Model):
    """The end of the chain, one row: it orders the writers and shows when the tail was cut off."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


HEAD = select(cast(Table, AuditHead.__table__))


def record(work: Work, actor: str, action: str, subject: str, detail: Mapping[str, str | int] | None = None) -> None:
    """Append an entry in this work: it stands exactly when what it tells of stands."""
    head = work.session.get(AuditHead, 1, with_for_update=True, populate_existing=True) or _begin_chain(work.session)
    entry = AuditEntry(
        number=head.number + 1,
        at=work.now,
        actor=actor,
        action=action,
        subject=subject,
        detail=json.dumps(dict(detail or {}), sort_keys=True),
    )
    entry.hash = _link(head.hash, entry)
    work.session.add(entry)
    head.number, head.hash = entry.number, entry.hash
    work.session.flush()


def verify(session: Session) -> Iterator[str]:
    """A sentence for each place where the chain is broken; nothing when it is whole (invariant I6).

    It reads BATCH entries at a time, so that a log of any length takes little room. What is appended meanwhile is read
    too: the head is read before each batch, and counts once nothing comes after what was read.
    """
    number, link, seen = 0, GENESIS, None
    while True:
        head = session.execute(HEAD).one_or_none()
        batch = session.execute(_after(seen)).all()
        if not batch:
            break
        for entry in batch:
            if entry.number != number + 1:
                yield MISSING.format(number + 1)
            link = _link(link, entry)
            if not hmac.compare_digest(link, entry.hash):
                yield CHANGED.format(entry.number)
                link = entry.hash
            number = seen = entry.number
    if (head.number if head else 0) != number or (head.hash if head else GENESIS) != link:
        yield CUT.format(number)


def _after(number: int | None) -> Select[Any]:
    batch = select(cast(Table, AuditEntry.__table__)).order_by(AuditEntry.number).limit(BATCH)
    return batch if number is None else batch.where(AuditEntry.number > number)


def _begin_chain(session: Session) -> AuditHead:
    """The head of an empty log, locked. Of two writers who both find none, one makes it and the other waits."""
    add_if_absent(session, AuditHead, id=1, number=0, hash=GENESIS)
    return session.get_one(AuditHead, 1, with_for_update=True, populate_existing=True)


def _link(before: bytes, entry: AuditEntry | Row[Any]) -> bytes:
    said = [entry.number, entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.detail]
    return hmac.digest(keyring().audit_key, before + json.dumps(said).encode(), hashlib.sha256)
