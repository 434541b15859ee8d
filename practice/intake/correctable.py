"""Which sent answers can be corrected, by whom, and what else a correction asks for or takes back. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from practice.intake.lanes import Lanes, default_lane, laned_fields, offered_lanes
from practice.intake.questions import FIRST_MOMENT, MOMENTS, SESSION, Answer, Answers, Field, Page, Questionnaire
from practice.intake.steps import waiting_fields

ELSEWHERE = frozenset(
    {
        *("preferred_name", "email", "contact_ok", "phone"),  # on their own page, How we reach you
        *("ack_not_emergency", "age_18_plus", "private_now", "session_location"),  # by the practice, as is the rest
        *("attending", "format_pref", "legal_name", "date_of_birth", "insurance_use"),
    }
)
"""What other rooms built on when it was sent, so that it is not changed here."""
AT_THE_PRACTICE = frozenset({"legal_name", "date_of_birth", "insurance_use"})  # of those, what staff correct here
ASKED_ONCE = frozenset(MOMENTS) - {FIRST_MOMENT, SESSION}  # asked beside a payment or an invitation, by some


class Reach(StrEnum):
    """What a page of corrections has: what its author is shown, what staff read, or what clinicians alone read."""

    OWN = "own"
    OPEN = "open"
    PRIVATE = "private"

    def has(self, field: Field) -> bool:
        """Whether the answer to this question can be corrected so."""
        if self is Reach.OWN:
            return not field.write_only and field.name not in ELSEWHERE
        fixed = field.name in ELSEWHERE and field.name not in AT_THE_PRACTICE
        return not fixed and field.write_only is (self is Reach.PRIVATE)


def sent_moments(*, completed: bool) -> tuple[str, ...]:
    """The moments whose answers were sent; `completed`: the part before the session is among them."""
    return tuple(moment for moment in MOMENTS if completed or moment != SESSION)


def sent_pages(questionnaire: Questionnaire, sent: Answers) -> tuple[Page, ...]:
    """The pages that were sent, in the order of asking, numbered from 1 through all moments, also those left out.

    `sent` are the answers that were sent.
    """
    every = [page for moment in MOMENTS for page in questionnaire.pages(moment)]
    numbered = [replace(page, number=number) for number, page in enumerate(every, start=1)]
    return tuple(page for page in numbered if any(field.name in sent for field in page.fields))


def within(page: Page, reach: Reach) -> Page:
    """What can be corrected of a page; a page without questions where that is nothing."""
    return replace(page, fields=tuple(field for field in page.fields if reach.has(field)))


def asked_again(questionnaire: Questionnaire, page: Page, sent: Answers) -> tuple[Field, ...]:
    """The questions of a page that these answers call for, or may come to; of the later moments what was asked."""
    if not page.fields:
        return ()
    asked = questionnaire.askable(page, sent)
    return tuple(field for field in asked if field.name in sent or field.moment not in ASKED_ONCE)


def laned_again(page: Page, sent: Answers) -> tuple[Field, ...]:
    """The questions of whose answers a page asks who may speak; none where it never did. `page`: as it was asked."""
    if page.moment != SESSION:
        return ()
    here = {field.name for field in page.fields}
    return tuple(field for field in laned_fields(page) if field.name in sent or field.name in here)


def corrected(questionnaire: Questionnaire, sent: Answers, asked: Collection[str], said: Answers) -> dict[str, Answer]:
    """Everything that is sent once `said` stands in the place of what was answered to the questions `asked`.

    What the new answers don't call for any more goes, wherever it was asked.
    """
    merged = {name: answer for name, answer in sent.items() if name not in asked} | dict(said)
    before, shown = questionnaire.shown(sent), questionnaire.shown(merged)
    return {name: answer for name, answer in merged.items() if name in shown or name not in before}


def called_for(
    questionnaire: Questionnaire, sent: Answers, after: Answers, moments: Iterable[str]
) -> tuple[Field, ...]:
    """The questions of these moments that wait for an answer in `after`, and did not in `sent`."""
    asked = [moment for moment in moments if moment not in ASKED_ONCE]
    waited = {field.name for moment in asked for field in waiting_fields(questionnaire, sent, moment)}
    waiting = [field for moment in asked for field in waiting_fields(questionnaire, after, moment)]
    return tuple(field for field in waiting if field.name not in waited)


def taken(before: Mapping[str, Answer], after: Mapping[str, Answer]) -> dict[str, Answer | None]:
    """The answers that are others now, as they were before; None where there was none. Their order is no matter."""
    names = [*before, *(name for name in after if name not in before)]
    return {name: before.get(name) for name in names if _unordered(before.get(name)) != _unordered(after.get(name))}


def standing_lanes(laned: Iterable[Field], chosen: Lanes, policy: str) -> dict[str, str]:
    """Who may speak of each of these answers, also where nobody chose, or what was chosen is not offered any more."""
    offered = offered_lanes(policy)
    known = {field.name: chosen.get(field.name, "") for field in laned}
    return {name: lane if lane in offered else default_lane(policy) for name, lane in known.items()}


def _unordered(answer: Answer | None) -> frozenset[str] | str | None:
    return frozenset(answer) if isinstance(answer, tuple) else answer
