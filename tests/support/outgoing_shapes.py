"""What may leave for a payment service: a closed list of fields, and of the shapes of their values.

A field that isn't here fails its test until somebody decides what may be in it. Beside that, no value may hold a word
that says who somebody is, whom they see or why (`forbidden_words`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache, lru_cache
from typing import Any

from practice.demo import stories, world
from practice.intake.documents import shipped_questionnaire
from practice.languages import LANGUAGES
from practice.payments.stripe_asking import NOT_YET, PAGES_SPEAK, WORD
from practice.payments.stripe_gateway import WRITTEN_FOR
from practice.speaking import translations
from practice.tokens import ALPHABET, REFERENCE_LENGTH
from tests.support import road, story
from tests.support import world as tests_world

Fields = list[tuple[str, str]]

TAIL = f"[{ALPHABET}]{{{REFERENCE_LENGTH}}}"
BOOKING, ATTEMPT, REFUND = f"b_{TAIL}", f"pa_{TAIL}", f"r_{TAIL}"
OURS = r"https?://[a-z0-9.:-]+"  # our own address, whatever it is called
NUMBER = r"\d{1,12}"
SESSION_ID, PAYMENT_ID, PAYOUT_ID, DISPUTE_ID, CUSTOMER_ID, CARD_ID = (
    rf"{kind}_\w+" for kind in ("cs(?:_test)?", "pi", "po", "du", "cus", "pm")
)  # Stripe's own
ANY_ID = r"(?:cs(?:_test)?|pi|po|du|re|evt|txn|ch|we)_\w+"
HOUR = r"\d{10}"
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

PAID_PAGE = f"{OURS}/bookings/{BOOKING}(?:/fee)?/paid"
UNPAID_PAGE = f"{OURS}/bookings/{BOOKING}/(?:pay|fee)"


def in_any_language(sentence: str) -> str:
    """One of our sentences, in whichever language."""
    return "|".join(re.escape(translations(language).gettext(sentence)) for language in LANGUAGES)


WORDS, NOT_YETS = in_any_language(WORD), in_any_language(NOT_YET)

# What the product sends to Stripe: method and path, then each field. [] stands for any place in a list.
PAGING = {"limit": NUMBER, "starting_after": ANY_ID, "created[gte]": NUMBER, "expand[]": "data.source"}
REQUESTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "POST",
        "/v1/checkout/sessions",
        {
            "mode": "payment",
            "allowed_payment_method_types[]": "card",
            "adaptive_pricing[enabled]": "false",
            "client_reference_id": BOOKING,
            "metadata[booking]": BOOKING,
            "metadata[attempt]": ATTEMPT,
            "payment_intent_data[description]": WORDS,
            "payment_intent_data[metadata][booking]": BOOKING,
            "payment_intent_data[metadata][attempt]": ATTEMPT,
            "payment_intent_data[capture_method]": "manual",
            "payment_intent_data[setup_future_usage]": "off_session",
            "customer_creation": "always",
            "custom_text[submit][message]": NOT_YETS,
            "line_items[][quantity]": "1",
            "line_items[][price_data][currency]": "[a-z]{3}",
            "line_items[][price_data][unit_amount]": NUMBER,
            "line_items[][price_data][product_data][name]": WORDS,
            "expires_at": NUMBER,
            "locale": "|".join(PAGES_SPEAK.values()),
            "success_url": PAID_PAGE,
            "cancel_url": UNPAID_PAGE,
        },
    ),
    (
        "POST",
        "/v1/payment_intents",
        {
            "amount": NUMBER,
            "currency": "[a-z]{3}",
            "customer": CUSTOMER_ID,
            "payment_method": CARD_ID,
            "allowed_payment_method_types[]": "card",
            "confirm": "true",
            "off_session": "true",
            "description": WORDS,
            "metadata[booking]": BOOKING,
            "metadata[attempt]": ATTEMPT,
        },
    ),
    ("GET", "/v1/payment_intents", {**PAGING, "customer": CUSTOMER_ID}),
    ("DELETE", f"/v1/customers/{CUSTOMER_ID}", {}),
    ("GET", "/v1/checkout/sessions", PAGING),
    ("GET", f"/v1/checkout/sessions/{SESSION_ID}", {"expand[]": r"payment_intent\.latest_charge"}),
    ("POST", f"/v1/checkout/sessions/{SESSION_ID}/expire", {}),
    ("POST", f"/v1/payment_intents/{PAYMENT_ID}/(?:capture|cancel)", {}),
    (
        "POST",
        "/v1/refunds",
        {
            "payment_intent": PAYMENT_ID,
            "amount": NUMBER,
            "reason": "requested_by_customer",
            "metadata[refund_id]": REFUND,
        },
    ),
    ("GET", "/v1/refunds", {**PAGING, "payment_intent": PAYMENT_ID}),
    ("GET", f"/v1/disputes/{DISPUTE_ID}", {}),
    ("GET", "/v1/events", {**PAGING, "delivery_success": "false"}),
    ("GET", "/v1/balance_transactions", {**PAGING, "payout": PAYOUT_ID}),
    ("GET", "/v1/payouts", PAGING),
    ("GET", "/v1/webhook_endpoints", PAGING),
)
HEADERS = {
    "authorization": r"Bearer [a-z]+_(?:test|live)_\w+",
    "content-type": "application/x-www-form-urlencoded",
    "idempotency-key": rf"(?:checkout|charge)-{ATTEMPT}|(?:capture|void)-{ATTEMPT}-{HOUR}|refund-{REFUND}|{UUID}",
    "stripe-version": re.escape(WRITTEN_FOR),
    "user-agent": r"Stripe/v1 PythonBindings/[\d.]+(?: AIAgent/\w+)?",  # the last, as the library adds it
    "x-stripe-client-user-agent": r'\{[\w".:, ]*\}',  # the library and its versions; no name of the machine
}
# What the product asks of the gateway, where a fake one stands in for Stripe: each method with all that it is given.
INSTANT = r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00"
CALLS: dict[str, dict[str, str]] = {
    "create_checkout": {
        "parameters.reference": BOOKING,
        "parameters.attempt": ATTEMPT,
        "parameters.amount.minor_units": NUMBER,
        "parameters.amount.currency": "[A-Z]{3}",
        "parameters.expires_at": INSTANT,
        "parameters.success_url": PAID_PAGE,
        "parameters.cancel_url": UNPAID_PAGE,
        "parameters.authorises": "true|false",
        "parameters.keeps_card": "true|false",
        "parameters.language": "|".join(LANGUAGES),
        "key": f"checkout-{ATTEMPT}",
    },
    "charge": {
        "order.reference": BOOKING,
        "order.attempt": ATTEMPT,
        "order.amount.minor_units": NUMBER,
        "order.amount.currency": "[A-Z]{3}",
        "order.kept.customer": CUSTOMER_ID,
        "order.kept.card": CARD_ID,
        "order.language": "|".join(LANGUAGES),
        "key": f"charge-{ATTEMPT}",
    },
    "find_charge": {"customer": CUSTOMER_ID, "attempt": ATTEMPT},
    "forget_card": {"customer": CUSTOMER_ID},
    "retrieve": {"session_id": SESSION_ID},
    "expire": {"session_id": SESSION_ID},
    "capture": {"payment": PAYMENT_ID, "key": f"capture-{ATTEMPT}-{HOUR}"},
    "void": {"payment": PAYMENT_ID, "key": f"void-{ATTEMPT}-{HOUR}"},
    "refund": {
        "order.reference": REFUND,
        "order.payment": PAYMENT_ID,
        "order.amount.minor_units": NUMBER,
        "order.amount.currency": "[A-Z]{3}",
        "key": f"refund-{REFUND}",
    },
    "find_refund": {"payment": PAYMENT_ID, "reference": REFUND},
    "find_dispute": {"dispute_id": DISPUTE_ID},
    "list_sessions": {"since": INSTANT},
    "list_events": {"since": INSTANT},
    "list_movements": {"since": INSTANT},
    "list_payouts": {"since": INSTANT},
    "list_payout_lines": {"payout_id": PAYOUT_ID},
    "list_webhook_endpoints": {},
}

TELLING = {"couple", "couples", "therapy", "therapist", "therapists", "partner", "intake", "breach", "affair", "repair"}
SENTENCES = tuple(
    translations(one).gettext(said) for one in LANGUAGES for said in (NOT_YET, WORD)
)  # decided: in these, "once" is no answer to a question


def wrong_request(method: str, path: str, sent: Fields, headers: dict[str, str], *, made_up: bool) -> Iterator[str]:
    """What about one request may not be so. With `made_up` values, only the names of fields count, and the words."""
    known = [shapes for verb, pattern, shapes in REQUESTS if verb == method and re.fullmatch(pattern, path)]
    if not known:
        yield f"{method} {path}: nobody has decided what may be sent there"
        return
    yield from wrong_fields(f"{method} {path}", sent, known[0], made_up=made_up)
    named = [(name.lower(), value) for name, value in headers.items()]
    yield from wrong_fields(f"headers of {method} {path}", named, HEADERS, made_up=made_up)


def wrong_call(name: str, sent: Fields, *, made_up: bool) -> Iterator[str]:
    """The same of a call of the gateway."""
    if name not in CALLS:
        yield f"{name}(): nobody has decided what may be given to it"
        return
    yield from wrong_fields(f"{name}()", sent, CALLS[name], made_up=made_up)


def wrong_fields(where: str, sent: Fields, shapes: dict[str, str], *, made_up: bool = False) -> Iterator[str]:
    """What stands in a field that isn't known, or not in its shape, or says too much."""
    for name, value in sent:
        field = re.sub(r"\[\d+\]", "[]", name)
        if field not in shapes:
            yield f"{where}: the field {field} is new, and nobody has decided what may be in it"
        elif not made_up and not re.fullmatch(shapes[field], value):
            yield f"{where}: {field} holds {value!r}, which is not of its shape"
        if said := telling(value):
            yield f"{where}: {field} says {said!r} in {value!r}"


@lru_cache(maxsize=10_000)
def telling(value: str) -> str | None:
    """The first word in a value that must never leave, or None.

    Compared as a whole, and word by word, never inside of a word: no part of an opaque reference counts. The address of
    our own site may be called as it likes.
    """
    if value in SENTENCES:
        return None
    said = re.sub(f"^{OURS}", "", value).lower()
    if said in forbidden_words():
        return said
    words = [word for run in (r"[\w-]+", r"\w+", r"[^\W_]+") for word in re.findall(run, said)]
    return next((word for word in words if word in forbidden_words()), None)


@cache
def forbidden_words() -> frozenset[str]:
    """Everything that tells of people, of what is offered to them and of what they answer; in small letters."""
    whole = {one for one in (*_people(), *_offered(), *_answers()) if re.search(r"[^\W\d_]{3}", one)}
    names = {word for one in _people() for word in re.findall(r"[^\W\d_]{2,}", one)}
    return frozenset({one.lower() for one in whole | names | TELLING} - PLAIN)


# Words of names and answers that are plain words of requests too. Where they are more than that, the shapes find them.
PLAIN = {"", "mail", "example", "practice", "session", "sessions", "minutes", "card", "yes", "no", "true", "false"}
PLAIN |= {"other", "desk", "owner", "house", "lantern", "video", "client", "person", "in", "and", "of", "the", "to"}


def _people() -> Iterator[str]:
    told = stories.STORIES
    yield from (one.name for one in told)
    yield from (one.email for one in told)
    yield from story.NAMES
    for portrait in world.PORTRAITS:
        yield from (portrait.name, portrait.slug)
    yield from (email for email, _, _ in world.ACCOUNTS)
    yield from (name for therapist in tests_world.THERAPISTS for name in therapist[:2])
    yield from (road.FOR_THE_RECORDS["legal_name"], "robin@mail.example", "noa quill", "quetzalcanary")
    yield tests_world.PRACTICE


def _offered() -> Iterator[str]:
    for slug, attendance, place, *_ in tests_world.OFFERINGS:
        yield from (slug, attendance, place)
    for portrait in world.PORTRAITS:
        yield from (portrait.office, *portrait.offerings)


def _answers() -> Iterator[str]:
    for field in shipped_questionnaire().fields():
        yield field.name
        for option in field.options:
            yield from (option.code, option.label)


def flatten(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Values as named text: `a.b` inside of our dataclasses, `a[b][0]` inside of what Stripe is sent."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from flatten(f"{name}.{field.name}", getattr(value, field.name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(f"{name}[{key}]" if name else str(key), inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from flatten(f"{name}[{index}]", inner)
    elif value is not None:
        yield name, _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
