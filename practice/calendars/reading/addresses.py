"""Which addresses of the network may be spoken to on somebody's word: public ones, on the web's own ports.

Somebody who may type an address must not reach this machine, its neighbours or a cloud's own pages through us. A name
is resolved once, and whoever connects must connect to the very addresses that came back from here.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from practice.calendars.reading.sources import Unreachable
from practice.languages import N_

PORTS = frozenset({80, 443})
# What the standard library counts as reachable and isn't, leads to an address that nobody checked, or is a cloud's own.
DETOURS = tuple(
    ip_network(net)
    for net in (
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "3fff::/20"),
        *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
    )
)
UNKNOWN = N_("There is no such server. Check the address for a slip of the pen.")
NOT_PUBLIC = N_("This address leads to a private network. Only calendars on the public internet can be read.")
WRONG_PORT = N_("This address names an unusual port. Only the web’s own ports, 80 and 443, can be read.")
TOO_SLOW = N_("The server took too long to answer.")

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as the machine's resolver has them; of an address, itself.

    :raises OSError: when it has none.
    """
    if _parse(host) is not None:
        return [host]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def resolve_checked(
    host: str, port: int, *, allow_local: bool, patience: float, resolve: Resolve = look_up
) -> list[str]:
    """The addresses of a host, each fit to be spoken to. One look-up; `patience` in seconds bounds it.

    With `allow_local`, this machine's own addresses are fit too, on every port.

    :raises Unreachable: when there is none, when any of them isn't fit, or the port isn't the web's.
    """
    found = _resolve_within(host, port, patience, resolve)
    local = allow_local and all(is_loopback(one) for one in found)
    if port not in PORTS and not local:
        raise Unreachable(WRONG_PORT)
    if not local and not all(is_public(one) for one in found):
        raise Unreachable(NOT_PUBLIC)
    return found


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet, and not a way around to another."""
    address = _parse(text)
    if address is None or not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and (address.ipv4_mapped is not None or address.is_site_local):
        return False
    return not any(address in net for net in DETOURS if isinstance(net, IPv6Network) is (address.version == 6))


def is_loopback(text: str) -> bool:
    """Whether an address is this machine's own."""
    address = _parse(text)
    return address is not None and address.is_loopback


def _parse(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _resolve_within(host: str, port: int, patience: float, resolve: Resolve) -> list[str]:
    """The system's resolver knows no deadline: a thread waits for it, and is left behind when it takes too long."""
    found: list[str] = []

    def ask() -> None:
        try:
            found.extend(resolve(host, port))
        except (OSError, UnicodeError):
            return  # an empty answer says it

    asking = threading.Thread(target=ask, daemon=True, name="resolving")
    asking.start()
    asking.join(max(patience, 0))
    if asking.is_alive():
        raise Unreachable(TOO_SLOW)
    if not found:
        raise Unreachable(UNKNOWN)
    return found
