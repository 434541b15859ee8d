"""The table of how a request stands, and the words that its author sees."""

import re
from itertools import product
from pathlib import Path

import pytest

from practice.intake import models as intake
from practice.notify import to_persons
from practice.review.lifecycle import (
    CLOSED,
    OPEN,
    STANDS,
    TRANSITIONS,
    WHO,
    WORDS,
    NoSuchStep,
    Stage,
    Step,
    Who,
    Word,
    next_stage,
    word_for,
)

DOC = (Path(__file__).parents[2] / "docs" / "review.md").read_text()
ROW = re.compile(r"^\| ([a-z_]+) \| ([a-z_]+) \| ([a-z_]+) \| ([a-z_]+) \|$", re.MULTILINE)
WORD = re.compile(r"^\| ([a-z_]+) \| ([A-Z][a-z ]+) \|$", re.MULTILINE)


def test_the_page_shows_exactly_the_table_and_who_takes_each_step():
    rows = [row for row in ROW.findall(DOC) if row[0] in set(Stage)]

    assert {(Stage(row[0]), Step(row[1])): Stage(row[3]) for row in rows} == TRANSITIONS
    assert {(Step(row[1]), Who(row[2])) for row in rows} == set(WHO.items())


def test_the_page_shows_exactly_the_words():
    assert {Stage(stage): Word(word) for stage, word in WORD.findall(DOC)} == WORDS


def test_the_rooms_below_know_the_same_requests_as_undecided():
    assert {one.value for one in OPEN} == set(intake.UNDECIDED)


def test_what_is_closed_never_opens_again():
    assert not {stage for stage, _ in TRANSITIONS} & set(CLOSED)
    assert {one.value for one in CLOSED} == set(intake.CLOSED)
    assert set(to_persons.WAITING) <= {one.value for one in Stage}


@pytest.mark.parametrize("stage", STANDS)
def test_whatever_stands_can_be_accepted_declined_referred_and_taken_back(stage):
    for step in (Step.ACCEPT, Step.DECLINE, Step.REFER_OUT, Step.WITHDRAW):
        assert (stage, step) in TRANSITIONS


def test_a_client_moves_their_request_only_by_answering_or_taking_it_back():
    theirs = {step for step, who in WHO.items() if who is not Who.REVIEWER}
    assert theirs == {Step.ANSWER, Step.WITHDRAW}
    assert {after for (_, step), after in TRANSITIONS.items() if step is Step.ANSWER} == {Stage.IN_REVIEW}


@pytest.mark.parametrize(("stage", "step"), sorted(set(product(Stage, Step)) - set(TRANSITIONS)))
def test_what_is_not_in_the_table_is_a_bug_of_the_caller(stage, step):
    with pytest.raises(NoSuchStep):
        next_stage(stage, step)


def test_clients_see_six_words_and_an_appointment_never_hides_that_something_is_needed():
    seen = {word_for(stage, booked=booked) for stage in Stage for booked in (False, True)}

    assert seen == set(Word)
    for stage in (Stage.INFO_REQUESTED, Stage.INDIVIDUAL_CALL):
        assert word_for(stage, booked=True) is Word.NEEDED
    assert {word_for(stage, booked=True) for stage in CLOSED} == {Word.CLOSED}
    assert word_for(Stage.ACCEPTED, booked=True) is Word.BOOKED
    assert set(OPEN) | {Stage.ACCEPTED} == set(STANDS)
