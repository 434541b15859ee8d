"""Asking a client something, and offering them a call by themselves. Part of what changes a request.

Each runs in its caller's work. Of a couple each person is asked alone; nothing of it reaches the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from practice.audit import record
from practice.errors import Conflict, NotFound
from practice.intake import correcting
from practice.intake.correcting import Change
from practice.intake.models import Intake
from practice.intake.own_answers import own_fields
from practice.languages import N_
from practice.notify.messages import Kind
from practice.people import Person
from practice.review.deciding import (
    DecidedMeanwhile,
    lock_request,
    lock_sent,
    own_it,
    refuse_unless_read,
    take_step,
    write_to_client,
)
from practice.review.lifecycle import Step, may_take
from practice.review.own_request import CALLED, WAYS, is_newest, ways_to_call
from practice.review.steps import mark_of, stage_of
from practice.staff.models import StaffAccount
from practice.work import Work


class AskedOtherwise(Conflict):
    """The question that a client answers was taken back, asked otherwise, or answered in another window."""

    title = N_("This page changed while you had it open")
    way_out = N_("We no longer need this answer in that form. What we ask now, if anything, is below.")


class NothingAsked(Conflict):
    """A reviewer asks nothing."""

    title = N_("Nothing was asked yet")
    way_out = N_("Choose at least one question, or write one of your own.")


def ask(work: Work, account: StaffAccount, found: str, *, seen: str, fields: Sequence[str], question: str) -> None:
    """Ask for answers that are open or unclear, and for one thing in own words; either may be left out.

    The client gets a neutral letter, and reads on their page, behind their code, what is asked. Asking again takes the
    place of what was asked before. `seen` is steps.mark_of(), `fields` names of own_answers.own_fields().

    :raises DecidedMeanwhile: when it stands otherwise now, or a newer request took its place.
    :raises NothingAsked: without any question.
    """
    intake = _lock(work, account, found, Step.ASK, seen)
    offered = {field.name for _, those in own_fields(intake) for field in those}
    wanted = [name for name in dict.fromkeys(fields) if name in offered]
    if not wanted and not question:
        raise NothingAsked
    own_it(work, intake, account)
    row = take_step(work, intake, account.actor, Step.ASK, {"fields": wanted, "question": question})
    write_to_client(work, intake, Kind.SOMETHING_WAITS, row)
    record(work, account.actor, "information_asked", found, {"fields": len(wanted), "own": int(bool(question))})


def take_back(work: Work, account: StaffAccount, found: str, *, seen: str) -> None:
    """Ask no longer, or offer the call no longer. Their page says nothing of it any more.

    :raises DecidedMeanwhile: when it stands otherwise now.
    """
    intake = lock_request(work, account, found)
    refuse_unless_read(intake, Step.TAKE_BACK, seen)
    take_step(work, intake, account.actor, Step.TAKE_BACK)
    record(work, account.actor, "request_taken_back", found)


def offer_call(work: Work, account: StaffAccount, found: str, *, seen: str, way: str) -> None:
    """Offer this person a call by themselves. `way` is one of own_request.ways_to_call().

    :raises DecidedMeanwhile: when it stands otherwise now, or that way is closed.
    """
    intake = _lock(work, account, found, Step.OFFER_CALL, seen)
    if way not in WAYS or way not in ways_to_call(intake.person, work.now):
        raise DecidedMeanwhile
    own_it(work, intake, account)
    row = take_step(work, intake, account.actor, Step.OFFER_CALL, {"way": way})
    write_to_client(work, intake, Kind.SOMETHING_WAITS, row)
    record(work, account.actor, "call_offered", found, {"by_phone": int(way == CALLED)})


def note_call(work: Work, account: StaffAccount, found: str, *, seen: str) -> None:
    """The call took place: the request is back on the desk.

    :raises DecidedMeanwhile: when it stands otherwise now.
    """
    intake = lock_request(work, account, found)
    refuse_unless_read(intake, Step.CALLED, seen)
    take_step(work, intake, account.actor, Step.CALLED)
    record(work, account.actor, "call_noted", found)


def answer(work: Work, person: Person, found: str, *, seen: str, change: Change | None, text: str) -> None:
    """The client answers: into the intake as a correction, and in own words. The request is back on the desk.

    `seen` is steps.mark_of() of the page that they had, `change` what its questions were answered.

    :raises NotFound: when it isn't theirs.
    :raises AskedOtherwise: when this isn't asked any more.
    :raises CorrectedMeanwhile: when others of their answers stand than the page showed.
    """
    intake = lock_sent(work, found)
    if intake.person_id != person.id:
        raise NotFound
    if mark_of(intake) != seen or not may_take(stage_of(intake), Step.ANSWER):
        raise AskedOtherwise
    actor = f"client:{person.reference}"
    kept = correcting.correct(work, actor, found, change) if change is not None else None
    told = {"answer": text, "correction": kept.number if kept is not None else None}
    take_step(work, intake, actor, Step.ANSWER, told)
    record(work, actor, "information_given", found)


def _lock(work: Work, account: StaffAccount, found: str, step: Step, seen: str) -> Intake:
    intake = lock_request(work, account, found)
    refuse_unless_read(intake, step, seen)
    if not is_newest(intake):
        raise DecidedMeanwhile
    return intake
