"""Where a timeline's letters and money come from. As in timeline_sources.py: a fixed number of queries."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select

from practice.booking.models import Booking
from practice.database import db
from practice.intake.models import Intake
from practice.notify.messages import ATTENDEE, CLIENT, INVITED, PERSON, Kind, SendLetter
from practice.outbox import OutboxMessage
from practice.partners.models import Invitation
from practice.payments.fees.models import Fee, FeeConsent
from practice.payments.models import PaymentAttempt, Refund
from practice.payments.settlement import RefundState
from practice.people import ContactChange, Person
from practice.presenting import money
from practice.review.timeline_sources import Circle, Happening, bookings_of
from practice.speaking import gettext as _
from practice.speaking import pgettext


def letters(circle: Circle) -> Iterator[Happening]:
    """Each letter that was dealt with: its kind, to whom, and when; never its words."""
    streams = _streams(circle)
    found = select(OutboxMessage.stream, OutboxMessage.payload, OutboxMessage.done_at).where(
        OutboxMessage.stream.in_(streams), OutboxMessage.kind == SendLetter.KIND, OutboxMessage.done_at.is_not(None)
    )
    words = letter_words()
    for stream, payload, done_at in db.session.execute(found):
        kind = json.loads(payload)["letter"]
        if done_at is not None and stream is not None:
            yield Happening(done_at, "letter", (streams[stream],), words.get(kind, kind.replace("_", " ")))


def letter_words() -> dict[str, str]:
    """What kind of letter it was, by its kind: of those that go to clients."""
    return {
        Kind.BOOKED: pgettext("a letter", "booked"),
        Kind.MOVED: pgettext("a letter", "moved"),
        Kind.RESERVED: pgettext("a letter", "reserved"),
        Kind.OFFERED: pgettext("a letter", "offered"),
        Kind.NOT_KEPT: pgettext("a letter", "not kept"),
        Kind.CANCELLED_ALL: pgettext("a letter", "cancelled, all goes back"),
        Kind.CANCELLED_PART: pgettext("a letter", "cancelled, a part goes back"),
        Kind.CANCELLED_NOTHING: pgettext("a letter", "cancelled, nothing goes back"),
        Kind.DECLINED: pgettext("a letter", "declined"),
        Kind.TAKEN_OUT: pgettext("a letter", "taken out of a calendar of before"),
        Kind.CALLED_OFF: pgettext("a letter", "called off"),
        Kind.PAYMENT_RETURNED: pgettext("a letter", "payment returned"),
        Kind.GIVEN_BACK: pgettext("a letter", "given back"),
        Kind.FEE_PAID: pgettext("a letter", "fee paid"),
        Kind.FEE_ASKED: pgettext("a letter", "fee asked"),
        Kind.REVIEWING: pgettext("a letter", "the request is being read"),
        Kind.TURNED_DOWN: pgettext("a letter", "turned down"),
        Kind.LAPSED: pgettext("a letter", "nobody decided in time"),
        Kind.ESTIMATE: pgettext("a letter", "estimate"),
        Kind.AUTHORISATION_RELEASED: pgettext("a letter", "authorization released"),
        Kind.WAY_BACK: pgettext("a letter", "the way back to their page"),
        Kind.PLACE_OPENED: pgettext("a letter", "place opened"),
        Kind.INVITATION: pgettext("a letter", "invitation"),
        Kind.PAGE_CHANGED: pgettext("a letter", "something on their page changed"),
        Kind.SOMETHING_WAITS: pgettext("a letter", "something waits"),
        Kind.READY_TO_BOOK: pgettext("a letter", "ready to book"),
        Kind.ADDRESS_CHANGED: pgettext("a letter", "to the address of before"),
        Kind.NEAR: pgettext("a letter", "an appointment comes"),
        Kind.MISSING: pgettext("a letter", "something is left to do"),
        Kind.PULSE: pgettext("a letter", "the short page of two weeks"),
    }


def payments(circle: Circle) -> Iterator[Happening]:
    """What was paid and went back, and fees; each of whoever booked."""
    theirs = Booking.person_id.in_(circle.ids)
    paid = select(PaymentAttempt, Booking.person_id, Booking.starts_at).join(
        Booking, Booking.id == PaymentAttempt.booking_id
    )
    for one, person_id, starts_at in db.session.execute(paid.where(theirs, PaymentAttempt.paid_at.is_not(None))):
        kind = "paid" if one.fee_id is None else "fee_paid"
        if one.paid_at is not None:
            yield Happening(one.paid_at, kind, (person_id,), money(one.paid), starts_at)
    back = (
        select(Refund, Booking.person_id, Booking.starts_at)
        .join(PaymentAttempt, PaymentAttempt.id == Refund.attempt_id)
        .join(Booking, Booking.id == PaymentAttempt.booking_id)
    )
    for refund, person_id, starts_at in db.session.execute(back.where(theirs)):
        detail = f"{money(refund.amount)}, {_refund_words(refund.state)}"
        yield Happening(refund.created_at, "refund", (person_id,), detail, starts_at)
    asked = select(Fee, Booking.person_id, Booking.starts_at).join(Booking, Booking.id == Fee.booking_id)
    for fee, person_id, starts_at in db.session.execute(asked.where(theirs)):
        yield Happening(fee.decided_at, "fee_decided", (person_id,), money(fee.amount), starts_at)
        if fee.dropped_at is not None:
            yield Happening(fee.dropped_at, "fee_dropped", (person_id,), money(fee.amount), starts_at)


def fee_agreements(circle: Circle) -> Iterator[Happening]:
    """Agreements to fees, and to a card being kept for them."""
    for one in db.session.scalars(select(FeeConsent).where(FeeConsent.person_id.in_(circle.ids))):
        if one.kept_at is not None:
            yield Happening(one.kept_at, "agreed", (one.person_id,), _("fees for cancelling late or not coming"))
        if one.withdrawn_at is not None:
            yield Happening(one.withdrawn_at, "agreement_withdrawn", (one.person_id,), _("fees; the card is forgotten"))


def _refund_words(state: RefundState) -> str:
    return {
        RefundState.DUE: pgettext("a refund", "due"),
        RefundState.SENT: pgettext("a refund", "sent"),
        RefundState.SUCCEEDED: pgettext("a refund", "succeeded"),
        RefundState.FAILED: pgettext("a refund", "failed"),
    }[state]


def _streams(circle: Circle) -> dict[str, int]:
    """Whose letter each stream is, by its name (notify/messages.py)."""
    found_people = db.session.execute(select(Person.id, Person.reference).where(Person.id.in_(circle.ids)))
    people = {one.id: one.reference for one in found_people}
    found: dict[str, int] = {}

    def add(about: str, recipient: str, person_id: int) -> None:
        if person_id in people:
            found[SendLetter("", about, recipient, "", "").stream] = person_id

    for person_id, reference in people.items():
        add(reference, CLIENT, person_id)
        add(reference, f"{PERSON}{reference}", person_id)
    for booking in bookings_of(circle):
        add(booking.reference, CLIENT, booking.person_id)
        for person_id, reference in people.items():
            add(booking.reference, f"{ATTENDEE}{reference}", person_id)
            add(booking.reference, f"{PERSON}{reference}", person_id)
    for table, recipient in ((Intake, CLIENT), (ContactChange, CLIENT), (Invitation, INVITED)):
        theirs = select(table.reference, table.person_id).where(table.person_id.in_(circle.ids))
        for about, person_id in db.session.execute(theirs):
            add(about, recipient, person_id)
    return found
