"""Settings: read once from the environment, checked at the start, frozen after."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from flask import current_app

EXTENSION = "practice.settings"

EXPLAINED = {
    "PRACTICE_ENV": "demo or production. Demo needs nothing else; production refuses whatever is unsafe.",
    "DATABASE_URL": "sqlite:////absolute/path.db for one machine, postgresql://user:password@host/name beyond.",
    "PRACTICE_BASE_URL": "The address that clients type, https in production. Links in letters come from it.",
    "PRACTICE_SECRET_KEY": "At least 32 random characters; signs cookies and forms.",
    "PRACTICE_KEYS_FILE": "The file with the master keys, readable by its owner alone. `practice init` makes it.",
    "STRIPE_API_KEY": "Stripe's secret key: sk_live_… in production, sk_test_… elsewhere. Unset: see Connections.",
    "STRIPE_WEBHOOK_SECRET": "The whsec_… of the webhook endpoint at /webhooks/stripe. Unset: see Connections.",
    "STRIPE_API_BASE": "Another Stripe-compatible server; refused in production.",
    "SMTP_URL": "smtp://user:password@host:587 (STARTTLS) or smtps://…:465. Unset: see Connections.",
    "MAIL_FROM": "The neutral sender of every letter, as in: Appointments <office@example.org>. Or: Connections.",
    "TRUSTED_PROXIES": "How many proxies stand in front and set X-Forwarded-For and -Proto; 0 for none.",
    "LIMITER_STORAGE_URL": "Where rate limits are counted: memory:// for one process, redis://… for several.",
    "CALENDAR_ALLOW_LOCAL": "yes lets calendars be read from this machine itself; refused in production.",
}
ON_PAGES = frozenset({"STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "SMTP_URL", "MAIL_FROM"})
"""What the practice may say on its page *Connections* instead (connections.py). What is set here goes first."""

OPTIONAL = ON_PAGES | {"STRIPE_API_BASE", "CALENDAR_ALLOW_LOCAL"}
DEMO_SECRET = "demo-only-secret-that-production-refuses"  # noqa: S105 - production refuses it
SHORTEST_SECRET = 32


class UnsafeSettings(Exception):
    """The settings don't allow a start. `problems` says what is wrong and how to mend it, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations, except what the practice decides on its own pages."""

    env: str
    database_url: str
    base_url: str
    secret_key: str
    keys_file: Path
    stripe_api_key: str
    stripe_webhook_secret: str
    stripe_api_base: str | None
    smtp_url: str
    mail_from: str
    trusted_proxies: int
    limiter_storage_url: str
    calendar_allow_local: bool

    @property
    def demo(self) -> bool:
        return self.env == "demo"

    @property
    def secure(self) -> bool:
        """Whether the visitors come over https, so that cookies can insist on it."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, data: Path | None = None) -> Settings:
        """Read the settings; in demo each has a default under `data` (the folder `var` when None).

        :raises UnsafeSettings: naming every setting that is wrong, with the fix.
        """
        demo = environ.get("PRACTICE_ENV", "production") == "demo"
        folder = (data or Path("var")).resolve()
        defaults = _demo_defaults(folder) if demo else {"TRUSTED_PROXIES": "0", "LIMITER_STORAGE_URL": "memory://"}
        got = {name: environ.get(name) or defaults.get(name, "") for name in EXPLAINED}
        problems = [
            f"{name} is not set. {EXPLAINED[name]}" for name, value in got.items() if not value and name not in OPTIONAL
        ]
        if not got["TRUSTED_PROXIES"].isdigit():
            problems.append("TRUSTED_PROXIES is no number. " + EXPLAINED["TRUSTED_PROXIES"])
        if got["CALENDAR_ALLOW_LOCAL"] not in {"", "yes", "no"}:
            problems.append("CALENDAR_ALLOW_LOCAL is neither yes nor no. " + EXPLAINED["CALENDAR_ALLOW_LOCAL"])
        if problems:
            raise UnsafeSettings(problems)
        settings = cls(
            env=got["PRACTICE_ENV"],
            database_url=_with_driver(got["DATABASE_URL"]),
            base_url=got["PRACTICE_BASE_URL"].rstrip("/"),
            secret_key=got["PRACTICE_SECRET_KEY"],
            keys_file=Path(got["PRACTICE_KEYS_FILE"]),
            stripe_api_key=got["STRIPE_API_KEY"],
            stripe_webhook_secret=got["STRIPE_WEBHOOK_SECRET"],
            stripe_api_base=got["STRIPE_API_BASE"] or None,
            smtp_url=got["SMTP_URL"],
            mail_from=got["MAIL_FROM"],
            trusted_proxies=int(got["TRUSTED_PROXIES"]),
            limiter_storage_url=got["LIMITER_STORAGE_URL"],
            calendar_allow_local=got["CALENDAR_ALLOW_LOCAL"] == "yes",
        )
        problems = settings.problems()
        if problems:
            raise UnsafeSettings(problems)
        return settings

    def problems(self) -> list[str]:
        """What forbids a start with these settings; empty when nothing does."""
        found = []
        if self.env not in {"demo", "production"}:
            found.append(f"PRACTICE_ENV is {self.env!r}. " + EXPLAINED["PRACTICE_ENV"])
        if urlsplit(self.base_url).scheme not in {"http", "https"} or not urlsplit(self.base_url).hostname:
            found.append("PRACTICE_BASE_URL is no web address. " + EXPLAINED["PRACTICE_BASE_URL"])
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            found.append("DATABASE_URL is neither SQLite nor PostgreSQL. " + EXPLAINED["DATABASE_URL"])
        if self.env == "production":
            found += self._production_problems()
        return found

    def _production_problems(self) -> list[str]:
        found = []
        if not self.secure:
            found.append("PRACTICE_BASE_URL must begin with https:// in production.")
        if self.secret_key == DEMO_SECRET or len(self.secret_key) < SHORTEST_SECRET:
            found.append("PRACTICE_SECRET_KEY is too short or the demo's. " + EXPLAINED["PRACTICE_SECRET_KEY"])
        if self.stripe_api_base:
            found.append("STRIPE_API_BASE must not be set in production: clients would pay into the sandbox.")
        if self.calendar_allow_local:
            found.append("CALENDAR_ALLOW_LOCAL must not be set in production: staff could reach this machine.")
        if self.stripe_api_key and not self.stripe_api_key.startswith(("sk_live_", "rk_live_", "sk_test_", "rk_test_")):
            found.append("STRIPE_API_KEY is no key of Stripe's. " + EXPLAINED["STRIPE_API_KEY"])
        if self.keys_file.exists() and self.keys_file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            found.append(f"PRACTICE_KEYS_FILE can be read by others. Run: chmod 600 {self.keys_file}")
        return found


def settings() -> Settings:
    """The settings of the current app."""
    return cast(Settings, current_app.extensions[EXTENSION])


def new_secret() -> str:
    """A fresh value for PRACTICE_SECRET_KEY."""
    return secrets.token_urlsafe(48)


def _with_driver(url: str) -> str:
    """postgresql:// means psycopg 3, whichever driver SQLAlchemy would prefer."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _demo_defaults(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder}/practice.db",
        "PRACTICE_BASE_URL": "http://127.0.0.1:5000",
        "PRACTICE_SECRET_KEY": DEMO_SECRET,
        "PRACTICE_KEYS_FILE": str(folder / "keys.json"),
        "STRIPE_API_KEY": "sk_test_sandbox",
        "STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
        "STRIPE_API_BASE": "http://127.0.0.1:5001",
        "SMTP_URL": "smtp://127.0.0.1:5025",
        "MAIL_FROM": "Appointments <office@practice.example>",
        "TRUSTED_PROXIES": "0",
        "LIMITER_STORAGE_URL": "memory://",
        "CALENDAR_ALLOW_LOCAL": "yes",
    }
