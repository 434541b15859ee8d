"""Lanes: what can be chosen, for which answers, and what holds until somebody chooses."""

from __future__ import annotations

import pytest

from practice.intake.documents import current_questionnaire
from practice.intake.lanes import (
    LANES,
    MAY_RAISE,
    ONLY_THERAPIST,
    TALK_FIRST,
    common_lane,
    default_lane,
    laned_fields,
    offered_lanes,
)
from practice.profile import LIMITED, NO_SECRETS, SECRETS_POLICIES


def test_until_somebody_chooses_an_answer_is_for_the_therapist_alone():
    assert default_lane(LIMITED) == ONLY_THERAPIST
    assert set(offered_lanes(LIMITED)) == set(LANES)


def test_where_no_secrets_are_kept_nothing_is_for_the_therapist_alone():
    assert default_lane(NO_SECRETS) == TALK_FIRST
    assert set(offered_lanes(NO_SECRETS)) == {TALK_FIRST, MAY_RAISE}


@pytest.mark.parametrize("policy", SECRETS_POLICIES)
def test_a_page_shows_what_was_chosen_for_most_of_its_answers(policy):
    assert common_lane([], policy) == default_lane(policy)
    assert common_lane([MAY_RAISE, TALK_FIRST, MAY_RAISE], policy) == MAY_RAISE


def test_what_can_not_be_chosen_any_more_is_not_shown_as_chosen():
    assert common_lane([ONLY_THERAPIST] * 3 + [MAY_RAISE], NO_SECRETS) == MAY_RAISE


def test_only_answers_that_may_be_shared_have_a_lane():
    whole = current_questionnaire()
    for questionnaire in (whole, whole.for_partner()):
        for page in questionnaire.pages("session"):
            for field in laned_fields(page):
                assert field.visibility == "own"
                assert not field.write_only
    shared = {field.name for field in whole.fields() if field.may_be_shared}
    assert not shared & {
        "substance_concern",
        "court_involved",
        "self_harm",
        "others_see_messages",
        "email",
        "attending",
    }
    assert {"breach_story", "discovery_how", "breach_ongoing", "goals_own_words", "trust_role"} <= shared


def test_every_answer_that_may_be_shared_is_on_some_page_where_its_author_chooses():
    whole = current_questionnaire()
    for questionnaire in (whole, whole.for_partner()):
        chosen = {field.name for page in questionnaire.pages("session") for field in laned_fields(page)}
        shared = {field.name for field in questionnaire.fields() if field.may_be_shared}
        assert chosen == shared
