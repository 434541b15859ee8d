"""The public pages, and what machines ask: is it up, is it ready, whom to tell of a weakness."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from practice.access import findable, public
from practice.booking.offers.queries import find_offerings, find_therapists
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.profile import profile
from practice.settings import settings
from practice.site import queries
from practice.site.finding import article_known, findable_paths, in_each_language, practice_known

bp = Blueprint("site", __name__)

CONTACT_GOOD_FOR = timedelta(days=180)


@bp.get("/")
@public
@findable
def landing() -> ResponseReturnValue:
    shown = queries.front_page(clock().now())
    return render_template(
        "site/landing.html",
        known=practice_known(profile(), shown.therapists, shown.offerings),
        therapists=shown.therapists,
        offerings=shown.offerings,
        next_time=shown.next_time,
        zone=client_zone(),
    )


@bp.get("/articles/<slug>")
@public
@findable
def article(slug: str) -> ResponseReturnValue:
    shown = queries.get_article(slug)
    return render_template(
        "site/article.html",
        article=shown,
        known=article_known(shown, profile()),
        next_time=queries.next_time(clock().now()),
        zone=client_zone(),
    )


@bp.get("/fees")
@public
@findable
def fees() -> ResponseReturnValue:
    return render_template("site/fees.html", offerings=find_offerings(), zone=client_zone())


@bp.get("/privacy")
@public
@findable
def privacy() -> ResponseReturnValue:
    return render_template("site/privacy.html")


@bp.get("/robots.txt")
@public
def robots() -> ResponseReturnValue:
    """Nothing is forbidden here: whoever may not keep a page has to read it to be told so."""
    return _plain(f"User-agent: *\nDisallow:\n\nSitemap: {settings().base_url}{url_for('site.sitemap')}\n")


@bp.get("/sitemap.xml")
@public
def sitemap() -> ResponseReturnValue:
    pages = [in_each_language(path) for path in findable_paths(find_therapists())]
    return Response(render_template("site/sitemap.xml", pages=pages), content_type="application/xml; charset=utf-8")


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
        "Preferred-Languages: en, es",
        f"Canonical: {settings().base_url}/.well-known/security.txt",
    )
    return _plain("\n".join(lines) + "\n")


def _plain(text: str) -> Response:
    return Response(text, content_type="text/plain; charset=utf-8")
