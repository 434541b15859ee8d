"""The product's own web server as a child process on loopback, and how much memory it takes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 30.0  # seconds to start and to end
WORKERS = 2


@dataclass(frozen=True)
class Served:
    """A running server: where it listens, and its first process."""

    port: int
    pid: int

    def resident(self) -> float:
        """Megabytes of memory in the largest of the web processes; Linux only."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        return max(_resident_kilobytes(int(child)) for child in children) / 1024

    def processor(self) -> float:
        """Seconds that the web processes have computed so far; Linux only."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        return sum(_computed_ticks(int(child)) for child in children) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serve(make_app: str, environ: Mapping[str, str]) -> Iterator[Served]:
    """Serve the app that `make_app` ("module:function") makes, just as `practice serve` does.

    :raises RuntimeError: when it doesn't answer in time.
    """
    port = _free_port()
    module, function = make_app.split(":")
    program = (
        f"from {module} import {function}; from practice.server import Server; "
        f"Server({function}, bind='127.0.0.1:{port}', workers={WORKERS}).run()"
    )
    child = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, **environ}, start_new_session=True)
    try:
        _wait_until_it_answers(child, port)
        yield Served(port, child.pid)
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _wait_until_it_answers(child: "subprocess.Popen[bytes]", port: int) -> None:
    give_up = time.monotonic() + PATIENCE
    while child.poll() is None and time.monotonic() < give_up:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as link:
                link.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if link.recv(12).startswith(b"HTTP/1.1"):
                    return
        except ConnectionError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _resident_kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} has no memory to speak of")


def _computed_ticks(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])  # in user and in system mode; see proc(5)
