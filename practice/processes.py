"""Several processes as one: whoever starts them ends them, however it ends itself."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PIPE_VARIABLE = "PRACTICE_PARENT_PIPE"
GRACE = 10.0  # seconds between the request to end and the kill


@dataclass(frozen=True)
class Command:
    """A child process: what it is called, what it runs, what it finds in its environment besides ours."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str]


def watch_parent() -> None:
    """In a child: ask for our own end when the parent is gone, even if it was killed.

    The parent holds the write end of a pipe and never writes; reading returns only when it is closed.
    """
    handle = os.environ.pop(PIPE_VARIABLE, None)
    if handle is None:
        return

    def wait_for_end() -> None:
        os.read(int(handle), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_end, daemon=True, name="parent-watch").start()


def run_together(commands: Sequence[Command]) -> int:
    """Run the commands until one ends or we are told to stop, then end them all; the exit code to leave with.

    Each child has a process group of its own, so that Ctrl-C reaches only us and the end is orderly.
    """
    read_end, write_end = os.pipe()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for command in commands:
            children[command.name] = subprocess.Popen(
                list(command.argv),
                env={**os.environ, **command.environ, PIPE_VARIABLE: str(read_end)},
                pass_fds=(read_end,),
                start_new_session=True,
            )
        os.close(read_end)
        while not stop.wait(0.2):
            for name, child in children.items():
                if child.poll() is not None:
                    print(f"{name} ended with code {child.returncode}; ending the rest.", flush=True)  # noqa: T201
                    return child.returncode or 1
        return 0
    finally:
        _end(list(children.values()))
        os.close(write_end)


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        _signal_group(child, signal.SIGTERM)
    give_up = time.monotonic() + GRACE
    for child in children:
        try:
            child.wait(timeout=max(0.0, give_up - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal_group(child, signal.SIGKILL)
            child.wait()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if child.poll() is None:
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            return
