"""Who sees what of a request: every combination of roles, held against plain words."""

from __future__ import annotations

from itertools import combinations

import pytest

from practice.review.sight import Sight, decides, reads_private, sight_of

ROLES = ("owner", "coordinator", "clinician", "therapist")
EVERY = [set(some) for size in range(5) for some in combinations(ROLES, size)]


@pytest.mark.parametrize("roles", EVERY, ids=lambda roles: "+".join(sorted(roles)) or "nobody")
def test_each_combination_sees_what_its_strongest_role_sees(roles: set[str]) -> None:
    foreign, own = sight_of(roles, treats=False), sight_of(roles, treats=True)

    if "owner" in roles or "clinician" in roles:
        assert (foreign, own) == (Sight.CLINICAL, Sight.CLINICAL)
    elif "coordinator" in roles:
        assert (foreign, own) == (Sight.LOGISTICS, Sight.CLINICAL if "therapist" in roles else Sight.LOGISTICS)
    elif "therapist" in roles:
        assert (foreign, own) == (None, Sight.CLINICAL)
    else:
        assert (foreign, own) == (None, None)


@pytest.mark.parametrize("roles", EVERY, ids=lambda roles: "+".join(sorted(roles)) or "nobody")
def test_clinicians_alone_read_what_is_private_and_the_desk_alone_decides(roles: set[str]) -> None:
    assert reads_private(roles) == ("clinician" in roles)
    assert decides(roles) == ("clinician" in roles or "owner" in roles)
