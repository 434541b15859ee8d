"""Words that must stand nowhere in the clear, one for each thing that somebody tells us or that we write about them.

A room that keeps something new of people adds a planter to PLANTERS: it puts its word where people would put theirs,
by the product's own actions, and says which word that was.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from sqlalchemy import select

from practice.booking.models import Booking
from practice.booking.prices import actions as prices
from practice.booking.prices.actions import Agreeing, OnStep
from practice.erasing import place_hold
from practice.intake.actions import save_moment
from practice.intake.correctable import Reach
from practice.intake.documents import current_questionnaire
from practice.intake.models import Intake
from practice.intake.queries import sent_codes_of
from practice.intake.questions import SESSION
from practice.people import Person
from practice.review import asking
from practice.review.glass_actions import break_glass
from practice.review.glass_forms import ONE
from practice.review.steps import mark_of
from practice.rights.access import actions as access
from practice.rights.access.queries import Review, find_open, prepare, read_review
from practice.rights.access.redacting import Choice, Looked
from practice.rights.access.rules import How, Outcome
from practice.rights.actions import ask_to_be_erased, refuse
from practice.rights.queries import find_waiting
from practice.staff.queries import find_account
from practice.work import Work
from tests.support.clock import MONDAY_NINE
from tests.support.correcting import correct
from tests.support.notes import grown_note
from tests.support.offers import work_in
from tests.support.papers import pay
from tests.support.paying import Till
from tests.support.staff import hire
from tests.support.story import Held, Practice

STAFF = "staff:7"
WEEKS = count()
TYPED = frozenset({"text", "textarea"})


@dataclass(frozen=True)
class Planting:
    """What a planter has at hand: a work, and somebody with a paid session and an intake."""

    work: Work
    person: Person
    intake: Intake
    booking: Booking

    def field(self, name: str) -> str:
        """A new word."""
        return f"Canary{name.replace('_', '')}{secrets.token_hex(4)}"


def _notes(at: Planting) -> list[str]:
    account = find_account("notes@practice.example")
    assert account is not None
    words = at.field("notebefore"), at.field("note"), at.field("noteadded")
    first, second, added = (f"They said {word}" for word in words)
    grown_note(at.work, account, at.person, (first, second, added))
    return list(words)


def _session_answers(at: Planting) -> list[str]:
    """Every field that is typed, of the moments after booking."""
    words = []
    for moment in ("pay", "invite", SESSION):
        asked = [one for one in current_questionnaire().fields() if one.moment == moment and one.kind in TYPED]
        said = {one.name: at.field(one.name) for one in asked}
        save_moment(at.work, at.person, moment, said)
        words += said.values()
    return words


def _hold_reason(at: Planting) -> list[str]:
    word = at.field("hold")
    place_hold(at.work, STAFF, at.person, f"A court asks about {word}")
    return [word]


def _refusal(at: Planting) -> list[str]:
    word = at.field("refusal")
    ask_to_be_erased(at.work, at.person)
    waiting = find_waiting(at.person.id)
    assert waiting is not None
    refuse(at.work, STAFF, waiting.reference, f"Not before {word}")
    return [word]


def _access(at: Planting) -> list[str]:
    """Handed over: what staff noted of it for themselves, and why it took longer."""
    remark, reason, extension = (at.field(f"access{name}") for name in ("remark", "reason", "extension"))
    access.ask(at.work, at.person)
    request = find_open(at.person.id)
    assert request is not None
    access.check_identity(at.work, STAFF, request.reference, How.CALL, f"They sounded {remark}")
    access.extend(at.work, STAFF, request.reference, f"We look for {extension}")
    items = prepare(request, Review(), at.work.now).items
    looked = {item.key: Looked(Choice.LEAVE if item.by_staff else Choice.KEEP) for item in items}
    access.save_review(at.work, STAFF, request.reference, looked, seen=0)
    seen = prepare(request, read_review(request), at.work.now).redacted.mark
    access.hand_over(at.work, STAFF, request.reference, Outcome.PARTS, f"It would tell of {reason}", seen=seen)
    return [remark, reason, extension]


def _corrections(at: Planting) -> list[str]:
    """What stood before a correction, and how staff were asked for it."""
    before, remark = at.field("before"), at.field("askedhow")
    stood = str(sent_codes_of(at.intake)["access_needs"])
    correct(at.work, STAFF, at.intake.reference, reach=Reach.OPEN, remark="They said so", access_needs=before)
    correct(at.work, STAFF, at.intake.reference, reach=Reach.OPEN, remark=f"They said {remark}", access_needs=stood)
    return [before, remark]


def _opened(at: Planting) -> list[str]:
    """A colleague who has nothing to do with them opens them."""
    notes, colleague = find_account("notes@practice.example"), find_account("glass@practice.example")
    assert notes is not None
    assert colleague is not None
    whose, at.intake.owner = at.intake.owner, notes.actor
    at.work.session.flush()
    word = at.field("glass")
    break_glass(at.work, colleague, at.intake.reference, ONE, f"They rang about {word}")
    at.intake.owner = whose
    at.work.session.flush()
    return [word]


def _asked(at: Planting) -> list[str]:
    """What the practice asked about the request, and what came back."""
    account = find_account("notes@practice.example")
    assert account is not None
    question, answer = at.field("question"), at.field("answer")
    asking.ask(
        at.work, account, at.intake.reference, seen=mark_of(at.intake), fields=[], question=f"What of {question}?"
    )
    asking.answer(
        at.work, at.person, at.intake.reference, seen=mark_of(at.intake), change=None, text=f"It was {answer}"
    )
    return [question, answer]


def _price_reason(at: Planting) -> list[str]:
    word = at.field("price")
    agreeing = Agreeing(OnStep(None), date(2027, 6, 1), None, f"Because of {word}", seen=0)
    prices.agree(at.work, STAFF, at.person.id, agreeing)
    return [word]


PLANTERS: tuple[Callable[[Planting], list[str]], ...] = (
    _notes,
    _session_answers,
    _hold_reason,
    _refusal,
    _opened,
    _price_reason,
    _access,
    _corrections,
    _asked,
)

OF_STAFF = (
    *("Canarynote", "Canaryhold", "Canaryprice", "Canaryaccessremark", "Canaryaccessreason", "Canaryglass"),
    *("Canarybefore", "Canaryaskedhow"),
)
"""How words begin that are staff's own, or stood before a correction: in nothing that people take along themselves."""
NOT_THEIR_OWN = ("Canarysafecontactnote", *OF_STAFF)
AT_BOOKING = ("preferred_name", "safe_contact_note", "access_needs")
LEGAL_NAME = "Robin Quillcanary"


def plant(practice: Practice, till: Till) -> tuple[Held, list[str]]:
    """Somebody who answered everything, paid, and of whom everything is kept that can be; and every word of theirs."""
    hire(practice, "clinician", email="notes@practice.example")
    hire(practice, "clinician", email="glass@practice.example")
    first = {name: f"Canary{name.replace('_', '')}{secrets.token_hex(4)}" for name in AT_BOOKING}
    contact = {"email": f"canary{secrets.token_hex(4)}@mail.example", "phone": f"+1 555 {secrets.randbelow(10**7):07}"}
    held = pay(
        practice,
        till,
        name=f"{LEGAL_NAME}{secrets.token_hex(4)}",
        **first,
        **contact,
        contact_ok=["email", "call"],
        others_see_messages="yes",
    )
    words = [*first.values(), *contact.values(), LEGAL_NAME]
    for planter in PLANTERS:
        with work_in(practice) as work:
            person = work.session.get_one(Person, held.payer.person_id)
            intake = work.session.scalars(select(Intake).where(Intake.person_id == person.id)).one()
            booking = work.session.scalars(select(Booking).where(Booking.reference == held.reference)).one()
            words += planter(Planting(work, person, intake, booking))
    practice.work_until_idle()
    return held, words


def plain(practice: Practice, till: Till, **answers: str) -> Held:
    """Somebody calm with a paid session; the answers as told."""
    start = MONDAY_NINE + timedelta(days=7 * next(WEEKS))
    return pay(practice, till, start, **answers)
