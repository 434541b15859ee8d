"""Letters: who gets which, when, and what it says; through the real outbox and worker."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from practice import outbox, worker
from practice.booking import actions as booking_actions
from practice.booking.messages import BookingConfirmed
from practice.calendars.ics import Method
from practice.database import db
from practice.intake.messages import RETURN, IntakeSubmitted, SendReturnLink, UrgentIntake
from practice.notify import handlers
from practice.notify.current_mailer import CurrentMailer
from practice.notify.mailer import MailAway, MailRefused
from practice.notify.messages import SendLetter
from practice.outbox import OutboxMessage
from practice.payments.messages import PaymentReturned
from practice.people import Contact, MailedLink, contact_of, get_link, save_contact
from practice.sealing import Keyring
from practice.staff.actions import create_account
from practice.wiring import HANDLERS, real_gateways
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.golden import assert_golden
from tests.support.ical_lint import events, named, problems, unfolded, values
from tests.support.offers import keep_for
from tests.support.staff import send_request

THERAPIST = "ada@practice.example"
DESK = "office@practice.example"
WHEN = "Monday 10 May, 9:00 am Eastern Time"
LINK = re.compile(r"https://practice\.example/return/([\w-]{43})")


@contextmanager
def work_in(practice):
    with practice.app.app_context(), begin_work() as work:
        yield work


@pytest.fixture
def booked(practice):
    """A booking of Monday at nine that stands, its letters still in the outbox."""
    held = practice.hold(MONDAY_NINE)
    practice.confirm(held)
    return held


def cancel(practice, held):
    with work_in(practice) as work:
        booking_actions.cancel(work, booking_actions.lock(work, held.reference))


def decline(practice, held):
    with work_in(practice) as work:
        booking_actions.decline(work, booking_actions.lock(work, held.reference))


def post(practice, *messages):
    with work_in(practice) as work:
        for message in messages:
            work.post(message)


def change_contact(practice, client, **changes):
    with work_in(practice):
        person = practice.person(client)
        contact = contact_of(person)
        save_contact(person, Contact(**{**contact.__dict__, **changes}))


def letter_breaches(practice):
    """Of the promises about letters; the bookings here stand without a payment, which others check."""
    return [breach for breach in practice.breaches() if breach.startswith("I5")]


def rows(practice, kind=SendLetter.KIND):
    with practice.app.app_context():
        found = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
        return list(db.session.scalars(found))


def test_a_booking_is_told_to_the_client_and_to_the_therapist(practice, mailer, booked):
    practice.work_until_idle()

    [to_client] = mailer.letters_to(booked.payer.email)
    [to_therapist] = mailer.letters_to(THERAPIST)
    assert to_client.subject == "Your appointment"
    assert to_therapist.subject == "An appointment was booked"
    assert WHEN in to_client.text
    assert WHEN in to_therapist.text
    assert len(mailer.sent) == 2
    assert letter_breaches(practice) == []


def test_times_are_told_in_the_readers_own_zone(practice, mailer):
    held = practice.hold(MONDAY_NINE + timedelta(hours=4), therapist="noor-haddad")
    practice.confirm(held)

    practice.work_until_idle()

    assert "1:00 pm Eastern Time" in mailer.last_to(held.payer.email).text
    assert "10:00 am Pacific Time" in mailer.last_to("noor@practice.example").text


def test_the_clients_letter_leads_to_their_booking_behind_their_code(practice, mailer, booked):
    practice.work_until_idle()

    letter = mailer.last_to(booked.payer.email)
    [token] = set(LINK.findall(letter.text))
    assert token in letter.html
    with practice.app.app_context():
        link = get_link(token, RETURN)
        assert (link.target, link.person_id) == (booked.reference, booked.payer.person_id)
        adapter = practice.app.url_map.bind("practice.example")
        assert adapter.match(f"/return/{token}")[0].startswith("intake.")
        assert adapter.match("/staff/")[0].startswith(("staff.", "review."))


def test_the_calendar_part_asks_each_reader_to_note_one_and_the_same_session(practice, mailer, booked):
    practice.work_until_idle()

    uids = set()
    for address, summary in ((booked.payer.email, b"Appointment"), (THERAPIST, b"Session")):
        content = mailer.last_to(address).calendar
        assert problems(content) == []
        [event] = events(content)
        assert values(unfolded(content), b"METHOD") == [b"REQUEST"]
        assert values(event, b"SUMMARY") == [summary]
        assert values(event, b"DTSTART") == [b"20270510T130000Z"]
        assert values(event, b"SEQUENCE") == [b"0"]
        assert [line.rpartition(b"mailto:")[2] for line in named(event, b"ATTENDEE")] == [address.encode()]
        assert named(event, b"ORGANIZER")[0].endswith(b"mailto:office@practice.example")
        uids |= set(values(event, b"UID"))
    assert len(uids) == 1


def test_the_organizer_is_whom_the_letter_is_from(practice, mailer, booked):
    practice.work_until_idle()

    for letter in mailer.sent:
        address = letter.message["From"].addresses[0].addr_spec
        [organizer] = named(events(letter.calendar)[0], b"ORGANIZER")
        assert organizer.endswith(b"mailto:" + address.encode())


def test_whoever_shares_an_inbox_gets_no_calendar_part(practice, mailer):
    held = practice.hold(MONDAY_NINE, practice.new_client(calendar_by_mail=False))
    practice.confirm(held)

    practice.work_until_idle()

    assert mailer.last_to(held.payer.email).calendar is None
    assert mailer.last_to(THERAPIST).calendar is not None


def test_whoever_did_not_allow_mail_gets_none(practice, mailer):
    held = practice.hold(MONDAY_NINE)
    change_contact(practice, held.payer, channels=("call",))
    practice.confirm(held)

    practice.work_until_idle()

    assert mailer.letters_to(held.payer.email) == []
    assert len(mailer.letters_to(THERAPIST)) == 1
    assert letter_breaches(practice) == []


def test_the_letters_of_a_story_are_as_agreed(practice, mailer, booked):
    practice.work_until_idle()
    cancel(practice, booked)
    practice.work_until_idle()

    for address, reader in ((booked.payer.email, "client"), (THERAPIST, "therapist")):
        for letter, event in zip(mailer.letters_to(address), ("booked", "cancelled"), strict=True):
            text = LINK.sub("https://practice.example/return/TOKEN", letter.text.replace("\r\n", "\n"))
            assert_golden(f"story-{reader}-{event}.txt", f"{letter.subject}\n\n{text}".encode())


def test_letters_name_nobody_and_nothing(practice, mailer, booked):
    practice.work_until_idle()
    cancel(practice, booked)
    practice.work_until_idle()

    for letter in mailer.sent:
        said = " ".join((letter.subject, letter.text, letter.html, (letter.calendar or b"").decode()))
        for private in (
            booked.payer.name,
            "Ada",
            "Lindqvist",
            "Quiet Harbour",
            "ouple",
            "herap",
            "160",
            booked.payer.reference,
        ):
            assert private not in said.replace("practice.example", "").replace(THERAPIST, "")


def test_a_cancellation_is_told_with_what_goes_back(practice, mailer, booked):
    practice.work_until_idle()

    cancel(practice, booked)
    practice.work_until_idle()

    to_client, to_therapist = mailer.last_to(booked.payer.email), mailer.last_to(THERAPIST)
    assert f"{WHEN} is cancelled" in " ".join(to_client.text.split())
    assert "All that was paid goes back" in to_client.text
    assert to_therapist.subject == "An appointment was cancelled"
    assert "paid" not in to_therapist.text
    assert letter_breaches(practice) == []


def test_nothing_is_said_of_a_card_when_a_session_without_charge_is_cancelled(practice, mailer):
    free = keep_for(practice, practice.new_client(), MONDAY_NINE, price=0)
    with work_in(practice) as work:
        booking_actions.confirm_free(work, booking_actions.lock(work, free.reference))
    cancel(practice, free)
    practice.work_until_idle()

    said = " ".join(mailer.last_to(free.payer.email).text.split())
    assert "It was without charge, so nothing is due." in said
    assert "card" not in said


def test_a_late_cancellation_says_that_the_fee_is_kept(practice, mailer, booked, clock):
    practice.work_until_idle()
    clock.set(MONDAY_NINE - timedelta(hours=47))

    cancel(practice, booked)
    practice.work_until_idle()

    assert "the fee is kept" in " ".join(mailer.last_to(booked.payer.email).text.split())


def test_a_cancelling_part_revises_the_object_that_was_sent(practice, mailer, booked):
    practice.work_until_idle()
    cancel(practice, booked)
    practice.work_until_idle()

    for address in (booked.payer.email, THERAPIST):
        request, cancelled = (letter.calendar for letter in mailer.letters_to(address))
        assert problems(cancelled) == []
        assert values(unfolded(cancelled), b"METHOD") == [Method.CANCEL.encode()]
        [before], [after] = events(request), events(cancelled)
        assert values(before, b"UID") == values(after, b"UID")
        assert values(after, b"SEQUENCE") == [b"1"]
        assert values(after, b"STATUS") == [b"CANCELLED"]
        assert named(before, b"ORGANIZER") == named(after, b"ORGANIZER")
        assert named(before, b"ATTENDEE") == named(after, b"ATTENDEE")


def test_a_declined_request_says_that_everything_goes_back(practice, mailer, booked):
    practice.work_until_idle()

    decline(practice, booked)
    practice.work_until_idle()

    letter = mailer.last_to(booked.payer.email)
    assert letter.subject == "Your appointment request"
    assert "All that was paid goes back" in letter.text
    assert letter_breaches(practice) == []


def test_a_cancellation_never_overtakes_what_it_cancels(practice, mailer, booked, clock):
    mailer.fail_with = MailRefused("the mail server answered 554")
    practice.work_until_idle()  # the first letters fail and wait
    mailer.fail_with = None
    cancel(practice, booked)
    practice.work_until_idle()
    assert mailer.sent == []

    clock.advance(hours=2)
    practice.work_until_idle()

    # What it cancels was never sent, and is not true any more: one letter tells the end of it.
    assert [letter.subject for letter in mailer.letters_to(THERAPIST)] == ["An appointment was cancelled"]
    assert len(mailer.letters_to(booked.payer.email)) == 1
    assert {row.state for row in rows(practice)} == {"done"}


def test_a_letter_about_a_session_that_is_over_is_not_sent(practice, mailer, booked, clock):
    clock.set(MONDAY_TEN)

    practice.work_until_idle()

    assert mailer.sent == []
    assert letter_breaches(practice) == []


def test_being_told_twice_of_a_booking_sends_nothing_twice(practice, mailer, booked):
    practice.work_until_idle()

    with practice.app.app_context():
        handlers.on_booking_confirmed(BookingConfirmed(booked.reference, 0))
    practice.work_until_idle()

    assert len(mailer.sent) == 2


def test_a_payment_that_came_too_late_is_said_to_go_back(practice, mailer):
    held = practice.hold(MONDAY_NINE)
    with work_in(practice) as work:
        booking_actions.let_go(work, booking_actions.lock(work, held.reference))

    post(practice, PaymentReturned(held.reference, "a_1"))
    practice.work_until_idle()

    [letter] = mailer.letters_to(held.payer.email)
    assert letter.subject == "Your appointment request"
    assert "All of it goes back" in letter.text
    assert letter.calendar is None


def test_a_second_payment_is_said_to_go_back_while_the_appointment_stands(practice, mailer, booked):
    post(practice, PaymentReturned(booked.reference, "a_2"))
    practice.work_until_idle()

    letter = mailer.last_to(booked.payer.email)
    assert letter.subject == "Your appointment"
    assert "Your appointment stands" in " ".join(letter.text.split())


def test_the_way_back_is_mailed_to_whoever_asked(practice, mailer):
    client = practice.new_client()

    post(practice, SendReturnLink(client.reference, "2027-05-05T12:00:00+00:00"))
    practice.work_until_idle()

    [letter] = mailer.letters_to(client.email)
    [token] = set(LINK.findall(letter.text))
    with practice.app.app_context():
        link = get_link(token, RETURN)
        assert (link.target, link.person_id) == (None, client.person_id)


def test_a_way_back_for_somebody_who_was_forgotten_is_dropped(practice, mailer):
    post(practice, SendReturnLink("p_nobody", "2027-05-05T12:00:00+00:00"))

    practice.work_until_idle()

    assert mailer.sent == []
    assert letter_breaches(practice) == []


def test_the_desk_hears_of_a_new_request(practice, mailer):
    post(practice, IntakeSubmitted("i_somebody"))

    practice.work_until_idle()

    [letter] = mailer.letters_to(DESK)
    assert letter.subject == "A new request"
    assert "i_somebody" not in letter.text


def test_an_urgent_notice_goes_to_clinicians_alone_and_holds_nothing(practice, mailer):
    with work_in(practice) as work:
        for name, roles in (("mara", ("clinician",)), ("desk", ("coordinator",)), ("june", ("therapist",))):
            create_account(work, email=f"{name}@practice.example", password_hash="none of these signs in", roles=roles)

    reference = send_request(practice)
    practice.work_until_idle()
    mailer.sent.clear()
    post(practice, UrgentIntake(reference))
    practice.work_until_idle()

    [letter] = mailer.sent
    assert letter.to == "mara@practice.example"
    assert letter.subject == "Please open the desk now"
    assert reference not in letter.text + letter.html
    assert letter.calendar is None


def test_a_mail_server_that_is_away_for_an_hour_loses_no_letter(practice, mailer, booked, clock):
    mailer.fail_with = MailAway("ConnectionRefusedError")
    for _ in range(12):
        practice.work_until_idle()
        clock.advance(minutes=5)
    assert mailer.sent == []

    mailer.fail_with = None
    clock.advance(minutes=10)
    practice.work_until_idle()

    assert len(mailer.sent) == 2
    assert {row.tries for row in rows(practice)} == {0}


def test_a_mail_server_that_stays_away_becomes_a_visible_dead_letter(practice, mailer, booked, clock):
    mailer.fail_with = MailAway("ConnectionRefusedError")
    practice.work_until_idle()
    clock.advance(days=3)
    for _ in range(outbox.MOST_TRIES + 1):
        practice.work_until_idle()
        clock.advance(hours=1)

    about_the_booking = [row for row in rows(practice) if '"near"' not in row.payload]  # a reminder has its own time
    assert {row.state for row in about_the_booking} == {"dead"}
    assert any("send_letter" in breach for breach in letter_breaches(practice))


def test_a_letter_that_is_missing_is_a_breach(practice, mailer, booked):
    practice.work_until_idle()
    with work_in(practice) as work:
        row = work.session.scalars(
            select(OutboxMessage).where(
                OutboxMessage.kind == SendLetter.KIND, OutboxMessage.payload.contains("therapist")
            )
        ).one()
        work.session.delete(row)

    assert letter_breaches(practice) == [f"I5: no letter tells the therapist how booking {booked.reference} stands"]


def test_no_outbox_row_carries_an_address_or_a_name(practice, mailer, booked):
    practice.work_until_idle()

    for row in rows(practice):
        assert booked.payer.email not in row.payload + row.key
        assert booked.payer.name not in row.payload


class Killed(BaseException):
    """The worker's process ends here."""


def test_a_worker_killed_after_the_servers_yes_repeats_under_the_same_message_id(
    practice, mailer, booked, clock, monkeypatch
):
    held_back = mailer.send

    def send_and_die(envelope):
        held_back(envelope)
        raise Killed

    for _ in HANDLERS[BookingConfirmed]:
        if [row for row in rows(practice) if row.state == "waiting"]:
            break
        worker.deliver_next(practice.app)
    monkeypatch.setattr(mailer, "send", send_and_die)
    with pytest.raises(Killed):
        worker.deliver_next(practice.app)
    monkeypatch.undo()

    clock.advance(minutes=5)  # past the lease
    practice.work_until_idle()

    first, *others = mailer.sent
    repeats = [letter for letter in others if letter.to == first.to]
    assert [letter.message_id for letter in repeats] == [first.message_id]
    assert repeats[0].calendar == first.calendar
    assert letter_breaches(practice) == []
    with practice.app.app_context():  # each copy leads to the booking, since either may be the one that is read
        tokens = {token for letter in (first, *repeats) for token in LINK.findall(letter.text)}
        assert all(get_link(token, RETURN).target == booked.reference for token in tokens)


def test_the_demo_and_production_send_over_smtp(practice):
    settings = practice.app.extensions["practice.settings"]
    Keyring.create(settings.keys_file)

    assert isinstance(real_gateways(settings).mail, CurrentMailer)


def test_links_are_made_for_letters_that_are_sent_and_for_no_other(practice, booked, clock):
    clock.set(MONDAY_TEN)
    practice.work_until_idle()

    with practice.app.app_context():
        assert db.session.scalars(select(MailedLink)).all() == []
