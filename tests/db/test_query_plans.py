"""However long the past grows, looking for what is claimed reads the asked days of the asked therapist alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from practice.booking.offers import queries as offers
from practice.booking.openings import find_busy
from practice.database import db
from practice.work import begin_work
from tests.support.clock import START
from tests.support.statements import statements

MANY = 4_000
TODAY = START.date()
PAST = text("""
INSERT INTO booking (reference, uid, sequence, therapist_id, offering_id, person_id, state, starts_at, ends_at,
  blocked_from, blocked_until, price_minor, currency, given_back_minor, held_at, review_first, payable, updated_at)
VALUES (:name, :name, 0, :therapist, :offering, :person, 'confirmed', :start, :end, :start, :end, 1, 'USD', 0, :start,
  :no, :no, :start)
""")  # confirmed for ever, as in a practice that marks nobody as attended


@pytest.fixture
def offer(practice):
    """An offer of somebody who has seen people for years, as have the others."""
    person = practice.new_client().person_id
    with practice.app.app_context():
        all_offers = list(offers.find_offers().values())
        with begin_work() as work:
            rows = []
            for number in range(MANY):
                seen = all_offers[number % len(all_offers)]
                start = (START - timedelta(hours=number)).replace(tzinfo=None)
                rows.append(
                    {
                        "name": f"before-{number}",
                        "therapist": seen.therapist_id,
                        "offering": seen.offering_id,
                        "person": person,
                        "start": start.isoformat(" "),
                        "end": (start + timedelta(minutes=50)).isoformat(" "),
                        "no": False,
                    }
                )
            work.session.connection().execute(PAST, rows)
            work.session.connection().execute(text("ANALYZE"))
        yield all_offers[0]


def plan_of(statement: str, parameters: object) -> str:
    """How the database would go about it."""
    asked = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    rows = db.session.connection().exec_driver_sql(asked + statement, parameters)
    return "\n".join(str(row[-1]) for row in rows)


def test_what_is_claimed_is_found_by_therapist_and_start_between_both_bounds(offer):
    with statements() as asked:
        find_busy([offer], TODAY, TODAY + timedelta(days=30))

    plans = [plan_of(*one) for one in asked if "FROM booking" in one[0]]
    assert plans
    for plan in plans:
        assert "ix_booking_therapist_id_starts_at" in plan
        assert _bounded_on_both_sides(plan)


def _bounded_on_both_sides(plan: str) -> bool:
    if db.engine.dialect.name == "sqlite":
        return "starts_at>? AND starts_at<?" in plan
    conditions = [line for line in plan.splitlines() if "Index Cond" in line]
    return any("starts_at >=" in line and "starts_at <" in line for line in conditions)
