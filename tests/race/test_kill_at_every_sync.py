"""`make test-long`: the worker dies at each of its writes to the disk, one after the other, on SQLite.

strace counts the calls that make a write last (fsync, fdatasync) and kills at the one that is named. The points of
test_kills.py are instants that somebody thought of; these are all that there are.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import State
from tests.support import databases, mortal_town
from tests.support.mortal_town import MortalTown
from tests.support.paying import PRICE
from tests.support.story import Held

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")

Begin = Callable[[MortalTown], Held]


def paid(town: MortalTown) -> Held:
    held = town.hold()
    town.pay_unheard(held)
    return held


def paid_and_cancelled(town: MortalTown) -> Held:
    held = town.confirmed()
    town.do(booking_actions.cancel, held)
    return held


def opened_and_given_back(town: MortalTown) -> Held:
    held = town.hold()
    town.open_checkout(held)
    town.do(booking_actions.let_go, held)
    return held


@pytest.mark.parametrize(
    ("begin", "state", "moved"),
    [
        (paid, State.CONFIRMED, [PRICE]),
        (paid_and_cancelled, State.CANCELLED, [PRICE, -PRICE]),
        (opened_and_given_back, State.EXPIRED, []),
    ],
)
def test_a_worker_that_dies_at_any_write_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, begin: Begin, state: State, moved: list[int]
) -> None:
    template = databases.sqlite_template(tmp_path)
    for number in count(1):
        folder = tmp_path / str(number)
        folder.mkdir()
        with mortal_town.build(databases.sqlite_copy(template, folder), folder) as town:
            held = begin(town)
            died = town.kill_worker_at_sync(number)

            town.clock.advance(hours=25)
            town.settle_down()

            assert (town.practice.state_of(held), [minor for _, minor in town.money()]) == (state, moved), number
            assert not town.can_be_paid(held)
        if not died:
            break
    print(f"{number - 1} writes")
    assert number > 5
