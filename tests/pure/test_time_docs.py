"""What docs/slots.md and docs/time.md show is what the code does."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from practice.booking.hours import Cause
from practice.booking.slots import Refusal, Schedule, SlotRules, judge_slots, open_slots
from practice.spans import Span

DOCS = Path(__file__).parents[2] / "docs"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def rows(page, heading):
    """The body of the table whose first column is called `heading`."""
    lines = iter((DOCS / page).read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith(f"| {heading} |"):
            next(lines)
            break
    else:
        pytest.fail(f"{page} has no table of {heading}")
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def test_the_refusals_are_listed_in_the_order_in_which_they_are_asked():
    assert [row[0].strip("`") for row in rows("slots.md", "Refusal")] == [refusal.value for refusal in Refusal]


def test_the_page_names_every_cause_of_a_days_hours():
    named = [row[0].strip("`") for row in rows("slots.md", "Cause")]
    assert sorted([*named, Cause.EXTRA.value]) == sorted(cause.value for cause in Cause)
    assert "`extra`" in (DOCS / "slots.md").read_text(encoding="utf-8")


def test_the_example_of_a_morning_is_judged_as_shown():
    monday = date(2026, 6, 1)
    midnight = datetime(2026, 6, 1, tzinfo=UTC)
    rules = SlotRules(
        session=50 * MINUTE,
        step=30 * MINUTE,
        before=0 * MINUTE,
        after=10 * MINUTE,
        notice=2 * HOUR,
        horizon=60 * 24 * HOUR,
        daily_cap=None,
    )
    judged = judge_slots(
        Schedule("UTC", {0: ((time(9), time(12)),)}),
        rules,
        [Span(midnight + 10.5 * HOUR, midnight + 10.5 * HOUR + 20 * MINUTE)],
        now=midnight + 7.25 * HOUR,
        first=monday,
        last=monday,
    )
    shown = [[f"{verdict.span.start:%H:%M}", verdict.refusal or "open"] for verdict in judged]
    assert shown == rows("slots.md", "Candidate")


@pytest.mark.parametrize(("day", "hours", "offered"), rows("time.md", "Date"))
def test_the_awkward_days_offer_what_is_shown(day, hours, offered):
    opens, closes = (time.fromisoformat(wall) for wall in hours.split("–"))
    local = date.fromisoformat(day)
    rules = SlotRules(
        session=30 * MINUTE,
        step=30 * MINUTE,
        before=0 * MINUTE,
        after=0 * MINUTE,
        notice=0 * HOUR,
        horizon=60 * 24 * HOUR,
        daily_cap=None,
    )
    found = open_slots(
        Schedule("America/New_York", {}, {local: ((opens, closes),)}),
        rules,
        [],
        now=datetime.combine(local, time(0), UTC),
        first=local,
        last=local,
    )
    new_york = ZoneInfo("America/New_York")
    starts = [f"{slot.start.astimezone(new_york):%H:%M %Z}" for slot in found]
    assert (", ".join(starts) or "none") == offered
