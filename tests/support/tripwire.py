"""A tripwire: no test speaks to anything beyond this machine, and none sends mail unless it says that it will.

It listens to Python's own audit events, so it sees every library. What it catches it refuses, and it remembers it
too, so that code which swallows the refusal still fails its test.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

caught: list[str] = []
_mail_expected = False


class BeyondThisMachine(AssertionError):
    """A test tried to reach something that isn't on this machine."""


class UnexpectedMail(AssertionError):
    """A test sent mail over SMTP without the fixture `mail_expected`."""


@contextmanager
def expecting_mail() -> Iterator[None]:
    """Let SMTP through for a while (to this machine only)."""
    global _mail_expected
    _mail_expected = True
    try:
        yield
    finally:
        _mail_expected = False


def set_up() -> None:
    """Listen from now on, for as long as this process lives: audit hooks can't be taken away."""
    sys.addaudithook(_listen)


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        _refuse_beyond(arguments[1])
    elif event == "socket.getaddrinfo":
        _refuse_beyond((arguments[0], arguments[1]))
    elif event == "smtplib.send" and not _mail_expected:
        caught.append("mail over SMTP")
        raise UnexpectedMail("ask for the fixture mail_expected if this test is about mail")


def _refuse_beyond(address: object) -> None:
    if not isinstance(address, tuple) or is_here(address[0]):  # not a tuple: a Unix socket, or already connected
        return
    caught.append(f"network: {address[0]!r}")
    raise BeyondThisMachine(f"a test reached for {address[0]!r}")


def is_here(host: object) -> bool:
    """Whether a host name or address means this machine."""
    if isinstance(host, bytes | bytearray):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False
