"""The process in which somebody's calendar is read: limits first, then the libraries, then the bytes.

It is run by its path, and knows the package `practice` only as a folder: without its table of contents, which would
load the whole application. Content comes on the standard input; one line of JSON goes out.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType, ModuleType

CPU_SECONDS = 5
MEMORY_BYTES = 512 * 1024 * 1024
SERIES_SECONDS = 0.4  # of computing for one series, so that a few endless ones still leave time for all others

Read = Callable[[bytes, list[str]], dict[str, object]]


def main(read: Read) -> None:
    """Read what comes in under the limits, and say what came of it."""
    _set_limits()
    answer = read(sys.stdin.buffer.read(), sys.argv[1:])
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


def read(content: bytes, asked: list[str]) -> dict[str, object]:
    """`asked`: the zone, the rule for whole days, and the window's begin and end in ISO format."""
    _know_the_package_as_a_folder()
    from practice.calendars.reading.expanding import read_busy
    from practice.calendars.reading.outcome import AllDay, Unreadable
    from practice.spans import Span

    zone, all_day, start, end = asked
    within = Span(datetime.fromisoformat(start), datetime.fromisoformat(end))
    try:
        reading = read_busy(content, zone=zone, all_day=AllDay(all_day), within=within, limit=_a_while)
    except Unreadable as unreadable:
        return {"unreadable": unreadable.reason}
    return {
        "occurrences": [(one.uid, one.span.start.timestamp(), one.span.end.timestamp()) for one in reading.occurrences],
        "warnings": reading.warnings,
        "events": reading.events,
    }


def _set_limits() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _know_the_package_as_a_folder() -> None:
    folder = Path(__file__).resolve().parents[2]
    package = ModuleType("practice")
    package.__path__ = [str(folder)]
    sys.modules["practice"] = package


@contextmanager
def _a_while() -> Iterator[None]:
    from practice.calendars.reading.expanding import OutOfTime

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SERIES_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


if __name__ == "__main__":
    main(read)
