"""The form of a page of corrections: the page as it was asked, with what was sent, and what a change asks besides.

Shared by the pages of whoever answered and those of staff. It checks shape; correcting.py decides.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from flask import request

from practice.errors import NotFound
from practice.intake.correctable import (
    Reach,
    asked_again,
    called_for,
    corrected,
    laned_again,
    sent_moments,
    sent_pages,
    within,
)
from practice.intake.correcting import Change, lanes_now, page_mark
from practice.intake.forms import QuestionForm, asked_form
from practice.intake.lane_form import LaneForm, lane_form
from practice.intake.models import Intake
from practice.intake.own_answers import own_fields
from practice.intake.queries import questionnaire_of, sent_codes_of
from practice.intake.questions import Answer, Field, Page, Questionnaire
from practice.profile import profile

SEEN, ALSO = "seen", "also"  # hidden in the form: page_mark(), and the questions that it asks besides its own


@dataclass(frozen=True)
class CorrectionForm:
    """A page of corrections, as it was sent or is shown. `page`: what can be corrected of it; `besides`: the questions
    that what was typed calls for and that stand on other pages; `sent`: all answers that stand.
    """

    intake: Intake
    questionnaire: Questionnaire
    page: Page
    reach: Reach
    sent: dict[str, Answer]
    form: QuestionForm
    besides: tuple[Field, ...]
    lanes: LaneForm | None
    mark: str

    @property
    def also(self) -> str:
        """What the form sends back of the questions that it asks besides."""
        return " ".join(field.name for field in self.besides)

    @property
    def asks_more(self) -> bool:
        """Whether what was sent calls for questions that its page had not asked yet."""
        return bool({field.name for field in self.besides} - set(request.form.get(ALSO, "").split()))

    def validate(self) -> bool:
        """Check shape, of both forms, so that somebody reads everything that is wrong at once."""
        valid = [one.validate() for one in (self.form, self.lanes) if one is not None]
        return all(valid)

    def change(self, remark: str = "") -> Change:
        """What was sent. After validation."""
        return Change(
            page=self.page,
            asked=frozenset(field.name for field in self.form.asked),
            said=self.form.answers(),
            lanes=self.lanes.lanes() if self.lanes is not None else {},
            seen=request.form.get(SEEN, ""),
            remark=remark,
            private=self.reach is Reach.PRIVATE,
        )

    def standing(self) -> list[tuple[str, str]]:
        """Where what stands differs from what was typed: the question, and what stands, in words."""
        said = self.form.answers()
        return [
            (field.question, self.questionnaire.said(field, self.sent))
            for field in self.page.fields
            if field.name in self.sent and self.sent[field.name] != said.get(field.name)
        ]


def correction_form(intake: Intake, number: int, reach: Reach) -> CorrectionForm:
    """The page of this number (correctable.sent_pages); on a POST it holds what was sent.

    :raises NotFound: when this intake was sent no such page, or nothing of it can be corrected so.
    """
    questionnaire, sent = questionnaire_of(intake), sent_codes_of(intake)
    found = next((page for page in sent_pages(questionnaire, sent) if page.number == number), None)
    page = within(found, reach) if found is not None else None
    asked = asked_again(questionnaire, page, sent) if page is not None else ()
    if page is None or not asked:
        raise NotFound
    shown = tuple(_opened(field) for field in asked) if reach is Reach.PRIVATE else asked
    form, besides = _grown(questionnaire, shown, sent, sent_moments(completed=intake.completed_at is not None))
    shared = (*laned_again(page, sent), *(field for field in besides if field.may_be_shared))
    laned = shared if reach is not Reach.PRIVATE else ()
    lanes = lane_form(laned, profile().secrets_policy, lanes_now(intake, laned)) if laned else None
    return CorrectionForm(intake, questionnaire, page, reach, sent, form, besides, lanes, mark=page_mark(intake, page))


def asked_back_form(intake: Intake, names: Collection[str]) -> CorrectionForm | None:
    """The questions of these names that their author is shown again, from every page that was sent, as one page.

    Who may speak of each answer stays as it was chosen. None: none of them is asked (any more).
    """
    questionnaire, sent = questionnaire_of(intake), sent_codes_of(intake)
    fields = tuple(field for _, those in own_fields(intake) for field in those if field.name in names)
    if not fields:
        return None
    section = next(one for one in questionnaire.sections if fields[0] in one.fields)
    page = Page(number=0, section=section, fields=fields)
    form, besides = _grown(questionnaire, fields, sent, sent_moments(completed=intake.completed_at is not None))
    return CorrectionForm(
        intake, questionnaire, page, Reach.OWN, sent, form, besides, lanes=None, mark=page_mark(intake, page)
    )


def _opened(field: Field) -> Field:
    """The same question for a clinician, who reads the answer."""
    return replace(field, private=False, visibility="own")


def _grown(
    questionnaire: Questionnaire, asked: tuple[Field, ...], sent: dict[str, Answer], moments: tuple[str, ...]
) -> tuple[QuestionForm, tuple[Field, ...]]:
    """The form, with every question that what was typed into it calls for and that no answer stands to."""
    form, besides = asked_form(questionnaire, asked, sent), tuple[Field, ...]()
    while request.method == "POST":
        names = {field.name for field in (*asked, *besides)}
        after = corrected(questionnaire, sent, names, form.answers())
        more = tuple(field for field in called_for(questionnaire, sent, after, moments) if field.name not in names)
        if not more:
            break
        besides += more
        known = {name: answer for name, answer in after.items() if name not in {field.name for field in besides}}
        form = asked_form(questionnaire, (*asked, *besides), known)
    return form, besides
