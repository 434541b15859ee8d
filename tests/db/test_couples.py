"""Couples: two people who come together, at most one couple each, and what ends it."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from practice.couples import (
    INVITED,
    INVITER,
    AlreadyInACouple,
    CoupleMember,
    find_couple,
    find_partner,
    form_couple,
    part_couple,
)
from practice.people import Person
from practice.work import begin_work


@pytest.fixture
def two(practice):
    return practice.new_client(), practice.new_client()


def join(practice, one, other):
    with practice.app.app_context(), begin_work() as work:
        people = [work.session.get_one(Person, client.person_id) for client in (one, other)]
        return form_couple(work, *people).reference


def test_two_people_who_are_joined_find_each_other(practice, two):
    one, other = two

    formed = join(practice, one, other)

    with practice.app.app_context():
        assert find_couple(one.person_id).reference == find_couple(other.person_id).reference == formed
        assert find_partner(one.person_id).id == other.person_id
        assert find_partner(other.person_id).id == one.person_id
        assert [(m.seat, m.person_id) for m in find_couple(one.person_id).members] == [
            (INVITER, one.person_id),
            (INVITED, other.person_id),
        ]


def test_nobody_is_in_two_couples_or_in_one_with_themselves(practice, two):
    one, other = two
    join(practice, one, other)

    with pytest.raises(AlreadyInACouple):
        join(practice, practice.new_client(), other)
    with pytest.raises(AlreadyInACouple):
        third = practice.new_client()
        join(practice, third, third)


def test_the_database_refuses_a_second_couple_whatever_was_looked_at_before(practice, two):
    one, other = two
    join(practice, one, other)
    third = practice.new_client()
    formed = join(practice, third, practice.new_client())

    with practice.app.app_context(), pytest.raises(IntegrityError), begin_work() as work:
        couple = find_couple(third.person_id)
        assert couple.reference == formed
        part_couple(work, couple)
        work.session.add(CoupleMember(couple_id=couple.id, seat=3, person_id=one.person_id))
        work.session.flush()


def test_after_a_couple_has_ended_each_of_the_two_can_come_with_somebody_else(practice, two):
    one, other = two
    first = join(practice, one, other)
    with practice.app.app_context(), begin_work() as work:
        part_couple(work, find_couple(other.person_id))

    with practice.app.app_context():
        assert find_couple(one.person_id) is None
        assert find_partner(other.person_id) is None
    assert join(practice, practice.new_client(), one) != first
