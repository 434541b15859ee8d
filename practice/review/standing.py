"""How a request stands, for the page of whoever reads it: its stage, what it went through, and what may come next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from practice.booking.offers.models import Offering, Therapist
from practice.booking.offers.queries import Offer, find_offers
from practice.booking.queries import find_eligibility, may_book
from practice.database import db
from practice.intake.models import Intake
from practice.intake.queries import questionnaire_of
from practice.intake.questions import BOOKER
from practice.languages import N_
from practice.people import takes_mail
from practice.review.lifecycle import ENDING, Stage, Step, Word, may_take
from practice.review.models import Referral
from practice.review.own_request import WAYS, is_newest, word_of
from practice.review.steps import Taken, mark_of, stage_of, steps_of
from practice.speaking import gettext as _
from practice.speaking import pgettext
from practice.staff.queries import find_actor_names

SAID = {
    Step.TAKE: N_("Review begun"),
    Step.ASK: N_("Asked for something"),
    Step.ANSWER: N_("Answered"),
    Step.TAKE_BACK: N_("Taken back"),
    Step.OFFER_CALL: N_("Offered a call alone"),
    Step.CALLED: N_("The call took place"),
    Step.ACCEPT: N_("Accepted"),
    Step.REFER_OUT: N_("Referred out"),
    Step.DECLINE: N_("Declined"),
    Step.WITHDRAW: N_("Withdrawn"),
}


@dataclass(frozen=True)
class Line:
    """One step in words; what is `said` is a sentence of the catalogues.

    `names`: questions, people or offerings that belong to it; `text`: what somebody wrote.

    `actor` is who took it as the audit log names them, `by` as pages do.
    """

    number: int
    at: datetime
    actor: str
    by: str
    said: str
    names: list[str]
    text: str

    def by_colleague_of(self, reader: str) -> bool:
        """Whether somebody else of the staff took it, and neither this reader (an actor) nor the client."""
        return self.actor.startswith("staff:") and self.actor != reader


@dataclass(frozen=True)
class Standing:
    """A request for whoever reads it. `newest`: nothing its author sent came later; `to_book`: not as a partner."""

    stage: Stage
    to_book: bool
    word: Word
    mark: str
    newest: bool
    by_mail: bool
    history: list[Line]  # the latest first

    def since(self, mark: str) -> list[Line]:
        """What was done with it, the latest first, since it stood as this mark (steps.mark_of) says."""
        _, _, number = mark.rpartition(":")
        return [one for one in self.history if number.isdecimal() and one.number > int(number)]

    def may(self, step: str) -> bool:
        """Whether a reviewer can go on so. Only what its author sent last can be asked about or referred."""
        named = Step(step)
        if named in ENDING and not self.to_book:
            return False
        return may_take(self.stage, named) and (self.newest or named not in (Step.ASK, Step.OFFER_CALL, Step.REFER_OUT))


def read_standing(intake: Intake) -> Standing:
    """How a request stands, for somebody who reads what is clinical of it."""
    taken = steps_of(intake)
    names, client = find_actor_names({one.by for one in taken}), pgettext("by whom", "the client")
    return Standing(
        stage=stage_of(intake),
        to_book=intake.audience == BOOKER,
        word=word_of(intake),
        mark=mark_of(intake),
        newest=is_newest(intake),
        by_mail=takes_mail(intake.person),
        history=[_line(intake, one, names.get(one.by, client)) for one in reversed(taken)],
    )


def list_choices(intake: Intake, now: datetime) -> list[tuple[Offer, bool]]:
    """Every offer by somebody licensed where the person is, and whether they may book it as it stands."""
    eligibility = find_eligibility(intake.person)
    if eligibility is None:
        return []
    offers = [
        offer for offer in find_offers().values() if not offer.staff_only and eligibility.region in offer.licence_places
    ]
    return [
        (offer, may_book(eligibility, offer, now))
        for offer in sorted(offers, key=lambda one: (one.offering_name, one.therapist_name))
    ]


def _line(intake: Intake, one: Taken, by: str) -> Line:
    told, names, text = one.told, list[str](), ""
    match one.step:
        case Step.ASK:
            asked = {field.name: field.question for field in questionnaire_of(intake).fields()}
            names, text = [asked.get(name, name) for name in told["fields"]], told["question"]
        case Step.ANSWER:
            names = [_("What they answered anew stands in their answers, with what it was before")]
            names, text = names if told["correction"] is not None else [], told["answer"]
        case Step.OFFER_CALL:
            way = WAYS[told["way"]]
            names = [_(way)]
        case Step.ACCEPT if told:
            names = [
                *db.session.scalars(select(Therapist.name).where(Therapist.id.in_(told["therapists"]))),
                *(one.name for one in db.session.scalars(select(Offering).where(Offering.id.in_(told["offerings"])))),
            ]
        case Step.REFER_OUT:
            named = select(Referral.name).where(Referral.reference.in_(told["referrals"]))
            names = list(db.session.scalars(named.order_by(Referral.name)))
        case _:
            pass
    return Line(one.row.number, one.at, one.by, by, SAID[one.step], names, text)
