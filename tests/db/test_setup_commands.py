"""Setting up by commands: what they change, how they refuse, and that the documentation tells of all of them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from practice import cli
from practice.papers.queries import find_registered
from practice.profile import profile
from practice.setup import (
    agreement_commands,
    catalogue_commands,
    commands,
    profile_commands,
    question_commands,
    registration_commands,
)
from tests.support import offers
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, COUPLE, IN_PERSON
from tests.support.staff import audit

MONDAY = MONDAY_NINE.date()
DOCS = Path(__file__).parents[2] / "docs" / "setting-up.md"
ROOMS = (
    commands,
    catalogue_commands,
    profile_commands,
    question_commands,
    registration_commands,
    agreement_commands,
)
GROUPS = {one.name: one for room in ROOMS for one in room.COMMANDS}

Run = Callable[[str], Result]


@pytest.fixture
def run(practice) -> Run:
    """Runs a line as `practice …` would, on the test's practice."""

    def run(line: str) -> Result:
        name, *arguments = shlex.split(line)
        return CliRunner().invoke(GROUPS[name], arguments, obj=lambda: practice.app)

    return run


def leaves(group: click.Command, path: str) -> Iterator[tuple[str, str]]:
    """Every command below, with its first sentence or two as `--help` shows them."""
    if isinstance(group, click.Group):
        for name, one in group.commands.items():
            yield from leaves(one, f"{path} {name}")
    else:
        yield path, " ".join((group.help or "").split())


@pytest.mark.parametrize(("said", "kept"), [("24", 24), ("none", None), ("336", 336)])
def test_the_hours_of_reminders_are_set_and_noted(practice, run, said, kept):
    assert run(f"reminder-hours {said}").exit_code == 0

    with practice.app.app_context():
        assert profile().reminder_hours == kept
    assert [what for _, what, _ in audit(practice, "reminder_hours_set")] == ["reminder_hours_set"]


@pytest.mark.parametrize("said", ["0", "337", "-1", "soon", "1.5"])
def test_hours_at_which_nobody_can_be_reminded_are_refused(practice, run, said):
    assert run(f"reminder-hours -- {said}").exit_code != 0

    with practice.app.app_context():
        assert profile().reminder_hours == 48


def starts(practice, **which: str) -> list[str]:
    return [f"{one:%H:%M}" for one in offers.open_starts(practice, MONDAY, **which)]


def test_the_documentation_names_every_command_with_its_own_words():
    told = dict(re.findall(r"^\| `(practice [^`]+)` \| (.+) \|$", DOCS.read_text(), re.M))

    assert told == dict(pair for name, one in GROUPS.items() for pair in leaves(one, f"practice {name}"))


def test_every_one_of_them_is_a_practice_command():
    assert {name: cli.main.commands.get(name) for name in GROUPS} == GROUPS


@pytest.mark.parametrize("line", re.findall(r"^practice (.+)$", DOCS.read_text(), re.M))
@pytest.mark.databases("sqlite")
def test_the_examples_of_the_documentation_work(run, line):
    run('room add --name "Garden room" --address "1 Quay Street"')

    assert run(line).exit_code == 0


def test_hours_are_shown_as_they_are_set(practice, run):
    line = f'hours set {ADA} "mon 18:00-20:00 video from=2027-01-01 until=2027-12-31" "tue 09:00-12:00"'
    assert run(line).output == "2 lines are saved.\n"

    assert run(f"hours show {ADA}").output.splitlines() == [
        "mon 18:00-20:00 video from=2027-01-01 until=2027-12-31",
        "tue 09:00-12:00",
    ]
    assert starts(practice) == ["22:00", "22:30", "23:00"]
    assert audit(practice, "hours_saved") == [("command", "hours_saved", ADA)]

    assert run(f"hours clear {ADA}").exit_code == 0
    assert run(f"hours show {ADA}").output == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f'hours set {ADA} "mon 09:00-12:00" "mon 11:00-13:00"', "line 2, opens: These overlap"),
        (f'hours set {ADA} "mon 12:00-09:00"', "line 1, closes: It must close after it opens"),
        (f'hours set {ADA} "mon 09:00-12:00 from=2027-02-01 until=2027-01-01"', "line 1, valid-until"),
        (f'hours set {ADA} "monday morning"', "LINES"),
        (f'hours set {ADA} "mon 25:00-26:00"', "LINES"),
        ('hours set nobody "mon 09:00-12:00"', "nothing of this name"),
        (f"time-off add {ADA} 2027-05-12 2027-05-10", "last-day: The last day comes before"),
        (f"time-off remove {ADA} 99", "nothing of this name or number"),
        (f"override add {ADA} 2027-05-10 other --opens 12:00 --closes 09:00", "closes: "),
        (f"override add {ADA} 2027-05-10 extra", "opens: Say from when to when"),
        (f"override add {ADA} 2027-05-10 extra --opens nine", "--opens"),
        (f"holidays {ADA} XX", "holiday-region: "),
        (f"therapist set {ADA} --zone Mars/Olympus", "zone: There is no such time zone"),
        (f"therapist set {ADA} --licence-places US-XX", "licence-places: Not known: US-XX"),
        (f"therapist set {ADA} --packs --rooms nowhere", "rooms: There is nothing called nowhere"),
        (f"offering set {COUPLE} --price -1", "price: A price can’t be below zero"),
        (f"offering set {COUPLE} --price much", "--price"),
        (f"offering set {COUPLE} --step-minutes 7", "step-minutes: "),
        (f"offering set {COUPLE} --weekly-cap -1", "weekly-cap: "),
        ('offering add --name "Short talk" --price 1', "--es-name"),
        (f'offering set {COUPLE} --name "Short talk"', "es-name: Write it in Spanish too"),
        ("offering set nothing --price 1", "nothing of this name"),
        ('offering add --name "" --es-name "" --price 1', "name: "),
        ("room add --name x --address y --seats 0", "seats: "),
        ("room set nowhere --seats 2", "nothing of this name"),
    ],
)
def test_a_refusal_names_the_option_and_nothing_is_changed(practice, run, line, words):
    tables = [run(f"{what}") for what in ("therapist list", "offering list", "room list")]
    before = [*(one.output for one in tables), run(f"hours show {ADA}").output, starts(practice)]

    refused = run(line)

    assert refused.exit_code != 0
    assert words in refused.output
    assert "Traceback" not in refused.output
    tables = [run(f"{what}") for what in ("therapist list", "offering list", "room list")]
    assert [*(one.output for one in tables), run(f"hours show {ADA}").output, starts(practice)] == before


def test_days_off_are_added_listed_and_removed(practice, run):
    assert run(f"time-off add {ADA} {MONDAY} {MONDAY + timedelta(days=1)}").exit_code == 0
    assert starts(practice) == []

    number, _, rest = run(f"time-off list {ADA}").output.partition("  ")
    assert rest == "2027-05-10 to 2027-05-11\n"
    assert run(f"time-off remove {ADA} {number}").exit_code == 0
    assert starts(practice)


def test_a_date_is_closed_and_opened_again(practice, run):
    run(f"override add {ADA} {MONDAY} closed --place video")
    assert starts(practice) == []
    assert starts(practice, offering=IN_PERSON)

    number, _, rest = run(f"override list {ADA}").output.partition("  ")
    assert rest == "2027-05-10 closed video\n"
    run(f"override remove {ADA} {number}")
    assert starts(practice)


def test_holidays_are_kept_and_let_go(practice, run):
    memorial_day = MONDAY + timedelta(days=21)

    run(f"holidays {ADA} US-NY")
    assert not offers.open_starts(practice, memorial_day)
    run(f"holidays {ADA} none")
    assert offers.open_starts(practice, memorial_day)


def test_only_what_is_named_of_a_therapist_changes(run):
    assert run(f"therapist set {ADA} --languages English,Svenska --packs").exit_code == 0

    [line] = [line for line in run("therapist list").output.splitlines() if line.startswith(ADA)]
    assert line == f"{ADA}  America/New_York  English,Svenska  US-NY  side by side"


def test_an_offering_is_added_changed_and_archived(practice, run):
    named = '--name "Short talk" --es-name "Charla breve"'
    assert run(f"offering add {named} --price 45.50 --session-minutes 25 --therapists {ADA}").exit_code == 0
    assert len(starts(practice, offering="short-talk")) == 16

    run("offering set short-talk --weekly-cap 2 --step-minutes 60")
    assert len(starts(practice, offering="short-talk")) == 8
    assert "short-talk  $45.50  25 min  couple video  Short talk\n" in run("offering list").output

    run("offering archive short-talk")
    assert "Short talk  archived\n" in run("offering list").output
    run("offering archive short-talk --undo")
    assert len(starts(practice, offering="short-talk")) == 8


def test_a_cap_of_nought_takes_the_cap_away(practice, run):
    run(f"offering set {COUPLE} --daily-cap 1")
    practice.hold(MONDAY_NINE)
    assert starts(practice) == []

    run(f"offering set {COUPLE} --daily-cap 0")
    assert starts(practice)


def test_a_room_is_added_changed_and_retired(practice, run):
    run(f'room add --name "Garden room" --address "1 Quay Street" --seats 1 --therapists {ADA}')
    assert starts(practice, offering=IN_PERSON) == []

    run("room set garden-room --seats 2")
    assert starts(practice, offering=IN_PERSON)
    run("room retire garden-room")
    assert starts(practice, offering=IN_PERSON) == []
    assert run("room list").output == "garden-room  2 seats  Garden room, 1 Quay Street  retired\n"


def test_numbers_of_a_therapist_are_kept_as_far_as_they_fit_and_refused_by_name_beyond(practice, run):
    assert run(f"register therapist {ADA} --licence {'x' * 120} --credentials {'y' * 60}").exit_code == 0
    for option, most in (("licence", 120), ("credentials", 60)):
        refused = run(f"register therapist {ADA} --{option} {'z' * (most + 1)}")
        assert (refused.exit_code, f"{option}: Write at most {most} characters." in refused.output) == (1, True)
    with practice.app.app_context():
        assert [one[1:] for one in find_registered().therapists.values()] == [("x" * 120, "y" * 60)]
