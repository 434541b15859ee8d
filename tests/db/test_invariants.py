"""Each promise of the product notices when somebody has been at the database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from practice import wiring
from practice.payments import bookkeeping
from practice.payments.fees import actions as fees
from practice.payments.snapshots import ChargeStatus
from practice.sealing import Keyring
from practice.work import begin_work
from tests.support import pulse
from tests.support.access import handed_over
from tests.support.clock import MONDAY_NINE
from tests.support.consents import accept, with_documents
from tests.support.couples import practice_couple
from tests.support.fake_calendars import connect_fake
from tests.support.fees import FeeDesk
from tests.support.intake import send
from tests.support.offers import add_room, block, cancel, offered_to, resource_of, wish
from tests.support.own_calendars import add_calendar, hours
from tests.support.paying import Till
from tests.support.readings import subscribe
from tests.support.staff import hire

PRACTICE = Path(sys.executable).with_name("practice")
PATIENCE = 60  # seconds for a command
HOUR = timedelta(hours=1)
NINE = MONDAY_NINE + timedelta(days=7)
TEN = NINE + HOUR

# What is done to the database, and the promise that it breaks.
TAMPERING = {
    "two bookings of one therapist overlap": (
        "I1",
        "UPDATE booking SET starts_at = (SELECT starts_at FROM booking WHERE id = :paid),"
        " ends_at = (SELECT ends_at FROM booking WHERE id = :paid),"
        " blocked_from = (SELECT blocked_from FROM booking WHERE id = :paid),"
        " blocked_until = (SELECT blocked_until FROM booking WHERE id = :paid) WHERE id = :held",
    ),
    "a confirmed booking lost a claim": (
        "I1",
        "DELETE FROM slot_claim WHERE booking_id = :paid AND tick = (SELECT MIN(tick) FROM slot_claim)",
    ),
    "a cancelled booking still claims its time": (
        "I1",
        "INSERT INTO slot_claim (resource_id, tick, booking_id) VALUES (1, 1, :cancelled)",
    ),
    "a session is in a room that it doesn't claim": (
        "I1",
        "UPDATE booking SET room_id = (SELECT MIN(id) FROM room) WHERE id = :held",
    ),
    "blocked time lost a claim": ("I1", "DELETE FROM slot_claim WHERE block_id IS NOT NULL"),
    "time is blocked over a session": (
        "I1",
        "UPDATE time_block SET starts_at = (SELECT starts_at FROM booking WHERE id = :paid),"
        " ends_at = (SELECT ends_at FROM booking WHERE id = :paid)",
    ),
    "two times are kept for one wish": (
        "I1",
        "INSERT INTO wish_offer (wish_id, booking_id, therapist_id, starts_at, made_at)"
        " SELECT wish_id, :held, therapist_id, made_at, made_at FROM wish_offer",
    ),
    "a wish lost the time that is kept for it": ("I1", "DELETE FROM wish_offer"),
    "a payment lost its booking": ("I2", "UPDATE payment_attempt SET confirms = :no WHERE booking_id = :paid"),
    "a refund was forgotten": ("I2", "DELETE FROM refund"),
    "a refund failed": ("I2", "UPDATE refund SET state = 'failed'"),
    "a booking stands that nobody paid": (
        "I3",
        "UPDATE booking SET state = 'confirmed', deadline_at = NULL WHERE id = :held",
    ),
    "a booking stands that was paid with less": (
        "I3",
        "UPDATE payment_attempt SET amount_minor = 1 WHERE booking_id = :paid",
    ),
    "a request waits whose card isn't authorised": ("I3", "UPDATE booking SET state = 'in_review' WHERE id = :held"),
    "a card stays authorised for a session that stands": (
        "I3",
        "UPDATE payment_attempt SET state = 'authorised' WHERE booking_id = :paid",
    ),
    "a confirmed booking can be paid again": (
        "I3",
        "UPDATE payment_attempt SET state = 'open' WHERE booking_id = :paid",
    ),
    "more goes back than was paid": ("I4", "UPDATE refund SET amount_minor = amount_minor + 1"),
    "a payout is not what its lines are": ("I4", "UPDATE payout SET amount_minor = amount_minor + 1"),
    "a movement lost a part of its fee": ("I4", "UPDATE money_movement SET fee_minor = fee_minor - 1"),
    "a number was given to no document": (
        "I4",
        "INSERT INTO paper_series (kind, year, last) VALUES ('receipt', 2027, 1)",
    ),
    "more was credited than was invoiced": (
        "I4",
        "INSERT INTO paper (reference, kind, year, number, person_id, booking_id, source, amount_minor, tax_minor,"
        " currency, issued_at, issued_on, issued_by, content_sealed, own_key)"
        " SELECT 'd_1', 'credit_note', 2027, 1, person_id, id, reference, 1, 0, currency, held_at, '2027-05-05', '',"
        " :clear, NOT :yes FROM booking WHERE id = :paid",
    ),
    "an invoice is not what is left": (
        "I4",
        "INSERT INTO paper (reference, kind, year, number, person_id, booking_id, source, amount_minor, tax_minor,"
        " currency, issued_at, issued_on, issued_by, content_sealed, own_key)"
        " SELECT 'd_3', 'invoice', 2027, 1, b.person_id, b.id, a.reference, 1, 0, b.currency, b.held_at, '2027-05-05',"
        " '', :clear, NOT :yes FROM booking AS b JOIN payment_attempt AS a ON a.booking_id = b.id WHERE b.id = :paid",
    ),
    "nobody was told of an estimate": (
        "I5",
        "INSERT INTO paper (reference, kind, year, number, person_id, booking_id, source, amount_minor, tax_minor,"
        " currency, issued_at, issued_on, issued_by, content_sealed, own_key)"
        " SELECT 'd_2', 'estimate', 2027, 1, person_id, id, reference, 1, 0, currency, held_at, '2027-05-05', '',"
        " :clear, NOT :yes FROM booking WHERE id = :paid",
    ),
    "an estimate was never made": (
        "I5",
        "INSERT INTO practice_registration (id, tin, npi, estimates_since) SELECT 1, '', '', MIN(held_at) FROM booking",
    ),
    "a fee is more than was agreed to": ("I3", "UPDATE fee_consent SET missed_minor = 1"),
    "a fee that was dropped can be paid": (
        "I3",
        "UPDATE payment_attempt SET state = 'open', off_session = :no, session_id = 'cs_1'"
        " WHERE fee_id IS NOT NULL AND state = 'failed'",
    ),
    "what came for a fee that was dropped stays": (
        "I4",
        "UPDATE payment_attempt SET ended_at = paid_at WHERE fee_id IS NOT NULL AND state = 'paid'",
    ),
    "somebody reads of a fee that they didn't agree to": ("I3", "UPDATE agreed_fees SET late_minor = 1"),
    "a card is kept of whoever took that back": ("I7", "UPDATE fee_consent SET withdrawn_at = kept_at"),
    "a letter died": ("I5", "UPDATE outbox_message SET state = 'dead' WHERE kind = 'send_letter'"),
    "a letter was never written": ("I5", "DELETE FROM outbox_message WHERE kind = 'send_letter'"),
    "a client asked for a session early, which has no time of withdrawal": (
        "I10",
        "INSERT INTO withdrawal_request (booking_id, person_id, version, text_sha256, asked_at)"
        " SELECT id, person_id, '1', '0', held_at FROM booking WHERE id = :paid",
    ),
    "an agreement about a price is gone": (
        "I10",
        "INSERT INTO price_agreement (reference, person_id, number, first_day, actor, made_at, reason_sealed)"
        " SELECT 'pr_2', id, 2, CURRENT_DATE, 'staff:1', created_at, :clear FROM person WHERE id = 1",
    ),
    "an audit entry was changed": ("I6", "UPDATE audit_entry SET action = 'nothing' WHERE number = 1"),
    "a question that somebody was asked has other words now": (
        "I10",
        "UPDATE questionnaire_copy SET document = replace(document, 'stay together', 'part')",
    ),
    "an answer was put in the clear": ("I7", "UPDATE intake_answers SET sealed = :clear"),
    "the flags of an intake are gone": ("I7", "UPDATE intake SET flags_sealed = NULL"),
    "somebody is reminded of a session that there is not": (
        "I5",
        "UPDATE outbox_message SET payload ="
        """ '{"letter": "near", "about": "b_none", "recipient": "desk", "occasion": "0", "since": "x"}'"""
        " WHERE id = (SELECT MAX(id) FROM outbox_message WHERE kind = 'send_letter')",
    ),
    "what was answered on the short page is in the clear": ("I7", "UPDATE pulse_answer SET sealed = :clear"),
    "a short page was answered that was never due": ("I10", "UPDATE pulse_answer SET due_on = '2001-01-01'"),
    "who may speak of an answer was put in the clear": ("I7", "UPDATE intake_answers SET lanes_sealed = :clear"),
    "an invited partner sent one part without the other": ("I7", "UPDATE intake SET audience = 'partner'"),
    "an answer was corrected that had not been sent": (
        "I10",
        "INSERT INTO answer_correction (reference, intake_id, number, moment, corrected_at, corrected_by, sealed)"
        " SELECT 'ac_1', MAX(id), 1, 'session', MAX(submitted_at), 'staff:1', :clear FROM intake"
        " WHERE submitted_at IS NOT NULL",
    ),
    "a request stands elsewhere than its steps led": (
        "I10",
        "INSERT INTO review_step (reference, intake_id, number, step, stage, taken_at, taken_by)"
        " SELECT 'rs_1', MAX(id), 1, 'accept', 'accepted', MAX(submitted_at), 'staff:1' FROM intake"
        " WHERE submitted_at IS NOT NULL",
    ),
    "a part that nobody answered was sent": ("I10", "UPDATE intake SET completed_at = submitted_at"),
    "a document has other words than were hashed": ("I10", "UPDATE consent_text SET body = 'Other words'"),
    "a document is there in Spanish alone": (
        "I10",
        "UPDATE consent_text SET version = version + 1 WHERE language = 'es' AND document = 'privacy'",
    ),
    "a document is asked otherwise in Spanish": (
        "I10",
        "UPDATE consent_text SET required = NOT required WHERE language = 'es'",
    ),
    "a consent names another text": ("I10", "UPDATE consent SET sha256 = document"),
    "letters go to somebody who refused them": ("I10", "UPDATE person SET letters_agreed = :no"),
    "somebody stands as joined and is in no couple": (
        "I10",
        "INSERT INTO partner_standing (person_id, state, shares_progress, changed_at)"
        " SELECT id, 'joined', :no, created_at FROM person WHERE id = 1",
    ),
    "a couple rests and nobody pauses": ("I10", "UPDATE couple SET resting_since = formed_at"),
    "the address of an invitation is in the clear": (
        "I7",
        "INSERT INTO partner_invitation (reference, person_id, way, made_at, expires_at, address_sealed)"
        " SELECT 'v_9', id, 'mail', created_at, created_at, :clear FROM person WHERE id = 1",
    ),
    "whoever comes along has no letter": ("I5", "DELETE FROM outbox_message WHERE payload LIKE '%attendee:%'"),
    "joint time was cleared without answers": (
        "I11",
        "INSERT INTO clearance (reference, couple_id, number, cleared_at, cleared_by, rule_version, sealed)"
        " SELECT 'k_1', id, 1, formed_at, 'staff:1', '2/1', :clear FROM couple",
    ),
    "a flag was cleared that never was": (
        "I11",
        "INSERT INTO flag_decision (reference, intake_id, rule_version, decided_at, decided_by, sealed)"
        " SELECT 'j_1', MAX(id), '2', MAX(submitted_at), 'staff:1', :clear FROM intake WHERE submitted_at IS NOT NULL",
    ),
    "a session was turned into another and stands": (
        "I11",
        "INSERT INTO conversion (booking_id, couple_id, turned_into, decided_at, decided_by, reason_sealed)"
        " SELECT :paid, id, 'nothing', formed_at, 'staff:1', :clear FROM couple",
    ),
    "an urgent notice calls nobody": (
        "I5",
        "INSERT INTO urgent_notice (intake_id, moment, raised_at, step, called_at)"
        " SELECT MAX(id), 'book', MAX(started_at), 0, MAX(started_at) FROM intake WHERE submitted_at IS NOT NULL",
    ),
    "a master key is lost": ("I7", "UPDATE person_key SET master_key_id = 'k9'"),
    "somebody without a key has answers": (
        "I7",
        "DELETE FROM person_key WHERE person_id IN (SELECT person_id FROM intake)",
    ),
    "the reason of a hold can't be read": (
        "I10",
        "INSERT INTO legal_hold (reference, person_id, reason_sealed, placed_at, placed_by)"
        " SELECT 'h_1', id, :clear, created_at, 'staff:1' FROM person WHERE id = 1",
    ),
    "a document of the books has no key": (
        "I10",
        "INSERT INTO paper (reference, kind, year, number, person_id, booking_id, source, amount_minor, tax_minor,"
        " currency, issued_at, issued_on, issued_by, content_sealed, own_key)"
        " SELECT 'd_4', 'receipt', 2027, 1, person_id, id, reference, 1, 0, currency, held_at, '2027-05-05', '',"
        " :clear, :yes FROM booking WHERE id = :paid",
    ),
    "a record was handed over, and nobody had made sure who asked": (
        "I9",
        "UPDATE access_request SET checked_by = 'staff:99', state = 'run_out'",
    ),
    "a record was handed over as no clinician decided": ("I9", "UPDATE access_request SET ended_by = 'staff:99'"),
    "the copy of a record outlived its time": (
        "I7",
        "UPDATE access_copy SET until = (SELECT MIN(held_at) FROM booking)",
    ),
    "the copy of a record is lost": ("I7", "DELETE FROM access_copy"),
    "a request for a record is due too late": (
        "I10",
        "INSERT INTO access_request"
        " (reference, person_id, state, way, entered_at, entered_by, country, arrived_on, due_on)"
        " SELECT 'ar_1', id, 'asked', 'letter', created_at, 'staff:1', 'US', '2027-05-01', '2027-06-01' FROM person"
        " WHERE id = 1",
    ),
    "a calendar became busy behind everybody's back": (
        "I5",
        "UPDATE busy_time SET starts_at = (SELECT starts_at FROM booking WHERE id = :paid),"
        " ends_at = (SELECT ends_at FROM booking WHERE id = :paid)",
    ),
    "a calendar is read by nobody any more": ("I5", "DELETE FROM outbox_message WHERE kind = 'poll_calendar'"),
    "the address of a calendar can't be opened any more": (
        "I5",
        "DELETE FROM document_key WHERE document IN (SELECT reference FROM busy_calendar)",
    ),
    "a session is missing from a feed": ("I8", "DELETE FROM feed_entry WHERE booking_id = :paid"),
    "a session is missing from its therapist's own calendar": (
        "I8",
        "DELETE FROM pushed_session WHERE booking_id = :paid",
    ),
    "a session stands elsewhere in its therapist's own calendar": (
        "I8",
        "UPDATE pushed_session SET known_digest = '' WHERE booking_id = :paid",
    ),
    "a cancelled session is left in its therapist's own calendar": (
        "I8",
        "UPDATE pushed_session SET booking_id = :cancelled WHERE booking_id = :paid",
    ),
    "a session is left in a calendar that isn't written to": ("I8", "UPDATE account_calendar SET written = :no"),
    "a session stands elsewhere in a feed": ("I8", "UPDATE feed_entry SET cancelled = :yes WHERE booking_id = :paid"),
}


@pytest.fixture
def keyring(tmp_path):
    """Keys in the file in which the command looks for them."""
    return Keyring.create(tmp_path / "keys.json")


@pytest.fixture
def lived_in(practice, payments, clock):
    """A session paid and confirmed, one paid and cancelled, one held, one offered, and whatever else there can be."""
    till = Till(practice, payments)
    charge_for_missing(FeeDesk(till))
    paid, cancelled = practice.hold(NINE), practice.hold(TEN)
    for booking in (paid, cancelled):
        till.pay(booking)
        till.deliver()
    practice.work_until_idle()
    till.cancel(cancelled)
    practice.work_until_idle()
    till.deliver()
    clock.advance(hours=2)  # until nothing is on its way any more
    practice.work_until_idle()
    payments.balance.pay_out()
    with practice.app.app_context():
        bookkeeping.read()
    held = practice.hold(TEN)
    add_room(practice, "Harbour")
    block(practice, resource_of(practice), NINE + 4 * HOUR)
    add_calendar(practice, [hours(NINE + 5 * HOUR)])
    subscribe(practice, "https://calendar.example/secret")
    waits = practice.new_client()
    wish(practice, waits)
    cancel(practice, practice.hold(NINE + 6 * HOUR))
    assert offered_to(practice, waits) is not None
    assert send(practice.browser()).status_code == 302
    hire(practice, "owner")
    first = pulse.begin(practice, waits, clock.now() - timedelta(days=30))
    pulse.answer(practice, waits, first + timedelta(days=14))
    pair = practice_couple(practice)
    till.pay(practice.hold(NINE + 2 * HOUR, pair.inviter))
    till.deliver()
    with_documents(practice)
    accept(practice, pair.inviter)
    handed_over(practice, pair.inviter)
    practice.work_until_idle()
    connect_fake(practice)
    ids = {"paid": paid, "cancelled": cancelled, "held": held}
    with practice.app.app_context(), begin_work() as work:
        find = text("SELECT id FROM booking WHERE reference = :reference")
        practice.ids = {
            name: work.session.execute(find, {"reference": one.reference}).scalar_one() for name, one in ids.items()
        }
    return practice


def charge_for_missing(desk):
    """Somebody didn't come. The first fee is declined and dropped, the second one paid with their kept card."""
    missed = desk.book(MONDAY_NINE)
    desk.miss(missed)
    desk.service.charge_status = ChargeStatus.DECLINED
    desk.charge(missed)
    desk.practice.work_until_idle()
    desk.decide(fees.drop, missed)
    desk.service.charge_status = ChargeStatus.PAID
    desk.charge(missed)
    desk.practice.work_until_idle()


def tamper(practice, statement: str) -> None:
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(text(statement), values_in(practice, statement))


def values_in(practice, statement: str) -> dict[str, object]:
    values = {**practice.ids, "yes": True, "no": False, "clear": b"we have not told the children"}
    return {name: value for name, value in values.items() if f":{name}" in statement}


def command(practice, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = practice.app.extensions["practice.settings"]
    environ = {
        "PATH": os.environ["PATH"],
        "PRACTICE_ENV": "demo",
        "DATABASE_URL": settings.database_url,
        "PRACTICE_KEYS_FILE": str(settings.keys_file),
    }
    return subprocess.run(
        [str(PRACTICE), "invariants", *arguments],
        env=environ,
        cwd=settings.keys_file.parent,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_every_promise_holds_in_a_practice_that_is_lived_in(lived_in):
    assert lived_in.breaches() == []


def test_tampering_is_noticed_by_the_promise_that_it_breaks(lived_in):
    unnoticed, unbroken = [], {invariant.promise for invariant in wiring.INVARIANTS}
    for what, (number, statement) in TAMPERING.items():
        with lived_in.app.app_context(), pytest.raises(LookupError), begin_work() as work:
            work.session.execute(text(statement), values_in(lived_in, statement))
            broken = [invariant for invariant in wiring.INVARIANTS if any(invariant.check(work.session))]
            unbroken -= {invariant.promise for invariant in broken}
            if number not in {invariant.number for invariant in broken}:
                unnoticed.append(what)
            raise LookupError  # take it back

    assert unnoticed == []
    assert unbroken == set(), "nothing here shows that these can be broken"


def test_the_command_prints_every_promise_and_ends_with_0_when_all_hold(lived_in):
    said = command(lived_in)

    assert said.returncode == 0, said.stdout + said.stderr
    assert len(said.stdout.splitlines()) == len(wiring.INVARIANTS)
    for invariant in wiring.INVARIANTS:
        assert f"{invariant.number}  holds   {invariant.promise}" in said.stdout


def test_the_command_ends_with_1_and_names_what_is_broken(lived_in):
    tamper(lived_in, TAMPERING["an audit entry was changed"][1])

    said = command(lived_in)
    assert said.returncode == 1
    assert "I6  BROKEN" in said.stdout
    assert "audit entry 1 was changed" in said.stdout

    told = command(lived_in, "--json")
    assert told.returncode == 1
    broken = [one for one in json.loads(told.stdout) if one["breaches"]]
    assert [one["number"] for one in broken] == ["I6"]


def test_no_breach_ever_says_who_somebody_is(lived_in):
    for what, (_, statement) in TAMPERING.items():
        if what not in ("a refund was forgotten", "a letter was never written"):  # these leave nothing for the others
            tamper(lived_in, statement)

    words = " ".join(lived_in.breaches())
    assert len(words) > 500
    for secret in ("Robin", "robin@", "mail.example", "children", "Captions"):
        assert secret not in words
