"""[P] A name and an address as one line, as MAIL_FROM has them: `Appointments <office@example.org>`."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parseaddr, quote

SPECIAL = re.compile(r'[][\\()<>@,:;".]')


def write_mailbox(name: str, address: str) -> str:
    """The line, as people read it; whatever is beyond ASCII is encoded once it stands in a header."""
    if not name:
        return address
    return f'"{quote(name)}" <{address}>' if SPECIAL.search(name) else f"{name} <{address}>"


def read_mailbox(written: str) -> tuple[str, str]:
    """Name and address of such a line; empty where there is none. A name may be encoded as in a header."""
    name, address = parseaddr(written)
    try:
        return str(make_header(decode_header(name))), address
    except (MessageError, LookupError, ValueError):  # not encoded, though it looks like it
        return name, address
