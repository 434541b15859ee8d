"""The mailbox: an SMTP server that keeps every letter, and pages to read them. Nothing ever leaves it."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from practice.sandbox.store import Store

MOST_BYTES = 2_000_000
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;)]")


@dataclass(frozen=True)
class Letter:
    """One letter as it arrived, with its parts apart."""

    id: int
    received: str
    sender: str
    recipients: str
    source: bytes
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "(no subject)")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def raw(self) -> str:
        return self.source.decode("utf-8", "replace")

    @property
    def links(self) -> list[str]:
        """The web addresses in the text, once each; the frame below leads nowhere, so they stand on the page itself."""
        return list(dict.fromkeys(WEB_ADDRESS.findall(self.part("text/plain") or "")))

    def part(self, kind: str) -> str | None:
        """The first part of this media type, as text."""
        for part in self.message.walk():
            if part.get_content_type() == kind:
                content = part.get_payload(decode=True)
                if isinstance(content, bytes):
                    return content.decode(part.get_content_charset() or "utf-8", "replace")
        return None


class Postbox:
    """Receives. Speaks to aiosmtpd."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        with self._store.change():
            self._store.execute(
                "INSERT INTO mail (received, sender, recipients, source) VALUES (?, ?, ?, ?)",
                self._now().isoformat(timespec="seconds"),
                envelope.mail_from or "",
                ", ".join(envelope.rcpt_tos),
                envelope.original_content or envelope.content,
            )
        return "250 Kept"


def smtp_server(store: Store, now: Callable[[], datetime], port: int) -> Controller:
    """An SMTP server for Postbox on the loopback, not yet started."""
    return Controller(Postbox(store, now), hostname="127.0.0.1", port=port, data_size_limit=MOST_BYTES)


class MailPages:
    """Reads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.blueprint = self._routes()

    def _routes(self) -> Blueprint:
        bp = Blueprint("mail", __name__, url_prefix="/sandbox/mail")
        bp.add_url_rule("", "letters", self.letters, strict_slashes=False)
        bp.add_url_rule("/<int:number>", "letter", self.letter)
        bp.add_url_rule("/<int:number>/html", "html", self.html)
        bp.add_url_rule("/<int:number>/source", "source", self.source)
        return bp

    def letters(self) -> ResponseReturnValue:
        rows = self._store.rows("SELECT * FROM mail ORDER BY id DESC LIMIT 200")
        return render_template("letters.html", letters=[_letter(row) for row in rows])

    def letter(self, number: int) -> ResponseReturnValue:
        return render_template("letter.html", letter=self._get(number))

    def html(self, number: int) -> ResponseReturnValue:
        """The letter's own HTML, for the frame: it can run nothing, load nothing and lead nowhere."""
        content = self._get(number).part("text/html")
        if content is None:
            raise NotFound
        response = Response(content, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = (
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
        )
        return response

    def source(self, number: int) -> ResponseReturnValue:
        return Response(self._get(number).raw, content_type="text/plain; charset=utf-8")

    def _get(self, number: int) -> Letter:
        row = self._store.row("SELECT * FROM mail WHERE id = ?", number)
        if row is None:
            raise NotFound
        return _letter(row)


def _letter(row: Any) -> Letter:
    message = email.message_from_bytes(row["source"], policy=email.policy.default)
    return Letter(row["id"], row["received"], row["sender"], row["recipients"], row["source"], message)
