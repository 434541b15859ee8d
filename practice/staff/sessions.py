"""Who keeps which session where.

Clients have a signed cookie, Lax, so that a link in a letter finds them at home. Staff have a second cookie, Strict,
that holds the id of a row and nothing else; it is read under /staff alone. It carries the __Host- prefix, so that no
other host of the same domain can plant one; the prefix asks for the path /, which is why the path is kept here.

Before a password has fitted there is no row, only a signed cookie with the form's token, so that strangers can't fill
a table. A row gets a new id whenever the person behind it changes: nothing known before signing in is worth anything
after.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, Request, Response, g, request
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import OperationalError

from practice.access import is_staff_path
from practice.audit import record
from practice.clock import clock
from practice.database import db
from practice.errors import Contended, Unavailable
from practice.staff import actions
from practice.staff.browsers import family_of
from practice.staff.datastore import SESSION_USER
from practice.staff.models import StaffAccount
from practice.staff.queries import find_session
from practice.tokens import new_token
from practice.work import Work, begin_work

LIFE = timedelta(hours=12)
HALF_LIFE = timedelta(minutes=10)  # between the password and the second factor
DOOR_LIFE = timedelta(days=1)
SEEN_EVERY = timedelta(minutes=1)
SESSION_HALF_WAY = "tf_user_id"  # where Flask-Security keeps whose password has fitted
AT_THE_DOOR = frozenset({"csrf_token", "fs_cc", "_flashes"})  # all that a cookie without a row may hold
CSRF = "csrf_token"
ROW, DOOR = "s.", "d."

log = structlog.get_logger()


class StaffVisit(SecureCookieSession):
    """A session under /staff. `token` is its row's, None at the door; `bearer` is whose it was when it was opened."""

    def __init__(self, initial: dict[str, Any] | None = None, token: str | None = None) -> None:
        super().__init__(initial)
        self.token = token
        self.bearer = _bearer(self)
        self.seen_lately = False


class PracticeSessions(SecureCookieSessionInterface):
    """The sessions of clients and staff; each sees only its own cookie."""

    tags = TaggedJSONSerializer()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not is_staff_path(request.path):
            if self.get_cookie_name(app) not in request.cookies:
                return self.session_class()  # a stranger or a machine; Flask would make a signer to look at nothing
            return super().open_session(app, request)
        cookie = request.cookies.get(staff_cookie_name(app), "")
        try:
            return self._open_row(cookie[2:]) if cookie.startswith(ROW) else self._open_door(app, cookie)
        except OperationalError:
            g.staff_sessions_down = True
            return StaffVisit()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, StaffVisit):
            super().save_session(app, session, response)
            return
        if g.get("staff_sessions_down"):
            return  # what could not be read must not be overwritten
        response.vary.add("Cookie")
        if _bearer(session) is None:
            self._save_at_door(app, session, response)
            return
        try:
            self._save_row(app, session, response)
        except (Contended, Unavailable):
            g.staff_sessions_down = True
            if session.modified:
                raise
            log.warning("staff_session_not_seen")  # only `seen_at` is late

    def _open_row(self, token: str) -> StaffVisit:
        row = find_session(token, clock().now())
        if row is None:
            return StaffVisit()
        visit = StaffVisit(self.tags.loads(row.data), token)
        visit.seen_lately = clock().now() - row.seen_at < SEEN_EVERY
        return visit

    def _open_door(self, app: Flask, cookie: str) -> StaffVisit:
        try:
            held = _door_signer(app).loads(cookie.removeprefix(DOOR), max_age=int(DOOR_LIFE.total_seconds()))
        except BadSignature:
            return StaffVisit()
        return StaffVisit({key: value for key, value in held.items() if key in AT_THE_DOOR})

    def _save_at_door(self, app: Flask, session: StaffVisit, response: Response) -> None:
        if session.token is not None:
            with begin_work() as work:
                actions.end_session(work, session.token)
        held = {key: value for key, value in session.items() if key in AT_THE_DOOR}
        if held and (session.modified or session.token is not None):
            self._set(app, response, DOOR + str(_door_signer(app).dumps(held)))
        elif not held and session.modified:
            response.delete_cookie(staff_cookie_name(app), path="/", secure=self.get_cookie_secure(app), httponly=True)

    def _save_row(self, app: Flask, session: StaffVisit, response: Response) -> None:
        bearer = _bearer(session)
        if session.token is not None and bearer == session.bearer:
            if session.modified or not session.seen_lately:
                with begin_work() as work:
                    actions.keep_session(work, session.token, self.tags.dumps(dict(session)))
            return
        session.pop(CSRF, None)
        token = new_token()
        with begin_work() as work:
            self._rotate(work, session, token)
        self._set(app, response, ROW + token)

    def _rotate(self, work: Work, session: StaffVisit, token: str) -> None:
        """A new row for a new bearer. Who was signed in before and still is has changed a password or a factor."""
        account = _account_of(session)
        if account is None:
            raise Unavailable  # the account went away in this very request
        signed_in = SESSION_USER in session
        if session.token is not None and session.bearer is not None and session.bearer.startswith(SESSION_USER):
            actions.end_sessions_of(work, account)
        elif session.token is not None:
            actions.end_session(work, session.token)
        life = LIFE if signed_in else HALF_LIFE
        family = family_of(request.headers.get("User-Agent", ""))
        held = self.tags.dumps(dict(session))
        actions.open_session(work, token, account, held, life, browser=family, signed_in=signed_in)
        if signed_in:
            record(work, f"staff:{account}", "signed_in", f"staff:{account}")

    def _set(self, app: Flask, response: Response, value: str) -> None:
        response.set_cookie(
            staff_cookie_name(app),
            value,
            path="/",
            httponly=True,
            secure=self.get_cookie_secure(app),
            samesite="Strict",
        )


def staff_cookie_name(app: Flask) -> str:
    """The name of the staff cookie; without https, in the demo, browsers refuse the prefix."""
    return "__Host-staff" if app.config["SESSION_COOKIE_SECURE"] else "staff"


def _bearer(session: SessionMixin) -> str | None:
    """Whose session it is, and how far they have come; None at the door."""
    for key in (SESSION_USER, SESSION_HALF_WAY):
        if session.get(key):
            return f"{key}:{session[key]}"
    return None


def _account_of(session: StaffVisit) -> int | None:
    uniquifier = session.get(SESSION_USER) or session.get(SESSION_HALF_WAY)
    found: int | None = db.session.scalar(db.select(StaffAccount.id).where(StaffAccount.fs_uniquifier == uniquifier))
    return found


def _door_signer(app: Flask) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(app.secret_key), salt="staff door", serializer=PracticeSessions.tags)
