"""The public pages, and what machines ask: is it up, is it ready, whom to tell of a weakness."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from practice.access import public
from practice.booking.offers.queries import find_offerings
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.profile import profile
from practice.settings import settings
from practice.site import queries

bp = Blueprint("site", __name__)

CONTACT_GOOD_FOR = timedelta(days=180)


@bp.get("/")
@public
def landing() -> ResponseReturnValue:
    shown = queries.front_page(clock().now())
    return render_template(
        "site/landing.html",
        therapists=shown.therapists,
        offerings=shown.offerings,
        next_time=shown.next_time,
        zone=client_zone(),
    )


@bp.get("/articles/<slug>")
@public
def article(slug: str) -> ResponseReturnValue:
    shown = queries.get_article(slug)
    return render_template(
        "site/article.html", article=shown, next_time=queries.next_time(clock().now()), zone=client_zone()
    )


@bp.get("/fees")
@public
def fees() -> ResponseReturnValue:
    return render_template("site/fees.html", offerings=find_offerings(), zone=client_zone())


@bp.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    return render_template("site/privacy.html")


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Whether this process answers at all."""
    return _plain("ok\n")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Whether this process can serve clients: 503 while the database is away or the practice isn't set up."""
    try:
        ready = queries.is_ready()
    except SQLAlchemyError:
        ready = False
    return _plain("ready\n") if ready else (_plain("not ready\n"), 503)


@bp.get("/.well-known/security.txt")
@public
def security_txt() -> ResponseReturnValue:
    """Whom to tell of a weakness (RFC 9116)."""
    expires = (clock().now() + CONTACT_GOOD_FOR).strftime("%Y-%m-%dT00:00:00Z")
    lines = (
        f"Contact: mailto:{profile().email}",
        f"Expires: {expires}",
        "Preferred-Languages: en",
        f"Canonical: {settings().base_url}/.well-known/security.txt",
    )
    return _plain("\n".join(lines) + "\n")


def _plain(text: str) -> Response:
    return Response(text, content_type="text/plain; charset=utf-8")
