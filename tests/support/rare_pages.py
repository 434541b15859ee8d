"""Pages that come about only in stories: how each comes about, and who then opens it.

A stage brings a practice so far, and says where its pages are. `RARE` names what each leads to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from practice.connections import MailAccess, connect
from practice.database import db
from practice.notes.models import Note
from practice.papers.kinds import Kind
from practice.papers.models import Paper
from practice.people import make_link
from practice.reminding.messages import STOP, Topic
from practice.staff.people import actions as colleagues
from practice.staff.queries import find_account
from tests.support import access, phones
from tests.support.answering_couples import intake_of, two
from tests.support.authenticator import Passkey, add_passkey
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.consents import accept, consents_of, document, reword, with_documents
from tests.support.couples import client_for_two
from tests.support.fake_calendars import connect_fake, moved_outside, only_account
from tests.support.fake_payments import FakePayments
from tests.support.fees import FeeDesk
from tests.support.intake import OWN_QUESTION, PARTNERS, answer_until, invite, send, walk_more
from tests.support.notes import grown_note, note_on_request
from tests.support.offers import ADA, block, confirmed, resource_of, wish, work_in
from tests.support.papers import BORN, NAME, about, make, pay, register, write_estimates
from tests.support.paying import Till
from tests.support.readings import subscribe
from tests.support.staff import add_referral, desk, half_way, hire, sign_in
from tests.support.story import Practice

Pages = dict[str, tuple[Browser, str]]  # by endpoint
Stage = Callable[[Practice, FakePayments], Pages]
CLINICIAN = "clinician-desk@practice.example"


def agreements(practice: Practice, _payments: FakePayments) -> Pages:
    """A client agreed to everything, and the owner worded one text anew since."""
    with_documents(practice)
    client = practice.new_client()
    accept(practice, client)
    first = document(practice, "privacy").number
    reword(practice, "privacy")
    given = next(one for one in consents_of(practice, client) if one.document == "therapy")
    owner, home = desk(practice, "owner"), "/staff/setup/agreements"
    theirs = practice.browser(client)
    return {
        "agreeing.agree": (theirs, "/intake/agree?then=/you"),
        "agreements.document": (owner, f"{home}/privacy"),
        "agreements.write": (owner, f"{home}/privacy/new"),
        "agreements.switch": (owner, f"{home}/secrets/no_secrets"),
        "consents.text": (theirs, f"/intake/agree/{first}"),
        "portal.consent": (theirs, f"/you/agreed/{given.reference}"),
    }


def settings(practice: Practice, _payments: FakePayments) -> Pages:
    """What an owner set up: a mail server, own words of a letter, a question, and somebody to refer people to."""
    owner, letter = add_referral(practice), "/staff/setup/letters/appointment_booked"
    with work_in(practice) as work:
        connect(work, "staff:1", MailAccess(host="mail.harbour.example", sender_address="office@harbour.example"))
    owner.submit(letter, {"en_text": "See you on {when}.", "es_text": "Le esperamos el {when}."}, form=letter)
    owner.submit("/staff/questions/own/new", OWN_QUESTION)
    return {
        "connections.ask_to_take_away": (owner, "/staff/setup/connections/mail/take-away"),
        "letters.letter": (owner, letter),
        "letters.preview": (owner, f"{letter}/preview"),
        "questions.own": (owner, linked(owner, "/staff/questions", r"/staff/questions/own/practice_\w+")),
        "referrals.change": (owner, linked(owner, "/staff/setup/referrals", r"/staff/setup/referrals/rf_\w+")),
    }


def couples(practice: Practice, _payments: FakePayments) -> Pages:
    """Two who want different things, one of them without a choice; they have a session, and there are notes."""
    couple = two(practice, {"control": "often"}, {"goal_direction": "separate_well"})
    held = confirmed(practice, MONDAY_NINE, couple.one)
    clinician = desk(practice, "clinician")
    request, page = f"/staff/intakes/{intake_of(practice, couple.one)}", f"/staff/couples/{couple.reference}"
    with work_in(practice) as work:
        account = find_account(CLINICIAN)
        assert account is not None
        texts = ("They came late.", "They came late, and both calm.", "Both want to go on.")
        note: Note = grown_note(work, account, practice.person(couple.one), texts)
        written = note.reference
    return {
        "couples.couple": (clinician, page),
        "couples.flag": (clinician, linked(clinician, page, rf"{page}/flags/\w+")),
        "couples.own_flag": (clinician, linked(clinician, request, rf"{request}/flags/\w+")),
        "couples.call_off": (clinician, f"{page}/sessions/{held.reference}"),
        "notes.about_couple": (clinician, f"/staff/notes/couples/{couple.reference}"),
        "notes.note": (clinician, f"/staff/notes/{written}"),
    }


def records(practice: Practice, _payments: FakePayments) -> Pages:
    """Somebody asked for their whole record, of which half was looked at."""
    client, clinician = client_for_two(practice), desk(practice, "clinician")
    about_them = intake_of(practice, client)
    with work_in(practice) as work:
        account = find_account(CLINICIAN)
        assert account is not None
        note_on_request(work, account, about_them, "Kim drinks.\nThey sleep badly.")
    asked = access.ask(practice, client)
    access.check(practice, asked)
    access.look(practice, asked)
    home = f"/staff/data/access/{asked}"
    return {
        "rights_desk.access.request": (clinician, home),
        "rights_desk.deciding.review": (clinician, f"{home}/review/1"),
        "rights_desk.deciding.preview": (clinician, f"{home}/preview"),
    }


def schedule(practice: Practice, _payments: FakePayments) -> Pages:
    """A session that stands, time that is blocked, and somebody who waits."""
    held = confirmed(practice, MONDAY_NINE)
    blocked = block(practice, resource_of(practice), MONDAY_TEN)
    waits = wish(practice, practice.new_client(), therapist=ADA)
    coordinator, home = desk(practice, "coordinator"), "/staff/schedule"
    return {
        "schedule.sessions.call_off": (coordinator, f"{home}/sessions/{held.reference}/call-off"),
        "schedule.unblock": (coordinator, f"{home}/blocks/{blocked}"),
        "schedule.withdraw": (coordinator, f"{home}/waiting/{waits}"),
    }


def calendars(practice: Practice, _payments: FakePayments) -> Pages:
    """A therapist's own calendars: one that is read, and one where they dragged a session to another time."""
    fake = connect_fake(practice)
    confirmed(practice, MONDAY_NINE)
    question, reads = (
        moved_outside(practice, fake),
        f"/staff/calendar/busy/{subscribe(practice, 'https://calendar.example/ada.ics')}",
    )
    ada = desk(practice, "therapist", therapist=ADA)
    return {
        "calendar_accounts.account": (ada, only_account(practice)),
        "calendar_accounts.disconnect": (ada, f"{only_account(practice)}/disconnect"),
        "schedule.calendar_questions.question": (ada, question),
        "busy_calendars.calendar": (ada, reads),
        "busy_calendars.take_away": (ada, f"{reads}/take-away"),
    }


def money(practice: Practice, payments: FakePayments) -> Pages:
    """A receipt, a payment that isn't what was asked for, and a fee for a session to which nobody came."""
    till = Till(practice, payments)
    register(practice)
    odd = practice.hold(MONDAY_TEN)
    session = till.pay(odd)
    payments.sessions[session.id] = replace(payments.sessions[session.id], amount_minor=90_00)
    till.deliver()
    paid = pay(practice, till, MONDAY_TEN + timedelta(hours=2))
    make(practice, paid, Kind.RECEIPT, about(till, paid))
    with practice.app.app_context():
        receipt = db.session.scalars(db.select(Paper.reference)).one()
    fees = FeeDesk(till)
    missed = fees.book(MONDAY_NINE)
    fees.miss(missed)
    fees.charge(missed)
    coordinator = desk(practice, "coordinator")
    return {
        "till.settle": (coordinator, f"/staff/money/quarantined/{till.attempt(odd).reference}/return"),
        "staff_documents.document": (coordinator, f"/staff/documents/{paid.reference}/{receipt}"),
        "billing.document": (practice.browser(paid.payer), f"/bookings/{paid.reference}/documents/{receipt}"),
        "fees.fee": (practice.browser(missed.payer), f"/bookings/{missed.reference}/fee"),
    }


def answering(practice: Practice, _payments: FakePayments) -> Pages:
    """One is in danger before booking, one before the session; one may invite; one is told what it will cost."""
    booking, guest = practice.browser(), practice.browser(invite(practice))
    answer_until(booking, 7, self_harm="plan")
    walk_more(guest, {**PARTNERS, "self_harm": "plan"})
    inviting = practice.browser(client_for_two(practice))
    write_estimates(practice)
    paying = practice.browser()
    send(paying)
    times = paying.get("/times/ada-lindqvist?offering=couple-50")
    held = paying.send_form(times, {"start": MONDAY_NINE.isoformat()}, form="/bookings").location
    estimate = paying.submit(f"{held}/pay", {"legal_name": NAME, "date_of_birth": BORN, "insurance_use": "no"}).location
    return {
        "intake.support": (booking, "/intake/support"),
        "intake.alone": (booking, "/intake/next"),
        "intake.check": (booking, "/intake/check"),
        "more.alone": (guest, "/intake/more/next"),
        "more.check": (guest, "/intake/more/check"),
        "partners.invite": (inviting, "/you/invite"),
        "payments.estimates.estimate": (paying, estimate),
    }


def doors(practice: Practice, _payments: FakePayments) -> Pages:
    """Somebody has an app and a passkey, and their password fitted; somebody is invited; somebody wants no letters."""
    sam, home = hire(practice, "clinician"), practice.browser().home
    there = sign_in(practice, sam)
    phones.connect(there, practice.clock)
    assert add_passkey(there, Passkey(origin=home, host=urlsplit(home).hostname or "")).status_code == 302
    stands_at_the_door = half_way(practice, sam)
    client = practice.new_client()
    with work_in(practice) as work:
        invited = colleagues.invite(work, sam.actor, "robin@practice.example", ["coordinator"], None)
        way_in = colleagues.way_in(work, invited)
        stop = make_link(work, practice.person(client), STOP, Topic.NEAR.value)
    return {
        "security.two_factor_token_validation": (stands_at_the_door, phones.CODE_PAGE),
        "security.mf_recovery": (stands_at_the_door, "/staff/two-factor/recovery"),
        "passkeys.sign_in": (stands_at_the_door, "/staff/passkey"),
        "people.welcome": (practice.browser(), f"/staff/invitation/{way_in}"),
        "reminding.stop": (practice.browser(), f"/stop/{stop}"),
    }


def linked(browser: Browser, page: str, pattern: str) -> str:
    """The first address like this to which the page leads."""
    found = re.search(rf'href="({pattern})"', browser.get(page).text)
    assert found is not None, f"{page} leads to no {pattern}"
    return found[1]


FIRST = "first_run.begin"  # which comes before there is a practice
# What each stage leads to.
RARE: Mapping[Stage, frozenset[str]] = {
    agreements: frozenset(
        {
            "agreeing.agree",
            "agreements.document",
            "agreements.write",
            "agreements.switch",
            "consents.text",
            "portal.consent",
        }
    ),
    settings: frozenset(
        {"connections.ask_to_take_away", "letters.letter", "letters.preview", "questions.own", "referrals.change"}
    ),
    couples: frozenset(
        {"couples.couple", "couples.flag", "couples.own_flag", "couples.call_off", "notes.about_couple", "notes.note"}
    ),
    records: frozenset({"rights_desk.access.request", "rights_desk.deciding.review", "rights_desk.deciding.preview"}),
    schedule: frozenset({"schedule.sessions.call_off", "schedule.unblock", "schedule.withdraw"}),
    calendars: frozenset(
        {
            "calendar_accounts.account",
            "calendar_accounts.disconnect",
            "schedule.calendar_questions.question",
            "busy_calendars.calendar",
            "busy_calendars.take_away",
        }
    ),
    money: frozenset({"till.settle", "staff_documents.document", "billing.document", "fees.fee"}),
    answering: frozenset(
        {
            "intake.support",
            "intake.alone",
            "intake.check",
            "more.alone",
            "more.check",
            "partners.invite",
            "payments.estimates.estimate",
        }
    ),
    doors: frozenset(
        {
            "security.two_factor_token_validation",
            "security.mf_recovery",
            "passkeys.sign_in",
            "people.welcome",
            "reminding.stop",
        }
    ),
}
