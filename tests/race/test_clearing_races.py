"""Two clinicians decide about the same two people at once: one does, the others read what was done.

Each race is also run with its guard taken away, where all of them do.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from practice.clearing import actions
from practice.clearing.lifecycle import State
from practice.clearing.models import Clearance
from practice.clearing.queries import get_couple, read_joint_time
from practice.database import db
from practice.errors import Conflict
from practice.work import begin_work
from tests.support.answering_couples import two
from tests.support.story import Practice

RIVALS = 6


@pytest.mark.parametrize("guarded", [True, False])
def test_of_clinicians_who_clear_at_once_one_does(
    practice: Practice, make_app: Callable[[], Flask], guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    couple = two(practice)
    with practice.app.app_context():
        read = read_joint_time(get_couple(couple.reference)).mark
    if not guarded:
        locked = actions._lock

        def forget(work: Any, reference: str, _seen: str | None = None) -> Any:
            joint = locked(work, reference)
            # As if nobody compared what was read with what stands.
            return joint if joint.state is State.READY else _as_if_ready(joint)

        monkeypatch.setattr(actions, "_lock", forget)
    together, outcomes = threading.Barrier(RIVALS), []
    apps = [practice.app, make_app()]

    def rival(number: int) -> None:
        with apps[number % len(apps)].app_context():
            together.wait(timeout=30)
            try:
                with begin_work() as work:
                    actions.clear(work, f"staff:{number}", couple.reference, seen=read, reason="At ease.")
                outcomes.append("cleared")
            except Conflict:
                outcomes.append("meanwhile")

    threads = [threading.Thread(target=rival, args=(number,)) for number in range(RIVALS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(outcomes) == ({"cleared": 1, "meanwhile": RIVALS - 1} if guarded else {"cleared": RIVALS})
    with practice.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Clearance)) == Counter(outcomes)["cleared"]


def _as_if_ready(joint: Any) -> Any:
    return replace(joint, state=State.READY)
