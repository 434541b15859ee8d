"""The same for two people who come together: what each tells us, and what staff write about one of them or about both.

As in canaries.py, each word is put where people would put theirs, by the product's own actions.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction

from practice.booking import actions as bookings
from practice.clearing import actions as clearing
from practice.clearing.models import INDIVIDUAL
from practice.clearing.queries import JointTime, get_couple, read_joint_time
from practice.intake.actions import save_moment
from practice.intake.documents import current_questionnaire
from practice.intake.lanes import TALK_FIRST
from practice.intake.queries import find_submitted
from practice.intake.questions import SESSION, Field
from practice.intake.storing import write_lanes
from practice.money import Money
from practice.partners import actions as partners
from practice.payments import remedies
from practice.people import Person, contact_of
from practice.portal.actions import change_contact
from practice.pulse.actions import save_answers
from practice.staff.queries import find_account
from tests.support import pulse
from tests.support.answering_couples import answers_as_partner, completes
from tests.support.canaries import STAFF, TYPED
from tests.support.clock import MONDAY_NINE
from tests.support.couples import pause, practice_couple
from tests.support.notes import grown_note
from tests.support.offers import ALONE, COUPLE, confirmed, work_in
from tests.support.papers import pay
from tests.support.paying import PRICE, Till
from tests.support.staff import hire
from tests.support.story import Client, Held, Practice

OF_STAFF = ("Canaryof", "canaryinvitation")
"""How words begin that no record of one person holds: decisions about two, reasons of money, and whom they invited."""


@dataclass(frozen=True)
class Two:
    """What a planter has at hand: two people who come together, a paid session of the first, and one for both."""

    practice: Practice
    booker: Client
    invited: Client
    couple: str
    paid: Held
    both: Held
    alone: Held

    def joint(self) -> JointTime:
        """Their joint time, as a clinician reads it now; call inside a work."""
        return read_joint_time(get_couple(self.couple))


def _word(name: str) -> str:
    return f"Canary{name}{secrets.token_hex(4)}"


def _flags(at: Two) -> list[str]:
    alone, both = _word("flag"), _word("ofbothflags")
    with work_in(at.practice) as work:
        side = at.joint().sides[0]
        assert side.intake is not None
        about, seen = side.intake.reference, side.flags[0].mark
        clearing.clear_flag(work, STAFF, about, seen=seen, reason=f"Asked about {alone}")
    with work_in(at.practice) as work:
        flag = at.joint().flags[0]
        clearing.clear_flag_of_two(work, STAFF, at.couple, seen=flag.mark, reason=f"Asked both about {both}")
    return [alone, both]


def _joint_time(at: Two) -> list[str]:
    words = [_word(f"of{name}") for name in ("clearance", "withdrawal", "conversion")]
    with work_in(at.practice) as work:
        clearing.clear(work, STAFF, at.couple, seen=at.joint().mark, reason=words[0])
    with work_in(at.practice) as work:
        clearing.take_back(work, STAFF, at.couple, seen=at.joint().mark, reason=words[1])
    with work_in(at.practice) as work:
        about = {"turned_into": INDIVIDUAL, "reason": words[2]}
        clearing.convert(work, STAFF, at.couple, at.both.reference, seen=at.joint().mark, **about)
    return words


def _money(at: Two) -> list[str]:
    words = [_word("ofmoney"), _word("ofcancelling")]
    with work_in(at.practice) as work:
        back, kept = Money(10_00, "USD"), Money(PRICE, "USD")
        remedies.give_back(work, at.paid.reference, back, kept=kept, actor=STAFF, reason=words[0])
    with work_in(at.practice) as work:
        decision = bookings.StaffDecision(STAFF, Fraction(1, 2), words[1])
        bookings.cancel_by_staff(work, bookings.lock(work, at.alone.reference), decision)
    return words


def _pauses(at: Two) -> list[str]:
    words = [_word("pause"), _word("pause")]
    for client, word in zip((at.booker, at.invited), words, strict=True):
        pause(at.practice, client, f"Since {word}")
    return words


def _contact_change(at: Two) -> list[str]:
    words = [_word("before"), _word("after")]
    with work_in(at.practice) as work:
        person = work.session.get_one(Person, at.invited.person_id)
        known = contact_of(person)
        assert known is not None
        for word in words:
            change_contact(work, person.id, replace(known, first_name=word))
    return words


def _lanes(at: Two) -> list[str]:
    """Who may speak of an answer tells of it as well: that word stands nowhere either."""
    for client in (at.booker, at.invited):
        with work_in(at.practice) as work:
            intake = find_submitted(work.session.get_one(Person, client.person_id))
            assert intake is not None
            sections = current_questionnaire().sections
            section = next(one.id for one in sections if "breach_story" in {field.name for field in one.fields})
            write_lanes(work, intake, section, {"breach_story": TALK_FIRST})
    return [TALK_FIRST]


def _pulse(at: Two) -> list[str]:
    """All of it is chosen, so the word is one that the page of today can't send; a later one may ask for words."""
    word, day = _word("pulse"), pulse.begin(at.practice, at.invited)
    at.practice.clock.set(pulse.due(at.practice, at.invited, day) + timedelta(hours=1))
    with work_in(at.practice) as work:
        save_answers(work, work.session.get_one(Person, at.invited.person_id), day, {**pulse.CALM, "pulse_heard": word})
    return [word]


def _notes(at: Two) -> list[str]:
    """About the two together: what was saved first, what was signed, and what was added."""
    words = [_word(name) for name in ("ofnotebefore", "bothnote", "bothnoteadded")]
    first, second, added = (f"They said {word}" for word in words)
    hire(at.practice, "clinician", email="notes@practice.example")
    with work_in(at.practice) as work:
        account = find_account("notes@practice.example")
        assert account is not None
        grown_note(work, account, get_couple(at.couple), (first, second, added))
    return words


PLANTERS: tuple[Callable[[Two], list[str]], ...] = (
    _lanes,
    _flags,
    _joint_time,
    _money,
    _contact_change,
    _pulse,
    _pauses,
    _notes,
)


def plant(practice: Practice, till: Till) -> tuple[Client, Client, list[str]]:
    """Two people who answered every question that is typed, and of whom everything is kept; and every word of it."""
    paid = pay(practice, till, attending="couple", control="often")
    booker, invited = paid.payer, practice.new_client()
    questions, words = current_questionnaire(), []
    asked_of_all = {"control": "often", "trust_role": "hurt", "prior_therapy": ("couple",)}
    shows_all = {"others_see_messages": "maybe", "contact_ok": ("email", "call"), "phone": "+1 555 0199"}
    own = _typed_answers([field for field in questions.fields() if field.moment == SESSION])
    theirs = _typed_answers(questions.for_partner().fields())
    completes(practice, booker, **{**asked_of_all, **own})
    answers_as_partner(practice, invited, **{**asked_of_all, **shows_all, **theirs})
    words += [*own.values(), *theirs.values()]
    address = f"canaryinvitation{secrets.token_hex(4)}@mail.example"
    with work_in(practice) as work:
        person = work.session.get_one(Person, booker.person_id)
        save_moment(work, person, "invite", {"partner_knows": "yes"})
        partners.invite_by_mail(work, person, address)
    couple = practice_couple(practice, inviter=booker, invited=invited).reference
    both = confirmed(practice, MONDAY_NINE + timedelta(days=7), invited, offering=COUPLE)
    alone = confirmed(practice, MONDAY_NINE + timedelta(days=42), invited, offering=ALONE)
    for planter in PLANTERS:
        words += planter(Two(practice, booker, invited, couple, paid, both, alone))
    practice.work_until_idle()
    return booker, invited, [*words, address]


def _typed_answers(fields: Iterable[Field]) -> dict[str, str]:
    return {field.name: _word(field.name.replace("_", "")) for field in fields if field.kind in TYPED}
