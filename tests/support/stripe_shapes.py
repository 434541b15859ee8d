"""Closed checkers of request bodies, built at test time from the SDK's own TypedDicts.

The SDK's dictionaries are open: a Literal stands beside `str`, and TypedDicts allow other keys. Here extra keys are
forbidden, and where a Literal stands beside `str` only the Literal counts, so that a misspelt name or value is found.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter
from stripe import _request_options
from stripe._stripe_object import StripeObject
from stripe.params import (
    BalanceTransactionListParams,
    CustomerDeleteParams,
    DisputeRetrieveParams,
    EventListParams,
    PaymentIntentCancelParams,
    PaymentIntentCaptureParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PayoutListParams,
    RefundCreateParams,
    RefundListParams,
    WebhookEndpointListParams,
)
from stripe.params.checkout import SessionCreateParams, SessionExpireParams, SessionListParams, SessionRetrieveParams
from typing_extensions import TypedDict, is_typeddict

OPTIONS = {
    "api_key",
    "idempotency_key",
    "stripe_account",
    "stripe_context",
    "stripe_version",
    "headers",
    "content_type",
}
OPTIONS |= {"max_network_retries"}
# What the SDK names in places where it has not imported it.
ABSENT = {**vars(_request_options), "StripeContext": object}
LONGEST = {"client_reference_id": 200, "success_url": 5000, "cancel_url": 5000}
ROUTES: tuple[tuple[str, str, type], ...] = (
    ("POST", r"/v1/checkout/sessions", SessionCreateParams),
    ("POST", r"/v1/checkout/sessions/[^/]+/expire", SessionExpireParams),
    ("GET", r"/v1/checkout/sessions", SessionListParams),
    ("GET", r"/v1/checkout/sessions/[^/]+", SessionRetrieveParams),
    ("POST", r"/v1/payment_intents/[^/]+/capture", PaymentIntentCaptureParams),
    ("POST", r"/v1/payment_intents/[^/]+/cancel", PaymentIntentCancelParams),
    ("POST", r"/v1/payment_intents", PaymentIntentCreateParams),
    ("GET", r"/v1/payment_intents", PaymentIntentListParams),
    ("DELETE", r"/v1/customers/[^/]+", CustomerDeleteParams),
    ("POST", r"/v1/refunds", RefundCreateParams),
    ("GET", r"/v1/refunds", RefundListParams),
    ("GET", r"/v1/disputes/[^/]+", DisputeRetrieveParams),
    ("GET", r"/v1/events", EventListParams),
    ("GET", r"/v1/balance_transactions", BalanceTransactionListParams),
    ("GET", r"/v1/payouts", PayoutListParams),
    ("GET", r"/v1/webhook_endpoints", WebhookEndpointListParams),
)


@cache
def closed(params: type) -> TypeAdapter[Any]:
    """A checker that takes what `params` describes and nothing else."""
    return TypeAdapter(_closed_dict(params, {}))


def check(method: str, path: str, body: Mapping[str, Any]) -> None:
    """Check one request to Stripe.

    :raises pydantic.ValidationError: when Stripe would not know what is meant.
    :raises TooLong: when it would not take it.
    :raises LookupError: for a request that no TypedDict is known for.
    """
    for wanted, pattern, params in ROUTES:
        if wanted == method and re.fullmatch(pattern, path):
            closed(params).validate_python(body)
            _check_lengths(body)
            return
    raise LookupError(f"{method} {path} is held against nothing: add the SDK's params of it to ROUTES")


class TooLong(AssertionError):
    """Stripe takes less of this than was sent."""


def _check_lengths(body: Mapping[str, Any]) -> None:
    for name, longest in LONGEST.items():
        if len(body.get(name, "")) > longest:
            raise TooLong(f"{name} takes {longest} characters")
    for name, value in body.items():
        if name == "metadata" and value:
            _check_metadata(value)
        elif isinstance(value, Mapping):
            _check_lengths(value)


def _check_metadata(entries: Mapping[str, str]) -> None:
    if len(entries) > 50:
        raise TooLong("metadata takes 50 keys")
    for key, value in entries.items():
        if len(key) > 40:
            raise TooLong(f"a key of metadata takes 40 characters: {key}")
        if len(value) > 500:
            raise TooLong(f"a value of metadata takes 500 characters: {key}")


def _closed_dict(params: type, seen: dict[type, Any]) -> Any:
    if params in seen:
        return seen[params]
    hints = get_type_hints(params, localns=ABSENT, include_extras=True)
    fields = {name: _closed_type(hint, seen) for name, hint in hints.items() if name not in OPTIONS}
    made = TypedDict(params.__name__, fields)  # type: ignore[operator]
    made.__pydantic_config__ = ConfigDict(extra="forbid")
    seen[params] = made
    return made


def _closed_type(hint: Any, seen: dict[type, Any]) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (NotRequired, Required):
        return origin[_closed_type(inner[0], seen)]
    if origin in (Union, types.UnionType):
        kept = [one for one in inner if not (isinstance(get_origin(one) or one, type) and _is_object(one))]
        if any(get_origin(one) is Literal for one in kept):
            kept = [one for one in kept if one is not str]
        return Union[tuple(_closed_type(one, seen) for one in kept)]  # noqa: UP007
    if origin in (list, dict):
        return origin[tuple(_closed_type(one, seen) for one in inner)]
    return _closed_dict(hint, seen) if is_typeddict(hint) else hint


def _is_object(hint: Any) -> bool:
    return issubclass(get_origin(hint) or hint, StripeObject)
