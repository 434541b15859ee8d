"""Whether payments can work: the key and its mode, the secret, the version, and what Stripe itself says."""

from __future__ import annotations

import re
from datetime import datetime

from practice.clock import SystemClock
from practice.connections import StripeAccess
from practice.languages import N_
from practice.opening.finding import Finding
from practice.payments.gateway import GatewayError, KeyRefused
from practice.payments.stripe_gateway import TIMEOUT, WRITTEN_FOR, StripeGateway, spoken_version
from practice.payments.webhook import EVENTS
from practice.payments.webhook import PATH as WEBHOOK
from practice.settings import Settings
from practice.speaking import gettext as _

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
    what = _("Stripe key")
    if not access.api_key:
        return Finding(False, what, _("None is set, so nobody can pay. Set it under Setting up, Connections."))
    if access.api_key.startswith("pk_"):
        mend = _("It is the publishable one. Set STRIPE_API_KEY to the secret key, which begins with sk_ or rk_.")
        return Finding(False, what, mend)
    if not KEY.fullmatch(access.api_key):
        mend = _("It is none of Stripe's. Copy it whole from the Dashboard, Developers, API keys: sk_… or rk_…")
        return Finding(False, what, mend)
    live = _is_live(access)
    if live:
        what = _("Stripe key, live mode in %(env)s", env=settings.env)
    else:
        what = _("Stripe key, test mode in %(env)s", env=settings.env)
    if live and settings.demo:
        mend = _("Real cards would be charged for made-up people. Use a key that begins with sk_test_.")
        return Finding(False, what, mend)
    if not live and not settings.demo:
        mend = _("No real money moves. Before the first client, set the sk_live_… key and the secret of its endpoint.")
        return Finding(False, what, mend)
    return Finding(True, what)


def _webhook_secret(access: StripeAccess) -> Finding:
    what = _("Stripe webhook secret")
    if not access.webhook_secret:
        mend = _("None is set, so payments are noticed late. Set it under Setting up, Connections.")
        return Finding(False, what, mend)
    if SECRET.fullmatch(access.webhook_secret):
        return Finding(True, what)
    mend = _(
        "It is none of Stripe's. Copy it whole from the Dashboard, Webhooks, your endpoint, Signing secret: whsec_…"
    )
    return Finding(False, what, mend)


def _api_version(spoken: str) -> Finding:
    what = _("Stripe API version %(version)s", version=spoken)
    if spoken == WRITTEN_FOR:
        return Finding(True, what)
    mend = _(
        "This program was written for %(version)s. Install the versions of requirements.lock again.",
        version=WRITTEN_FOR,
    )
    return Finding(False, what, mend)


def _service(settings: Settings, access: StripeAccess) -> list[Finding]:
    gateway = StripeGateway(access.api_key, access.webhook_secret, settings.stripe_api_base, retries=0)
    now, what = SystemClock().now(), _("Stripe takes the key")
    try:
        gateway.list_sessions(now)
    except KeyRefused:
        mend = _("It says no. The key may be revoked, of another account, or not allowed to read Checkout Sessions.")
        return [Finding(False, what, mend)]
    except GatewayError:
        if settings.stripe_api_base:
            mend = N_(
                "It does not answer within %(patience)s seconds, or not as Stripe does. "
                "Check the network and STRIPE_API_BASE."
            )
        else:
            mend = N_("It does not answer within %(patience)s seconds, or not as Stripe does. Check the network.")
        return [Finding(False, what, _(mend, patience=PATIENCE))]
    return [Finding(True, what), _balance(gateway, now), *_endpoint(settings, gateway)]


def _balance(gateway: StripeGateway, now: datetime) -> Finding:
    what = _("Stripe lets the key read movements and payouts, for taxes")
    try:
        gateway.list_movements(now)
        gateway.list_payouts(now)
    except KeyRefused:
        return Finding(False, what, _("Allow this restricted key to read the balance, its sources, and payouts."))
    except GatewayError:
        return Finding(False, what, _("It did not answer. Run: practice doctor, again."))
    return Finding(True, what)


def _endpoint(settings: Settings, gateway: StripeGateway) -> list[Finding]:
    address = settings.base_url + WEBHOOK
    what = _("Stripe tells of events at %(address)s", address=address)
    try:
        found = [one for one in gateway.list_webhook_endpoints() if one.address.rstrip("/") == address]
    except KeyRefused:
        return [Finding(True, _("Stripe's webhook endpoints weren't looked at: this key may not list them"))]
    except GatewayError:
        return [Finding(False, what, _("It did not answer. Run: practice doctor, again."))]
    enabled = [one for one in found if one.enabled]
    if not enabled:
        return [Finding(False, what, _to_enable(is_there=bool(found)))]
    if len(enabled) > 1:
        mend = _("Several endpoints do, each with its own secret. Keep the one whose secret STRIPE_WEBHOOK_SECRET is.")
        return [Finding(False, what, mend)]
    (endpoint,) = enabled
    missing = [] if "*" in endpoint.events else [event for event in EVENTS if event not in endpoint.events]
    if endpoint.api_version:
        version = _(
            "Stripe tells of events at %(address)s: its events come in version %(version)s",
            address=address,
            version=endpoint.api_version,
        )
    else:
        version = _("Stripe tells of events at %(address)s: its events come in version of the account", address=address)
    return [
        Finding(
            not missing,
            _("Stripe tells of events at %(address)s: all that we need", address=address),
            _("Add to that endpoint: %(events)s.", events=", ".join(missing)),
        ),
        Finding(
            endpoint.api_version == WRITTEN_FOR,
            version,
            _(
                "Make a new endpoint with version %(version)s, set its secret, and delete this one.",
                version=WRITTEN_FOR,
            ),
        ),
    ]


def _to_enable(*, is_there: bool) -> str:
    events = ", ".join(EVENTS)
    if is_there:
        return _("Switch that endpoint on, in the Dashboard under Webhooks. Its events: %(events)s.", events=events)
    return _(
        "Make an endpoint there, with version %(version)s, in the Dashboard under Webhooks. Its events: %(events)s.",
        version=WRITTEN_FOR,
        events=events,
    )
