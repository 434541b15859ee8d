"""The owner's page *Health*: what `practice doctor` finds, and how it is mended. What takes long has a button."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.connections import mail_url, stripe_access
from practice.limits import limiter
from practice.opening.finding import Finding
from practice.opening.machine_findings import examine_connections, examine_database, examine_keys_file, examine_mail
from practice.opening.payment_findings import examine_access
from practice.opening.practice_findings import examine_practice
from practice.opening.trying import ask_outside
from practice.settings import settings
from practice.setup.routes import page_of
from practice.speaking import gettext as _
from practice.staff.models import OWNER

bp = Blueprint("health", __name__, url_prefix="/staff/setup/health")


@bp.get("")
@staff(OWNER)
def findings() -> ResponseReturnValue:
    return _page(None)


@bp.post("")
@staff(OWNER)
@limiter.limit("20/hour")
def ask() -> ResponseReturnValue:
    """The same, and what only the mail server and Stripe can say."""
    return _page(ask_outside())


def _unasked() -> list[Finding]:
    """What can be said of mail and payments without asking anybody."""
    if shut := examine_connections():
        return shut
    url, access = mail_url(), stripe_access()
    return [*([] if url else [examine_mail(url)]), *examine_access(settings(), access)]


def _page(outside: list[Finding] | None) -> str:
    given = settings()
    here = [
        Finding(True, _("settings (%(env)s)", env=given.env)),  # others would have stopped the start
        examine_keys_file(given),
        examine_database(given),
        *examine_practice(),
    ]
    shown = outside if outside is not None else _unasked()
    return page_of("opening/health.html", here=here, shown=shown, asked=outside is not None)
