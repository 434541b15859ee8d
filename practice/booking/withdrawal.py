"""The right to withdraw from a contract that was made at a distance, where the practice has set that there is one.

The UK's Consumer Contracts Regulations 2013 (SI 2013/3134), regs 29 to 38: 14 days from the day after the contract is
made. A service that shall begin inside them begins only if the client asks for that expressly, and the right ends once
it is fully performed, if they have said that they know so (reg 36). So who pays for such a session is asked, on the
page before the payment, and what they read is kept with the time. Whether the regulations apply, a practice must ask
somebody who knows: health services are partly exempt. policy.py computes the time, and what goes back.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from practice.audit import record
from practice.booking.models import Booking, WithdrawalRequest
from practice.booking.policy import withdrawal_of
from practice.languages import N_
from practice.profile import profile
from practice.speaking import gettext
from practice.work import Work

VERSION = "2026-11"
TEXT = N_(
    "I ask you to hold the session within the %(days)s days in which I could withdraw. Once it has fully taken place, "
    "that right ends."
)
"""What a client says, in the language of the page. Another wording is another VERSION, in every language."""
SOON = timedelta(days=1)  # a checkout may be paid after midnight, when another day has begun
READ_WITHIN = timedelta(days=8)  # a request that is read first stands until its bank's limit at most


def request_text(booking: Booking, now: datetime, *, reviewed: bool) -> str | None:
    """What the client is asked to say before they pay; None where the session lies behind the time of withdrawal.

    The contract is not made before the session is confirmed, so the page asks whenever the session might lie inside.
    """
    if booking.withdrawal_days is None:
        return None
    latest = now + (READ_WITHIN if reviewed else SOON)
    if booking.starts_at >= withdrawal_of(latest, booking.withdrawal_days, profile().zone).ends:
        return None
    return gettext(TEXT, days=booking.withdrawal_days)


def keep_request(work: Work, booking: Booking, text: str) -> None:
    """Keep that the client asked for it, in these words, now. The same words for the same booking are kept once."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = select(WithdrawalRequest.id).where(
        WithdrawalRequest.booking_id == booking.id, WithdrawalRequest.text_sha256 == digest
    )
    if work.session.scalar(known) is not None:
        return
    asked = WithdrawalRequest(
        booking_id=booking.id, person_id=booking.person_id, version=VERSION, text_sha256=digest, asked_at=work.now
    )
    try:
        with work.session.begin_nested():
            work.session.add(asked)
    except IntegrityError:  # the button was pressed twice, and the other press was quicker
        return
    record(work, f"client:{booking.person.reference}", "session_asked_for", booking.reference, {"version": VERSION})
