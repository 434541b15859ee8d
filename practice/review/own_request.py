"""What a client sees of their own request: one of six words, and what the practice asks, offers or names. Only reads.

Nothing of why, and nothing of anybody else's request: two people who come together each have their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from practice.booking.attending import find_joined
from practice.booking.lifecycle import State
from practice.booking.offers.queries import Offer
from practice.booking.queries import find_bookings_of, find_choices, find_eligibility, has_been_here
from practice.database import db
from practice.intake.models import Intake
from practice.intake.queries import find_submitted
from practice.intake.questions import BOOKER
from practice.languages import N_
from practice.people import Person
from practice.review.lifecycle import STANDS, WORDS, WORDS_FOR_PARTNER, Stage, Step, Word, word_for
from practice.review.models import Referral
from practice.review.queries import Reach, reach_of
from practice.review.steps import find_last, mark_of, stage_of

CALLED, BOOK, KEPT = "called", "book", "kept"
WAYS = {
    CALLED: N_("I call them, in the way that they allowed"),
    BOOK: N_("They choose a time for a free call on their page"),
    KEPT: N_("I choose a time and keep it for them, under Schedule"),
}
BOOKED = (State.CONFIRMED, State.ATTENDED, State.MISSED)


@dataclass(frozen=True)
class Asked:
    """What a client is asked: names of questions of their intake, and one in the practice's own words, or none."""

    fields: tuple[str, ...]
    question: str


@dataclass(frozen=True)
class Call:
    """A call that a client is offered, by themselves: one of WAYS, how they are reached, and what they may book."""

    way: str
    reach: Reach
    offers: list[Offer]


@dataclass(frozen=True)
class OwnRequest:
    """Somebody's newest request as its page shows it to them. `mark` is what a form of the page sends back."""

    intake: Intake
    word: Word
    mark: str
    asked: Asked | None
    call: Call | None
    referrals: list[Referral]
    may_withdraw: bool


def read_word(person: Person) -> Word | None:
    """How the newest request of this person stands, in the word that they see; None when they never sent one."""
    newest = find_submitted(person)
    return word_of(newest) if newest is not None else None


def word_of(intake: Intake) -> Word:
    """The word that whoever sent this request sees."""
    stands = [*find_bookings_of(intake.person), *find_joined(intake.person)]
    words = WORDS if intake.audience == BOOKER else WORDS_FOR_PARTNER
    return word_for(stage_of(intake), booked=any(one.state in BOOKED for one in stands), words=words)


def is_newest(intake: Intake) -> bool:
    """Whether its author sees this one: nothing that they sent came later."""
    newest = find_submitted(intake.person)
    return newest is not None and newest.id == intake.id


def read_own_request(person: Person, now: datetime) -> OwnRequest | None:
    """The newest request of this person with all that its page shows; None when they never sent one."""
    intake = find_submitted(person)
    if intake is None:
        return None
    stage = stage_of(intake)
    return OwnRequest(
        intake=intake,
        word=word_of(intake),
        mark=mark_of(intake),
        asked=find_asked(intake),
        call=_call(intake, now) if stage is Stage.INDIVIDUAL_CALL else None,
        referrals=find_named(intake),
        may_withdraw=may_withdraw(intake, now),
    )


def find_asked(intake: Intake) -> Asked | None:
    """What its author is asked now; None where that is nothing."""
    last = find_last(intake, Step.ASK) if stage_of(intake) is Stage.INFO_REQUESTED else None
    return Asked(tuple(last.told["fields"]), last.told["question"]) if last is not None else None


def find_named(intake: Intake) -> list[Referral]:
    """Where its author was sent instead, in the order of the list; nothing where they weren't."""
    last = find_last(intake, Step.REFER_OUT) if stage_of(intake) is Stage.REFERRED_OUT else None
    if last is None:
        return []
    named = select(Referral).where(Referral.reference.in_(last.told["referrals"]))
    return list(db.session.scalars(named.order_by(Referral.name, Referral.id)))


def may_withdraw(intake: Intake, now: datetime) -> bool:
    """Whether its author can take it back themselves: a request to book, before the first session took place."""
    if intake.audience != BOOKER or stage_of(intake) not in STANDS:
        return False
    return not has_been_here(intake.person_id, now)


def ways_to_call(person: Person, now: datetime) -> dict[str, str]:
    """How a call by themselves can be offered to this person: those of WAYS that are open."""
    closed = set[str]()
    if not reach_of(person).phone:
        closed.add(CALLED)
    if not free_calls(person, now):
        closed.add(BOOK)
    return {way: words for way, words in WAYS.items() if way not in closed}


def free_calls(person: Person, now: datetime) -> list[Offer]:
    """The free offerings for one person alone that this person may book."""
    eligibility = find_eligibility(person)
    choices = find_choices(eligibility, now) if eligibility is not None else []
    return [offer for offer in choices if not offer.price and offer.attendance == "individual"]


def _call(intake: Intake, now: datetime) -> Call | None:
    last = find_last(intake, Step.OFFER_CALL)
    if last is None:
        return None
    offers = free_calls(intake.person, now) if last.told["way"] == BOOK else []
    return Call(last.told["way"], reach_of(intake.person), offers)
