"""The page about sessions that meet a time in their therapist's own calendar. Nothing there happens by itself."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.clock import clock
from practice.schedule import actions
from practice.schedule.collisions import leave_collision, read_collisions
from practice.schedule.queries import sees_all
from practice.speaking import gettext as _
from practice.staff.models import ROLES
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("collisions", __name__, url_prefix="/collisions")


@bp.get("/")
@staff(*ROLES)
def collisions() -> ResponseReturnValue:
    account = signed_in()
    found = read_collisions(account, clock().now())
    page = render_template("schedule/collisions.html", found=found, whole=sees_all(account))
    with begin_work() as work:
        actions.note_list_viewed(work, signed_in(), "collisions", len(found))
    return page


@bp.post("/<reference>/leave")
@staff(*ROLES)
def leave(reference: str) -> ResponseReturnValue:
    with begin_work() as work:
        leave_collision(work, signed_in(), reference)
    flash(_("Left as it is. Both stand."))
    return redirect(url_for(".collisions"))
