"""Calendar parts over the life of an appointment: who is told when an address or our own sender changes meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from practice import settings as settings_module
from practice.booking.models import Booking
from practice.calendars.models import MailedObject
from practice.database import db
from practice.intake.messages import PersonForgotten
from practice.notify.mailer import MailAway, Sender
from practice.people import contact_of, forget_person
from practice.portal.actions import change_contact
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.couples import leave, practice_couple
from tests.support.golden import assert_golden
from tests.support.ical_lint import events, named, problems, unfolded, values
from tests.support.offers import ADA, cancel, change_therapist, confirmed, move, work_in

THERAPIST, NEWER = "ada@practice.example", "ada@elsewhere.example"
TUESDAY_NINE = MONDAY_NINE + timedelta(hours=24)
OTHER_SENDER = "The office <letters@other.example>"


def change(practice, client, **values):
    """Somebody changes how they are reached, as on their page."""
    with practice.app.test_request_context(), work_in(practice) as work:
        change_contact(work, client.person_id, replace(contact_of(practice.person(client)), **values))
    practice.work_until_idle()


def change_sender(practice, mailer, mail_from):
    key = settings_module.EXTENSION
    practice.app.extensions[key] = replace(practice.app.extensions[key], mail_from=mail_from)
    mailer.sender = Sender.parse(mail_from)


def fix_uids(practice):
    with work_in(practice) as work:  # the only thing in a calendar that is random
        work.session.execute(update(Booking).values(uid="00000000-0000-0000-0000-000000000001@appointments"))


def booked(practice, client=None):
    held = practice.hold(MONDAY_NINE, client) if client is not None else practice.hold(MONDAY_NINE)
    fix_uids(practice)
    practice.confirm(held)
    practice.work_until_idle()
    return held


def said(letter, name):
    [event] = events(letter.calendar)
    return values(event, name)


def methods(letters):
    return [values(unfolded(one.calendar), b"METHOD")[0].decode() for one in letters if one.calendar]


# Our own sender changes


@pytest.mark.parametrize("step", ["moved", "cancelled"])
def test_a_change_names_the_organizer_whom_the_calendar_knows(practice, mailer, step):
    held = booked(practice)
    first = mailer.last_to(held.payer.email)
    change_sender(practice, mailer, OTHER_SENDER)

    if step == "moved":
        move(practice, held, TUESDAY_NINE)
    else:
        cancel(practice, held)
    practice.work_until_idle()

    for address in (held.payer.email, THERAPIST):
        last = mailer.last_to(address)
        assert last.message["From"].addresses[0].addr_spec == "letters@other.example"
        assert problems(last.calendar) == []
        [organizer] = named(events(last.calendar)[0], b"ORGANIZER")
        assert organizer.endswith(b":mailto:office@practice.example")
        assert b'SENT-BY="mailto:letters@other.example"' in organizer
        assert said(last, b"UID") == said(first, b"UID")
        assert said(last, b"SEQUENCE") == [b"1"]
    content = mailer.last_to(held.payer.email).calendar
    assert_golden(f"story-sender-changed-{step}.ics", content.replace(held.reference.encode(), b"b_00000000000000"))


def test_a_new_name_of_ours_alone_changes_no_organizer(practice, mailer):
    held = booked(practice)
    before = named(events(mailer.last_to(held.payer.email).calendar)[0], b"ORGANIZER")
    change_sender(practice, mailer, "Other name <office@practice.example>")

    cancel(practice, held)
    practice.work_until_idle()

    assert named(events(mailer.last_to(held.payer.email).calendar)[0], b"ORGANIZER") == before


def test_what_is_booked_after_a_change_of_sender_names_the_new_one(practice, mailer):
    booked(practice)
    change_sender(practice, mailer, OTHER_SENDER)

    later = confirmed(practice, MONDAY_TEN)
    practice.work_until_idle()

    [organizer] = named(events(mailer.last_to(later.payer.email).calendar)[0], b"ORGANIZER")
    assert organizer.endswith(b":mailto:letters@other.example")
    assert b"SENT-BY" not in organizer


def test_a_letter_that_has_to_wait_keeps_the_organizer_that_it_was_written_with(practice, mailer):
    held = practice.hold(MONDAY_NINE)
    practice.confirm(held)
    mailer.fail_with = MailAway("away")
    practice.work_until_idle()
    change_sender(practice, mailer, OTHER_SENDER)
    mailer.fail_with = None
    practice.clock.advance(minutes=5)
    practice.work_until_idle()
    cancel(practice, held)
    practice.work_until_idle()

    organizers = {named(events(one.calendar)[0], b"ORGANIZER")[0] for one in mailer.letters_to(held.payer.email)}
    assert len(mailer.letters_to(held.payer.email)) == 2
    assert len(organizers) == 1


# An address changes


def test_an_address_change_moves_nothing_that_was_sent(practice, mailer):
    held = booked(practice)
    mailer.sent.clear()

    change(practice, held.payer, email="new@mail.example")

    assert [(one.to, one.calendar) for one in mailer.sent] == [(held.payer.email, None)]  # of the change itself


def test_a_cancellation_reaches_both_the_address_that_got_the_request_and_the_new_one(practice, mailer):
    held = booked(practice)
    change(practice, held.payer, email="new@mail.example")
    mailer.sent.clear()

    cancel(practice, held)
    practice.work_until_idle()

    [old], [new] = mailer.letters_to(held.payer.email), mailer.letters_to("new@mail.example")
    assert methods([old, new]) == ["CANCEL", "CANCEL"]
    for letter, address in ((old, held.payer.email), (new, "new@mail.example")):
        assert problems(letter.calendar) == []
        assert named(events(letter.calendar)[0], b"ATTENDEE")[0].endswith(b":mailto:" + address.encode())
        assert said(letter, b"SEQUENCE") == [b"1"]
        assert said(letter, b"STATUS") == [b"CANCELLED"]
    assert said(old, b"UID") == said(new, b"UID")
    assert mailer.sent.index(old) < mailer.sent.index(new)
    anonymous = old.calendar.replace(held.reference.encode(), b"b_00000000000000")
    assert_golden("story-address-left-cancelled.ics", anonymous)
    assert "/return/" not in old.text
    assert "10 May" not in old.text


def test_a_move_takes_it_out_of_the_old_calendar_and_puts_it_into_the_new_one_and_only_once(practice, mailer):
    held = booked(practice)
    change(practice, held.payer, email="new@mail.example")
    mailer.sent.clear()

    move(practice, held, TUESDAY_NINE)
    practice.work_until_idle()
    cancel(practice, held)
    practice.work_until_idle()

    old, new = mailer.letters_to(held.payer.email), mailer.letters_to("new@mail.example")
    assert (methods(old), methods(new)) == (["CANCEL"], ["REQUEST", "CANCEL"])
    assert mailer.sent.index(old[0]) < mailer.sent.index(new[0])
    assert "11 May" not in old[0].text  # where it went, the old mailbox isn't told


def test_whoever_comes_back_to_an_address_is_told_there_as_before(practice, mailer):
    held = booked(practice)
    home = held.payer.email
    change(practice, held.payer, email="new@mail.example")
    move(practice, held, TUESDAY_NINE)
    practice.work_until_idle()
    change(practice, held.payer, email=home)
    mailer.sent.clear()

    cancel(practice, held)
    practice.work_until_idle()

    assert methods(mailer.letters_to("new@mail.example")) == ["CANCEL"]
    assert methods(mailer.letters_to(home)) == ["CANCEL"]


@pytest.mark.parametrize(
    "careful",
    [{"calendar_by_mail": False}, {"channels": ("call",), "phone": "+1 555 010 0199"}],
    ids=["shared", "no mail"],
)
def test_nothing_goes_to_an_address_that_somebody_left_for_care(practice, mailer, careful):
    held = booked(practice)
    change(practice, held.payer, email="new@mail.example", **careful)
    mailer.sent.clear()

    cancel(practice, held)
    practice.work_until_idle()

    assert mailer.letters_to(held.payer.email) == []
    assert all(one.calendar is None for one in mailer.letters_to("new@mail.example"))


def test_a_therapists_old_address_is_told_too(practice, mailer):
    held = booked(practice)
    change_therapist(practice, ADA, email=NEWER)
    mailer.sent.clear()

    cancel(practice, held)
    practice.work_until_idle()

    [old], [new] = mailer.letters_to(THERAPIST), mailer.letters_to(NEWER)
    assert methods([old, new]) == ["CANCEL", "CANCEL"]
    assert said(old, b"SUMMARY") == [b"Session"]
    assert mailer.sent.index(old) < mailer.sent.index(new)


def test_each_of_two_is_told_where_they_got_it_and_neither_hears_of_the_others_change(practice, mailer):
    pair = practice_couple(practice)
    held = booked(practice, pair.inviter)
    change(practice, pair.invited, email="new@mail.example")
    mailer.sent.clear()

    cancel(practice, held)
    practice.work_until_idle()

    to_booker = mailer.letters_to(pair.inviter.email)
    old, new = mailer.letters_to(pair.invited.email), mailer.letters_to("new@mail.example")
    assert [methods(one) for one in (to_booker, old, new)] == [["CANCEL"]] * 3
    assert said(old[0], b"UID") == said(new[0], b"UID") != said(to_booker[0], b"UID")


def test_whoever_leaves_a_couple_has_it_taken_out_where_they_got_it(practice, mailer):
    pair = practice_couple(practice)
    booked(practice, pair.inviter)
    change(practice, pair.invited, email="new@mail.example")
    mailer.sent.clear()

    leave(practice, pair.invited)
    practice.work_until_idle()

    assert methods(mailer.letters_to(pair.invited.email)) == ["CANCEL"]
    assert methods(mailer.letters_to("new@mail.example")) == ["CANCEL"]
    assert methods(mailer.letters_to(pair.inviter.email)) == []


def test_no_address_is_kept_in_the_clear_and_none_of_somebody_who_was_forgotten(practice):
    pair = practice_couple(practice)
    booked(practice, pair.inviter)
    with practice.app.app_context():
        rows = list(db.session.scalars(select(MailedObject).order_by(MailedObject.id)))
        assert len(rows) == 3
        assert not any(b"mail.example" in row.address_index for row in rows)
        assert [row.staff_address for row in rows if row.staff_address] == [THERAPIST]

    for client, left in ((pair.invited, 2), (pair.inviter, 1)):  # the therapist's stays
        with work_in(practice) as work:
            forget_person(work, practice.person(client))
            work.post(PersonForgotten(client.reference))
        practice.work_until_idle()
        with practice.app.app_context():
            assert len(db.session.scalars(select(MailedObject)).all()) == left
