"""What every request asks for and hardly anything changes: each process keeps it, under a mark in the database.

Whatever belongs to it is marked by its class, `Kept`; any flush or bulk statement that changes such a row renews the
mark in the same transaction (docs/adr/0005).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from flask import current_app
from sqlalchemy import String, event, insert, select, update
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, SessionTransaction, mapped_column

from practice.database import Model, db
from practice.tokens import reference

ONLY = 1
SEEN = "practice.kept_mark"
Value = TypeVar("Value")


class Kept:
    """Rows from which something is kept. Any change to one has every process read them anew, once it is committed."""


class KeptMark(Model):
    """The mark of all that is kept, one row. It never repeats, so that an undone change can't be mistaken."""

    __tablename__ = "kept_mark"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(40))


MARK = select(KeptMark.mark)


def keep(name: str, read: Callable[[], Value], also: Hashable = None) -> Value:
    """What `read` returned last in this process, or returns now if anything was changed since, or `also` is another.

    It outlives the session, so `read` returns values, or rows that no session knows.
    """
    kept: dict[str, tuple[Hashable, Any]] = current_app.extensions.setdefault(SEEN, {})
    key = (_mark(db.session()), also)
    found = kept.get(name)
    if found is None or found[0] != key:
        found = kept[name] = (key, read())
    return cast("Value", found[1])


def _mark(session: Session) -> str | None:
    """The mark, asked for once in a transaction."""
    if SEEN not in session.info:
        session.info[SEEN] = session.connection().execute(MARK).scalar()
    return cast("str | None", session.info[SEEN])


def _renew_mark(session: Session) -> None:
    mark = reference("m")
    if session.execute(update(KeptMark).values(mark=mark)).rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(KeptMark).values(id=ONLY, mark=mark))
    session.info.pop(SEEN, None)


@event.listens_for(Session, "before_flush")
def _renew_at_a_flush(session: Session, _context: Any, _instances: Any) -> None:
    changed = (*session.new, *session.deleted, *(one for one in session.dirty if session.is_modified(one)))
    if any(isinstance(one, Kept) for one in changed):
        _renew_mark(session)


@event.listens_for(Session, "do_orm_execute")
def _renew_in_bulk(state: ORMExecuteState) -> None:
    if state.is_select or state.bind_mapper is None:
        return
    if issubclass(state.bind_mapper.class_, Kept):
        _renew_mark(state.session)


@event.listens_for(Session, "after_transaction_end")
def _forget_the_mark(session: Session, _transaction: SessionTransaction) -> None:
    session.info.pop(SEEN, None)
