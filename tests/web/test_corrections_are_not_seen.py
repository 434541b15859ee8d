"""One of two corrects what they sent, or has it corrected: all that the other receives is the same, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import func, select

from practice.database import db
from practice.intake.models import AnswerCorrection
from tests.support.answering_couples import Two, intake_of, two
from tests.support.clock import MONDAY_NINE
from tests.support.correcting import corrects, corrects_for
from tests.support.observing import Observed, Stage, observe
from tests.support.offers import confirmed

NewStage = Callable[[], Stage]
OTHERS: dict[str, dict[str, Any]] = {
    "own": {"goal_direction": "separate_well", "trust_role": "both"},
    "private": {"control": "often", "self_harm": "plan", "safe_to_speak": "no"},
}


def told(new_stage: NewStage, corrected: str) -> tuple[Stage, Two]:
    """One telling: both answered, one booked; one of them corrects, or doesn't."""
    stage = new_stage()
    couple = two(stage.practice)
    confirmed(stage.practice, MONDAY_NINE, couple.one)
    stage.practice.work_until_idle()
    reference = intake_of(stage.practice, couple.other)
    if corrected == "own":
        for name, said in OTHERS["own"].items():
            corrects(stage.practice, reference, **{name: said})
    elif corrected == "private":
        corrects_for(stage.practice, reference, **OTHERS["private"])
        corrects_for(stage.practice, reference, self_harm="no")
    stage.practice.work_until_idle()
    return stage, couple


def sees(stage: Stage, couple: Two) -> Observed:
    return observe(stage.practice, stage.practice.browser(couple.one), couple.one, stage.mailer)


@pytest.mark.parametrize("kind", list(OTHERS))
def test_nothing_that_the_other_one_receives_changes_by_a_correction(new_stage: NewStage, kind: str) -> None:
    quiet, corrected = sees(*told(new_stage, "")), sees(*told(new_stage, kind))
    assert quiet.differences(corrected) == []
    assert quiet == corrected


def test_a_page_that_told_of_it_would_be_noticed(new_stage: NewStage) -> None:
    """The control: a page of the one says how often anybody has corrected something."""
    seen = []
    for kind in ("", "own"):
        stage, couple = told(new_stage, kind)
        env = stage.practice.app.jinja_env
        assert env.loader is not None
        own, _, _ = env.loader.get_source(env, "portal/answers.html")
        env.globals["corrected"] = lambda: db.session.scalar(select(func.count()).select_from(AnswerCorrection))
        env.loader = ChoiceLoader([DictLoader({"portal/answers.html": own + "<p>{{ corrected() }}</p>"}), env.loader])
        seen.append(sees(stage, couple))
    assert seen[0].differences(seen[1]) == ["/you"]
