"""Sent answers are shown again only for a while after the access code was typed: couples share devices."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import session

OPEN_KEY = "answers_open"  # in the visitor's cookie, which is signed and ends with every sign-in
OPEN_FOR = timedelta(minutes=15)  # since they were looked at last


def open_answers(now: datetime) -> None:
    """Show them in this browser for a while."""
    session[OPEN_KEY] = (now + OPEN_FOR).isoformat()


def answers_open(now: datetime) -> bool:
    """Whether they are shown in this browser; whoever goes on looking keeps them open."""
    until = session.get(OPEN_KEY)
    if until is None or datetime.fromisoformat(until) <= now:
        return False
    open_answers(now)
    return True
