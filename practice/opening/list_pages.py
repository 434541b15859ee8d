"""The owner's page *Open the practice*: what is left to do, by what stands, until somebody can really book a time."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.clock import clock
from practice.errors import Refused
from practice.languages import N_
from practice.opening import actions, queries
from practice.profile import profile
from practice.settings import settings
from practice.setup.routes import page_of
from practice.speaking import gettext as _
from practice.staff.models import OWNER, StaffAccount
from practice.staff.noticing import Notice
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("opening", __name__, url_prefix="/staff/setup/open")


class NotReady(Refused):
    """Something that a practice needs is left."""

    title = N_("Something is left to do")
    way_out = N_("The list says what.")


@bp.get("")
@staff(OWNER)
def items() -> ResponseReturnValue:
    now = clock().now()
    found, row = queries.list_items(signed_in(), now), queries.find_opening()
    return page_of(
        "opening/items.html",
        items=found,
        left=sum(one.needed and not one.done for one in found),
        next_open=queries.find_next_open(now),
        listed=row is not None and row.opened_at is None,
        address=settings().base_url + "/schedule",
        zone=profile().zone,
    )


@bp.post("")
@staff(OWNER)
def note_open() -> ResponseReturnValue:
    account, now = signed_in(), clock().now()
    if not queries.is_all_done(queries.list_items(account, now)) or queries.find_next_open(now) is None:
        raise NotReady
    actor = account.actor
    with begin_work() as work:
        actions.note_open(work, actor)
    flash(_("The practice is open."))
    return redirect(url_for("opening.items"))


def what_is_left(account: StaffAccount, _now: datetime) -> list[Notice]:
    """A line on Today, for owners of a practice that isn't open yet."""
    row = queries.find_opening() if account.is_any_of(OWNER) else None
    if row is None or row.opened_at is not None:
        return []
    return [Notice(_("The practice is not open yet."), url_for("opening.items"), _("See what is left"))]
