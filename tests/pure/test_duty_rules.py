"""Who is on duty, how a notice calls, and by when a request should be seen: pure rules, held against docs/duty.md."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from practice.desk_hours import DeskHours, read_weekly
from practice.review.targets import DECISION_DAYS, LOOK_DAYS, RED_LOOK_DAYS, red_targets_of, targets_of
from practice.staff.duty.calling import CALLS, Callees, callees_of, next_call
from practice.staff.duty.rota import Turn, on_duty

DOC = Path(__file__).parents[2] / "docs" / "duty.md"
ZONE = "America/New_York"
DESK = DeskHours(ZONE, read_weekly("mon-fri 09:00-17:00"))
MONDAY = datetime(2027, 5, 3, 14, 0, tzinfo=UTC)  # 10:00
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARA, NOOR, GONE = 1, 2, 3


def named(*turns: Turn, at: datetime = MONDAY) -> int | None:
    return on_duty(turns, at, ZONE, {MARA, NOOR})


def test_nobody_named_is_nobody():
    assert named() is None


def test_dates_go_before_the_week_and_what_is_said_later_goes_first():
    weekly = Turn(9, MARA, weekday=0)
    dated = Turn(3, NOOR, starts=MONDAY - HOUR, ends=MONDAY + HOUR)
    assert named(weekly) == MARA
    assert named(weekly, dated) == NOOR
    assert named(weekly, dated, Turn(4, MARA, starts=MONDAY - HOUR, ends=MONDAY + DAY)) == MARA
    assert named(weekly, Turn(10, NOOR, weekday=0)) == NOOR


def test_a_turn_begins_at_its_beginning_and_is_over_at_its_end():
    turn = Turn(1, MARA, starts=MONDAY, ends=MONDAY + HOUR)
    ends = [named(turn, at=at) for at in (MONDAY - timedelta(seconds=1), MONDAY, MONDAY + HOUR)]
    assert ends == [None, MARA, None]


def test_a_weekday_is_that_of_the_practices_zone():
    turn = Turn(1, MARA, weekday=0)
    midnight = datetime(2027, 5, 3, 4, 0, tzinfo=UTC)
    assert [named(turn, at=at) for at in (midnight - HOUR, midnight, midnight + DAY)] == [None, MARA, None]


def test_who_is_no_clinician_any_more_is_passed_over():
    assert named(Turn(2, GONE, starts=MONDAY - HOUR, ends=MONDAY + HOUR), Turn(1, MARA, weekday=0)) == MARA
    assert named(Turn(2, GONE, weekday=0)) is None


def test_a_notice_calls_further_each_half_hour_then_when_the_desk_opens_and_daily_at_least():
    due, at = [], MONDAY
    for step in range(5):
        at = next_call(step, MONDAY, at, DESK)
        due.append((at - MONDAY, callees_of(step + 1)))
    assert due == [
        (timedelta(minutes=30), Callees.CLINICIANS),
        (timedelta(minutes=60), Callees.EVERYBODY),
        (timedelta(hours=23), Callees.EVERYBODY),  # Tuesday at nine
        (timedelta(hours=47), Callees.EVERYBODY),
        (timedelta(hours=71), Callees.EVERYBODY),
    ]


def test_outside_desk_hours_the_clock_runs_all_the_same_and_monday_calls_once_more():
    saturday = MONDAY + timedelta(days=5)
    second = next_call(1, saturday, saturday + timedelta(minutes=30), DESK)
    sunday = next_call(2, saturday, second, DESK)
    monday = next_call(3, saturday, sunday, DESK)
    assert (second - saturday, sunday - second) == (HOUR, DAY)
    assert monday == datetime(2027, 5, 10, 13, 0, tzinfo=UTC)
    assert next_call(2, saturday, second, DeskHours(ZONE, {})) == second + DAY


def test_a_late_worker_calls_at_once_and_never_in_the_past():
    late = MONDAY + timedelta(hours=5)
    assert next_call(1, MONDAY, late, DESK) == late


@pytest.mark.parametrize(
    ("submitted", "red", "look", "decide"),
    [
        (MONDAY, 0, 1, 2),
        (MONDAY + timedelta(hours=7), 1, 2, 3),  # on the stroke of five: tomorrow's
        (MONDAY + timedelta(hours=6, minutes=59), 0, 1, 2),
        (MONDAY + timedelta(days=4), 4, 7, 8),  # Friday
        (MONDAY + timedelta(days=5), 7, 8, 9),  # Saturday
    ],
)
def test_targets_are_ends_of_business_days(submitted, red, look, decide):
    five = MONDAY.replace(hour=21)
    assert red_targets_of(submitted, DESK).look_by == five + DAY * red
    assert targets_of(submitted, DESK).look_by == five + DAY * look
    assert targets_of(submitted, DESK).decide_by == five + DAY * decide


def test_what_is_missing_is_overdue_from_its_target_on():
    targets = targets_of(MONDAY, DESK)
    before, second = targets.look_by - timedelta(seconds=1), timedelta(seconds=1)
    assert targets.overdue(looked=None, now=before) == ""
    assert targets.overdue(looked=None, now=targets.look_by) == "look"
    assert targets.overdue(looked=MONDAY, now=targets.decide_by - second) == ""
    assert targets.overdue(looked=MONDAY, now=targets.decide_by) == "decision"


def test_the_page_tells_the_same_calls_and_targets():
    told = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", DOC.read_text(), re.MULTILINE)
    meant = [
        (
            str(step),
            "at once" if not call.after else f"{call.after // timedelta(minutes=1)} minutes",
            call.callees.value,
        )
        for step, call in enumerate(CALLS)
    ]
    assert told[:-1] == meant
    assert told[-1] == (
        str(len(CALLS)),
        "whenever the desk opens, and a day after the last letter at the latest",
        callees_of(len(CALLS)).value,
    )
    days = dict(re.findall(r"^\| (\w[\w ]*) \| (\d) business days? later \|$", DOC.read_text(), re.MULTILINE))
    assert days == {
        "first look at a red one": str(RED_LOOK_DAYS),
        "first look": str(LOOK_DAYS),
        "decision": str(DECISION_DAYS),
    }
