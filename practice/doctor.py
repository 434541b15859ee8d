"""What is missing or unsafe in this installation."""

from __future__ import annotations

import re
import smtplib
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from practice import create_app
from practice.booking.offers import queries
from practice.booking.offers.models import Therapist
from practice.clock import SystemClock
from practice.database import MIGRATIONS, engine_options
from practice.errors import Unavailable
from practice.intake.desk import desk_hours
from practice.intake.documents import current_edition
from practice.intake.lines import find_old
from practice.payments.gateway import GatewayError, KeyRefused
from practice.payments.stripe_gateway import TIMEOUT, WRITTEN_FOR, StripeGateway, spoken_version
from practice.payments.webhook import EVENTS
from practice.payments.webhook import PATH as WEBHOOK
from practice.profile import profile
from practice.rights import rotation
from practice.settings import Settings, UnsafeSettings
from practice.staff.models import CLINICIAN
from practice.staff.queries import find_owners, find_with_roles

MAIL_PATIENCE = 5.0  # seconds
PATIENCE = sum(TIMEOUT)  # seconds for an answer of Stripe's
KEY = re.compile(r"(sk|rk)_(live|test)_[A-Za-z0-9_]+")
SECRET = re.compile(r"whsec_[A-Za-z0-9_+/=-]+")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` says what to do when it isn't fine."""

    fine: bool
    what: str
    mend: str = ""


def examine(environ: Mapping[str, str]) -> list[Finding]:
    """Look at everything that a running practice needs. Reads only."""
    try:
        settings = Settings.from_env(environ)
    except UnsafeSettings as unsafe:
        return [Finding(False, "settings", problem) for problem in unsafe.problems]
    findings = [Finding(True, f"settings ({settings.env})"), _keys(settings), _database(settings), _mail(settings)]
    findings += examine_payments(settings)
    if all(finding.fine for finding in findings[:3]):
        findings += _practice(settings)
    return findings


def examine_payments(settings: Settings, spoken: str | None = None) -> list[Finding]:
    """Look at the key, the secret, the version of the API, and, where the key may be shown to it, at the service.

    `spoken` is the version that the installed library speaks.
    """
    key, secret = _stripe_key(settings), _webhook_secret(settings)
    findings = [key, secret, _api_version(spoken or spoken_version())]
    # A live key leaves a demo for nobody: whoever answers there may not be Stripe.
    if KEY.fullmatch(settings.stripe_api_key) and not (settings.demo and _is_live(settings)):
        findings += _service(settings)
    return findings


def _is_live(settings: Settings) -> bool:
    return "_live_" in settings.stripe_api_key


def _stripe_key(settings: Settings) -> Finding:
    if settings.stripe_api_key.startswith("pk_"):
        mend = "It is the publishable one. Set STRIPE_API_KEY to the secret key, which begins with sk_ or rk_."
        return Finding(False, "Stripe key", mend)
    if not KEY.fullmatch(settings.stripe_api_key):
        mend = "It is none of Stripe's. Copy it whole from the Dashboard, Developers, API keys: sk_… or rk_…"
        return Finding(False, "Stripe key", mend)
    live = _is_live(settings)
    what = f"Stripe key, {'live' if live else 'test'} mode in {settings.env}"
    if live and settings.demo:
        return Finding(
            False, what, "Real cards would be charged for made-up people. Use a key that begins with sk_test_."
        )
    if not live and not settings.demo:
        mend = "No real money moves. Before the first client, set the sk_live_… key and the secret of its endpoint."
        return Finding(False, what, mend)
    return Finding(True, what)


def _webhook_secret(settings: Settings) -> Finding:
    if SECRET.fullmatch(settings.stripe_webhook_secret):
        return Finding(True, "Stripe webhook secret")
    mend = "It is none of Stripe's. Copy it whole from the Dashboard, Webhooks, your endpoint, Signing secret: whsec_…"
    return Finding(False, "Stripe webhook secret", mend)


def _api_version(spoken: str) -> Finding:
    what = f"Stripe API version {spoken}"
    if spoken == WRITTEN_FOR:
        return Finding(True, what)
    mend = f"This program was written for {WRITTEN_FOR}. Install the versions of requirements.lock again."
    return Finding(False, what, mend)


def _service(settings: Settings) -> list[Finding]:
    gateway = StripeGateway(
        settings.stripe_api_key, settings.stripe_webhook_secret, settings.stripe_api_base, retries=0
    )
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


def _keys(settings: Settings) -> Finding:
    path = settings.keys_file
    if not path.exists():
        return Finding(False, f"keys file {path}", "It is missing. A new practice runs: practice init")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(False, f"keys file {path}", f"Others can read it. Run: chmod 600 {path}")
    return Finding(True, f"keys file {path}")


def _database(settings: Settings) -> Finding:
    what = "database, with all its migrations"
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    engine = create_engine(settings.database_url, hide_parameters=True, **engine_options(settings.database_url))
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        return Finding(False, what, f"It does not answer ({type(error).__name__}). Check DATABASE_URL.")
    finally:
        engine.dispose()
    if current is None:
        return Finding(False, what, "It is empty. Run: practice init")
    if current != head:
        step = f"It is at {current}, the program at {head}."
        return Finding(False, what, f"{step} Stop web and workers, and run: practice upgrade-database")
    return Finding(True, what)


def _mail(settings: Settings) -> Finding:
    address = urlsplit(settings.smtp_url)
    what = f"mail server {address.hostname}:{address.port or 25}"
    connect = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
    try:
        with connect(address.hostname or "", address.port or 0, timeout=MAIL_PATIENCE) as server:
            server.noop()
    except OSError as error:
        return Finding(False, what, f"It does not answer ({type(error).__name__}). Check SMTP_URL.")
    return Finding(True, what)


def _practice(settings: Settings) -> list[Finding]:
    with create_app(settings).app_context():
        try:
            name = profile().name
        except Unavailable:
            return [Finding(False, "practice profile", "Run: practice init")]
        return [
            Finding(True, f"practice profile ({name})"),
            Finding(bool(find_owners()), "an owner who can sign in", "Run: practice init"),
            _questions(),
            Finding(
                desk_hours(SystemClock().now()).known,
                "desk hours that clients can be promised",
                'Say them: practice desk-hours "mon-fri 09:00-17:00"',
            ),
            Finding(
                bool(find_with_roles(CLINICIAN)),
                "a clinician who reads urgent notices",
                "Without one they go to the owner, who can't open “Just for you”. Give somebody the role.",
            ),
            _help_lines(),
            *examine_keys(SystemClock().now()),
            *(_therapist(therapist) for therapist in queries.find_therapists()),
        ]


def _questions() -> Finding:
    edition = current_edition()
    what = f"questions, as {'you published them' if edition.number else 'shipped'}"
    if not edition.problems:
        return Finding(True, what)
    said = " ".join(problem.words for problem in edition.problems)
    return Finding(
        False,
        "your changes to the questions fit what ships now",
        f"Clients are asked what was published last, until you mend it under Setting up, Questions. {said}",
    )


def _help_lines() -> Finding:
    old = find_old(SystemClock().now().date())
    names = ", ".join(dict.fromkeys(line.name for line in old))
    mend = f"Checked over six months ago: {names}. Dial them or look them up, and note it under Setting up, Help lines."
    return Finding(not old, "help lines, each checked within six months", mend)


def examine_keys(now: datetime) -> list[Finding]:
    """Look at the master keys, in an app context: none missing, all of one age, and that not above a year."""
    missing, left = rotation.missing_masters(), rotation.count_left()
    put_back = f"Missing: {', '.join(missing)}. Put them back into the keys file from your copy of that file."
    return [
        Finding(not missing, "every master key that wraps something is in the keys file", put_back),
        Finding(
            not left, "every key is wrapped by the current master key", f"{left} are not. Run: practice rotate-keys"
        ),
        Finding(
            not rotation.is_old(now),
            "the current master key is younger than a year",
            "Make a new one: practice rotate-keys",
        ),
    ]


def _therapist(therapist: Therapist) -> Finding:
    what = f"therapist {therapist.slug} can be booked"
    if not therapist.weekly_hours:
        return Finding(False, what, "There are no opening hours.")
    if not therapist.offerings:
        return Finding(False, what, "There are no offerings.")
    if any(offering.place == "video" for offering in therapist.offerings) and not therapist.join_link:
        return Finding(False, what, "A video session is offered, and there is no join link.")
    return Finding(True, what)
