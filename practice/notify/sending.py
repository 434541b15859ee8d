"""How a letter that is written leaves the house."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NoReturn

from practice.clock import clock
from practice.notify.addresses import Addressed
from practice.notify.mailer import Envelope, MailAway, mailer
from practice.notify.rendering import render
from practice.outbox import Retry

PATIENCE = timedelta(days=2)  # with a mail server that is away; after it, every failure counts
SHORTEST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=10)


def hand_over(addressed: Addressed, key: str, since: str) -> None:
    """Lay the letter out and give it to the mail server; `key` is of the message behind it, `since` of when that is.

    :raises Retry: while the server is away, for PATIENCE.
    :raises MailError: when it takes the letter not at all, or after that.
    """
    rendered = render(addressed.letter)
    now = clock().now()
    envelope = Envelope(
        key=key,
        to=addressed.to,
        subject=addressed.letter.subject,
        text=rendered.text,
        html=rendered.html,
        sent=now,
        calendar=addressed.letter.calendar,
    )
    try:
        mailer().send(envelope)
    except MailAway as away:
        put_off(since, away)


def put_off(since: str, away: Exception) -> NoReturn:
    """Try the letter later, whatever the trouble is that mends itself without it.

    :raises Retry: for PATIENCE, counted from `since`; after it, the trouble itself.
    """
    waited = clock().now() - datetime.fromisoformat(since)
    if waited > PATIENCE:
        raise away
    raise Retry(min(max(waited, SHORTEST_PAUSE), LONGEST_PAUSE), "the mail server is away") from away
