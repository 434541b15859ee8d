"""A small load: some clients, each on one connection, send prepared requests as fast as they are answered."""

import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

PATIENCE = 30.0  # seconds to wait for an answer


@dataclass
class Answers:
    """How often each status came, how long each answer took in seconds, and how long it took in all."""

    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def __add__(self, other: "Answers") -> "Answers":
        return Answers(self.statuses + other.statuses, self.waits + other.waits, self.seconds + other.seconds)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.seconds

    def wait_of(self, share: float) -> float:
        """The time within which this share of the answers came."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(share * len(self.waits)))]


def request(
    method: str, path: str, *, cookie: str = "", form: Mapping[str, str] | None = None, address: str = ""
) -> bytes:
    """The bytes of one request; `address` is the client's, as a proxy in front passes it on."""
    body = urlencode(form or {}).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if address:
        lines.append(f"X-Forwarded-For: {address}")
    if form is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send_all(port: int, requests: Iterable[bytes], *, clients: int) -> Answers:
    """Send every request once, shared out among the clients, and gather the answers.

    :raises RuntimeError: when a client lost its server.
    """
    waiting = deque(requests)
    answers = Answers()
    troubles: list[BaseException] = []

    def be_a_client() -> None:
        try:
            with Connection(port) as connection:
                while waiting:
                    try:
                        prepared = waiting.popleft()
                    except IndexError:
                        return  # another client took the last one
                    began = time.perf_counter()
                    status = connection.ask(prepared)
                    answers.waits.append(time.perf_counter() - began)
                    answers.statuses[status] += 1
        except (OSError, ValueError) as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=be_a_client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.seconds = time.perf_counter() - began
    if troubles:
        raise RuntimeError(f"{len(troubles)} of {clients} clients gave up") from troubles[0]
    return answers


def body_of(port: int, prepared: bytes) -> bytes:
    """What one request is answered with."""
    with Connection(port) as connection:
        connection.ask(prepared)
        return connection.body


class Connection:
    """One connection that is kept open, and opened anew where the server ends it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self.body = b""  # of the last answer

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def ask(self, prepared: bytes) -> int:
        """Send a request; the status of its answer."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(prepared)
        status, keep = self._read_answer(self._socket)
        if not keep:
            self._close()
        return status

    def _read_answer(self, link: socket.socket) -> tuple[int, bool]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive(link)
        head, body = received.split(b"\r\n\r\n", 1)
        fields = head.lower()
        _, said, rest = fields.partition(b"content-length:")
        length = int(rest.split(b"\r\n")[0]) if said else 0  # 304 says none
        while len(body) < length:
            body += self._receive(link)
        self.body = body
        return int(head[9:12]), b"connection: close" not in fields

    @staticmethod
    def _receive(link: socket.socket) -> bytes:
        part = link.recv(65536)
        if not part:
            raise ConnectionError("the server ended the connection in the middle of an answer")
        return part

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
