"""Servers of calendars that behave as badly as they can, on this machine, and calendars to put there."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

HOST = "127.0.0.1"
Answer = bytes | Callable[[socket.socket], None]
"""What goes over the line, byte by byte; or whoever writes to it."""


@dataclass
class CalendarServer:
    """Answers each request with the next of `answers`, the last one again and again; keeps what it was asked."""

    listener: socket.socket
    answers: list[Answer] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/secret-of-ada/basic.ics"

    def says(self, *answers: Answer) -> None:
        """Answer like this from now on."""
        self.answers = list(answers)

    def headers_of(self, number: int) -> dict[str, str]:
        """The headers of a request, by their names in small letters."""
        lines = self.asked[number].split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}

    def run(self) -> None:
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return  # it was closed: the test is over
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        try:
            if self.tls is not None:
                line = self.tls.wrap_socket(line, server_side=True)
            with line:
                said = b""
                while b"\r\n\r\n" not in said:
                    piece = line.recv(65536)
                    if not piece:
                        return
                    said += piece
                self.asked.append(said.decode("latin-1"))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if callable(answer):
                    answer(line)
                else:
                    line.sendall(answer)
        except OSError:
            return  # whoever asked hung up, as some tests want


@contextmanager
def serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[CalendarServer]:
    """A server on a port of its own for as long as the block lasts."""
    with socket.create_server((HOST, 0)) as listener:
        server = CalendarServer(listener, list(answers), tls=tls)
        running = threading.Thread(target=server.run, daemon=True)
        running.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        running.join(timeout=10)


def response(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; names of headers are written with _ for -. Content-Length is the body's unless it is given."""
    given = {"Content_Length": str(len(body)), **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in given.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


@dataclass(frozen=True)
class Event:
    """Something in somebody's calendar."""

    start: datetime | str  # a str: a date, as 20270510
    end: datetime | str
    uid: str = "1@elsewhere"
    summary: str = "Dentist-canary"


def calendar(*events: Event) -> bytes:
    """A calendar file with these events."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Elsewhere//EN"]
    for number, event in enumerate(events):
        uid = event.uid if event.uid != "1@elsewhere" else f"{number}@elsewhere"
        lines += ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20270101T000000Z", f"SUMMARY:{event.summary}"]
        lines += [_line("DTSTART", event.start), _line("DTEND", event.end), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _line(name: str, moment: datetime | str) -> str:
    return f"{name};VALUE=DATE:{moment}" if isinstance(moment, str) else f"{name}:{moment:%Y%m%dT%H%M%SZ}"
