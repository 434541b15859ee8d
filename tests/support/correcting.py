"""Somebody who corrects what they sent, with the product's own action and without its pages."""

from __future__ import annotations

from typing import Any

from practice.intake import correcting
from practice.intake.correctable import Reach, asked_again, corrected, sent_pages, within
from practice.intake.correcting import Change, page_mark
from practice.intake.models import AnswerCorrection
from practice.intake.queries import get_intake, questionnaire_of, sent_codes_of
from practice.work import Work, begin_work
from tests.support.story import Practice


def change_of(reference: str, reach: Reach, lanes: dict[str, str], remark: str, **said: Any) -> Change:
    """What a page sends on which these answers are others; the page is that of the first of them. In an app context."""
    intake = get_intake(reference)
    questionnaire, sent = questionnaire_of(intake), sent_codes_of(intake)
    first = next(iter(said or lanes))
    pages = [page for page in sent_pages(questionnaire, sent) if any(field.name == first for field in page.fields)]
    page = within(pages[0], reach)
    asked = {field.name for field in asked_again(questionnaire, page, sent)} | set(said)
    typed = {name: tuple(answer) if isinstance(answer, list) else answer for name, answer in said.items()}
    stands = {name: sent[name] for name in asked if name in sent}
    after = corrected(questionnaire, sent, asked, {**stands, **typed})
    return Change(
        page=page,
        asked=frozenset(asked),
        said={name: after[name] for name in asked if name in after},
        lanes=lanes,
        seen=page_mark(intake, page),
        remark=remark,
        private=reach is Reach.PRIVATE,
    )


def correct(
    work: Work,
    actor: str,
    reference: str,
    *,
    reach: Reach = Reach.OWN,
    lanes: dict[str, str] | None = None,
    remark: str = "",
    **said: Any,
) -> AnswerCorrection | None:
    """Correct these answers in a work."""
    change = change_of(reference, reach, lanes or {}, remark, **said)
    return correcting.correct(work, actor, reference, change)


def corrects(practice: Practice, reference: str, **said: Any) -> AnswerCorrection | None:
    """Whoever answered corrects these answers by themselves."""
    with practice.app.app_context(), begin_work() as work:
        return correct(work, f"client:{get_intake(reference).person.reference}", reference, **said)


def corrects_for(practice: Practice, reference: str, actor: str = "staff:1", **said: Any) -> AnswerCorrection | None:
    """A clinician corrects what clinicians alone read, because they were asked to."""
    with practice.app.app_context(), begin_work() as work:
        return correct(work, actor, reference, reach=Reach.PRIVATE, remark="They asked by phone", **said)
