"""A real Radicale on loopback, into which calendar objects are put one by one, and what it gives back."""

from __future__ import annotations

import base64
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.calendar_readers import PATIENCE

COLLECTION = "/somebody/sessions/"
MAKE_CALENDAR = b"""<?xml version="1.0"?>
<C:mkcalendar xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:set><D:prop><C:supported-calendar-component-set>
<C:comp name="VEVENT"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>"""


class Radicale:
    """The running server."""

    def __init__(self, address: str) -> None:
        self._address = address

    def ask(self, method: str, path: str, content: bytes | None = None, kind: str = "text/calendar") -> bytes:
        """Send a request; its answer.

        :raises AssertionError: when the server refuses it.
        """
        request = urllib.request.Request(self._address + path, data=content, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(b"somebody:").decode())  # nobody checks it
        request.add_header("Content-Type", f"{kind}; charset=utf-8")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"Radicale answers {refused.code}: {refused.read().decode()[:300]}") from None

    def put(self, name: str, content: bytes) -> bytes:
        """Put one object and take it out again; the object as the server had it."""
        path = f"{COLLECTION}{name}.ics"
        self.ask("PUT", path, content)
        kept = self.ask("GET", path)
        self.ask("DELETE", path)
        return kept


@contextmanager
def radicale(folder: Path) -> Iterator[Radicale]:
    """A server with one empty calendar, whose data are in `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "server-hosts": f"127.0.0.1:{port}",
        "auth-type": "none",
        "rights-type": "owner_write",
        "storage-filesystem-folder": str(folder / "radicale"),
    }
    said = [part for name, value in options.items() for part in (f"--{name}", value)]
    with (folder / "radicale.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "radicale", "--config", "", *said], stdout=log, stderr=log)
    try:
        found = Radicale(f"http://127.0.0.1:{port}")
        _wait(server, port, folder)
        found.ask("PROPFIND", "/somebody/", b"", "application/xml")  # makes the home of whoever asks
        found.ask("MKCALENDAR", COLLECTION, MAKE_CALENDAR, "application/xml")
        yield found
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _wait(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
            return
        except ConnectionError:
            time.sleep(0.05)
    raise AssertionError("Radicale did not start: " + (folder / "radicale.log").read_text()[-500:])
