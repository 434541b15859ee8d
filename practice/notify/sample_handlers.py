"""A letter that somebody who writes its words has sent to themselves. Part of handlers.py."""

from __future__ import annotations

from practice.database import db
from practice.notify.addresses import Addressed
from practice.notify.messages import SendSample
from practice.notify.own_wording.queries import read_letter
from practice.notify.samples import sample
from practice.notify.sending import hand_over
from practice.settings import settings
from practice.staff.models import StaffAccount


def on_send_sample(message: SendSample) -> None:
    """Mail the draft as it is now, or what goes out where there is none, to whoever asked, if they are still here."""
    account = db.session.get(StaffAccount, message.account)
    if account is None or not account.active:
        return
    stands = read_letter(message.letter)
    words = stands.draft[message.language]
    letter = sample(stands.entry, words, message.language, message.case, f"{settings().base_url}/schedule")
    hand_over(Addressed(account.email, letter), message.key, message.since)
