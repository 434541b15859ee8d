"""Who sees what of a request: every combination of roles and ties, held against plain words."""

from __future__ import annotations

from itertools import combinations

import pytest

from practice.review.sight import (
    Sight,
    Tie,
    answers_for,
    clears,
    decides,
    opens_with_reason,
    reads_private,
    reads_private_of,
    sight_of,
    takes,
)

ROLES = ("owner", "coordinator", "clinician", "therapist")
EVERY = [set(some) for size in range(5) for some in combinations(ROLES, size)]
NOT_TREATED = [tie for tie in Tie if tie is not Tie.TREATS]
each_combination = pytest.mark.parametrize("roles", EVERY, ids=lambda roles: "+".join(sorted(roles)) or "nobody")


@each_combination
def test_each_combination_sees_what_its_strongest_role_sees(roles: set[str]) -> None:
    foreign, own = sight_of(roles), sight_of(roles, treats=True)

    if "owner" in roles:
        assert (foreign, own) == (Sight.CLINICAL, Sight.CLINICAL)
    elif "clinician" in roles:
        assert (foreign, own) == (Sight.LOGISTICS, Sight.CLINICAL)
    elif "coordinator" in roles:
        assert (foreign, own) == (Sight.LOGISTICS, Sight.CLINICAL if "therapist" in roles else Sight.LOGISTICS)
    elif "therapist" in roles:
        assert (foreign, own) == (None, Sight.CLINICAL)
    else:
        assert (foreign, own) == (None, None)


@each_combination
@pytest.mark.parametrize("tie", NOT_TREATED)
def test_every_other_tie_opens_something_for_clinicians_alone(roles: set[str], tie: Tie) -> None:
    opened = sight_of(roles, ties={tie}) is Sight.CLINICAL
    assert opened == bool({"owner", "clinician"} & roles)
    assert sight_of(roles, ties={tie}) == (Sight.CLINICAL if "clinician" in roles else sight_of(roles))


@each_combination
def test_whoever_is_no_clinician_reads_clears_and_opens_nothing_private(roles: set[str]) -> None:
    clinician = "clinician" in roles
    assert reads_private(roles) == clinician
    for tie in Tie:
        assert reads_private_of(roles, {tie}) == clinician
        assert clears(roles, {tie}) == (clinician and tie is not Tie.OPENED)
        assert not opens_with_reason(roles, {tie})
    assert not reads_private_of(roles, ())
    assert not clears(roles, ())
    assert opens_with_reason(roles, ()) == clinician


@each_combination
def test_the_owner_decides_everything_and_a_clinician_what_is_theirs(roles: set[str]) -> None:
    owner, clinician = "owner" in roles, "clinician" in roles
    assert decides(roles, ()) == takes(roles, (), None) == owner
    assert decides(roles, {Tie.OWNS}) == (owner or clinician)
    assert decides(roles, {Tie.OPENED}) == owner
    assert takes(roles, {Tie.OPENED}, None) == (owner or clinician)
    assert takes(roles, {Tie.OPENED}, ()) == owner  # of two who come together, one alone was opened
    assert takes(roles, {Tie.OPENED}, {Tie.OPENED}) == (owner or clinician)


def test_a_reason_alone_lets_nobody_answer_for_anybody() -> None:
    assert not answers_for(())
    assert not answers_for({Tie.OPENED})
    assert all(answers_for({Tie.OPENED, tie}) for tie in NOT_TREATED if tie is not Tie.OPENED)
