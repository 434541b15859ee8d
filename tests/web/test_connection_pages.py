"""The owner's page for mail and Stripe: sealed, never shown again, tried by a button, replaced, taken away."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from practice import keys_file
from practice.audit import AuditEntry
from practice.connections import (
    Connection,
    MailAccess,
    StripeAccess,
    Unreadable,
    connect,
    mail_from,
    mail_url,
    stripe_access,
)
from practice.database import db
from practice.notify.current_mailer import CurrentMailer
from practice.notify.mailer import WHY, Envelope, MailAway, MailRefused, Sender, SmtpMailer
from practice.opening.machine_findings import examine_mail
from practice.opening.payment_findings import examine_access
from practice.opening.practice_findings import examine_keys
from practice.opening.trying import MAIL_WORDS
from practice.payments.current_stripe import CurrentStripe, NotConnected
from practice.payments.gateway import EXTENSION as PAYMENTS
from practice.payments.gateway import UntrustedEvent
from practice.profile import ONLY, PracticeProfile, profile
from practice.rights import rotation
from practice.sandbox.server import Sandbox
from practice.sealing import EXTENSION as KEYS
from practice.sealing import CannotOpen, Keyring, vault
from practice.settings import Settings
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.intake import send
from tests.support.staff import audit, desk, signed_in_long_ago

PAGE = "/staff/setup/connections"
PASSWORD, KEY, SECRET = "pw-Quiet-7431-Harbour", "sk_test_51QuietHarbourKey9Zq4", "whsec_QuietHarbourSecret7Xw2"
MAIL = {
    "host": "mail.harbour.example",
    "scheme": "starttls",
    "port": "587",
    "user": "office",
    "password": PASSWORD,
    "sender_name": "Appointments",
    "sender_address": "office@harbour.example",
}
LETTER = Envelope("a", "reader@post.example", "A letter", "Text", "<p>Text</p>", datetime(2026, 2, 3, 12, tzinfo=UTC))
STRIPE = {"api_key": KEY, "webhook_secret": SECRET}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of a machine that names neither mail nor Stripe."""
    return replace(settings, smtp_url="", mail_from="", stripe_api_key="", stripe_webhook_secret="")


@pytest.fixture
def owner(practice):
    return desk(practice, "owner")


def in_use(practice) -> tuple[str, str, StripeAccess]:
    with practice.app.app_context():
        return mail_url(), mail_from(), stripe_access()


def pay_page(practice) -> str:
    """What somebody reads before they pay."""
    browser = practice.browser()
    send(browser)
    times = browser.get(f"/times/ada-lindqvist?offering=couple-50&from={MONDAY_NINE.date().isoformat()}")
    held = browser.send_form(times, {"start": MONDAY_NINE.isoformat()}, form="/bookings")
    page = browser.get(f"{held.location}/pay")
    assert page.status_code == 200
    return str(page.text)


def test_a_mail_server_is_set_counts_at_once_in_every_process_and_its_password_is_never_shown(
    practice, owner, make_app
):
    assert "No mail server is set" in owner.get(PAGE).text

    assert owner.submit(PAGE, MAIL, form="/mail/save").status_code == 302

    url = f"starttls://office:{PASSWORD}@mail.harbour.example:587"
    assert in_use(practice)[:2] == (url, "Appointments <office@harbour.example>")
    with make_app().app_context():
        assert mail_url() == url
    page = owner.get(PAGE).text
    assert "mail.harbour.example" in page
    assert PASSWORD not in page
    assert audit(practice, "connection_set")[0][1:] == ("connection_set", "mail")


def test_keys_of_stripe_are_known_again_by_their_last_letters_alone(practice, owner):
    owner.submit(PAGE, STRIPE, form="/stripe/save")

    assert in_use(practice)[2] == StripeAccess(KEY, SECRET)
    page = owner.get(PAGE).text
    assert "test mode, ends in <b>9Zq4</b>" in page
    assert "ends in <b>7Xw2</b>" in page
    assert KEY not in page
    assert SECRET not in page


def test_nothing_of_a_secret_is_in_the_database_or_the_audit_log(practice, owner):
    owner.submit(PAGE, MAIL, form="/mail/save")
    owner.submit(PAGE, STRIPE, form="/stripe/save")
    owner.submit(PAGE, {}, form="/mail/try")

    with practice.app.app_context():
        rows = db.session.scalars(select(Connection)).all()
        assert {row.name for row in rows} == {"mail", "stripe"}
        for row in rows:
            assert not any(word.encode() in row.sealed for word in (PASSWORD, KEY, SECRET, "harbour"))
        said = " ".join(entry.detail + entry.subject for entry in db.session.scalars(select(AuditEntry)))
    assert not any(word in said for word in (PASSWORD, KEY, SECRET, "harbour", KEY[-4:]))


@pytest.mark.parametrize(
    ("form", "typed", "field", "words"),
    [
        ("/mail/save", {**MAIL, "host": ""}, "host", "name of the server"),
        ("/mail/save", {**MAIL, "host": "https://mail.harbour.example/"}, "host", "name alone"),
        ("/mail/save", {**MAIL, "host": "user:pw@mail"}, "host", "name alone"),
        ("/mail/save", {**MAIL, "host": "mail..harbour.example"}, "host", "name alone"),
        ("/mail/save", {**MAIL, "host": ".mail.example"}, "host", "name alone"),
        ("/mail/save", {**MAIL, "host": "a" * 64 + ".example"}, "host", "name alone"),
        ("/mail/save", {**MAIL, "host": "::1"}, "host", "[2001:db8::1]"),
        ("/mail/save", {**MAIL, "host": "[dead:beef]"}, "host", "[2001:db8::1]"),
        ("/mail/save", {**MAIL, "port": "70000"}, "port", "65535"),
        ("/mail/save", {**MAIL, "password": ""}, "password", "Type the password"),
        ("/mail/save", {**MAIL, "sender_address": "office"}, "sender_address", "plain address"),
        ("/mail/save", {**MAIL, "sender_address": "séances@harbour.example"}, "sender_address", "without accents"),
        ("/mail/save", {**MAIL, "sender_address": "office@hàrbour.example"}, "sender_address", "without accents"),
        ("/mail/save", {**MAIL, "sender_name": ""}, "sender_name", "neutral name"),
        ("/mail/save", {**MAIL, "sender_name": "=?utf-8?q?a=0D=0ABcc:_b?="}, "sender_name", "one line"),
        ("/stripe/save", {"api_key": ""}, "api_key", "Copy the secret key"),
        ("/stripe/save", {"api_key": "pk_test_1234"}, "api_key", "publishable"),
        ("/stripe/save", {"api_key": "sk_1"}, "api_key", "none of Stripe"),
        ("/stripe/save", {"api_key": "sk_live_1234"}, "api_key", "made-up people"),
        ("/stripe/save", {**STRIPE, "webhook_secret": "secret"}, "webhook_secret", "whsec_"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(practice, owner, form, typed, field, words):
    answer = owner.submit(PAGE, typed, form=form)

    assert answer.status_code == 422
    assert words in answer.text
    assert f'id="{field}-error"' in answer.text
    with practice.app.app_context():
        assert db.session.scalars(select(Connection)).all() == []
    for secret in (PASSWORD, SECRET, typed.get("api_key") or KEY):
        assert f'value="{secret}"' not in answer.text


def test_a_kept_password_stays_where_none_is_typed_and_goes_to_no_other_server(practice, owner):
    owner.submit(PAGE, MAIL, form="/mail/save")

    assert owner.submit(PAGE, {**MAIL, "password": "", "sender_name": "Desk"}, form="/mail/save").status_code == 302
    assert PASSWORD in in_use(practice)[0]

    elsewhere = owner.submit(PAGE, {**MAIL, "password": "", "host": "mail.elsewhere.example"}, form="/mail/save")
    assert elsewhere.status_code == 422
    assert "mail.harbour.example" in in_use(practice)[0]


def test_whoever_saves_over_a_change_that_they_have_not_seen_is_told(practice, owner, clock):
    stale = owner.get(PAGE)
    clock.advance(minutes=1)
    desk_two = desk(practice, "owner", "clinician")
    desk_two.submit(PAGE, MAIL, form="/mail/save")

    answer = owner.post(f"{PAGE}/mail/save", data={**MAIL, "seen": "none", "csrf_token": _token(stale.text)})

    assert answer.status_code == 409


def test_what_was_replaced_or_taken_away_can_be_read_from_no_older_copy(practice, owner):
    owner.submit(PAGE, STRIPE, form="/stripe/save")
    with practice.app.app_context():
        old = db.session.get_one(Connection, "stripe").sealed
    owner.submit(PAGE, {"api_key": KEY + "b"}, form="/stripe/save")
    with practice.app.app_context():
        row = db.session.get_one(Connection, "stripe")
        assert stripe_access() == StripeAccess(KEY + "b", SECRET)
        with pytest.raises(CannotOpen):
            vault().open("connection_stripe", old, table="connection", row="stripe", column="sealed")
        db.session.expunge(row)

    owner.submit(f"{PAGE}/stripe/take-away", {})

    assert in_use(practice)[2] == StripeAccess()
    with practice.app.app_context():
        assert not vault().has_key("connection_stripe")
    assert audit(practice, "connection_taken_away")[0][2] == "stripe"


def test_a_rotation_of_keys_wraps_connections_anew(practice, tmp_path):
    path = tmp_path / "rotated.json"
    fresh = Keyring.create(path)
    practice.app.extensions["practice.keyring"] = fresh
    owner = desk(practice, "owner", "therapist")
    owner.submit(PAGE, STRIPE, form="/stripe/save")
    with practice.app.app_context():
        rotation.rotate(path)
        assert rotation.retire(path) == ["k1"]
        assert stripe_access() == StripeAccess(KEY, SECRET)
        assert all(one.fine for one in examine_keys(practice.clock.now()))
    assert set(keys_file.read(path)["masters"]) == {"k2"}


def test_letters_name_the_sender_that_stands_and_without_one_a_neutral_one_at_the_practices_address(
    practice, owner, mailer
):
    organizers = []
    for start, sender in ((MONDAY_NINE, None), (MONDAY_TEN, MAIL)):
        if sender is not None:
            owner.submit(PAGE, sender, form="/mail/save")
        held = practice.hold(start)
        practice.confirm(held)
        practice.work_until_idle()
        [part] = [one.calendar for one in mailer.letters_to(held.payer.email) if one.calendar][-1:]
        organizers.append(re.search(rb"mailto:(office@[a-z.]+)", part)[1].decode())

    assert organizers == ["office@practice.example", "office@harbour.example"]


def test_a_name_with_accents_is_read_as_it_was_typed_by_clients_in_letters_and_in_calendars(practice, owner, mailer):
    owner.submit(PAGE, {**MAIL, "sender_name": "Séances, à Montréal"}, form="/mail/save")

    assert "Séances, à Montréal" in pay_page(practice).replace("&#34;", "")
    with practice.app.app_context():
        mailer.sender = Sender.parse(mail_from())
    held = practice.hold(MONDAY_TEN)
    practice.confirm(held)
    practice.work_until_idle()
    letter = mailer.last_to(held.payer.email)
    assert letter.message["From"].addresses[0].display_name == "Séances, à Montréal"
    assert 'CN="Séances, à Montréal"' in re.sub(rb"\r\n[ \t]", b"", letter.calendar).decode()


def test_a_sender_that_was_kept_for_later_letters_reads_as_its_header_had_it():
    assert Sender.parse("=?utf-8?q?S=C3=A9ances?= <office@harbour.example>").name == "Séances"


def test_where_the_practices_own_address_has_an_accent_pages_open_and_letters_wait_for_another_sender(practice, owner):
    with practice.app.app_context(), begin_work() as work:
        work.session.get_one(PracticeProfile, ONLY).email = "séances@harbour.example"

    assert "Appointments" in pay_page(practice)
    assert owner.get(PAGE).status_code == 200
    with practice.app.app_context(), pytest.raises(MailAway) as waits:
        SmtpMailer("smtp://127.0.0.1:9", mail_from()).send(LETTER)
    assert waits.value.why == "sender"
    assert owner.submit(PAGE, MAIL, form="/mail/save").status_code == 302


@pytest.mark.parametrize("host", ["mail..harbour.example", ".mail.example", "a" * 64 + ".example", "::1", "dead:beef"])
def test_a_server_name_that_can_be_none_lets_letters_wait_and_its_pages_say_so(practice, owner, host):
    """One that was saved before the form asked for more."""
    with practice.app.app_context(), begin_work() as work:
        connect(work, "staff:1", MailAccess(host=host, sender_address="office@harbour.example"))

    with practice.app.app_context(), pytest.raises(MailAway) as waits:
        CurrentMailer().send(LETTER)
    assert waits.value.why == "host"
    with practice.app.app_context():
        found = examine_mail(mail_url())
    assert not found.fine
    assert "Connections" in found.mend
    assert owner.get(PAGE).status_code == 200


def test_where_the_master_key_is_lost_pages_say_so_letters_wait_and_the_connection_can_be_taken_away(practice, owner):
    owner.submit(PAGE, MAIL, form="/mail/save")
    owner.submit(PAGE, STRIPE, form="/stripe/save")
    lost = Keyring(
        current="k9", masters={"k9": b"9" * 32}, index_key=b"9" * 32, audit_key=practice.app.extensions[KEYS].audit_key
    )
    practice.app.extensions[KEYS] = lost

    page = owner.get(PAGE)
    assert page.status_code == 200
    assert "Put it back into the keys file" in page.text
    assert f'href="{PAGE}/mail/take-away"' in page.text
    assert f'href="{PAGE}/stripe/take-away"' in page.text
    assert "No mail server is set" not in page.text
    assert "No key is set" not in page.text
    left = owner.get("/staff/setup/open")
    assert left.status_code == 200
    assert left.text.count("A connection can’t be read") == 2
    asked = owner.submit("/staff/setup/health", {})
    assert asked.status_code == 200
    for health in (owner.get("/staff/setup/health"), asked):
        assert "mail connection can be read" in health.text
        assert "Stripe connection can be read" in health.text
    assert "Appointments" in pay_page(practice)
    with practice.app.app_context(), pytest.raises(MailAway):
        CurrentMailer().send(LETTER)

    assert owner.submit(f"{PAGE}/mail/take-away", {}).status_code == 302
    assert "No mail server is set" in owner.get(PAGE).text
    assert "Put it back into the keys file" in owner.get(PAGE).text  # for Stripe's
    assert "mail connection can be read" not in owner.get("/staff/setup/health").text

    assert owner.submit(PAGE, STRIPE, form="/stripe/save").status_code == 302
    assert "Put it back into the keys file" not in owner.get(PAGE).text
    assert in_use(practice)[2] == StripeAccess(KEY, SECRET)


def test_one_connection_that_does_not_open_shuts_no_other(practice, owner):
    owner.submit(PAGE, MAIL, form="/mail/save")
    owner.submit(PAGE, STRIPE, form="/stripe/save")
    with practice.app.app_context(), begin_work() as work:
        work.session.get_one(Connection, "stripe").sealed = b"of another key"

    with practice.app.app_context():
        assert mail_url().endswith("@mail.harbour.example:587")
        with pytest.raises(Unreadable) as shut:
            stripe_access()
    assert shut.value.name == "stripe"
    page = owner.get(PAGE).text
    assert "mail.harbour.example" in page
    assert f'href="{PAGE}/stripe/take-away"' in page


def test_letters_with_an_appointment_wait_too_while_the_sender_does_not_open(practice, owner, mailer, clock):
    owner.submit(PAGE, MAIL, form="/mail/save")
    held = practice.hold(MONDAY_NINE)
    with practice.app.app_context(), begin_work() as work:
        row = work.session.get_one(Connection, "mail")
        sealed, row.sealed = row.sealed, b"of another key"
    practice.confirm(held)
    for _ in range(30):
        practice.work_until_idle()
        clock.advance(minutes=10)
    assert mailer.letters_to(held.payer.email) == []

    with practice.app.app_context(), begin_work() as work:
        work.session.get_one(Connection, "mail").sealed = sealed
    practice.work_until_idle()

    assert len(mailer.letters_to(held.payer.email)) == 1


# Trying


def test_a_test_letter_goes_to_whoever_asks_says_nothing_and_is_noted(practice, owner, mailer):
    owner.submit(PAGE, MAIL, form="/mail/save")

    answer = owner.submit(PAGE, {}, form="/mail/try")

    (letter,) = mailer.sent
    assert letter.to == "owner-desk@practice.example"
    assert "The letter to owner-desk@practice.example has left." in answer.text
    with practice.app.app_context():
        for telling in (profile().name, "couple", "therap", "session"):
            assert telling.lower() not in (letter.subject + letter.text + letter.html).lower()
    assert audit(practice, "connection_tried")[0][2] == "mail"
    assert "a letter left" in owner.get(PAGE).text


@pytest.mark.parametrize("why", WHY)
def test_each_way_in_which_a_letter_does_not_leave_has_words_of_its_own(practice, owner, mailer, why):
    owner.submit(PAGE, MAIL, form="/mail/save")
    mailer.fail_with = (MailRefused if why == "recipient" else MailAway)("550", why)

    answer = owner.submit(PAGE, {}, form="/mail/try")

    assert MAIL_WORDS[why] in answer.text.replace("&#39;", "'")
    assert "has left" not in answer.text


def test_another_server_counts_as_untried(practice, owner, mailer):
    owner.submit(PAGE, MAIL, form="/mail/save")
    owner.submit(PAGE, {}, form="/mail/try")

    owner.submit(PAGE, {**MAIL, "host": "mail2.harbour.example"}, form="/mail/save")

    assert "Last tried" not in owner.get(PAGE).text


@pytest.fixture
def sandbox(tmp_path: Path, base_url: str) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path / "sandbox", webhook_url=f"{base_url}/webhooks/stripe")
    running.start()
    yield running
    running.stop()


@pytest.mark.made_up
@pytest.mark.databases("sqlite")
def test_stripe_is_asked_and_says_what_is_left_to_mend(practice, owner, sandbox):
    settings = replace(practice.app.extensions["practice.settings"], stripe_api_base=sandbox.address)
    practice.app.extensions["practice.settings"] = settings
    owner.submit(PAGE, {"api_key": "sk_test_sandbox", "webhook_secret": "whsec_sandbox"}, form="/stripe/save")

    answer = owner.submit(PAGE, {}, form="/stripe/try")

    assert "Stripe was asked, and all is well." in answer.text
    assert "Fine: Stripe takes the key" in answer.text

    owner.submit(PAGE, {"api_key": "sk_test_revoked99"}, form="/stripe/save")
    refused = owner.submit(PAGE, {}, form="/stripe/try").text
    assert "Stripe takes the key:" in refused
    assert "revoked" in refused
    assert "sk_test_revoked99" not in refused


# Who, and what goes first


def test_only_an_owner_who_typed_their_password_lately_comes_here(practice, owner):
    for role in ("coordinator", "clinician", "therapist"):
        assert desk(practice, role).get(PAGE).status_code == 404
    signed_in_long_ago(practice)

    asked = owner.get(PAGE)

    assert asked.status_code == 303
    assert asked.headers["Location"].startswith("/staff/confirm-password")


def test_what_the_machine_names_goes_first_and_the_page_says_so(practice, owner):
    owner.submit(PAGE, MAIL, form="/mail/save")
    settings = practice.app.extensions["practice.settings"]
    named = replace(settings, smtp_url="smtps://machine.example:465", stripe_api_key="sk_test_machine1234567890")
    practice.app.extensions["practice.settings"] = named

    assert in_use(practice)[0] == "smtps://machine.example:465"
    page = owner.get(PAGE).text
    assert "<code>SMTP_URL</code>" in page
    assert "<code>STRIPE_API_KEY</code>" in page
    assert "machine.example" not in page.replace("machine.example:465", "")


# The gateways


def test_without_a_key_nothing_is_asked_of_stripe_and_no_event_is_believed(practice):
    gateway = CurrentStripe(None)
    with practice.app.app_context():
        with pytest.raises(NotConnected):
            gateway.list_webhook_endpoints()
        with pytest.raises(UntrustedEvent):
            gateway.read_event(b"{}", {"Stripe-Signature": "t=1,v1=0"})
        assert [one.what for one in examine_access(practice.app.extensions["practice.settings"], stripe_access())] == [
            "Stripe key",
            "Stripe webhook secret",
        ]
    assert gateway.checkout_origin == "https://checkout.stripe.com"


def test_a_forged_event_signed_with_nothing_is_refused_where_no_secret_is_set(practice, owner):
    owner.submit(PAGE, {"api_key": KEY}, form="/stripe/save")
    said = {"id": "evt_1", "object": "event", "type": "checkout.session.completed", "livemode": False}
    session = {"object": "checkout.session", "id": "cs_test_1"}
    body = json.dumps({**said, "created": int(time.time()), "data": {"object": session}}).encode()
    moment = int(time.time())
    forged = hmac.new(b"", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={moment},v1={forged}"}  # the library refuses it as well as we
    practice.app.extensions[PAYMENTS] = CurrentStripe(None)

    answer = practice.browser().post("/webhooks/stripe", data=body, headers=headers)

    assert answer.status_code == 400


def test_the_mailer_waits_where_no_server_is_set_and_takes_the_one_that_stands_at_each_letter(practice, owner):
    with practice.app.app_context(), pytest.raises(MailAway) as waits:
        CurrentMailer().send(None)  # type: ignore[arg-type]
    assert waits.value.why == "unset"


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]
