"""Two people of whom everything is kept that can be: for what must hold when one of them is erased."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select

from practice.calendars.caldav import keeping
from practice.calendars.caldav.models import CalendarQuestion
from practice.clearing import actions as clearing
from practice.clearing.models import INDIVIDUAL
from practice.clearing.queries import get_couple, read_joint_time
from practice.erasing import lift_hold, place_hold
from practice.intake.actions import save_moment
from practice.intake.correctable import Reach
from practice.intake.lanes import MAY_RAISE, TALK_FIRST
from practice.intake.models import Intake, IntakeAnswers
from practice.intake.queries import find_submitted
from practice.intake.storing import write_lanes
from practice.partners import actions as partners
from practice.people import Person, contact_of, make_link, make_return_code
from practice.portal.actions import change_contact
from practice.reminding.actions import stop_letters
from practice.reminding.messages import Topic
from practice.review import asking
from practice.review.glass_actions import break_glass
from practice.review.glass_forms import BOTH, ONE
from practice.review.steps import mark_of
from practice.rights.actions import ask_to_be_erased, refuse
from practice.rights.queries import find_waiting
from practice.staff.duty.actions import mark_read
from practice.staff.queries import find_account
from tests.support import access, consents, pulse
from tests.support.answering_couples import answers_as_partner, completes
from tests.support.clock import MONDAY_NINE
from tests.support.correcting import correct
from tests.support.couples import pause, practice_couple, resume
from tests.support.fake_calendars import connect_fake
from tests.support.notes import grown_note
from tests.support.offers import ALONE, COUPLE, change_offering, confirmed, work_in
from tests.support.papers import attend, diagnose, pay
from tests.support.paying import Till
from tests.support.staff import hire
from tests.support.story import Client, Held, Practice

CLINICIAN = "staff:1"
FIRST = MONDAY_NINE + timedelta(hours=3)


@dataclass(frozen=True)
class Whole:
    """Who booked and paid, whom they invited, their couple's reference, the booker's session that took place, and one
    that is coming, which the invited person booked for themselves.
    """

    booker: Client
    invited: Client
    couple: str
    held: Held
    coming: Held


def whole_couple(practice: Practice, till: Till) -> Whole:
    """Everything there is of two people: what they answered, agreed to, paid, and what staff decided about them."""
    consents.with_documents(practice)
    hire(practice, "clinician", email="whole@practice.example")
    held = pay(practice, till, FIRST, attending="couple", self_harm="plan", control="often", phone="+1 555 0100")
    booker, invited = held.payer, practice.new_client()
    answers_as_partner(practice, invited, trust_role="hurt", control="often", self_harm="plan")
    with work_in(practice) as work:
        person = work.session.get_one(Person, booker.person_id)
        save_moment(work, person, "invite", {"partner_knows": "yes"})
        partners.invite_by_mail(work, person, "invited@mail.example")
    couple = practice_couple(practice, inviter=booker, invited=invited).reference
    completes(practice, booker, self_harm="plan")
    practice.work_until_idle()
    _decide(practice, couple, confirmed(practice, MONDAY_NINE + timedelta(days=7), invited, offering=COUPLE))
    change_offering(practice, ALONE, price_minor=0)  # nobody has to pay for it in this story
    coming = confirmed(practice, MONDAY_NINE + timedelta(days=42), invited, offering=ALONE)
    attend(practice, held)
    diagnose(practice, held, "F43.23")
    _outside(practice)
    first = {client: pulse.begin(practice, client) for client in (booker, invited)}
    practice.clock.set(max(pulse.due(practice, client, day) for client, day in first.items()) + timedelta(hours=1))
    for client, day in first.items():
        _live(practice, client)
        pulse.answer(practice, client, day, pulse_alone="yes")
    practice.work_until_idle()
    pause(practice, booker, "We need a rest")
    resume(practice, booker)
    pause(practice, booker, "Once more")
    pause(practice, invited, "I need a rest too")
    _open(practice, booker)
    with work_in(practice) as work:
        account = find_account("whole@practice.example")
        assert account is not None
        grown_note(work, account, get_couple(couple), ("Both", "Both said so", "And both said more"))
    for client in (booker, invited):
        practice.browser(client)
    practice.work_until_idle()
    return Whole(booker, invited, couple, held, coming)


def _outside(practice: Practice) -> None:
    """Their therapist's own calendar has what is coming, and one of it was deleted there and put back."""
    fake = connect_fake(practice)
    fake.remove(next(iter(fake.objects)))
    practice.clock.advance(minutes=16)
    practice.work_until_idle()
    with work_in(practice) as work:
        question = work.session.scalars(select(CalendarQuestion)).one()
        keeping.put_back(work, question, CLINICIAN)
    practice.work_until_idle()


def _open(practice: Practice, booker: Client) -> None:
    """A colleague whom no notice calls to them any more opens one of them with a reason, and then the two together."""
    hire(practice, "clinician", email="opens@practice.example")
    with work_in(practice) as work:
        for sent in work.session.scalars(select(Intake)).all():
            mark_read(work, CLINICIAN, sent.reference)
    for what in (ONE, BOTH):
        with work_in(practice) as work:
            intake = find_submitted(work.session.get_one(Person, booker.person_id))
            colleague = find_account("opens@practice.example")
            assert intake is not None
            assert colleague is not None
            intake.owner = CLINICIAN
            work.session.flush()
            break_glass(work, colleague, intake.reference, what, "They are at the door")


def _decide(practice: Practice, couple: str, session: Held) -> None:
    """A clinician looks into the flags, clears joint time, takes it back, and calls a session off."""

    def mark() -> str:
        return read_joint_time(get_couple(couple)).mark

    with work_in(practice) as work:
        clearing.clear(work, CLINICIAN, couple, seen=mark(), reason="Both are at ease")
    with work_in(practice) as work:
        clearing.take_back(work, CLINICIAN, couple, seen=mark(), reason="They fell out")
    with practice.app.app_context():
        joint = read_joint_time(get_couple(couple))
        alone = [(side.intake.reference, side.flags[0].mark) for side in joint.sides if side.intake is not None]
        together = [one.mark for one in joint.flags]
    assert (len(alone), len(together)) == (2, 1)
    for reference, seen in alone:
        with work_in(practice) as work:
            clearing.clear_flag(work, CLINICIAN, reference, seen=seen, reason="Spoke with this person")
    for seen in together:
        with work_in(practice) as work:
            clearing.clear_flag_of_two(work, CLINICIAN, couple, seen=seen, reason="Spoke with both")
    with work_in(practice) as work:
        clearing.convert(
            work, CLINICIAN, couple, session.reference, seen=mark(), turned_into=INDIVIDUAL, reason="Each alone first"
        )
    practice.work_until_idle()


def _live(practice: Practice, client: Client) -> None:
    """What each of the two does and has done about them, by themselves."""
    consents.accept(practice, client)
    with work_in(practice) as work:
        person = work.session.get_one(Person, client.person_id)
        account, intake, before = find_account("whole@practice.example"), find_submitted(person), contact_of(person)
        assert account is not None
        assert intake is not None
        assert before is not None
        grown_note(work, account, person, ("They said", "They said so", "And more of it"))
        asking.ask(work, account, intake.reference, seen=mark_of(intake), fields=["lean"], question="Since when?")
        asking.answer(work, person, intake.reference, seen=mark_of(intake), change=None, text="Since May")
        section = work.session.scalars(select(IntakeAnswers).where(IntakeAnswers.intake_id == intake.id)).first()
        assert section is not None
        write_lanes(work, intake, section.section, {"breach_story": TALK_FIRST})
        correct(work, CLINICIAN, intake.reference, reach=Reach.PRIVATE, remark="By phone", control="sometimes")
        correct(work, f"client:{client.reference}", intake.reference, lanes={"lean": MAY_RAISE}, lean="4")
        change_contact(work, person.id, replace(before, first_name="Alex"))
        stop_letters(work, person.id, Topic.MISSING)
        partners.share_progress(work, person)
        make_return_code(work, person)
        make_link(work, person, "return")
        place_hold(work, CLINICIAN, person, "A court asks")
        lift_hold(work, CLINICIAN, person)
        ask_to_be_erased(work, person)
        waiting = find_waiting(person.id)
        assert waiting is not None
        refuse(work, CLINICIAN, waiting.reference, "Not yet")
    access.handed_over(practice, client)
