"""One unit of work: everything inside happens, or nothing does. The only commit in the project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from practice.clock import clock
from practice.database import begin_immediate, db, is_contention
from practice.errors import Contended, Unavailable
from practice.message import Message
from practice.outbox import enqueue

_OPEN = "practice.work"
_FOREIGN = "practice.foreign_commit"


@dataclass(frozen=True)
class Work:
    """What an action needs: the session to write with, the one reading of the clock, and a way to say what follows."""

    session: Session
    now: datetime

    def post(self, message: Message, due: datetime | None = None) -> None:
        """Have the worker deliver `message` after the commit, not before `due` (aware UTC; at once when None)."""
        enqueue(self.session, message, now=self.now, due=due or self.now)


@contextmanager
def begin_work() -> Iterator[Work]:
    """Open a work; commit at its end, or roll everything back when anything is raised.

    It first ends the read that loading the visitor opened, so that nothing read before is taken for current.

    :raises Contended: when the database gives way to somebody else; the same work may be tried again.
    :raises Unavailable: when the database does not answer.
    """
    session = db.session()
    if _OPEN in session.info:
        raise RuntimeError("a work is already open; pass it on instead of opening another")
    session.rollback()
    session.info[_OPEN] = True
    try:
        begin_immediate(session.connection())
        yield Work(session=session, now=clock().now())
        session.commit()
    except OperationalError as error:
        session.rollback()
        raise (Contended if is_contention(error) else Unavailable) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_OPEN, None)


def in_work() -> bool:
    """Whether a work is open on the current session."""
    return _OPEN in db.session().info


def commit_for_flask_security() -> None:
    """The one commit beside begin_work(): Flask-Security's own views end with it (staff/datastore.py)."""
    session = db.session()
    session.info[_FOREIGN] = True
    try:
        session.commit()
    except OperationalError as error:
        session.rollback()
        raise (Contended if is_contention(error) else Unavailable) from error
    finally:
        session.info.pop(_FOREIGN, None)


@event.listens_for(Session, "before_flush")
def _lock_before_writing(session: Session, _context: Any, _instances: Any) -> None:
    if _OPEN not in session.info:
        begin_immediate(session.connection())


@event.listens_for(Session, "before_commit")
def _refuse_stray_commits(session: Session) -> None:
    if session.in_nested_transaction() or _OPEN in session.info or _FOREIGN in session.info:
        return
    raise RuntimeError("only begin_work() commits")
