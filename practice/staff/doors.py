"""What stands before Flask-Security's own views: which of them are open, to whom, and how often somebody may try."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request, session, url_for
from limits import RateLimitItem, parse
from limits.errors import StorageError
from werkzeug.exceptions import UnsupportedMediaType

from practice import access
from practice.access import Policy
from practice.audit import record
from practice.errors import NotFound, Unavailable
from practice.limits import limiter
from practice.speaking import STAFF_LANGUAGE, THERAPIST_LANGUAGE
from practice.staff.passkeys.queries import find_half_way
from practice.staff.queries import current_account, therapist_language
from practice.staff.sessions import SESSION_HALF_WAY
from practice.work import begin_work

HOME = "/staff/"
MOST_OF_A_SUBJECT = 60
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})

# Tries, right or wrong. The second limit holds wherever the tries come from, so that no army of addresses helps.
BY_ADDRESS = parse("20 per 5 minutes")
BY_ACCOUNT = parse("10 per 5 minutes")


def own_path(location: str | None) -> str:
    """Where to go on after signing in: this path when it is one of staff's pages, else their front page.

    Browsers forgive a lot (//e, /\\e, https:e, tabs): what isn't plainly an own path isn't taken for one.
    """
    if not location or not location.isascii() or not location.isprintable() or "\\" in location:
        return HOME
    parts = urlsplit(location)
    if parts.scheme or parts.netloc or not parts.path.startswith(HOME):
        return HOME
    return location


def staff_gate(roles: frozenset[str]) -> Response | None:
    """None for staff who are signed in and have one of these roles; a way to the sign-in page for strangers.

    :raises NotFound: for staff whose roles don't reach here; what is not theirs does not exist.
    :raises Unavailable: when nobody can be known, because the sessions can't be read.
    """
    if g.get("staff_sessions_down"):
        raise Unavailable
    account = current_account()
    if account is None:
        wanted = request.path if request.method == "GET" and request.path != HOME else None
        return _to("security.login", next=wanted)
    if not account.is_any_of(*roles):
        wanted_of = str((request.view_args or {}).get("reference") or request.endpoint)[:MOST_OF_A_SUBJECT]
        with begin_work() as work:
            record(work, account.actor, "page_refused", wanted_of, {"endpoint": str(request.endpoint)})
        raise NotFound
    return None


def register(app: Flask, every_role: frozenset[str]) -> None:
    """Give each of Flask-Security's views its policy, and keep its redirects at home."""
    app.extensions[access.STAFF_GATE] = staff_gate
    app.extensions[STAFF_LANGUAGE] = _language
    app.extensions[THERAPIST_LANGUAGE] = therapist_language

    def signed_in() -> Response | None:
        return staff_gate(every_role)

    doors: dict[str, tuple[str, Callable[[], Response | None]]] = {
        "login": ("public", lambda: _limit(_typed_address())),
        "logout": ("public", lambda: None),
        "two_factor_setup": ("public", lambda: _half_way_or_in() or _limit(_half_way())),
        "two_factor_token_validation": ("public", lambda: _setting_up_or_half_way() or _limit(_half_way())),
        "mf_recovery": ("public", lambda: _limit(_half_way())),
        "mf_recovery_codes": ("staff", signed_in),
        "verify": ("staff", lambda: signed_in() or _limit(_signed_in())),
        "change_password": ("staff", lambda: signed_in() or _limit(_signed_in())),
        # Would send a secret through the address, mail that nobody sends, or offer a choice of one.
        "two_factor_setup_validate": ("shut", _shut),
        "two_factor_rescue": ("shut", _shut),
        "tf_select": ("shut", _shut),
    }
    for name, (policy, check) in doors.items():
        access.register_policy(app, f"security.{name}", Policy(policy, _forms_only(check)))

    @app.after_request
    def stay_at_home(response: Response) -> Response:
        if request.blueprint == "security" and response.location is not None:
            response.location = own_path(response.location)
        return response


def _forms_only(check: Callable[[], Response | None]) -> Callable[[], Response | None]:
    """Flask-Security would read JSON too, which no page of ours sends."""

    def checked() -> Response | None:
        if request.method == "POST" and request.mimetype not in FORM_TYPES:
            raise UnsupportedMediaType
        return check()

    return checked


def _shut() -> Response | None:
    raise NotFound


def _language() -> str | None:
    """What whoever is signed in here reads."""
    account = current_account() if access.is_staff_path(request.path) else None
    return account.language if account is not None else None


def _to(endpoint: str, **values: Any) -> Response:
    return cast(Response, redirect(url_for(endpoint, **values), 303))


def _half_way_or_in() -> Response | None:
    if current_account() is None and SESSION_HALF_WAY not in session:
        return _to("security.login")
    return None


def _setting_up_or_half_way() -> Response | None:
    """Flask-Security signs out whoever comes here at the wrong moment; a lost page is no reason for that."""
    if current_account() is not None and "tf_totp_secret" not in session:
        return _to("security.two_factor_setup")
    half_way = find_half_way()
    if half_way is not None and half_way.tf_totp_secret is None:
        return _to("passkeys.sign_in")
    return _half_way_or_in()


def limit_tries(account: str) -> None:
    """Count a try of this account's at one of our own pages, as Flask-Security's are counted.

    :raises Unavailable: as there. Too many are answered with 429.
    """
    _limit(account)


def _limit(account: str) -> Response | None:
    """Count a try against where it comes from and whose account it is for.

    :raises Unavailable: when the counter can't be reached: without it nobody may try.
    """
    if request.method != "POST":
        return None
    try:
        fine = _hit(BY_ADDRESS, request.remote_addr or "unknown") and _hit(BY_ACCOUNT, account)
    except StorageError as down:
        raise Unavailable from down
    if not fine:
        abort(429)
    return None


def _hit(limit: RateLimitItem, key: str) -> bool:
    return bool(limiter.limiter.hit(limit, "staff", request.endpoint or "", key))


def _typed_address() -> str:
    typed = request.form.get("email", "").strip().lower()
    return hashlib.sha256(typed.encode()).hexdigest()


def _half_way() -> str:
    return str(session.get(SESSION_HALF_WAY) or _signed_in())


def _signed_in() -> str:
    account = current_account()
    return account.actor if account is not None else "stranger"
