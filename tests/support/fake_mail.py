"""A mailer for tests. It refuses what the real one refuses and builds the very bytes that the real one would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from practice.notify.mailer import Envelope, MailError, Sender, compose

MAIL_FROM = "Appointments <office@practice.example>"


@dataclass(frozen=True)
class Sent:
    """A letter that was handed over: to whom, and its bytes as they went out."""

    to: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The letter, read back from its bytes."""
        message = message_from_bytes(self.content, policy=SMTP)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        return self.part("text/plain") or ""

    @property
    def html(self) -> str:
        return self.part("text/html") or ""

    @property
    def calendar(self) -> bytes | None:
        """The calendar part as its reader sees it, or None."""
        for part in self.message.walk():
            if part.get_content_type() == "text/calendar":
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                return content
        return None

    def part(self, kind: str) -> str | None:
        for part in self.message.walk():
            if part.get_content_type() == kind:
                return str(part.get_content())
        return None


@dataclass
class FakeMailer:
    """Keeps what it was given. `fail_with` makes it refuse until it is None again."""

    mail_from: str = MAIL_FROM
    sent: list[Sent] = field(default_factory=list)
    fail_with: MailError | None = None

    def __post_init__(self) -> None:
        self.sender = Sender.parse(self.mail_from)

    def send(self, envelope: Envelope) -> None:
        content = compose(envelope, self.sender).as_bytes()
        if self.fail_with is not None:
            raise self.fail_with
        self.sent.append(Sent(envelope.to, content))

    def letters_to(self, address: str) -> list[Sent]:
        """What went to this address, oldest first."""
        return [one for one in self.sent if one.to == address]

    def last_to(self, address: str) -> Sent:
        """The newest letter to this address."""
        return self.letters_to(address)[-1]
