"""What is missing or unsafe in this installation."""

from __future__ import annotations

import smtplib
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from practice import create_app
from practice.booking.offers import queries
from practice.booking.offers.models import Therapist
from practice.database import MIGRATIONS, engine_options
from practice.errors import Unavailable
from practice.profile import profile
from practice.settings import Settings, UnsafeSettings
from practice.staff.queries import find_owners

MAIL_PATIENCE = 5.0  # seconds


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` says what to do when it isn't fine."""

    fine: bool
    what: str
    mend: str = ""


def examine(environ: Mapping[str, str]) -> list[Finding]:
    """Look at everything that a running practice needs. Reads only."""
    try:
        settings = Settings.from_env(environ)
    except UnsafeSettings as unsafe:
        return [Finding(False, "settings", problem) for problem in unsafe.problems]
    findings = [Finding(True, f"settings ({settings.env})"), _keys(settings), _database(settings), _mail(settings)]
    if all(finding.fine for finding in findings[:3]):
        findings += _practice(settings)
    return findings


def _keys(settings: Settings) -> Finding:
    path = settings.keys_file
    if not path.exists():
        return Finding(False, f"keys file {path}", "It is missing. A new practice runs: practice init")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(False, f"keys file {path}", f"Others can read it. Run: chmod 600 {path}")
    return Finding(True, f"keys file {path}")


def _database(settings: Settings) -> Finding:
    what = "database, with all its migrations"
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    engine = create_engine(settings.database_url, hide_parameters=True, **engine_options(settings.database_url))
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        return Finding(False, what, f"It does not answer ({type(error).__name__}). Check DATABASE_URL.")
    finally:
        engine.dispose()
    if current != head:
        return Finding(False, what, f"It is at {current or 'nothing'}, the program at {head}. Run: practice init")
    return Finding(True, what)


def _mail(settings: Settings) -> Finding:
    address = urlsplit(settings.smtp_url)
    what = f"mail server {address.hostname}:{address.port or 25}"
    connect = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
    try:
        with connect(address.hostname or "", address.port or 0, timeout=MAIL_PATIENCE) as server:
            server.noop()
    except OSError as error:
        return Finding(False, what, f"It does not answer ({type(error).__name__}). Check SMTP_URL.")
    return Finding(True, what)


def _practice(settings: Settings) -> list[Finding]:
    with create_app(settings).app_context():
        try:
            name = profile().name
        except Unavailable:
            return [Finding(False, "practice profile", "Run: practice init")]
        return [
            Finding(True, f"practice profile ({name})"),
            Finding(bool(find_owners()), "an owner who can sign in", "Run: practice init"),
            *(_therapist(therapist) for therapist in queries.find_therapists()),
        ]


def _therapist(therapist: Therapist) -> Finding:
    what = f"therapist {therapist.slug} can be booked"
    if not therapist.weekly_hours:
        return Finding(False, what, "There are no opening hours.")
    if not therapist.offerings:
        return Finding(False, what, "There are no offerings.")
    if any(offering.place == "video" for offering in therapist.offerings) and not therapist.join_link:
        return Finding(False, what, "A video session is offered, and there is no join link.")
    return Finding(True, what)
