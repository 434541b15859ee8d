"""docs/staff.md says what is so: roles, who reaches which room, and how long things last."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from practice import access
from practice.staff import queries, sessions
from practice.staff.datastore import RECOVERY_CODES
from practice.staff.models import ROLES
from practice.staff.passkeys.actions import MOST_PASSKEYS
from practice.staff.passkeys.routes import GOOD_FOR
from practice.staff.passwords import FEWEST_GUESSES, JUDGED, LEAKED, LONGEST, SHORTEST
from practice.staff.people.actions import INVITATION_LIFE, PASSWORD_LINK_LIFE
from practice.staff.people.forms import MAY
from practice.staff.security_config import SWITCHES

pytestmark = pytest.mark.databases("sqlite")

DOC = (Path(__file__).parents[2] / "docs" / "staff.md").read_text()
COLUMNS = ("owner", "clinician", "coordinator", "therapist")


def test_the_roles_are_those_of_the_form_that_gives_them() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|`]+) \|$", DOC, re.MULTILINE))

    assert told == MAY
    assert set(told) == set(ROLES) == set(COLUMNS)


def test_every_room_opens_to_those_who_are_named(app: Flask) -> None:
    rooms = re.findall(r"^\| [^|]+ \| `([\w.]+)` \|((?: (?:yes|–) \|){4})$", DOC, re.MULTILINE)
    assert len(rooms) == 15

    for endpoint, ticks in rooms:
        policy = access.policy_of(app, endpoint)
        assert policy is not None, endpoint
        may = {role for role, tick in zip(COLUMNS, ticks.split("|"), strict=False) if tick.strip() == "yes"}
        assert policy.name == "staff:" + ",".join(sorted(may)), endpoint


def test_what_lasts_lasts_as_long_as_it_says() -> None:
    told = dict(re.findall(r"^\| ([A-Z][^|]+) \| ([\d]+(?: \w+)?) \|$", DOC, re.MULTILINE))

    assert told == {
        "A session": _words(sessions.LIFE),
        "A session that nobody uses": _words(queries.IDLE_FOR),
        "Between password and second factor": _words(sessions.HALF_LIFE),
        "After the password, before it is asked for again where it matters": _words(SWITCHES["FRESHNESS"]),
        "An invitation": _words(INVITATION_LIFE),
        "A link for a new password": _words(PASSWORD_LINK_LIFE),
        "Recovery codes": str(RECOVERY_CODES),
        "Passkeys of one account": str(MOST_PASSKEYS),
    }


def test_passwords_are_judged_as_it_says() -> None:
    assert f"At least {SHORTEST} characters, at most {LONGEST}." in DOC
    assert (FEWEST_GUESSES, len(LEAKED)) == (10**10, 30_000)
    assert f"the first {JUDGED} characters are judged" in DOC
    assert timedelta(minutes=5) == GOOD_FOR


def _words(span: timedelta) -> str:
    if span >= timedelta(days=1):
        return f"{span.days} day{'' if span.days == 1 else 's'}"
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} hours" if minutes > 60 and minutes % 60 == 0 else f"{minutes} minutes"
