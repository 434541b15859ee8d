"""A payment gateway that asks at each use which key there is, so that a change needs no restart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from practice.connections import StripeAccess, Unreadable, stripe_access
from practice.payments.gateway import KeyRefused, UntrustedEvent
from practice.payments.snapshots import Event
from practice.payments.stripe_gateway import StripeGateway, checkout_origin_of


class NotConnected(KeyRefused):
    """There is no key, or it can't be read. Nothing was asked of anybody."""


class CurrentStripe:
    """A PaymentGateway: whatever is asked of it, Stripe answers under the key of this moment.

    Without a key every method raises NotConnected, which is a KeyRefused; the same key keeps its connections.
    """

    def __init__(self, api_base: str | None) -> None:
        self._api_base = api_base
        self._made: tuple[StripeAccess, StripeGateway] | None = None

    @property
    def checkout_origin(self) -> str:
        """The same under every key: the app asks for it at its start."""
        return checkout_origin_of(self._api_base)

    @property
    def livemode(self) -> bool:
        return self._now().livemode

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        """What Stripe signed; without a secret of ours nothing can be."""
        try:
            access = stripe_access()
        except Unreadable:
            raise UntrustedEvent("secret") from None
        if not access.webhook_secret or not access.api_key:
            raise UntrustedEvent("secret")
        return self._with(access).read_event(body, headers)

    def __getattr__(self, name: str) -> Any:
        """Every method that goes over the network: the gateway's own."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._now(), name)

    def _now(self) -> StripeGateway:
        try:
            access = stripe_access()
        except Unreadable:
            raise NotConnected("a master key is missing") from None
        if not access.api_key:
            raise NotConnected("no key is set")
        return self._with(access)

    def _with(self, access: StripeAccess) -> StripeGateway:
        made = self._made
        if made is None or made[0] != access:
            made = self._made = (access, StripeGateway(access.api_key, access.webhook_secret, self._api_base))
        return made[1]
