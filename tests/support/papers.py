"""Documents in a story: who somebody is, what a practice is registered under, and what is made."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from practice.billing import actions
from practice.booking import actions as booking_actions
from practice.booking.lifecycle import Trigger
from practice.booking.models import Booking
from practice.booking.offers.models import Offering, Therapist
from practice.database import db
from practice.intake.actions import save_moment
from practice.money import Money
from practice.papers import actions as paper_actions
from practice.papers.kinds import Kind
from practice.papers.layout import Sheet, text_of
from practice.papers.models import Paper
from practice.papers.queries import find_diagnoses, sheet_of, stamp_of
from practice.payments import remedies
from practice.people import Person
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, COUPLE, see, work_in
from tests.support.paying import Till
from tests.support.staff import booked, send_request
from tests.support.story import Client, Held, Practice

NAME, BORN = "Robin Quill-Canary", "1985-03-31"
DESK = "staff:7"


def introduce(practice: Practice, held: Held, name: str = NAME, born: str = BORN, **answers: object) -> Held:
    """Have this booking be somebody's who sent an intake and said who they are; the same booking, theirs."""
    booked(practice, send_request(practice, **answers), held.reference)
    with work_in(practice) as work:
        person = _booking(held).person
        save_moment(work, person, "pay", {"legal_name": name, "date_of_birth": born, "insurance_use": "no"})
        return Held(held.reference, Client(person.id, person.reference, "Robin", "robin@mail.example"))


def pay(practice: Practice, till: Till, start: datetime = MONDAY_NINE, **who: str) -> Held:
    """A session that is paid and stands, of somebody whose name we know."""
    held = practice.hold(start)
    held = introduce(practice, held, **who)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    return held


def about(till: Till, held: Held) -> str:
    """The reference of the payment of a booking."""
    return till.attempt(held).reference


def give_back(practice: Practice, held: Held, minor: int, kept: int) -> None:
    """Staff give so much of it back, of what was left; both in minor units."""
    with work_in(practice) as work:
        back, left = Money(minor, "USD"), Money(kept, "USD")
        remedies.give_back(work, held.reference, back, kept=left, actor=DESK, reason="They waited")
    practice.work_until_idle()


def register(practice: Practice) -> None:
    """Every number and code that a document may carry."""
    with work_in(practice) as work:
        therapist = work.session.scalars(select(Therapist).where(Therapist.slug == ADA)).one()
        offering = work.session.scalars(select(Offering).where(Offering.slug == COUPLE)).one()
        paper_actions.set_practice(work, DESK, tin="12-3456789", npi="1245319599")
        paper_actions.set_therapist(work, DESK, therapist, npi="1234567893", licence="NY 001234", credentials="LMFT")
        paper_actions.set_service_code(work, DESK, offering, "90847")


def write_estimates(practice: Practice) -> None:
    """From now on."""
    with work_in(practice) as work:
        paper_actions.switch_estimates(work, DESK, on=True)


def diagnose(practice: Practice, held: Held, code: str) -> None:
    """Enter a diagnosis after whatever stands."""
    with work_in(practice) as work:
        person = work.session.get_one(Person, held.payer.person_id)
        history = find_diagnoses(person)
        paper_actions.enter_diagnosis(work, DESK, person.id, code, seen=history[0].reference if history else "")


def attend(practice: Practice, held: Held) -> None:
    """Let the session pass, and mark it."""
    ends = see(practice, held).blocked_until
    practice.clock.set(max(practice.clock.now(), ends + timedelta(minutes=1)))
    with work_in(practice) as work:
        booking_actions.mark(work, booking_actions.lock(work, held.reference), Trigger.COMPLETE)


def make(practice: Practice, held: Held, kind: Kind, about: str | None = None) -> str:
    """Make a document; its number."""
    with work_in(practice) as work:
        return actions.make(work, DESK, held.reference, kind, about or held.reference).name


def numbers(practice: Practice, *kinds: Kind) -> list[str]:
    """Every number that was given, in order; of these kinds, or of all."""
    with practice.app.app_context():
        found = db.session.scalars(select(Paper).order_by(Paper.id))
        return [one.name for one in found if not kinds or one.kind in kinds]


def sheet(practice: Practice, number: str) -> Sheet:
    """What the document of this number says."""
    with practice.app.app_context():
        return sheet_of(_paper(number))


def said(practice: Practice, number: str) -> str:
    """The same as text, a piece on each line."""
    with practice.app.app_context():
        paper = _paper(number)
        sheet = sheet_of(paper)
        return "\n".join(text_of(sheet, stamp_of(paper, sheet)))


def _paper(number: str) -> Paper:
    return next(one for one in db.session.scalars(select(Paper)) if one.name == number)


def _booking(held: Held) -> Booking:
    return db.session.scalars(select(Booking).where(Booking.reference == held.reference)).one()
