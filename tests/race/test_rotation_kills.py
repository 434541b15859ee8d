"""A rotation of keys is killed between any two of its steps, runs twice at once, and runs beside a working practice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from practice import keys_file
from practice.database import db
from practice.people import Person, contact_of
from practice.rights.rotation import count_by_master
from practice.sealing import keyring
from tests.support import fail_points, mortal_town
from tests.support.mortal_town import MortalTown

ROTATE = ("rotate-keys", "--batch", "2")
RETIRE = ("rotate-keys", "--retire", "--yes")
PEOPLE = 5


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[MortalTown]:
    with mortal_town.build(database_url, tmp_path) as built:
        for _ in range(PEOPLE):
            built.practice.new_client()
        yield built


def masters(town: MortalTown) -> dict[str, int]:
    with town.practice.app.app_context():
        return dict(count_by_master())


def in_file(town: MortalTown) -> set[str]:
    with town.practice.app.app_context():
        path = keyring().path
    assert path is not None
    return set(keys_file.read(path)["masters"])


def everybody_is_readable(town: MortalTown) -> bool:
    """To a process that has known the first key alone since before the rotation."""
    with town.practice.app.app_context():
        found = [contact_of(one) for one in db.session.scalars(select(Person))]
    return len(found) >= PEOPLE and None not in found


def run(town: MortalTown, command: tuple[str, ...]) -> None:
    life = town.start(*command)
    assert life.ended() == 0, life.words()


@pytest.mark.parametrize("point", fail_points.ROTATE)
def test_a_rotation_that_is_killed_leaves_everything_readable_and_is_gone_on_with(town: MortalTown, point: str) -> None:
    town.died(town.start(*ROTATE, dies_at=point), point)
    assert everybody_is_readable(town)
    assert town.promises() == 0

    run(town, ROTATE)

    assert masters(town) == {"k2": PEOPLE}  # and no third key was made
    assert in_file(town) == {"k1", "k2"}
    assert everybody_is_readable(town)


@pytest.mark.parametrize("point", fail_points.RETIRE)
def test_retiring_that_is_killed_leaves_everything_readable_and_is_ended_by_the_next(
    town: MortalTown, point: str
) -> None:
    run(town, ROTATE)
    town.died(town.start(*RETIRE, dies_at=point), point)
    assert everybody_is_readable(town)
    town.practice.new_client()

    run(town, RETIRE)

    assert masters(town) == {"k2": PEOPLE + 1}
    assert in_file(town) == {"k2"}
    assert everybody_is_readable(town)


def test_two_rotations_at_once_hurt_nothing(town: MortalTown) -> None:
    both = [town.start(*ROTATE), town.start(*ROTATE)]
    while any(life.is_alive() for life in both):
        town.practice.new_client()  # and people come meanwhile
    assert [life.ended() for life in both] == [0, 0], [life.words() for life in both]

    run(town, ROTATE)
    assert len(masters(town)) == 1
    run(town, RETIRE)
    assert len(in_file(town)) == 1
    assert everybody_is_readable(town)
    assert town.promises() == 0
