"""Who sees what of many requests, and how soon to look: as for each alone, in as many queries as for one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from practice.clearing import actions as clearing
from practice.clearing.flags import find_open_band, flags_seen
from practice.clearing.queries import read_joint_time
from practice.couples import find_couple
from practice.database import db
from practice.intake.models import Intake
from practice.intake.safety import Band
from practice.review import actions as review
from practice.review.seeing import find_sights, open_bands, read_views
from practice.review.sight import Sight
from practice.staff.models import StaffAccount
from practice.work import begin_work
from tests.support.answering_couples import books, completes, intake_of, two
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, confirmed
from tests.support.staff import Colleague, hire
from tests.support.statements import statements
from tests.support.story import Practice

MOST_QUERIES = 11


def account_of(colleague: Colleague) -> StaffAccount:
    return db.session.scalars(select(StaffAccount).where(StaffAccount.email == colleague.email)).one()


def one_by_one(intake: Intake) -> Band | None:
    """The band of a request as it is without anything read ahead."""
    couple = find_couple(intake.person_id)
    flags = [*flags_seen(intake), *(read_joint_time(couple).flags if couple is not None else ())]
    return find_open_band(flags)


def asked_for(practice: Practice, colleague: Colleague) -> tuple[int, int]:
    """How many intakes there are, and what the sights and bands of all of them asked of the database."""
    with practice.app.app_context():
        account, intakes = account_of(colleague), list(db.session.scalars(select(Intake)))
        roles = [role.name for role in account.roles]
        with statements() as asked:
            find_sights(account, intakes)
            open_bands(account, intakes)
        assert roles
        return len(intakes), len(asked)


def test_many_requests_ask_no_more_of_the_database_than_one_couples_do(practice: Practice) -> None:
    ada = hire(practice, "clinician", "therapist", therapist=ADA)
    first = two(practice, {"control": "often"}, {"trust_role": "hurt"})
    confirmed(practice, MONDAY_NINE, first.one, therapist=ADA)
    few, asked = asked_for(practice, ada)

    two(practice, {"self_harm": "passing"}, {})
    for number in range(6):
        completes(practice, books(practice, email=f"r{number}@mail.example", control="often"))
    more, asked_of_more = asked_for(practice, ada)

    assert (few, more) == (2, 10)
    assert asked_of_more <= asked  # the questions themselves are read once in a process


def test_the_band_of_each_of_many_is_that_of_each_alone(practice: Practice) -> None:
    clinician = hire(practice, "clinician")
    apart = two(practice, {"goal_direction": "separate_well"}, {"goal_direction": "repair"})
    grave = two(practice, {"control": "often"}, {})
    cleared, calm = books(practice, control="often", email="c@mail.example"), books(practice, email="d@mail.example")
    with practice.app.app_context(), begin_work() as work:
        reference = intake_of(practice, cleared)
        [flag] = flags_seen(work.session.scalars(select(Intake).where(Intake.reference == reference)).one())
        clearing.clear_flag(work, clinician.actor, reference, seen=flag.mark, reason="Talked it through.")

    with practice.app.app_context():
        intakes = list(db.session.scalars(select(Intake)))
        found = open_bands(account_of(clinician), intakes)
        assert found == {one.id: one_by_one(one) for one in intakes}
        bands = {one.person_id: found[one.id] for one in intakes}
    assert [bands[one.person_id] for one in (apart.one, grave.one, cleared, calm)] == [Band.AMBER, Band.RED, None, None]


def test_sights_and_bands_at_once_are_the_same_in_fewer_queries(practice: Practice) -> None:
    theirs, colleague = (hire(practice, "clinician", email=f"{name}@practice.example") for name in ("theirs", "other"))
    couple, nobodys = two(practice, {"control": "often"}, {}), books(practice, email="n@mail.example", control="often")
    with practice.app.app_context(), begin_work() as work:
        review.take(work, account_of(theirs), intake_of(practice, couple.one), seen="")

    with practice.app.app_context():
        account, intakes = account_of(colleague), list(db.session.scalars(select(Intake)))
        with statements() as asked:
            views = read_views(account, intakes)
        with statements() as apart:
            sights, bands = find_sights(account, intakes), open_bands(account, intakes)
        assert len(asked) < len(apart)
        assert len(asked) <= MOST_QUERIES
        assert {key: view.sight for key, view in views.items()} == sights
        clinical = [one.id for one in intakes if sights[one.id] is Sight.CLINICAL]
        assert [one.person_id for one in intakes if one.id in clinical] == [nobodys.person_id]
        assert {key: view.band for key, view in views.items()} == {
            one.id: bands[one.id] if one.id in clinical else None for one in intakes
        }
        assert views[clinical[0]].band is Band.RED


def test_a_therapist_sees_of_many_only_their_own(practice: Practice) -> None:
    ada = hire(practice, "therapist", therapist=ADA)
    couple, foreign = two(practice), books(practice, email="f@mail.example")
    confirmed(practice, MONDAY_NINE + timedelta(days=7), couple.one, therapist=ADA)

    with practice.app.app_context():
        intakes = list(db.session.scalars(select(Intake)))
        found = find_sights(account_of(ada), intakes)
        seen = {one.person_id: found[one.id] for one in intakes if one.id in found}
    assert seen == {couple.one.person_id: Sight.CLINICAL, couple.other.person_id: Sight.CLINICAL}
    assert foreign.person_id not in seen
