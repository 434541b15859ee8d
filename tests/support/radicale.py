"""A real CalDAV server: Radicale in a process of its own, on this machine, with a user and a password."""

from __future__ import annotations

import base64
import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

USER = "ada"
PASSWORD = "an app password of the test's own"
STARTS_WITHIN = 30.0  # seconds
CONFIG = """[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = {folder}/collections
[logging]
level = error
"""


class Radicale:
    """A server that can go and come back on the same port, with what it holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "config").write_text(CONFIG.format(port=self.port, folder=folder))
        self.set_password(PASSWORD)
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def set_password(self, password: str) -> None:
        """Whoever signs in from now on needs this one (after a restart)."""
        (self.folder / "users").write_text(f"{USER}:{password}\n")

    def start(self) -> None:
        """Come (back); returns once it answers."""
        if self._process is not None:
            return
        command = [sys.executable, "-m", "radicale", "--config", str(self.folder / "config")]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        waiting = threading.Event()
        for _ in range(int(STARTS_WITHIN / 0.05)):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            waiting.wait(0.05)
        raise AssertionError("Radicale did not start")

    def stop(self) -> None:
        """Go away; what it holds stays."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def wipe(self) -> None:
        """Forget all calendars."""
        shutil.rmtree(self.folder / "collections" / "collection-root" / USER, ignore_errors=True)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
        """One request of the therapist's own program; the response, read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body.encode(), {"Authorization": f"Basic {token}", **sent})
        response = connection.getresponse()
        response.body = response.read()  # type: ignore[attr-defined]
        connection.close()
        return response

    def make_calendar(self, name: str) -> str:
        """A new calendar; its path."""
        path = f"/{USER}/{name}/"
        body = (
            '<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>'
            f"<d:displayname>{name.capitalize()}</d:displayname></d:prop></d:set></c:mkcalendar>"
        )
        assert self.ask("MKCALENDAR", path, body).status == 201
        return path

    def objects(self, path: str) -> dict[str, str]:
        """What a calendar holds: the text of each object, by its path."""
        folder = self.folder / "collections" / "collection-root" / path.strip("/")
        return {path + one.name: one.read_bytes().decode() for one in sorted(folder.glob("*.ics"))}

    def rewrite(self, path: str, **lines: str) -> None:
        """Change an object as a program of the therapist's would: the first line of each of these names."""
        text = str(self.ask("GET", path).body, "utf-8")  # type: ignore[attr-defined]
        kept = []
        for line in text.split("\r\n"):
            name = line.partition(":")[0].partition(";")[0]
            kept.append(f"{name}:{lines[name]}" if name in lines else line)
        assert self.ask("PUT", path, "\r\n".join(kept), Content_Type="text/calendar").status in (201, 204)

    def delete(self, path: str) -> None:
        assert self.ask("DELETE", path).status in (200, 204)


def folder_for(tmp: Path) -> Path:
    """A folder of one server's own."""
    folder = tmp / f"radicale-{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
