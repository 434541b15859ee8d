"""Mail out of the house: what an envelope holds, how it becomes a message, and SMTP."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Protocol, cast
from urllib.parse import unquote, urlsplit

from flask import current_app

from practice.mailboxes import read_mailbox
from practice.notify.letters import CalendarPart

EXTENSION = "practice.mail"
TIMEOUT = 10.0  # seconds for each answer of the server
PORTS = {"smtp": 587, "starttls": 587, "smtps": 465}
# The local part and domain that we mail to; whatever could end a header or a command is outside of it.
SAFE_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f<>(),;:\\\"\[\]@]+@[^\s\x00-\x1f\x7f<>(),;:\\\"\[\]@]+")
UNSAFE_IN_HEADER = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")


class MailError(Exception):
    """A letter was not taken. Never carries the address or the words of the letter; `why` is one of WHY."""

    def __init__(self, words: str = "", why: str = "other") -> None:
        super().__init__(words)
        self.why = why


WHY = ("host", "closed", "silent", "tls", "no_tls", "password", "sender", "recipient", "unset", "other")
"""What can be wrong with a mail server: unknown, not listening, mute, its certificate, no encryption at all, …"""


class MailAway(MailError):
    """The server can't take it now: it is away, slow, full, or asks to be tried later."""


class MailRefused(MailError):
    """The server will never take this letter as it is."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One letter for one address.

    `key` is that of the outbox row: whoever sends the same row twice sends the same Message-ID twice, so that the
    reader's mailbox can see that both are one. `sent` is aware.

    :raises ValueError: for an address or a subject that could smuggle in another header.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str
    sent: datetime
    calendar: CalendarPart | None = None

    def __post_init__(self) -> None:
        if not SAFE_ADDRESS.fullmatch(self.to):
            raise ValueError("the recipient is no plain mail address")
        if UNSAFE_IN_HEADER.search(self.subject):
            raise ValueError("a subject is one line")
        if self.sent.tzinfo is None:
            raise ValueError("a letter is sent at an aware instant")


class Mailer(Protocol):
    """Sends letters. The sender is the mailer's own, one for all."""

    def send(self, envelope: Envelope) -> None:
        """Hand the letter over.

        :raises MailAway: when it may work later.
        :raises MailRefused: when it never will.
        """


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom letters come from: a neutral name, and an address."""

    name: str
    address: str

    @classmethod
    def parse(cls, mail_from: str) -> Sender:
        """Read MAIL_FROM, as in `Appointments <office@example.org>`.

        :raises ValueError: when there is no address in it.
        """
        name, address = read_mailbox(mail_from)
        if not SAFE_ADDRESS.fullmatch(address) or UNSAFE_IN_HEADER.search(mail_from + name):
            raise ValueError("MAIL_FROM holds no mail address. Write it as: Appointments <office@example.org>")
        return cls(name, address)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def mailer() -> Mailer:
    """The mailer of the current app."""
    return cast(Mailer, current_app.extensions[EXTENSION])


def message_id(envelope: Envelope, sender: Sender) -> str:
    """The same for every repeat of one outbox row, and telling nothing."""
    return f"<{_digest(envelope.key)}@{sender.domain}>"


def compose(envelope: Envelope, sender: Sender) -> EmailMessage:
    """The letter as a message: text, HTML and, where there is one, the calendar part, as three faces of one thing.

    The same envelope always gives the same bytes. The calendar part is base64, so that no server on the way touches
    its line ends, and has no Content-Disposition, so that a reader shows it as an appointment and not as a file.
    """
    message = EmailMessage(policy=SMTP if envelope.to.isascii() else SMTPUTF8)
    message["From"] = _mailbox(sender.address, sender.name)
    message["To"] = _mailbox(envelope.to)
    message["Subject"] = envelope.subject
    message["Date"] = format_datetime(envelope.sent)
    message["Message-ID"] = message_id(envelope, sender)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(envelope.text)
    message.add_alternative(envelope.html, subtype="html")
    if envelope.calendar is not None:
        message.add_alternative(
            envelope.calendar.content.decode(),
            subtype="calendar",
            params={"method": envelope.calendar.method},
            charset="utf-8",
            cte="base64",
        )
    message.set_boundary("part-" + _digest("boundary:" + envelope.key))
    return message


class SmtpMailer:
    """A Mailer over SMTP: smtp:// with STARTTLS, or smtps://. One connection for each letter.

    smtp:// to this very machine needs no STARTTLS; to any other it insists, and so does starttls:// everywhere.
    """

    def __init__(
        self, url: str, mail_from: str, *, tls: ssl.SSLContext | None = None, timeout: float = TIMEOUT
    ) -> None:
        """:raises ValueError: when the URL or the sender can't be read."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("SMTP_URL is no address of a mail server. Write it as: smtp://user:password@host:587")
        self.sender = Sender.parse(mail_from)
        self._host = parts.hostname
        self._port = parts.port or PORTS[parts.scheme]
        self._scheme = parts.scheme
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._tls = tls
        self._timeout = timeout

    def send(self, envelope: Envelope) -> None:
        if not self.sender.address.isascii():
            raise MailAway("the sender's address is not in ASCII", "sender")  # mended on the page; the letter is fine
        message = compose(envelope, self.sender)
        try:
            with self._connection() as smtp:
                options = []
                if not envelope.to.isascii():
                    if not smtp.has_extn("smtputf8"):
                        raise MailRefused("the mail server takes no such address")
                    options = ["SMTPUTF8"]
                smtp.sendmail(self.sender.address, [envelope.to], message.as_bytes(), mail_options=options)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            raise _trouble(codes[0] if codes else 0, "recipient") from None  # the error's own text names the recipient
        except smtplib.SMTPAuthenticationError as refused:
            # A password that is wrong today is mended tomorrow; the letter itself is fine.
            raise MailAway(f"the mail server refused our sign-in: {refused.smtp_code}", "password") from None
        except smtplib.SMTPSenderRefused as refused:
            raise _trouble(refused.smtp_code, "sender") from None
        except smtplib.SMTPResponseException as refused:
            raise _trouble(refused.smtp_code, "other") from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise MailAway(type(error).__name__, _why(error)) from None

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        # The name that we greet with; smtplib's own guess asks the DNS, which can take long.
        local = self.sender.domain if self.sender.domain.isascii() else "localhost"
        if self._scheme == "smtps":
            context = self._tls or ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, local_hostname=local, timeout=self._timeout, context=context
            )
        else:
            smtp = smtplib.SMTP(self._host, self._port, local_hostname=local, timeout=self._timeout)
        try:
            smtp.ehlo_or_helo_if_needed()
            if self._scheme == "starttls" or (self._scheme == "smtp" and not _is_this_machine(self._host)):
                smtp.starttls(context=self._tls or ssl.create_default_context())
                smtp.ehlo()
            if self._user:
                self._sign_in(smtp)
            yield smtp
            # The letter is taken by now; a goodbye that fails must not have it sent again.
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.login(self._user, self._password)
        except UnicodeError:  # smtplib sends ASCII alone
            raise MailAway("user and password are not in ASCII", "password") from None


def _mailbox(address: str, name: str = "") -> Address:
    user, _, domain = address.rpartition("@")
    return Address(name, user, domain)


def _trouble(code: int, why: str) -> MailError:
    if 500 <= code < 600:
        return MailRefused(f"the mail server answered {code}", why)
    return MailAway(f"the mail server answered {code}", why)


def _why(error: Exception) -> str:
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (socket.gaierror, "host"),
        (UnicodeError, "host"),  # no name that the DNS could know
        (ssl.SSLError, "tls"),
        (smtplib.SMTPNotSupportedError, "no_tls"),
        (TimeoutError, "silent"),
        (ConnectionError, "closed"),
        (smtplib.SMTPServerDisconnected, "closed"),
    )
    return next((why for kind, why in kinds if isinstance(error, kind)), "other")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]
