"""A mailer that asks at each letter which server and which sender there are, so that a change needs no restart."""

from __future__ import annotations

from practice.connections import Unreadable, mail_from, mail_url
from practice.notify.mailer import Envelope, MailAway, SmtpMailer


class CurrentMailer:
    """A Mailer over SMTP, by the environment or by what the practice set on its page."""

    def send(self, envelope: Envelope) -> None:
        """Hand the letter over; where there is no server, it waits."""
        try:
            url, sender = mail_url(), mail_from()
        except Unreadable:
            raise MailAway("the mail server can't be read: a master key is missing", "unset") from None
        if not url:
            raise MailAway("no mail server is set", "unset")
        try:
            current = SmtpMailer(url, sender)
        except ValueError:  # set before its page asked for more
            raise MailAway("the mail server's name can't be read", "host") from None
        current.send(envelope)
