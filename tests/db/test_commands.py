"""The `practice` command, as somebody who sets up a practice uses it."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import postgres

PRACTICE = Path(sys.executable).with_name("practice")
WSGI = Path(__file__).parents[2] / "wsgi.py"
PATIENCE = 60  # seconds for a command
ANSWERS = {
    "--name": "Quiet Harbour",
    "--zone": "America/New_York",
    "--currency": "USD",
    "--email": "office@practice.example",
    "--phone": "+1 555 010 0100",
    "--address": "1 Quay Street, Hudson, NY",
    "--help-region": "US",
    "--desk-hours": "mon-fri 09:00-17:00",
    "--statement-name": "APPOINTMENT",
    "--therapist-name": "Ada Lindqvist",
    "--licence-places": "US-NY,US-NJ",
    "--join-link": "https://video.practice.example/ada",
    "--owner-email": "ada@practice.example",
    "--owner-password": "four quiet brown geese",
}

Command = Callable[..., subprocess.CompletedProcess[str]]


def words(**changes: str) -> list[str]:
    """The options of `practice init`."""
    chosen = {**ANSWERS, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    return [word for pair in chosen.items() for word in pair]


@pytest.fixture
def bare_url(request, database_url, tmp_path, worker_name) -> str:
    """A database without any table."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/new.db"
    address = postgres.new_database(request.getfixturevalue("postgres_server"), f"new_{worker_name}")
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def practice_command(bare_url, tmp_path) -> Command:
    """Runs `practice …`, or another program of its own, in an empty folder, with production's settings."""

    def run(*arguments: str, program: Path = PRACTICE, **environ: str | None) -> subprocess.CompletedProcess[str]:
        inside = {
            "PATH": os.environ["PATH"],
            "PRACTICE_ENV": "production",
            "DATABASE_URL": bare_url,
            "PRACTICE_BASE_URL": "https://practice.example",
            "PRACTICE_SECRET_KEY": "k" * 40,
            "PRACTICE_KEYS_FILE": str(tmp_path / "keys.json"),
            "STRIPE_API_KEY": "sk_test_1",
            "STRIPE_WEBHOOK_SECRET": "whsec_1",
            "SMTP_URL": "smtp://127.0.0.1:9",
            "MAIL_FROM": "Appointments <office@practice.example>",
            "HTTPS_PROXY": "http://127.0.0.1:9",  # production asks Stripe itself; nobody is there
            **environ,
        }
        return subprocess.run(
            [str(program), *arguments],
            env={name: value for name, value in inside.items() if value is not None},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


def test_a_new_practice_is_set_up_once_and_can_be_booked(practice_command: Command, tmp_path):
    made = practice_command("init", *words())
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600

    again = practice_command("init", *words())
    assert again.returncode == 1
    assert "set up already" in again.stderr

    doctor = practice_command("doctor")
    assert doctor.returncode == 1  # nothing else is missing but the outside world
    assert [line for line in doctor.stdout.splitlines() if line.startswith("MEND")] == [
        "MEND  mail server 127.0.0.1:9",
        "MEND  Stripe key, test mode in production",
        "MEND  Stripe takes the key",
    ]
    assert "ok    therapist ada-lindqvist can be booked" in doctor.stdout

    slots = practice_command("explain-slots", "ada-lindqvist", "couple-50", "2035-01-01")
    assert slots.returncode == 0
    assert "09:00 EST  not offered" in slots.stdout

    assert practice_command("invariants").returncode == 0
    assert practice_command("worker", "--until-idle").stdout.startswith("Delivered ")


def test_a_first_run_makes_ready_says_an_address_that_works_once_and_is_refused_where_there_is_an_owner(
    practice_command: Command, tmp_path
):
    nothing = dict.fromkeys(("STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "SMTP_URL", "MAIL_FROM"))
    said = [practice_command("first-run", **nothing) for _ in range(2)]
    assert [one.returncode for one in said] == [0, 0], said[0].stderr
    first, second = (re.search(r"https://practice\.example/staff/first-run/(\S+)", one.stdout)[1] for one in said)
    assert first != second
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600

    assert practice_command("init", *words(), **nothing).returncode == 0

    refused = practice_command("first-run", **nothing)
    assert refused.returncode == 1
    assert "has an owner" in refused.stderr
    doctor = practice_command("doctor", **nothing).stdout
    assert "MEND  mail server\n      None is set" in doctor
    assert "MEND  Stripe key\n      None is set" in doctor


@pytest.mark.databases("sqlite")
def test_a_first_run_never_makes_new_keys_for_an_old_database(practice_command: Command, tmp_path):
    practice_command("init", *words())
    (tmp_path / "keys.json").rename(tmp_path / "lost.json")

    refused = practice_command("first-run")

    assert refused.returncode == 1
    assert "Put it back" in refused.stderr
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"licence_places": "US-XX"}, "licence-places"),
        ({"join_link": "http://video.example"}, "join-link"),
        ({"owner_password": "short"}, "12 characters"),
        ({"tax_percent": "a lot"}, "tax-percent"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
@pytest.mark.databases("sqlite")
def test_a_wrong_answer_is_named_and_nothing_is_set_up(practice_command: Command, changes, said):
    refused = practice_command("init", *words(**changes))

    assert refused.returncode == 1
    assert said in refused.stderr.lower()
    assert "Traceback" not in refused.stderr
    assert practice_command("init", *words()).returncode == 0


def test_an_older_database_is_named_by_the_doctor_and_upgraded_by_a_command(practice_command: Command):
    practice_command("init", *words())
    older = practice_command("--app", str(WSGI), "db", "downgrade", program=PRACTICE.with_name("flask"))
    assert older.returncode == 0, older.stderr
    assert "practice upgrade-database" in practice_command("doctor").stdout

    upgraded = practice_command("upgrade-database")

    assert upgraded.returncode == 0, upgraded.stderr
    assert "practice upgrade-database" not in practice_command("doctor").stdout
    assert practice_command("invariants").returncode == 0


@pytest.mark.databases("sqlite")
def test_every_command_refuses_unsafe_settings_in_words(practice_command: Command):
    for arguments in (["serve"], ["worker", "--until-idle"], ["invariants"], ["init", *words()]):
        refused = practice_command(*arguments, PRACTICE_BASE_URL="http://practice.example", PRACTICE_SECRET_KEY="short")
        assert refused.returncode == 1
        assert "PRACTICE_BASE_URL must begin with https://" in refused.stderr
        assert "PRACTICE_SECRET_KEY is too short" in refused.stderr
        assert "Traceback" not in refused.stderr


@pytest.mark.databases("sqlite")
def test_a_missing_keys_file_is_said_and_never_made_by_the_way(practice_command: Command, tmp_path):
    refused = practice_command("invariants")

    assert refused.returncode == 1
    assert "practice init" in refused.stderr
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.databases("sqlite")
def test_the_doctor_names_what_is_wrong_and_how_to_mend_it(practice_command: Command, tmp_path):
    nothing = practice_command("doctor")
    assert nothing.returncode == 1
    assert "A new practice runs: practice first-run" in nothing.stdout

    practice_command("init", *words())
    (tmp_path / "keys.json").chmod(0o644)
    assert "chmod 600" in practice_command("doctor").stdout


@pytest.mark.databases("sqlite")
def test_settings_may_stand_in_a_file_and_the_environment_goes_first(practice_command: Command, tmp_path):
    (tmp_path / ".env").write_text(
        "# of this machine\nMAIL_FROM='Desk <desk@practice.example>'\nSMTP_URL=smtp://127.0.0.1:1\n"
    )

    said = practice_command("init", *words(), MAIL_FROM=None)
    assert said.returncode == 0, said.stderr
    assert "mail server 127.0.0.1:9" in practice_command("doctor", MAIL_FROM=None).stdout
