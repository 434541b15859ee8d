"""Whatever is held, cleared, taken back or decided on the desk: neither of the two can tell by anything they see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from jinja2 import BaseLoader, ChoiceLoader, DictLoader

from practice.booking import calling_off
from practice.booking.actions import lock
from practice.clearing import actions
from practice.clearing.flags import flags_seen
from practice.clearing.lifecycle import State
from practice.clearing.queries import get_couple, read_joint_time
from practice.intake.queries import find_submitted
from practice.work import begin_work
from tests.support.answering_couples import Two, two
from tests.support.clock import MONDAY_NINE
from tests.support.observing import Observed, Stage, observe
from tests.support.offers import confirmed

NewStage = Callable[[], Stage]
SAM = "staff:1"
HELD = {"control": "often", "safe_to_speak": "no", "own_force": "yes", "court_order": "yes", "self_harm": "passing"}


def both_see(stage: Stage, couple: Two) -> list[Observed]:
    return [
        observe(stage.practice, stage.practice.browser(client), client, stage.mailer)
        for client in (couple.one, couple.other)
    ]


def told(new_stage: NewStage, *, decide: Callable[[Stage, Two], None], **other: Any) -> tuple[Stage, Two]:
    """One telling of the story: two people answer, one of them books, somebody on the desk decides."""
    stage = new_stage()
    couple = two(stage.practice, {}, other)
    confirmed(stage.practice, MONDAY_NINE, couple.one)
    decide(stage, couple)
    stage.practice.work_until_idle()
    return stage, couple


def nothing(_stage: Stage, _couple: Two) -> None:
    """Nobody looks at it."""


def clear(stage: Stage, couple: Two) -> None:
    with stage.practice.app.app_context(), begin_work() as work:
        joint = read_joint_time(get_couple(couple.reference))
        actions.clear(work, SAM, couple.reference, seen=joint.mark, reason="Both are at ease.")


def clear_and_take_back(stage: Stage, couple: Two) -> None:
    clear(stage, couple)
    with stage.practice.app.app_context(), begin_work() as work:
        joint = read_joint_time(get_couple(couple.reference))
        assert joint.state is State.CLEARED
        actions.take_back(work, SAM, couple.reference, seen=joint.mark, reason="They fell out.")


def clear_every_flag(stage: Stage, couple: Two) -> None:
    with stage.practice.app.app_context(), begin_work() as work:
        intake = find_submitted(stage.practice.person(couple.other))
        assert intake is not None
        for flag in flags_seen(intake):
            actions.clear_flag(work, SAM, intake.reference, seen=flag.mark, reason="Talked it through.")


@pytest.mark.parametrize("decide", [clear, clear_and_take_back, clear_every_flag], ids=lambda one: one.__name__)
def test_nothing_that_either_sees_changes_by_what_the_desk_decides(new_stage: NewStage, decide: Any) -> None:
    quiet = both_see(*told(new_stage, decide=nothing, **HELD))
    decided = both_see(*told(new_stage, decide=decide, **HELD))

    assert [one.differences(other) for one, other in zip(quiet, decided, strict=True)] == [[], []]
    assert quiet == decided


def test_what_one_answers_alone_holds_joint_time_and_the_other_sees_no_difference(new_stage: NewStage) -> None:
    stage, couple = told(new_stage, decide=clear)
    calm = both_see(stage, couple)
    held_stage, held_couple = told(new_stage, decide=nothing, **HELD)
    held = both_see(held_stage, held_couple)

    assert calm[0].differences(held[0]) == []
    assert calm[0] == held[0]
    assert calm[1] == held[1]  # nor the one who answered: everybody reads the same pages after sending
    assert len(calm[0].pages) > 20
    assert calm[0].letters != []


def test_whoever_hears_that_a_session_is_called_off_cannot_tell_why(new_stage: NewStage) -> None:
    def converts(into: str) -> Callable[[Stage, Two], None]:
        def decide(stage: Stage, couple: Two) -> None:
            with stage.practice.app.app_context(), begin_work() as work:
                joint = read_joint_time(get_couple(couple.reference))
                [session] = _coming(couple)
                actions.convert(
                    work, SAM, couple.reference, session, seen=joint.mark, turned_into=into, reason="Not together yet."
                )

        return decide

    def is_ill(stage: Stage, couple: Two) -> None:
        with stage.practice.app.app_context(), begin_work() as work:
            [session] = _coming(couple)
            calling_off.call_off(work, lock(work, session), "staff:9")

    seen = [
        both_see(*told(new_stage, decide=is_ill)),
        both_see(*told(new_stage, decide=converts("individual"), **HELD)),
        both_see(*told(new_stage, decide=converts("nothing"), **HELD)),
    ]

    assert seen[0] == seen[1] == seen[2]
    booker, partner = seen[0]
    assert "we can’t keep your appointment" in booker.letters[-1]
    assert "we can’t keep your appointment" in partner.letters[-1]


@pytest.mark.parametrize("place", ["portal/you.html", "booking/booking.html", "intake/schedule.html"])
def test_a_leak_on_purpose_is_found(new_stage: NewStage, place: str) -> None:
    """The control: a page that says how joint time stands makes the comparison red."""

    def seen(decide: Callable[[Stage, Two], None]) -> list[Observed]:
        stage, couple = told(new_stage, decide=decide, **HELD)
        with leaking(stage, place):
            return both_see(stage, couple)

    quiet, decided = seen(nothing), seen(clear)

    assert quiet[0] != decided[0]
    assert quiet[0].differences(decided[0]) != []


@contextmanager
def leaking(stage: Stage, place: str) -> Iterator[None]:
    """One template says what it must not know."""
    jinja = stage.practice.app.jinja_env
    loader = jinja.loader
    assert isinstance(loader, BaseLoader)
    source, _, _ = loader.get_source(jinja, place)
    leak = source.replace("</h1>", "</h1><p>{{ joint_time_leaks() }}</p>", 1)
    assert leak != source

    def joint_time_leaks() -> str:
        from practice.clearing.queries import read_joint_time
        from practice.couples import find_couple
        from practice.people import current_visitor

        visitor = current_visitor()
        couple = find_couple(visitor.person_id) if visitor is not None else None
        return str(couple is not None and read_joint_time(couple).state)

    jinja.globals["joint_time_leaks"] = joint_time_leaks
    jinja.loader = ChoiceLoader([DictLoader({place: leak}), loader])
    jinja.cache.clear()  # type: ignore[union-attr]
    try:
        yield
    finally:
        jinja.loader = loader
        jinja.cache.clear()  # type: ignore[union-attr]


def _coming(couple: Two) -> list[str]:
    from practice.clearing.queries import list_coming
    from practice.clock import clock

    return [one.reference for one in list_coming(get_couple(couple.reference), clock().now())]
