"""Correcting what was sent. Part of what changes an intake; each action runs in its caller's work.

Whoever calls it has asked whether this actor may.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from practice.audit import record
from practice.errors import Conflict, NotFound
from practice.intake.actions import more_careful
from practice.intake.correctable import called_for, corrected, laned_again, sent_moments, standing_lanes, taken
from practice.intake.corrections import mark_of, seal_correction
from practice.intake.lanes import Lanes
from practice.intake.messages import IntakeCorrected, UrgentIntake
from practice.intake.models import AnswerCorrection, Intake
from practice.intake.queries import flags_of, lanes_of, lock_intake, questionnaire_of, sent_codes_of
from practice.intake.questions import Answer, Answers, Field, Page
from practice.intake.safety import Flag, crisis_answers, flags_for
from practice.intake.storing import drop_lanes, read_section, seal_flags, write_lanes, write_section
from practice.languages import N_
from practice.people import Person, save_contact
from practice.profile import profile
from practice.tokens import reference as new_reference
from practice.work import Work

WHO_ELSE_READS = "others_see_messages"


class CorrectedMeanwhile(Conflict):
    """The answers are others than those that the page showed."""

    title = N_("These answers changed while you had them open")
    way_out = N_("Nothing of what you typed is lost. Look at it once more, and save it if it is still right.")


@dataclass(frozen=True)
class Change:
    """What a page of corrections sent. `page`: as it was asked, with what can be corrected of it; `asked`: every
    question that its form asked; `said`: the answers that these call for; `lanes`: by field, where it asks for them;
    `seen`: page_mark() of what it showed; `remark`: how staff were asked; `private`: made among what clinicians read.
    """

    page: Page
    asked: frozenset[str]
    said: Answers
    lanes: Lanes
    seen: str
    remark: str = ""
    private: bool = False


def page_mark(intake: Intake, page: Page) -> str:
    """A mark of what a page of corrections shows."""
    sent = sent_codes_of(intake)
    lanes = lanes_now(intake, laned_again(page, sent))
    return mark_of(intake, [field.name for field in page.fields], sent, lanes)


def lanes_now(intake: Intake, fields: Iterable[Field]) -> dict[str, str]:
    """Who may speak of the answers to these questions, by field, as it stands."""
    return standing_lanes(fields, lanes_of(intake), profile().secrets_policy)


def correct(work: Work, actor: str, reference: str, change: Change) -> AnswerCorrection | None:
    """Keep other answers in the place of those that were sent, and what these were before. None: nothing is other.

    Flags are made anew; a clinician is called where an answer in crisis is new. What was answered before stays in the
    history, and so does the warning that it raised, until a clinician clears it (clearing/flags.py).

    :raises NotFound: when no such answers were sent.
    :raises CorrectedMeanwhile: when others stand than the page showed, or these call for a question that it didn't ask.
    """
    intake = lock_intake(reference)
    if intake.submitted_at is None or intake.erased_at is not None:
        raise NotFound
    questionnaire, sent = questionnaire_of(intake), sent_codes_of(intake)
    after = corrected(questionnaire, sent, change.asked, change.said)
    before = taken(sent, after)
    stood, chosen = lanes_now(intake, questionnaire.fields()), lanes_of(intake)
    lanes = {name: lane for name, lane in change.lanes.items() if name in after and lane != stood.get(name)}
    lanes_before = {name: stood.get(name) if name in sent else None for name in lanes}
    lanes_before |= {name: chosen[name] for name in before if name in chosen and name not in after}
    if not before and not lanes_before:
        return None  # also when the same was sent twice
    if page_mark(intake, change.page) != change.seen:
        raise CorrectedMeanwhile
    if called_for(questionnaire, sent, after, sent_moments(completed=intake.completed_at is not None)):
        raise CorrectedMeanwhile
    flags = _behind(before, (*flags_of(intake), *flags_for(sent, set(sent))))
    _write(work, intake, after, before, lanes)
    row = _keep(work, actor, intake, change, {"answers": before, "lanes": lanes_before, "flags": flags})
    intake.saved_at = work.now
    work.session.flush()
    seal_flags(intake, sent_codes_of(intake))
    if WHO_ELSE_READS in before:
        person = work.session.get_one(Person, intake.person_id, with_for_update=True, populate_existing=True)
        save_contact(person, more_careful(person, after))
    work.session.flush()
    record(work, actor, "intake_corrected", intake.reference, {"number": row.number})
    news = IntakeCorrected(intake.reference, row.number)
    work.post(news)
    if crisis_answers(after) - crisis_answers(sent):
        work.post(UrgentIntake(intake.reference, news.moment))
    return row


def _behind(fields: Collection[str], flags: tuple[Flag, ...]) -> list[tuple[str, str, str, list[str]]]:
    found = {flag.code: flag for flag in reversed(flags) if set(fields) & set(flag.sources)}  # as raised goes first
    return [(one.code, one.band.value, one.rule_version, list(one.sources)) for one in found.values()]


def _write(work: Work, intake: Intake, after: Answers, before: Mapping[str, Answer | None], lanes: Lanes) -> None:
    """Each section anew of which an answer or a lane is another; what is saved in it and not sent stays."""
    for section in questionnaire_of(intake).sections:
        here = [field.name for field in section.fields]
        changed, relaned = [name for name in here if name in before], {n: lanes[n] for n in here if n in lanes}
        if changed:
            kept = {n: a for n, a in read_section(work, intake, section.id).items() if n not in changed}
            write_section(work, intake, section.id, {**kept, **{n: after[n] for n in changed if n in after}})
            work.session.flush()
            drop_lanes(work, intake, section.id, [name for name in changed if name not in after])
        if relaned:
            write_lanes(work, intake, section.id, relaned)


def _keep(work: Work, actor: str, intake: Intake, change: Change, told: Mapping[str, object]) -> AnswerCorrection:
    last = select(func.max(AnswerCorrection.number)).where(AnswerCorrection.intake_id == intake.id)
    row = AnswerCorrection(
        reference=new_reference("ac"),
        intake_id=intake.id,
        number=(work.session.scalar(last) or 0) + 1,
        moment=change.page.moment,
        corrected_at=work.now,
        corrected_by=actor,
    )
    row.sealed = seal_correction(intake, row, {**told, "remark": change.remark, "private": change.private})
    work.session.add(row)
    work.session.flush()
    return row
