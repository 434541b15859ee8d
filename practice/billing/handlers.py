"""What billing does when money goes back: whatever was invoiced is credited."""

from __future__ import annotations

from sqlalchemy import select

from practice.billing import actions
from practice.booking import actions as booking_actions
from practice.booking.models import Booking
from practice.payments.messages import SendRefund
from practice.payments.models import PaymentAttempt, Refund
from practice.work import begin_work


def on_send_refund(message: SendRefund) -> None:
    """Some of a payment goes back: write a credit note, where the payment was invoiced."""
    of_refund = (
        select(Booking.reference)
        .join(PaymentAttempt, PaymentAttempt.booking_id == Booking.id)
        .join(Refund, Refund.attempt_id == PaymentAttempt.id)
        .where(Refund.reference == message.refund)
    )
    with begin_work() as work:
        booking = work.session.scalar(of_refund)
        if booking is not None:
            actions.credit(work, booking_actions.lock(work, booking))
