"""Somebody else who acts in the middle of somebody's work, at a named point of it. On PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from practice.database import db

LOOK = 0.02  # seconds between two looks at whether the other one waits
PATIENCE = 60.0  # seconds until whoever neither ends nor waits for a lock hangs
WAITS_FOR = text("SELECT count(*) FROM pg_stat_activity WHERE :holder = ANY(pg_blocking_pids(pid))")


class Other:
    """Somebody else, in a thread and a transaction of their own."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._raised: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def go(self) -> None:
        """Let them act, until they are done or wait for a lock that the work of whoever calls this holds."""
        self._thread.start()
        holder = db.session.connection().scalar(text("SELECT pg_backend_pid()"))
        with db.engine.connect() as connection:
            watching = connection.execution_options(isolation_level="AUTOCOMMIT")
            for _ in range(int(PATIENCE / LOOK)):
                self._thread.join(LOOK)
                if not self._thread.is_alive() or watching.scalar(WAITS_FOR, {"holder": holder}):
                    return
        raise TimeoutError("the other one neither ended nor waits")

    def join(self) -> None:
        """Wait until they are done; raises what they did."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self._raised is not None:
            raise self._raised

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as raised:  # whoever joins them raises it
            self._raised = raised


def in_between(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, act: Callable[[], object]) -> Other:
    """Have somebody else act right after the first call of a function; they may have to wait for its work to end."""
    call, other, first = getattr(place, name), Other(act), [True]

    def called(*given: Any) -> Any:
        found = call(*given)
        if first:
            first.clear()
            other.go()
        return found

    monkeypatch.setattr(place, name, called)
    return other
