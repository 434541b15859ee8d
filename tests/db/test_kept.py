"""What each process keeps is true: a change reaches everybody, one that was undone reaches nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from practice.booking.offers.queries import find_offers
from practice.database import db
from practice.errors import Unavailable
from practice.kept import KeptMark
from practice.profile import ONLY, PracticeProfile, profile
from practice.work import begin_work
from tests.support.offers import work_in
from tests.support.statements import statements


def rename(work, name):
    work.session.get_one(PracticeProfile, ONLY).name = name


def test_a_change_is_read_by_whoever_asks_next(practice):
    with practice.app.app_context():
        assert profile().name != "Harbour"

    with work_in(practice) as work:
        rename(work, "Harbour")

    with practice.app.app_context():
        assert profile().name == "Harbour"


def test_a_change_in_bulk_is_read_too(practice):
    with practice.app.app_context():
        profile()

    with work_in(practice) as work:
        work.session.execute(update(PracticeProfile).values(name="Harbour"))

    with practice.app.app_context():
        assert profile().name == "Harbour"


def test_a_change_that_another_process_makes_is_read(practice):
    with practice.app.app_context():
        profile()
        with db.engine.begin() as another:  # knows nothing of what this process keeps
            another.execute(update(PracticeProfile.__table__).values(name="Harbour"))
            another.execute(update(KeptMark.__table__).values(mark="m-of-another-process"))

    with practice.app.app_context():
        assert profile().name == "Harbour"


def test_a_change_that_was_undone_is_kept_by_nobody(practice):
    with practice.app.app_context():
        before = profile().name
        with pytest.raises(ZeroDivisionError), begin_work() as work:
            rename(work, "Harbour")
            work.session.flush()
            assert profile().name == "Harbour"
            raise ZeroDivisionError
        assert profile().name == before


def test_a_page_asks_for_the_mark_once_and_for_nothing_that_is_kept(practice):
    with practice.app.app_context():
        profile(), find_offers()
    with practice.app.app_context(), statements() as asked:
        for _ in range(3):
            profile(), find_offers()

    assert len(asked) == 1
    assert "kept_mark" in asked[0][0]


def test_a_practice_that_is_not_set_up_is_not_kept_as_missing(practice):
    with practice.app.app_context(), begin_work() as work:
        row = work.session.get_one(PracticeProfile, ONLY)
        values = {column.name: getattr(row, column.name) for column in PracticeProfile.__table__.columns}
        work.session.delete(row)
    with practice.app.app_context(), pytest.raises(Unavailable):
        profile()
    with work_in(practice) as work:
        work.session.add(PracticeProfile(**values))

    with practice.app.app_context():
        assert profile().name == values["name"]
