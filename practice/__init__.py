"""A therapy practice's front door: schedule, intake, pay, confirmed.

create_app is the table of contents: read it from top to bottom to see what the product is made of.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from practice import (
    access,
    clock,
    database,
    error_pages,
    limits,
    outbox,
    own_words,
    presenting,
    sealing,
    speaking,
    wiring,
)
from practice import settings as settings_module
from practice.booking import coming_first, fresh_look
from practice.calendars.caldav import servers as calendar_servers
from practice.calendars.reading import sources
from practice.database import db
from practice.notify import mailer
from practice.payments import gateway as payment_gateway
from practice.review.seeing import sees_clinically
from practice.settings import Settings
from practice.staff import clinical, noticing
from practice.staff import security_config as staff_security
from practice.wiring import Gateways

migrate = Migrate()

MOST_BODY_BYTES = 256 * 1024
MOST_FORM_PARTS = 500


def create_app(settings: Settings | None = None, gateways: Gateways | None = None) -> Flask:
    """The application, from settings (the environment's when None) and gateways (the real ones when None).

    :raises UnsafeSettings: when the settings don't allow a start.
    """
    settings = settings or Settings.from_env(os.environ)
    gateways = gateways or wiring.real_gateways(settings)
    app = Flask(__name__)
    _configure(app, settings)
    app.extensions[settings_module.EXTENSION] = settings
    app.extensions[clock.EXTENSION] = gateways.clock
    app.extensions[sealing.EXTENSION] = gateways.keyring
    app.extensions[mailer.EXTENSION] = gateways.mail
    app.extensions[payment_gateway.EXTENSION] = gateways.payments
    app.extensions[calendar_servers.EXTENSION] = gateways.calendars
    app.extensions[outbox.EXTENSION] = wiring.HANDLERS
    app.extensions[coming_first.EXTENSION] = wiring.BEFORE_A_YES
    app.extensions[fresh_look.EXTENSION] = wiring.BEFORE_A_HOLD
    app.extensions[noticing.EXTENSION] = wiring.TODAY
    app.extensions[clinical.EXTENSION] = sees_clinically
    app.extensions[sources.EXTENSION] = wiring.CALENDAR_SOURCES
    db.init_app(app)
    migrate.init_app(app, db, directory=str(database.MIGRATIONS), render_as_batch=True)
    access.csrf.init_app(app)
    access.register(app, settings, form_targets=(gateways.payments.checkout_origin, *presenting.LEAVE_TO.values()))
    limits.register(app, settings)
    speaking.register(app)
    own_words.register(app)
    presenting.register(app)
    error_pages.register(app)
    staff_security.register(app, settings, gateways.keyring)
    for pages in wiring.PAGES:
        app.register_blueprint(pages)
    access.exempt_signed(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.database_url),
        SESSION_COOKIE_NAME="__Host-client" if settings.secure else "client",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_SSL_STRICT=False,  # Referrer-Policy no-referrer leaves no Referer to be strict about
        WTF_CSRF_TIME_LIMIT=None,  # a form that was open overnight must not lose what was typed
        TRUSTED_HOSTS=trusted_hosts(settings),
        MAX_CONTENT_LENGTH=MOST_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BODY_BYTES,
        MAX_FORM_PARTS=MOST_FORM_PARTS,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def trusted_hosts(settings: Settings) -> list[str]:
    """The names under which the practice answers; in demo this machine's own too."""
    host = urlsplit(settings.base_url).hostname or ""
    return [host, "127.0.0.1", "localhost"] if settings.demo else [host]
