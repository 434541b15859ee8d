"""Settings: a demo needs none, production refuses whatever is unsafe, and each refusal says how to mend it."""

from __future__ import annotations

import dataclasses
import secrets
from pathlib import Path

import pytest

from practice.settings import DEMO_SECRET, EXPLAINED, ON_PAGES, SHORTEST_SECRET, Settings, UnsafeSettings, new_secret

PRODUCTION = {
    "PRACTICE_ENV": "production",
    "DATABASE_URL": "postgresql://practice@db.example/practice",
    "PRACTICE_BASE_URL": "https://practice.example",
    "PRACTICE_SECRET_KEY": secrets.token_urlsafe(48),
    "PRACTICE_KEYS_FILE": "/nowhere/keys.json",
    "STRIPE_API_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "SMTP_URL": "smtps://office:secret@mail.example:465",
    "MAIL_FROM": "Appointments <office@practice.example>",
}


def problems(**changes: str | None) -> list[str]:
    environ = {name: value for name, value in {**PRODUCTION, **changes}.items() if value is not None}
    with pytest.raises(UnsafeSettings) as refused:
        Settings.from_env(environ)
    return refused.value.problems


def test_a_demo_needs_nothing(tmp_path):
    settings = Settings.from_env({"PRACTICE_ENV": "demo"}, data=tmp_path)

    assert settings.demo
    assert settings.database_url == f"sqlite:///{tmp_path}/practice.db"
    assert settings.keys_file == tmp_path / "keys.json"


def test_a_demo_honours_each_setting_that_is_given(tmp_path):
    given = {
        **PRODUCTION,
        "PRACTICE_ENV": "demo",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "TRUSTED_PROXIES": "2",
        "LIMITER_STORAGE_URL": "redis://127.0.0.1",
    }

    settings = Settings.from_env(given, data=tmp_path)

    assert settings.stripe_api_base == "http://127.0.0.1:9"
    assert (settings.base_url, settings.secret_key) == (given["PRACTICE_BASE_URL"], given["PRACTICE_SECRET_KEY"])
    assert (settings.trusted_proxies, settings.limiter_storage_url) == (2, "redis://127.0.0.1")
    assert settings.database_url == "postgresql+psycopg://practice@db.example/practice"


def test_production_starts_with_everything_set():
    settings = Settings.from_env(PRODUCTION)

    assert settings.secure
    assert not settings.demo
    assert (settings.trusted_proxies, settings.limiter_storage_url) == (0, "memory://")


def test_without_a_word_about_it_production_is_meant():
    assert any(problem.startswith("PRACTICE_ENV is not set") for problem in problems(PRACTICE_ENV=None))


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "PRACTICE_ENV" and name not in ON_PAGES])
def test_production_names_each_setting_that_is_missing_and_explains_it(name):
    assert problems(**{name: None}) == [f"{name} is not set. {EXPLAINED[name]}"]
    assert problems(**{name: ""}) == [f"{name} is not set. {EXPLAINED[name]}"]


def test_production_starts_without_what_the_practice_may_say_on_its_page():
    settings = Settings.from_env({name: value for name, value in PRODUCTION.items() if name not in ON_PAGES})

    assert (settings.smtp_url, settings.mail_from) == ("", "")
    assert (settings.stripe_api_key, settings.stripe_webhook_secret) == ("", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PRACTICE_ENV", "staging"),
        ("PRACTICE_BASE_URL", "http://practice.example"),
        ("PRACTICE_BASE_URL", "practice.example"),
        ("PRACTICE_BASE_URL", "javascript:alert(1)"),
        ("DATABASE_URL", "mysql://db.example/practice"),
        ("PRACTICE_SECRET_KEY", DEMO_SECRET),
        ("PRACTICE_SECRET_KEY", "x" * (SHORTEST_SECRET - 1)),
        ("STRIPE_API_BASE", "http://127.0.0.1:5001"),
        ("CALENDAR_ALLOW_LOCAL", "yes"),
        ("CALENDAR_ALLOW_LOCAL", "maybe"),
        ("STRIPE_API_KEY", "pk_live_1"),
        ("TRUSTED_PROXIES", "all"),
        ("TRUSTED_PROXIES", "-1"),
    ],
)
def test_production_refuses_what_is_unsafe_by_name(name, value):
    assert any(name in problem for problem in problems(**{name: value}))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_production_refuses_keys_that_others_can_read(tmp_path: Path, mode):
    keys = tmp_path / "keys.json"
    keys.touch(mode=0o600)
    Settings.from_env({**PRODUCTION, "PRACTICE_KEYS_FILE": str(keys)})

    keys.chmod(mode)

    assert problems(PRACTICE_KEYS_FILE=str(keys)) == [
        f"PRACTICE_KEYS_FILE can be read by others. Run: chmod 600 {keys}"
    ]


def test_every_problem_is_named_at_once():
    assert len(problems(PRACTICE_BASE_URL="http://practice.example", PRACTICE_SECRET_KEY="short")) == 2


def test_no_refusal_repeats_a_secret():
    said = " ".join(problems(PRACTICE_SECRET_KEY="hunter2hunter2", STRIPE_API_KEY="rk_other_secret"))

    assert "hunter2" not in said
    assert "rk_other" not in said


@pytest.mark.parametrize("url", ["postgresql://db/x", "postgres://db/x", "postgresql+psycopg://db/x"])
def test_each_way_to_write_postgresql_means_the_driver_that_we_have(url):
    assert Settings.from_env({**PRODUCTION, "DATABASE_URL": url}).database_url == "postgresql+psycopg://db/x"


def test_a_database_on_a_unix_socket_can_be_named():
    url = "postgresql://practice@/practice?host=/run/postgresql"

    assert Settings.from_env({**PRODUCTION, "DATABASE_URL": url}).database_url.endswith("?host=/run/postgresql")


def test_settings_cannot_be_changed_while_the_practice_runs():
    settings = Settings.from_env(PRODUCTION)

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.env = "demo"


def test_a_new_secret_is_long_enough_and_never_the_same():
    assert len(new_secret()) >= SHORTEST_SECRET
    assert new_secret() != new_secret()
