"""Whether payments can work: the key and its mode, the secret, the version, and what Stripe itself says."""

from __future__ import annotations

import re
from datetime import datetime

from practice.clock import SystemClock
from practice.connections import StripeAccess
from practice.opening.finding import Finding
from practice.payments.gateway import GatewayError, KeyRefused
from practice.payments.stripe_gateway import TIMEOUT, WRITTEN_FOR, StripeGateway, spoken_version
from practice.payments.webhook import EVENTS
from practice.payments.webhook import PATH as WEBHOOK
from practice.settings import Settings

PATIENCE = sum(TIMEOUT)  # seconds for an answer of Stripe's
KEY = re.compile(r"(sk|rk)_(live|test)_[A-Za-z0-9_]+")
SECRET = re.compile(r"whsec_[A-Za-z0-9_+/=-]+")


def examine_payments(
    settings: Settings, spoken: str | None = None, access: StripeAccess | None = None
) -> list[Finding]:
    """Look at the key, the secret, the version of the API, and, where the key may be shown to it, at the service.

    `spoken` is the version that the installed library speaks; `access` what is in use, the settings' own when None.
    """
    access = access or StripeAccess(settings.stripe_api_key, settings.stripe_webhook_secret)
    findings = [*examine_access(settings, access), _api_version(spoken or spoken_version())]
    # A live key leaves a demo for nobody: whoever answers there may not be Stripe.
    if KEY.fullmatch(access.api_key) and not (settings.demo and _is_live(access)):
        findings += _service(settings, access)
    return findings


def examine_access(settings: Settings, access: StripeAccess) -> list[Finding]:
    """Look at the key and the secret by themselves; nobody is asked."""
    return [_stripe_key(settings, access), _webhook_secret(access)]


def _is_live(access: StripeAccess) -> bool:
    return "_live_" in access.api_key


def _stripe_key(settings: Settings, access: StripeAccess) -> Finding:
    if not access.api_key:
        return Finding(False, "Stripe key", "None is set, so nobody can pay. Set it under Setting up, Connections.")
    if access.api_key.startswith("pk_"):
        mend = "It is the publishable one. Set STRIPE_API_KEY to the secret key, which begins with sk_ or rk_."
        return Finding(False, "Stripe key", mend)
    if not KEY.fullmatch(access.api_key):
        mend = "It is none of Stripe's. Copy it whole from the Dashboard, Developers, API keys: sk_… or rk_…"
        return Finding(False, "Stripe key", mend)
    live = _is_live(access)
    what = f"Stripe key, {'live' if live else 'test'} mode in {settings.env}"
    if live and settings.demo:
        return Finding(
            False, what, "Real cards would be charged for made-up people. Use a key that begins with sk_test_."
        )
    if not live and not settings.demo:
        mend = "No real money moves. Before the first client, set the sk_live_… key and the secret of its endpoint."
        return Finding(False, what, mend)
    return Finding(True, what)


def _webhook_secret(access: StripeAccess) -> Finding:
    if not access.webhook_secret:
        mend = "None is set, so payments are noticed late. Set it under Setting up, Connections."
        return Finding(False, "Stripe webhook secret", mend)
    if SECRET.fullmatch(access.webhook_secret):
        return Finding(True, "Stripe webhook secret")
    mend = "It is none of Stripe's. Copy it whole from the Dashboard, Webhooks, your endpoint, Signing secret: whsec_…"
    return Finding(False, "Stripe webhook secret", mend)


def _api_version(spoken: str) -> Finding:
    what = f"Stripe API version {spoken}"
    if spoken == WRITTEN_FOR:
        return Finding(True, what)
    mend = f"This program was written for {WRITTEN_FOR}. Install the versions of requirements.lock again."
    return Finding(False, what, mend)


def _service(settings: Settings, access: StripeAccess) -> list[Finding]:
    gateway = StripeGateway(access.api_key, access.webhook_secret, settings.stripe_api_base, retries=0)
    now, what = SystemClock().now(), "Stripe takes the key"
    try:
        gateway.list_sessions(now)
    except KeyRefused:
        mend = "It says no. The key may be revoked, of another account, or not allowed to read Checkout Sessions."
        return [Finding(False, what, mend)]
    except GatewayError:
        mend = f"It does not answer within {PATIENCE} seconds, or not as Stripe does. Check the network"
        return [Finding(False, what, mend + (" and STRIPE_API_BASE." if settings.stripe_api_base else "."))]
    return [Finding(True, what), _balance(gateway, now), *_endpoint(settings, gateway)]


def _balance(gateway: StripeGateway, now: datetime) -> Finding:
    what = "Stripe lets the key read movements and payouts, for taxes"
    try:
        gateway.list_movements(now)
        gateway.list_payouts(now)
    except KeyRefused:
        return Finding(False, what, "Allow this restricted key to read the balance, its sources, and payouts.")
    except GatewayError:
        return Finding(False, what, "It did not answer. Run: practice doctor, again.")
    return Finding(True, what)


def _endpoint(settings: Settings, gateway: StripeGateway) -> list[Finding]:
    address = settings.base_url + WEBHOOK
    what = f"Stripe tells of events at {address}"
    try:
        found = [one for one in gateway.list_webhook_endpoints() if one.address.rstrip("/") == address]
    except KeyRefused:
        return [Finding(True, "Stripe's webhook endpoints weren't looked at: this key may not list them")]
    except GatewayError:
        return [Finding(False, what, "It did not answer. Run: practice doctor, again.")]
    enabled = [one for one in found if one.enabled]
    if not enabled:
        mend = "Switch that endpoint on" if found else f"Make an endpoint there, with version {WRITTEN_FOR}"
        return [Finding(False, what, f"{mend}, in the Dashboard under Webhooks. Its events: {', '.join(EVENTS)}.")]
    if len(enabled) > 1:
        mend = "Several endpoints do, each with its own secret. Keep the one whose secret STRIPE_WEBHOOK_SECRET is."
        return [Finding(False, what, mend)]
    (endpoint,) = enabled
    missing = [] if "*" in endpoint.events else [event for event in EVENTS if event not in endpoint.events]
    version = f"its events come in version {endpoint.api_version or 'of the account'}"
    return [
        Finding(not missing, f"{what}: all that we need", f"Add to that endpoint: {', '.join(missing)}."),
        Finding(
            endpoint.api_version == WRITTEN_FOR,
            f"{what}: {version}",
            f"Make a new endpoint with version {WRITTEN_FOR}, set its secret, and delete this one.",
        ),
    ]
