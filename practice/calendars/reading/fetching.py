"""Fetches a calendar from an address that somebody typed: bounded in time, size and reach, whatever the server does.

The address is a secret, like a key: it stands in no log and in no exception. It is connected to what was checked
(addresses.py), while the certificate must still be that of the host's name.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http.client import HTTPException
from urllib.parse import unquote, urljoin

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError, LocationParseError
from urllib3.response import BaseHTTPResponse, HTTPResponse
from urllib3.util import Url, make_headers, parse_url

from practice.calendars.reading.addresses import TOO_SLOW, Resolve, look_up, resolve_checked
from practice.calendars.reading.sources import LONGEST_VALIDATOR, Fetched, Unreachable
from practice.languages import N_

MOST_BYTES = 5 * 1024 * 1024  # decoded
MOST_REDIRECTS = 3
LONGEST_ADDRESS = 2000  # characters
LONGEST_CONNECT = 5.0  # seconds for one address, so that another gets its turn
LONGEST_PAUSE = timedelta(hours=6)  # that a server may ask for
PIECE = 64 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PAGES = frozenset({"text/html", "application/xhtml+xml"})
SCHEMES = {"https": 443, "http": 80}
WEBCAL = {"webcal": "https", "webcals": "https"}

NO_ADDRESS = N_("This is no web address. It begins with https:// or webcal://.")
USER_OVER_HTTP = N_("This address holds a password and would send it readable for everybody. Use one with https.")
NO_ANSWER = N_("The server does not answer.")
CUT_OFF = N_("The server stopped in the middle of the calendar.")
NOT_SECURE = N_("The server can’t prove who it is: its certificate isn’t valid for this address.")
TOO_LARGE = N_("This calendar is larger than 5 MB. Share one with fewer old events.")
TOO_MANY_REDIRECTS = N_("The server leads from one address to the next and never to a calendar.")
LESS_SECURE = N_("The server leads from a secure address to one that isn’t.")
A_PAGE = N_(
    "There is a web page behind this address, not a calendar. Copy the address that calendar apps subscribe to."
)
UNPACKED_BADLY = N_("What the server sent can’t be unpacked.")
OVER_HTTP = N_("This address isn’t secure (http): others could read or change on its way what your calendar says.")
OTHER_STATUS = N_("The server answers with an error (%(status)s).")
STATUSES = {
    401: N_("The server wants a password, or the address is no longer valid. Copy the secret address anew."),
    403: N_("The server refuses to show this calendar. Copy the secret address anew."),
    404: N_("There is no calendar at this address (any more). Copy the secret address anew."),
    410: N_("There is no calendar at this address any more. Copy the secret address anew."),
    429: N_("The server asks us to come back later."),
    503: N_("The server is busy and asks us to come back later."),
}


@dataclass
class Limit:
    """The end of all patience, by the machine's steady clock."""

    at: float

    @property
    def left(self) -> float:
        """Seconds that are left.

        :raises Unreachable: when none are.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise Unreachable(TOO_SLOW)
        return left


@contextmanager
def ending(limit: Limit, cut: Callable[[], None]) -> Iterator[None]:
    """Cuts a line when the patience ends while the block still runs: a drip would never run into a timeout.

    :raises Unreachable: when no patience is left.
    """
    timer = threading.Timer(limit.left, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def fetch(url: str, *, validator: str, patience: float, allow_local: bool, resolve: Resolve = look_up) -> Fetched:
    """What a server has at this address, up to MOST_BYTES; `content` is None where nothing changed since `validator`.

    `patience` is in seconds, from looking the name up to the last byte, redirects included.

    :raises Unreachable: with words for the therapist, and never the address.
    """
    limit = Limit(time.monotonic() + patience)
    address, home = read_address(url), read_address(url)
    warnings = (OVER_HTTP,) if address.scheme == "http" else ()
    for _ in range(MOST_REDIRECTS + 1):
        headers = _headers(address, home, validator)
        with _answer(address, headers, limit, allow_local, resolve) as answer:
            if answer.status not in REDIRECTS:
                fetched = _read(answer, limit, validator)
                return Fetched(fetched.content, fetched.validator, warnings)
            address = _next_address(address, answer.headers.get("Location", ""))
    raise Unreachable(TOO_MANY_REDIRECTS)


def read_address(url: str) -> Url:
    """An address as it will be asked for; webcal is https.

    :raises Unreachable: for what is none that can be fetched.
    """
    try:
        address = parse_url(url.strip() if len(url) <= LONGEST_ADDRESS and url.isprintable() else "")
    except LocationParseError:
        raise Unreachable(NO_ADDRESS) from None
    address = address._replace(scheme=WEBCAL.get(address.scheme or "", address.scheme), fragment=None)
    if address.scheme not in SCHEMES or not address.host:
        raise Unreachable(NO_ADDRESS)
    if address.auth and address.scheme == "http":
        raise Unreachable(USER_OVER_HTTP)
    return address


def _next_address(before: Url, location: str) -> Url:
    """Where a redirect leads. It carries no password along and never leads out of https."""
    try:
        address = read_address(urljoin(before._replace(auth=None).url, location))
    except ValueError:
        raise Unreachable(NO_ADDRESS) from None
    if before.scheme == "https" and address.scheme == "http":
        raise Unreachable(LESS_SECURE)
    return address


def _headers(address: Url, home: Url, validator: str) -> dict[str, str]:
    headers = make_headers(accept_encoding="gzip,deflate", user_agent="practice-calendars/1")
    headers |= {"Host": address.netloc or "", "Accept": "text/calendar, */*;q=0.5", "Connection": "close"}
    if home.auth and (address.scheme, address.host, address.port) == (home.scheme, home.host, home.port):
        headers["authorization"] = f"Basic {b64encode(unquote(home.auth).encode()).decode()}"
    said: Mapping[str, str] = json.loads(validator) if validator else {}
    asks = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
    return headers | {asks[name]: value for name, value in said.items() if name in asks}


@contextmanager
def _answer(
    address: Url, headers: Mapping[str, str], limit: Limit, allow_local: bool, resolve: Resolve
) -> Iterator[HTTPResponse]:
    """The head of an answer, from one of the checked addresses. When the patience ends, the line is cut."""
    host = (address.host or "").strip("[]")
    port = address.port or SCHEMES[address.scheme or ""]
    checked = resolve_checked(host, port, allow_local=allow_local, patience=limit.left, resolve=resolve)
    connection = _connect(address.scheme == "https", host, checked, port, limit)
    try:
        with ending(limit, partial(cut_off, connection.sock)):
            connection.request("GET", address.request_uri, headers=headers, preload_content=False)
            yield connection.getresponse()
    except Unreachable:
        raise
    except DecodeError:
        raise Unreachable(UNPACKED_BADLY) from None
    except (HTTPError, HTTPException, OSError, ValueError):
        _ = limit.left  # a line that was cut at the end of all patience says so
        raise Unreachable(CUT_OFF) from None
    finally:
        connection.close()


def _connect(secure: bool, host: str, checked: list[str], port: int, limit: Limit) -> HTTPConnection:
    """A line to the first of these addresses that takes it; over TLS, the certificate must be the host's."""
    trouble = NO_ANSWER
    for ip in checked:
        patience = min(limit.left, LONGEST_CONNECT)
        if secure:
            trust = _trusting()
            connection: HTTPConnection = HTTPSConnection(
                ip, port, timeout=patience, server_hostname=host, ssl_context=trust, cert_reqs=ssl.CERT_REQUIRED
            )
        else:
            connection = HTTPConnection(ip, port, timeout=patience)
        try:
            connection.connect()
        except ssl.SSLError:
            trouble = NOT_SECURE
        except (HTTPError, OSError, ValueError):
            trouble = NO_ANSWER
        else:
            connection.sock.settimeout(limit.left)
            return connection
        connection.close()
    _ = limit.left
    raise Unreachable(trouble)


def _trusting() -> ssl.SSLContext:
    """Trusts whom this machine trusts, and whom browsers do."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def cut_off(sock: socket.socket) -> None:
    """End a line at once, whoever waits for it."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # of TLS as well: without its own goodbye, which may wait
    except OSError:
        return  # it is closed already


def _read(answer: HTTPResponse, limit: Limit, validator: str) -> Fetched:
    if answer.status == 304 and validator:
        return Fetched(None, validator)
    if answer.status not in (200, 204):
        words = STATUSES.get(answer.status, OTHER_STATUS % {"status": answer.status})
        raise Unreachable(words, asked_pause(answer.status, answer.headers.get("Retry-After", "")))
    if (answer.headers.get("Content-Type") or "").partition(";")[0].strip().lower() in PAGES:
        raise Unreachable(A_PAGE)
    return Fetched(_read_body(answer, limit), _validator_of(answer))


def _read_body(answer: HTTPResponse, limit: Limit) -> bytes:
    said = answer.headers.get("Content-Length", "")
    if said.isdigit() and int(said) > MOST_BYTES:
        raise Unreachable(TOO_LARGE)
    body = bytearray()
    while piece := answer.read(PIECE, decode_content=True):
        body += piece
        if len(body) > MOST_BYTES:
            raise Unreachable(TOO_LARGE)
        _ = limit.left
    _ = limit.left  # a line that we cut looks like one that ended
    return bytes(body)


def _validator_of(answer: BaseHTTPResponse) -> str:
    said = {"etag": answer.headers.get("ETag"), "modified": answer.headers.get("Last-Modified")}
    kept = {name: value for name, value in said.items() if value}
    text = json.dumps(kept) if kept else ""
    return text if len(text) <= LONGEST_VALIDATOR else ""


def asked_pause(status: int, said: str) -> timedelta | None:
    """How long the server wants to be left alone, by Retry-After in seconds; dates are rare and aren't read."""
    if status not in (429, 503) or not said.isdecimal() or len(said) > 9:
        return None
    return min(timedelta(seconds=int(said)), LONGEST_PAUSE)
