"""Processes of the product that a test starts, kills and starts again: the product's own commands, on a shared clock.

They are forked from a server that has imported the product and done nothing else, so each is a process of its own
that begins with main(), and starts in a moment.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path

from sqlalchemy.orm import configure_mappers

from tests.support.fail_points import FAIL_POINTS, kill
from tests.support.forks import CONTEXT
from tests.support.wrong_orders import WRONG_ORDERS

configure_mappers()  # once, instead of in each of them

PATIENCE = 60  # seconds for a process to end
SANDBOX = "sandbox"


class SharedClock:
    """The machine's clock, ahead by what stands in a file: several processes live by it, and a test moves it."""

    def __init__(self, ahead: Path) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        ahead = float(self._ahead.read_text()) if self._ahead.exists() else 0.0
        return datetime.now(UTC) + timedelta(seconds=ahead)

    def advance(self, **step: float) -> None:
        """Move on by timedelta's own words, for everybody."""
        ahead = float(self._ahead.read_text()) if self._ahead.exists() else 0.0
        fresh = self._ahead.with_suffix(".new")
        fresh.write_text(str(ahead + timedelta(**step).total_seconds()))
        fresh.replace(self._ahead)


@dataclass(frozen=True)
class Settled:
    """What all processes of one town have in common."""

    folder: Path
    environ: Mapping[str, str]

    @property
    def ahead(self) -> Path:
        return self.folder / "ahead"

    @property
    def marker(self) -> Path:
        return self.folder / "died-at"


class Life:
    """A running command of the product: `practice …`, or the sandbox's own. It leads a process group."""

    def __init__(
        self, settled: Settled, command: Sequence[str], *, dies_at: str | None = None, wrong: str | None = None
    ) -> None:
        self.said = settled.folder / f"{command[0]}.log"
        self._process = CONTEXT.Process(target=_live, args=(settled, tuple(command), self.said, dies_at, wrong))
        self._process.start()

    def ended(self) -> int:
        """Wait for its end; its exit code, below zero where a signal ended it."""
        self._process.join(PATIENCE)
        code = self._process.exitcode
        assert code is not None, f"it did not end:\n{self.words()}"
        return code

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def words(self) -> str:
        """What it wrote."""
        return self.said.read_text(encoding="utf-8", errors="replace") if self.said.exists() else ""

    def end(self) -> None:
        """End it and its children at once."""
        if self._process.is_alive() and self._process.pid is not None:
            with suppress(ProcessLookupError):  # it leads no group yet
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
        self._process.join(PATIENCE)


def _live(settled: Settled, command: tuple[str, ...], said: Path, dies_at: str | None, wrong: str | None) -> None:
    os.setsid()
    threading.Thread(target=_follow_the_test, daemon=True).start()
    with said.open("ab") as log:
        for number in (1, 2):
            os.dup2(log.fileno(), number)
    os.chdir(settled.folder)
    os.environ.clear()
    os.environ.update(settled.environ)
    _live_by(SharedClock(settled.ahead))
    if wrong is not None:
        WRONG_ORDERS[wrong]()
    if dies_at is not None:
        FAIL_POINTS[dies_at].arm(partial(kill, settled.marker, dies_at))
    name, *arguments = command
    sys.argv = [name, *arguments]
    if name == SANDBOX:
        from practice.sandbox.__main__ import main as sandbox

        sandbox(arguments)
    from practice.cli import main

    main([name, *arguments])


def _live_by(clock: SharedClock) -> None:
    from practice.clock import SystemClock

    assert "practice.sandbox.server" not in sys.modules, "it has taken its clock already"
    SystemClock.now = lambda _self: clock.now()  # type: ignore[method-assign]


def _follow_the_test() -> None:
    """No process outlives its test, even one that was killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":  # a command by itself, in the folder of its town: for tools that start what they watch
    _live_by(SharedClock(Path("ahead")))
    from practice.cli import main

    main()
