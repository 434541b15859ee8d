"""HTTP to a server that a therapist named: to its own addresses alone, with a limit on time and size.

The password goes to the host that was typed, and nowhere else. Names are resolved once for each connection, and what
is connected to is what was checked.
"""

from __future__ import annotations

import socket
import time
from typing import Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import LocationParseError
from urllib3.poolmanager import PoolManager
from urllib3.util import parse_url

from practice.calendars.reading.addresses import is_loopback, resolve_checked
from practice.calendars.reading.fetching import (
    LONGEST_CONNECT,
    MOST_BYTES,
    MOST_REDIRECTS,
    PIECE,
    REDIRECTS,
    SCHEMES,
    Limit,
    cut_off,
    ending,
)

MOST_SECONDS = 30.0  # for one answer, all in all
LONGEST_LOOK_UP = 5.0  # seconds for a name
# Providers that keep each account on a machine of its own, under the same name.
ONE_HOUSE = ("icloud.com",)


class Unsafe(Exception):
    """An address that we don't speak to: not https, or another host than was typed."""


class TooMuch(Exception):
    """An answer that is too long."""


class GuardedSession(requests.Session):
    """A session for one account: it stays with `home`, follows few redirects, and reads only so much.

    `patience` is in seconds for one answer, from looking the name up to the last byte, redirects included.
    """

    def __init__(self, home: str, *, allow_local: bool, patience: float) -> None:
        super().__init__()
        self.patience = patience
        self.trust_env = False  # no proxy and no password of this machine's own
        self._home = home
        self._allow_local = allow_local
        self._lines = _Lines()
        self.mount("https://", _Adapter(self._lines, allow_local=allow_local))
        self.mount("http://", _Adapter(self._lines, allow_local=allow_local))

    def request(self, method: str, url: str, *args: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        """As requests does, but guarded.

        :raises Unsafe: for an address that isn't this account's.
        :raises TooMuch: for an answer that is too long.
        :raises Unreachable: when the patience ends first.
        """
        limit = self._lines.limit = Limit(time.monotonic() + self.patience)
        options.update(allow_redirects=False, stream=True)
        try:
            with ending(limit, self._lines.cut):
                return self._follow(limit, method, url, *args, **options)
        except (requests.RequestException, OSError):
            _ = limit.left  # a line that was cut at the end of all patience says so
            raise
        finally:
            self.close()
            self._lines.forget()

    def _follow(self, limit: Limit, method: str, url: str, *args: Any, **options: Any) -> requests.Response:
        for _ in range(MOST_REDIRECTS + 1):
            self._refuse_strangers(url)
            response = super().request(method, url, *args, **options)
            _read(response, limit)
            target = response.headers.get("Location")
            if response.status_code not in REDIRECTS or not target:
                return response
            url = urljoin(url, target)
        raise Unsafe("too many redirects")

    def _refuse_strangers(self, url: str) -> None:
        scheme, host, _ = door(url)
        if not same_house(url, self._home):
            raise Unsafe("another host than was typed")
        here = self._allow_local and door(self._home)[0] == "http" and is_loopback(host)
        if scheme == "http" and not here:
            raise Unsafe("not https")


def same_house(url: str, home: str) -> bool:
    """Whether an address is on the host that was typed, or on a machine of the same provider."""
    try:
        one, other = door(url), door(home)
    except Unsafe:
        return False
    if one[1:] == other[1:]:
        return True
    return all(door[0] == "https" and door[2] == 443 for door in (one, other)) and any(
        all(host == house or host.endswith("." + house) for _, host, _ in (one, other)) for house in ONE_HOUSE
    )


def absolute(base: str, href: str) -> str:
    """The address that an answer from `base` names, written in one way: no port where it goes without saying.

    :raises ValueError: for what is no address.
    """
    url = parse_url(urljoin(base, href.strip()))
    return url._replace(port=None).url if url.port == SCHEMES.get(url.scheme or "") else url.url


def door(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address, the port also where it goes without saying.

    Read as the library reads it that connects, since two that read one address otherwise would check one host and
    speak to another.

    :raises Unsafe: for what is no address of the web, or has a user or a backslash in it.
    """
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise Unsafe("no address") from None
    port = parts.port if parts.port is not None else SCHEMES.get(parts.scheme or "")
    if parts.scheme not in SCHEMES or not parts.host or not port or parts.auth is not None or "\\" in url:
        raise Unsafe("no address")
    return parts.scheme, parts.host.strip("[]").lower(), port


def _read(response: requests.Response, limit: Limit) -> None:
    """Read the whole answer, and no more than we want of it."""
    parts, size = [], 0
    try:
        for part in response.iter_content(PIECE):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise TooMuch
    finally:
        response.close()
    _ = limit.left  # a line that we cut looks like one that ended
    response._content = b"".join(parts)


class _Lines:
    """The lines that are open for one answer, and how long anybody waits for it."""

    def __init__(self) -> None:
        self.limit = Limit(0.0)
        self._open: list[socket.socket] = []

    def add(self, line: socket.socket) -> None:
        """Keep a second hold of a line: TLS takes the first one away."""
        self._open.append(line.dup())
        _ = self.limit.left  # whoever cuts may just have been here

    def cut(self) -> None:
        for line in tuple(self._open):
            cut_off(line)

    def forget(self) -> None:
        while self._open:
            self._open.pop().close()


def _connect(connection: HTTPConnection, lines: _Lines, *, allow_local: bool) -> socket.socket:
    """A connection to an address that was checked, whatever the name resolves to a moment later."""
    trouble: OSError = OSError("no address")
    port, patience = connection.port or 443, min(LONGEST_LOOK_UP, lines.limit.left)
    for address in resolve_checked(connection.host, port, allow_local=allow_local, patience=patience):
        try:
            line = socket.create_connection((address, port), timeout=min(LONGEST_CONNECT, lines.limit.left))
        except OSError as error:
            trouble = error
        else:
            lines.add(line)
            line.settimeout(lines.limit.left)
            return line
    raise trouble


class _Adapter(HTTPAdapter):
    """Connects to addresses that were checked."""

    def __init__(self, lines: _Lines, *, allow_local: bool) -> None:
        self._lines = lines
        self._allow_local = allow_local
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        lines, allow_local = self._lines, self._allow_local

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _connect(self, lines, allow_local=allow_local)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _connect(self, lines, allow_local=allow_local)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
