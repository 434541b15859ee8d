"""What we ask of Stripe: our values in, the parameters of its requests out. Pure.

Privacy: Stripe gets opaque references, an amount, the word "Appointment", and in which language its page is to speak.
Nothing here goes on the statement of the card: that is a word of the account's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from practice.languages import N_
from practice.payments.snapshots import ChargeOrder, CheckoutParameters, RefundOrder

WORD = N_("Appointment")
NOT_YET = N_("Your card is authorized now. It is charged only once your appointment is confirmed.")
PAGES_SPEAK = {"en": "en", "es": "es-419"}  # as Stripe names them; its plain "es" is that of Spain
CARDS = ["card"]


def session_params(parameters: CheckoutParameters, say: Callable[[str], str] = str) -> dict[str, Any]:
    """A checkout session. `say` puts a sentence into the language of its page."""
    word = say(WORD)
    references = {"booking": parameters.reference, "attempt": parameters.attempt}
    payment: dict[str, Any] = {"description": word, "metadata": references}
    params: dict[str, Any] = {
        "mode": "payment",
        "allowed_payment_method_types": CARDS,
        "adaptive_pricing": {"enabled": False},  # what is paid is what we asked for, in the same currency
        "client_reference_id": parameters.reference,
        "metadata": references,
        "payment_intent_data": payment,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": parameters.amount.currency.lower(),
                    "unit_amount": parameters.amount.minor_units,
                    "product_data": {"name": word},
                },
            }
        ],
        "expires_at": seconds(parameters.expires_at),
        "success_url": parameters.success_url,
        "cancel_url": parameters.cancel_url,
    }
    if parameters.language is not None:
        params["locale"] = PAGES_SPEAK[parameters.language]
    if parameters.authorises:
        payment["capture_method"] = "manual"
        params["custom_text"] = {"submit": {"message": say(NOT_YET)}}
    if parameters.keeps_card:
        payment["setup_future_usage"] = "off_session"
        params["customer_creation"] = "always"
    return params


def charge_params(order: ChargeOrder, say: Callable[[str], str] = str) -> dict[str, Any]:
    """A payment from a kept card, at once and without its holder, who may get a receipt by Stripe."""
    return {
        "amount": order.amount.minor_units,
        "currency": order.amount.currency.lower(),
        "customer": order.kept.customer,
        "payment_method": order.kept.card,
        "allowed_payment_method_types": CARDS,
        "confirm": True,
        "off_session": True,
        "description": say(WORD),
        "metadata": {"booking": order.reference, "attempt": order.attempt},
    }


def refund_params(order: RefundOrder) -> dict[str, Any]:
    """Money that goes back."""
    return {
        "payment_intent": order.payment,
        "amount": order.amount.minor_units,
        "reason": "requested_by_customer",
        "metadata": {"refund_id": order.reference},
    }


def seconds(instant: datetime) -> int:
    """An instant as Stripe writes it."""
    return int(instant.timestamp())
