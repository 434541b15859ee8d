"""Reading somebody's calendar in a process of its own, which has little time, little memory and nothing to betray.

The child is started anew from an executable, never forked from this process, so that threads and locks here don't
matter to it. It inherits no environment and no file beyond its three pipes.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from practice.calendars.reading.outcome import AllDay, BusyReading, ReadOccurrence, Unreadable
from practice.languages import N_
from practice.spans import Span

CHILD = Path(__file__).with_name("child.py")
MOST_ANSWER_BYTES = 16 * 1024 * 1024
PIECE = 64 * 1024

TOO_MUCH_WORK = N_(
    "The calendar takes too long to work out. An event that repeats without sense may be the cause: look for one that"
    " repeats very often, or never."
)
NOT_UNDERSTOOD = N_("The calendar can't be worked out.")


def read_guarded(content: bytes, *, zone: str, all_day: AllDay, within: Span, wall: float = 12.0) -> BusyReading:
    """read_busy() in a child process that gets `wall` seconds by the clock, 5 of computing and 512 MiB.

    :raises Unreadable: when nothing can be concluded from the content, also because the child had to be ended.
    """
    asked = [zone, all_day.value, within.start.isoformat(), within.end.isoformat()]
    with subprocess.Popen(
        [sys.executable, "-I", "-B", str(CHILD), *asked],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback could quote the calendar
        env={},
        cwd="/",
        start_new_session=True,
    ) as child:
        try:
            answer = _exchange(child, content, time.monotonic() + wall)
        finally:
            if child.poll() is None:  # not reaped, so the number is still this child's
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
    return _reading(answer, child.returncode)


def _exchange(child: subprocess.Popen[bytes], content: bytes, until: float) -> bytes:
    """Write all and read all, neither waiting for the other.

    :raises Unreadable: when the time is over, or the answer has no end.
    """
    assert child.stdin is not None
    assert child.stdout is not None
    answer = bytearray()
    rest = memoryview(content)
    os.set_blocking(child.stdin.fileno(), False)
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdin, selectors.EVENT_WRITE)
        waiting.register(child.stdout, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(max(0.0, until - time.monotonic()))
            if not ready:
                raise Unreadable(TOO_MUCH_WORK)
            for key, _ in ready:
                if key.fileobj is child.stdin:
                    rest = _write_some(child.stdin.fileno(), rest)
                    if not rest:
                        waiting.unregister(child.stdin)
                        child.stdin.close()
                elif piece := os.read(child.stdout.fileno(), PIECE):
                    answer += piece
                    if len(answer) > MOST_ANSWER_BYTES:
                        raise Unreadable(TOO_MUCH_WORK)
                else:
                    waiting.unregister(child.stdout)
    try:
        child.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise Unreadable(TOO_MUCH_WORK) from None
    return bytes(answer)


def _write_some(pipe: int, rest: memoryview) -> memoryview:
    """What is left to write; nothing once the child doesn't listen any more."""
    try:
        return rest[os.write(pipe, rest[:PIECE]) :]
    except BrokenPipeError:
        return rest[:0]


def _reading(answer: bytes, code: int) -> BusyReading:
    if code < 0:  # by a signal: the limits'
        raise Unreadable(TOO_MUCH_WORK)
    if code > 0:
        raise Unreadable(NOT_UNDERSTOOD)
    said = json.loads(answer)
    if "unreadable" in said:
        raise Unreadable(said["unreadable"])
    occurrences = tuple(
        ReadOccurrence(uid, Span(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)))
        for uid, start, end in said["occurrences"]
    )
    return BusyReading(occurrences, tuple(said["warnings"]), said["events"])
