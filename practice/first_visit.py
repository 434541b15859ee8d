"""A practice that nobody has set up: made ready for its first visit, and the one-time address for it."""

from __future__ import annotations

from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from practice import create_app
from practice.database import db
from practice.opening.actions import make_way_in
from practice.opening.machine_findings import is_empty
from practice.sealing import Keyring
from practice.settings import Settings
from practice.staff.queries import find_owners
from practice.work import begin_work


def make_ready(settings: Settings) -> str | None:
    """Make the keys file and the tables where there are none, and a one-time address; None where there is an owner.

    A database that has tables already is never changed here: `practice upgrade-database` does that.
    """
    fresh = is_empty(settings)
    if fresh and not settings.keys_file.exists():
        Keyring.create(settings.keys_file)
    with create_app(settings).app_context():
        if fresh:
            upgrade()
        try:
            if find_owners():
                return None
            with begin_work() as work:
                token = make_way_in(work)
        finally:
            db.session.remove()
            db.engine.dispose()  # processes that are forked from this one must not share its connections
    return f"{settings.base_url}/staff/first-run/{token}"


def make_ready_to_serve(settings: Settings) -> str | None:
    """The same before the pages are served; whatever the database has to say of itself, the pages say."""
    try:
        return make_ready(settings)
    except SQLAlchemyError:
        return None
