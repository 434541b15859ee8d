"""The demo's clients: made-up people, asked and booked through the same actions as anybody, paid in the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from practice import clock
from practice.booking import actions as booking
from practice.booking.holding import HOLD_LIFE, hold_slot
from practice.booking.lifecycle import State, Trigger
from practice.booking.models import Booking
from practice.booking.offers import queries
from practice.booking.openings import open_times
from practice.booking.waiting.actions import WishedFor, make_wish
from practice.clock import SystemClock
from practice.consents.actions import accept
from practice.consents.documents import AskedOf
from practice.consents.queries import find_documents
from practice.demo import couples
from practice.demo.before_session import answer_more
from practice.intake import actions as intake
from practice.intake.documents import current_questionnaire
from practice.intake.models import Intake
from practice.intake.questions import Answer
from practice.papers.estimates import ensure_before_payment
from practice.payments.checkout import open_checkout, settle
from practice.payments.queries import find_attempts
from practice.people import Person, add_person, find_by_email, hash_code
from practice.review import actions as review
from practice.review.endings import as_seen, list_ending
from practice.review.steps import UNTOUCHED
from practice.staff.queries import find_owners
from practice.work import Work, begin_work
from practice.worker import run_until_idle

CODE = "quince street"  # everybody's access code in the demo
PAY_PATIENCE = 10.0  # seconds
FORM = "application/x-www-form-urlencoded"
BORN = "1985-03-31"  # everybody
TEST_CARD = "4242424242424242"

WHOLE, HALF = "whole", "half"
HALF_WAY = 4  # pages
READ_AFTER = (3, 7, 19, 5, 11)  # hours until the practice looked at a request, from one to the next
LEFT_TO_MARK = timedelta(days=4)

CALM = {"control": "no", "safe_to_speak": "yes", "court_order": "no", "self_harm": "no", "alone_call": "not_sure"}
GUARDED = {**CALM, "control": "sometimes", "safe_to_speak": "not_sure"}
AFRAID = {**CALM, "control": "often", "safe_to_speak": "no", "alone_call": "yes"}
TIRED = {**CALM, "self_harm": "passing", "alone_call": "yes"}


@dataclass(frozen=True)
class Story:
    """One client: what they answered, whom they see and when, and how it went on.

    `more` says how far they are with the questions before the session: not begun, WHOLE (sent) or HALF (saved).
    `asked` and `session` are days from today. Endings: draft, asked (intake sent, nothing booked), held, expired,
    confirmed, cancelled, accepted (confirmed, and read by the practice), declined.
    """

    name: str
    region: str
    role: str
    breaches: tuple[str, ...]
    pattern: str
    since: str
    goal: str
    private: Mapping[str, str]
    therapist: str
    offering: str
    asked: int
    session: int
    ending: str
    more: str = ""

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@mail.example"


STORIES = (
    Story("Noemi", "US-NY", "hurt", ("promises_broken", "lying_omission"), "many_small", "y1_3", "repair", CALM,
          "mara-okafor", "couple-80", -99, -92, "accepted"),
    Story("Imani", "US-NY", "hurt", ("affair_emotional", "lying_omission"), "repeated", "w2_m3", "repair", CALM,
          "mara-okafor", "couple-80", -24, -17, "accepted", WHOLE),
    Story("Tobias", "US-NJ", "broke", ("affair_physical",), "single", "lt_2w", "repair", TIRED,
          "mara-okafor", "couple-50", -20, -11, "accepted"),
    Story("Ren", "US-CA", "both", ("promises_broken", "absent_key_moment"), "many_small", "gt_3y", "decide", CALM,
          "june-castellanos", "couple-50", -19, -9, "accepted"),
    Story("Salma", "US-MA", "hurt", ("money_hidden",), "repeated", "m3_12", "understand", GUARDED,
          "elias-winter", "couple-80", -15, -6, "accepted"),
    Story("Joost", "US-VT", "broke", ("secrecy_addiction",), "repeated", "y1_3", "support_me", CALM,
          "elias-winter", "individual-50", -13, -5, "accepted"),
    Story("Carmen", "US-OR", "hurt", ("online_sexual", "lying_omission"), "repeated", "w2_m3", "not_sure", CALM,
          "june-castellanos", "couple-80", -9, -2, "accepted"),
    Story("Adaeze", "US-NY", "not_sure", ("boundary_agreement",), "single", "m3_12", "repair", CALM,
          "mara-okafor", "couple-90-in-person", -6, 3, "accepted", WHOLE),
    Story("Piotr", "US-NY", "broke", ("affair_emotional",), "single", "lt_2w", "repair", AFRAID,
          "mara-okafor", "couple-50", -2, 4, "confirmed"),
    Story("Lucia", "US-WA", "hurt", ("affair_physical", "money_hidden"), "repeated", "w2_m3", "separate_well", CALM,
          "june-castellanos", "couple-50", -2, 5, "confirmed"),
    Story("Nils", "US-CT", "both", ("privacy_invaded", "confidence_broken"), "many_small", "y1_3", "repair", GUARDED,
          "mara-okafor", "couple-80", -1, 6, "confirmed", HALF),
    Story("Amara", "US-MA", "talk", ("prefer_talk",), "not_sure", "not_sure", "support_me", TIRED,
          "elias-winter", "individual-50", -1, 8, "confirmed"),
    Story("Wen", "US-CA", "hurt", ("parenting_decision",), "single", "m3_12", "decide", CALM,
          "june-castellanos", "couple-50", -1, 9, "confirmed"),
    Story("Oscar", "US-NY", "broke", ("promises_broken",), "many_small", "gt_3y", "repair", CALM,
          "elias-winter", "couple-50", -5, 7, "cancelled"),
    Story("Helene", "US-NJ", "hurt", ("lying_omission",), "repeated", "y1_3", "understand", CALM,
          "mara-okafor", "couple-50", -8, 6, "declined"),
    Story("Kofi", "US-NY", "hurt", ("affair_emotional",), "single", "lt_2w", "repair", CALM,
          "mara-okafor", "couple-80", -3, 10, "expired"),
    Story("Bea", "US-VT", "both", ("absent_key_moment",), "single", "m3_12", "repair", CALM,
          "elias-winter", "couple-50", 0, 12, "held"),
    Story("Yusuf", "US-OR", "hurt", ("money_hidden",), "repeated", "w2_m3", "decide", CALM,
          "june-castellanos", "couple-50", -1, 0, "asked"),
    Story("Greta", "US-NY", "hurt", ("other",), "not_sure", "not_sure", "not_sure", CALM,
          "mara-okafor", "couple-50", -1, 0, "draft"),
)  # fmt: skip


class ShiftedClock:
    """The machine's clock, moved by some days, so that the past can be told as it happened."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.shift


def tell(app: Flask) -> None:
    """Make every story true, one after the other; the sandbox must be running."""
    moved = ShiftedClock()
    app.extensions[clock.EXTENSION] = moved
    code_hash = hash_code(CODE)
    try:
        for story in sorted(STORIES, key=lambda one: one.asked):
            moved.shift = timedelta(days=story.asked)
            _tell(app, story, moved, code_hash)
    finally:
        app.extensions[clock.EXTENSION] = SystemClock()
    with app.app_context():
        _wait(next(story for story in STORIES if story.ending == "asked"))
        _mark_who_came()
    run_until_idle(app)
    couples.tell(app, code_hash)
    run_until_idle(app)


def _wait(story: Story) -> None:
    """Somebody found no time that suits, and waits for an evening."""
    offer = queries.get_offer(story.therapist, story.offering)
    [person] = find_by_email(story.email)
    with begin_work() as work:
        make_wish(
            work,
            work.session.get_one(Person, person.id),
            WishedFor(offer.offering_id, None, None, (0, 2, 4), time(16), time(20), offer.zone),
        )


def _tell(app: Flask, story: Story, moved: ShiftedClock, code_hash: str) -> None:
    with app.app_context():
        person_id, found = _ask(story, code_hash)
    if story.ending in {"draft", "asked"}:
        return
    with app.app_context():
        reference = hold_time(story, person_id)
    if story.ending == "held":
        return
    if story.ending == "expired":
        moved.shift += timedelta(minutes=11)
        run_until_idle(app)
        return
    moved.shift = timedelta()  # the sandbox lives in the present, and so do its deadlines
    with app.app_context():
        answer_before_paying(story, person_id, reference)
        pay(reference)
    moved.shift = timedelta(days=story.asked)
    with app.app_context():
        with begin_work() as work:
            row = tell_as_of(work, reference, work.now)
            if story.ending == "cancelled":
                booking.cancel(work, row)
        moved.shift += timedelta(hours=READ_AFTER[len(story.name) % len(READ_AFTER)])
        _decide(story, found)
        moved.shift = timedelta(days=story.asked)
        if story.more:
            answer_more(person_id, until=HALF_WAY if story.more == HALF else None)


def _ask(story: Story, code_hash: str) -> tuple[int, str]:
    answers: dict[str, Answer] = {
        "ack_not_emergency": "yes", "age_18_plus": "yes", "private_now": "yes", "session_location": story.region,
        "preferred_name": story.name, "email": story.email, "contact_ok": ("email",), "others_see_messages": "no",
        "attending": "individual" if story.offering.startswith("individual") else "couple",
        "trust_role": story.role, "breach_types": story.breaches, "breach_pattern": story.pattern,
        "breach_known_since": story.since, "goal_direction": story.goal,
        "format_pref": "in_person" if story.offering.endswith("in-person") else "video", "access_needs": "",
        **story.private,
    }  # fmt: skip
    pages = current_questionnaire().pages("book")
    with begin_work() as work:
        person = add_person(work, queries.get_therapist(story.therapist).zone)
        draft = intake.start_draft(work, person, person.zone)
        if story.ending != "draft":  # who agrees is asked on the way, behind the third page
            for document in find_documents().values():
                if document.asked_of is not AskedOf.COUPLES or answers["attending"] == "couple":
                    accept(work, person, document)
        for page in pages[:3] if story.ending == "draft" else pages:
            said = {field.name: answers[field.name] for field in page.fields if field.name in answers}
            intake.save_page(work, draft.reference, page, said, code_hash)
        if story.ending != "draft":
            intake.submit(work, draft.reference)
        return person.id, draft.reference


def hold_time(story: Story, person_id: int) -> str:
    """Hold a time for somebody, on the story's day or soon after; the booking's reference."""
    offer = queries.get_offer(story.therapist, story.offering)
    first = SystemClock().now().astimezone(ZoneInfo(offer.zone)).date() + timedelta(days=story.session)
    with begin_work() as work:
        spans = open_times(offer, first=first, last=first + timedelta(days=6), now=work.now)
        return hold_slot(work, person_id, offer, spans[len(story.name) % 3].start)


def answer_before_paying(story: Story, person_id: int, reference: str) -> None:
    """Answer what is asked at payment, and have the estimate made."""
    said: dict[str, Answer] = {"legal_name": f"{story.name} Marlowe", "date_of_birth": BORN, "insurance_use": "no"}
    with begin_work() as work:
        intake.save_moment(work, work.session.get_one(Person, person_id), "pay", said)
        ensure_before_payment(work, booking.lock(work, reference))


def pay(reference: str) -> None:
    """Pay as a client would: on the sandbox's own page, with the card that works."""
    with begin_work() as work:  # held in the past, paid in the present
        booking.lock(work, reference).deadline_at = work.now + HOLD_LIFE
    page = urlsplit(open_checkout(reference))
    connection = HTTPConnection(page.hostname or "", page.port, timeout=PAY_PATIENCE)
    connection.request("POST", page.path, urlencode({"card": TEST_CARD}), {"Content-Type": FORM})
    status = connection.getresponse().status
    connection.close()
    if status != HTTPStatus.SEE_OTHER:
        raise RuntimeError(f"the sandbox did not take the payment ({status})")
    [attempt] = find_attempts(reference)
    settle(attempt.reference)


def tell_as_of(work: Work, reference: str, then: datetime) -> Booking:
    """Let a session have been asked for and paid then, though the sandbox took the money only now; its locked row."""
    row = booking.lock(work, reference)
    row.confirmed_at = row.updated_at = then
    for attempt in find_attempts(reference):
        attempt.created_at = attempt.paid_at = then
    return row


def _mark_who_came() -> None:
    """Those of the last days are left for the desk to mark."""
    with begin_work() as work:
        over = (Booking.state == State.CONFIRMED, Booking.ends_at < work.now - LEFT_TO_MARK)
        for row in work.session.scalars(select(Booking).where(*over).order_by(Booking.id)):
            booking.mark(work, row, Trigger.COMPLETE)


def _decide(story: Story, found: str) -> None:
    owner = find_owners()[0]
    with begin_work() as work:
        if story.ending == "accepted":
            review.accept(work, owner, found, seen=UNTOUCHED)
        if story.ending == "declined":
            request = work.session.scalars(select(Intake).where(Intake.reference == found)).one()
            review.decline(work, owner, found, seen=UNTOUCHED, ending=as_seen(list_ending(request, work.now)))
