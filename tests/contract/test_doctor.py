"""What the doctor says of payments: of settings by themselves, and of a service over HTTP, well and unwell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from practice.opening.finding import Finding
from practice.opening.payment_findings import examine_payments
from practice.payments import webhook
from practice.payments.stripe_gateway import WRITTEN_FOR
from practice.sandbox import listing
from practice.sandbox.errors import Refusal
from practice.sandbox.server import Sandbox
from practice.settings import Settings
from tests.support import stripe_shapes

HERE = "http://127.0.0.1:5000"
GO_LIVE = Path(__file__).parents[2] / "docs" / "go-live.md"
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def received() -> list[tuple[str, str, dict[str, Any]]]:
    return []


@pytest.fixture
def sandbox(tmp_path: Path, received: list[tuple[str, str, dict[str, Any]]]) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path, webhook_url=f"{HERE}/webhooks/stripe", observe=lambda *seen: received.append(seen))
    running.start()
    yield running
    running.stop()
    for method, path, body in received:
        stripe_shapes.check(method, path, body)


def settings(folder: Path, **changes: str) -> Settings:
    environ = {"PRACTICE_ENV": "demo", "PRACTICE_BASE_URL": HERE, "STRIPE_API_BASE": "http://127.0.0.1:9", **changes}
    return Settings.from_env(environ, data=folder)


def unwell(findings: list[Finding]) -> dict[str, str]:
    return {one.what: one.mend for one in findings if not one.fine}


def only(findings: list[Finding]) -> tuple[str, str]:
    """The one finding that isn't fine."""
    (found,) = unwell(findings).items()
    return found


def test_a_demo_with_its_sandbox_is_well(sandbox: Sandbox, tmp_path: Path) -> None:
    findings = examine_payments(settings(tmp_path, STRIPE_API_BASE=sandbox.address))

    assert unwell(findings) == {}
    assert [one.what for one in findings] == [
        "Stripe key, test mode in demo",
        "Stripe webhook secret",
        f"Stripe API version {WRITTEN_FOR}",
        "Stripe takes the key",
        "Stripe lets the key read movements and payouts, for taxes",
        f"Stripe tells of events at {HERE}/webhooks/stripe: all that we need",
        f"Stripe tells of events at {HERE}/webhooks/stripe: its events come in version {WRITTEN_FOR}",
    ]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("pk_test_1", "publishable"),
        ("sk_1", "none of Stripe's"),
        ("whsec_1", "none of Stripe's"),
        ("sk_test_", "none of Stripe's"),
        ("sk_test_1 ", "none of Stripe's"),
        ("sk_test_…", "none of Stripe's"),
    ],
)
def test_what_is_no_key_is_named_and_shown_to_nobody(
    sandbox: Sandbox, tmp_path: Path, received: list[Any], key: str, says: str
) -> None:
    what, mend = only(examine_payments(settings(tmp_path, STRIPE_API_BASE=sandbox.address, STRIPE_API_KEY=key)))

    assert what == "Stripe key"
    assert says in mend
    assert key not in mend
    assert received == []


def test_a_live_key_in_a_demo_is_named_and_shown_to_nobody(
    sandbox: Sandbox, tmp_path: Path, received: list[Any]
) -> None:
    for key in ("sk_live_1", "rk_live_1"):
        what, mend = only(examine_payments(settings(tmp_path, STRIPE_API_BASE=sandbox.address, STRIPE_API_KEY=key)))
        assert what == "Stripe key, live mode in demo"
        assert "sk_test_" in mend
    assert received == []


@pytest.mark.parametrize(("key", "well"), [("sk_test_1", False), ("sk_live_1", True), ("rk_live_1", True)])
def test_a_test_key_in_production_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, well: bool
) -> None:
    monkeypatch.setattr("practice.opening.payment_findings._service", lambda *_: [])  # which would be Stripe itself
    production = {
        "PRACTICE_ENV": "production",
        "PRACTICE_BASE_URL": "https://practice.example",
        "DATABASE_URL": "sqlite:////nowhere/practice.db",
        "PRACTICE_SECRET_KEY": "x" * 40,
        "PRACTICE_KEYS_FILE": str(tmp_path / "keys.json"),
        "STRIPE_API_KEY": key,
        "STRIPE_WEBHOOK_SECRET": "whsec_1",
        "SMTP_URL": "smtp://127.0.0.1:9",
        "MAIL_FROM": "Desk <desk@practice.example>",
    }
    found = unwell(examine_payments(Settings.from_env(production)))

    assert ("Stripe key, test mode in production" in found) is not well
    assert all("sk_live_" in mend for mend in found.values())


@pytest.mark.parametrize("secret", ["sk_test_1", "whsec_", "we_123", "whsec_…"])
def test_what_is_no_secret_is_named(sandbox: Sandbox, tmp_path: Path, secret: str) -> None:
    asked = settings(tmp_path, STRIPE_API_BASE=sandbox.address, STRIPE_WEBHOOK_SECRET=secret)
    what, mend = only(examine_payments(asked))
    assert what == "Stripe webhook secret"
    assert "whsec_" in mend


def test_another_version_of_the_library_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    asked = settings(tmp_path, STRIPE_API_BASE=sandbox.address)
    what, mend = only(examine_payments(asked, "2031-01-01.next"))
    assert what == "Stripe API version 2031-01-01.next"
    assert WRITTEN_FOR in mend
    assert "requirements.lock" in mend


def test_a_service_that_does_not_answer_is_told_apart_from_one_that_says_no(sandbox: Sandbox, tmp_path: Path) -> None:
    asked = settings(tmp_path, STRIPE_API_BASE=sandbox.address)
    for fault in ("unavailable", "limited"):
        sandbox.api.faults.append(fault)
        assert "does not answer" in only(examine_payments(asked))[1]
    assert "does not answer" in only(examine_payments(settings(tmp_path)))[1]  # nobody is there

    revoked = settings(tmp_path, STRIPE_API_BASE=sandbox.address, STRIPE_API_KEY="sk_test_revoked")
    assert "revoked" in only(examine_payments(revoked))[1]


def change_endpoint(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, *changes: dict[str, Any]) -> None:
    made = [{**listing.endpoint(f"{HERE}/webhooks/stripe"), "id": f"we_{n}", **one} for n, one in enumerate(changes)]
    monkeypatch.setattr(sandbox.webhooks, "endpoints", lambda: made)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([], f"Make an endpoint there, with version {WRITTEN_FOR}"),
        ([{"url": "https://elsewhere.example/webhooks/stripe"}], "Make an endpoint there"),
        ([{"url": HERE}], "Make an endpoint there"),
        ([{"status": "disabled"}], "Switch that endpoint on"),
        ([{"enabled_events": ["refund.created"]}], "checkout.session.completed"),
        ([{"enabled_events": list(webhook.EVENTS[:-1])}], "Add to that endpoint: payment_intent.payment_failed."),
        ([{"api_version": "2020-08-27"}], f"Make a new endpoint with version {WRITTEN_FOR}"),
        ([{"api_version": None}], f"Make a new endpoint with version {WRITTEN_FOR}"),
        ([{}, {}], "Keep the one whose secret"),
    ],
)
def test_an_endpoint_that_is_not_as_it_should_be_is_named(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: list[dict[str, Any]], says: str
) -> None:
    change_endpoint(sandbox, monkeypatch, *changes)
    what, mend = only(examine_payments(settings(tmp_path, STRIPE_API_BASE=sandbox.address)))
    assert what.startswith(f"Stripe tells of events at {HERE}/webhooks/stripe")
    assert says in mend


@pytest.mark.parametrize(
    "changes",
    [
        [{"enabled_events": ["*"]}],
        [{"url": f"{HERE}/webhooks/stripe/"}],
        [{}, {"status": "disabled"}],
        [{"url": "https://shop.example/hook", "enabled_events": []}, {}],
    ],
)
def test_an_endpoint_that_will_do_is_fine(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: list[dict[str, Any]]
) -> None:
    change_endpoint(sandbox, monkeypatch, *changes)
    assert unwell(examine_payments(settings(tmp_path, STRIPE_API_BASE=sandbox.address))) == {}


@pytest.mark.parametrize(
    ("path", "well", "says"),
    [
        ("endpoints", True, "weren't looked at"),
        ("movements", False, "for taxes"),
    ],
)
def test_a_restricted_key_is_told_what_it_may_not(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, well: bool, says: str
) -> None:
    def refuse(*_: object) -> None:
        raise Refusal(403, "The provided key does not have the required permissions")

    if path == "movements":
        monkeypatch.setattr(listing, "movements", refuse)
    else:
        monkeypatch.setattr(sandbox.webhooks, "endpoints", refuse)
    findings = examine_payments(settings(tmp_path, STRIPE_API_BASE=sandbox.address))

    assert (unwell(findings) == {}) is well
    assert any(says in one.what for one in findings)


def test_no_finding_shows_a_key_or_a_secret(sandbox: Sandbox, tmp_path: Path) -> None:
    for key in ("sk_test_sandbox", "sk_test_wrong", "sk_live_wrong", "wrong"):
        asked = settings(
            tmp_path, STRIPE_API_BASE=sandbox.address, STRIPE_API_KEY=key, STRIPE_WEBHOOK_SECRET="topsecret"
        )
        said = " ".join(f"{one.what} {one.mend}" for one in examine_payments(asked))
        assert key not in said
        assert "topsecret" not in said


def test_the_events_are_the_ones_that_the_sandbox_sends_and_the_docs_list() -> None:
    text = GO_LIVE.read_text(encoding="utf-8")
    listed = re.findall(r"`((?:checkout|refund|charge|payment_intent)\.[a-z_.]+)`", text.split("Its secret is")[0])
    assert sorted(listed) == sorted(webhook.EVENTS) == sorted(listing.EVENTS)
