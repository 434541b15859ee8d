"""What follows of decisions about fees and kept cards. Every handler stands being run twice, late and out of order."""

from __future__ import annotations

from practice.booking.messages import CameAfterAll
from practice.outbox import Retry
from practice.payments.fees import actions, charging, consents, queries
from practice.payments.fees.messages import ChargeCard, FeeDropped, ForgetCard
from practice.payments.gateway import GatewayUnavailable, payments
from practice.payments.handlers import LONG_PAUSE, PAUSE, close_checkouts
from practice.payments.settlement import Step
from practice.work import begin_work


def on_charge_card(message: ChargeCard) -> None:
    """Staff decided on a fee."""
    try:
        step = charging.charge(message.attempt)
    except GatewayUnavailable:
        raise Retry(PAUSE, "the payment service does not answer") from None
    if step is Step.WAIT:
        raise Retry(LONG_PAUSE, "a charge is under way")


def on_came_after_all(message: CameAfterAll) -> None:
    """A session that was noted as missed took place: there is no fee for it."""
    with begin_work() as work:
        actions.undo(work, message.reference)


def on_fee_dropped(message: FeeDropped) -> None:
    """Nobody may pay a fee any more that isn't asked for. What was paid at the last moment goes back."""
    close_checkouts(queries.list_live_sessions(message.fee))


def on_forget_card(message: ForgetCard) -> None:
    """A card isn't wanted any more. One that is being charged at this moment is forgotten behind that."""
    if queries.is_being_charged(message.customer):
        raise Retry(PAUSE, "the card is being charged")
    try:
        payments().forget_card(message.customer)
    except GatewayUnavailable:
        raise Retry(LONG_PAUSE, "the payment service does not answer") from None
    with begin_work() as work:
        consents.note_forgotten(work, message.customer)
