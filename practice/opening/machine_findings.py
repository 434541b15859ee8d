"""Whether the machine has what the program needs: keys file, database, connections that open, mail server."""

from __future__ import annotations

import smtplib
import stat
from urllib.parse import urlsplit

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from practice.connections import Unreadable, mail_url, stripe_access
from practice.database import MIGRATIONS, engine_options
from practice.opening.finding import Finding
from practice.settings import Settings
from practice.speaking import gettext as _

MAIL_PATIENCE = 5.0  # seconds


def examine_keys_file(settings: Settings) -> Finding:
    """Whether the keys file is there, and its owner's alone."""
    path = settings.keys_file
    what = _("keys file %(path)s", path=path)
    if not path.exists():
        return Finding(False, what, _("It is missing. A new practice runs: practice first-run"))
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(False, what, _("Others can read it. Run: chmod 600 %(path)s", path=path))
    return Finding(True, what)


def examine_database(settings: Settings) -> Finding:
    """Whether the database answers, and is as this program needs it."""
    what = _("database, with all its migrations")
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    try:
        current = _revision(settings)
    except SQLAlchemyError as error:
        trouble = type(error).__name__
        return Finding(False, what, _("It does not answer (%(error)s). Check DATABASE_URL.", error=trouble))
    if current is None:
        return Finding(False, what, _("It is empty. Run: practice first-run"))
    if current != head:
        mend = _(
            "It is at %(current)s, the program at %(head)s. Stop web and workers, and run: practice upgrade-database",
            current=current,
            head=head,
        )
        return Finding(False, what, mend)
    return Finding(True, what)


def is_empty(settings: Settings) -> bool:
    """Whether the database has no tables of ours.

    :raises SQLAlchemyError: when it does not answer.
    """
    return _revision(settings) is None


def _revision(settings: Settings) -> str | None:
    engine = create_engine(settings.database_url, hide_parameters=True, **engine_options(settings.database_url))
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def examine_mail(url: str) -> Finding:
    """Whether the mail server answers; `url` as SMTP_URL is written, empty where none is set."""
    if not url:
        mend = _("None is set, so no letter leaves. Set it under Setting up, Connections.")
        return Finding(False, _("mail server"), mend)
    what = _("mail server")
    try:
        address = urlsplit(url)
        what = _("mail server %(address)s", address=f"{address.hostname}:{address.port or 25}")
        connect = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
        with connect(address.hostname or "", address.port or 0, timeout=MAIL_PATIENCE) as server:
            server.noop()
    except (OSError, ValueError) as error:  # the latter for a name that can be none
        trouble = type(error).__name__
        mend = _("It does not answer (%(error)s). Check SMTP_URL, or Connections.", error=trouble)
        return Finding(False, what, mend)
    return Finding(True, what)


def examine_connections() -> list[Finding]:
    """One finding for each connection that does not open, in an app context; none where all is well."""
    found = []
    for what, read in (
        (_("mail connection can be read"), mail_url),
        (_("Stripe connection can be read"), stripe_access),
    ):
        try:
            read()
        except Unreadable as shut:
            found.append(Finding(False, what, _(shut.way_out)))
    return found
