"""One request on one printed page, without *Just for you* and whatever follows from it. Each is in the audit log."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.audit import record
from practice.clock import clock
from practice.errors import NotFound
from practice.intake.queries import get_intake
from practice.profile import profile
from practice.review.actions import open_intake
from practice.review.fitting import Piece, fit
from practice.review.queries import Sheet, read_sheet
from practice.review.seeing import under
from practice.staff.models import ROLES
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("printing", __name__)


@bp.get("/intakes/<reference>/print")
@staff(*ROLES)
def page(reference: str) -> ResponseReturnValue:
    with begin_work() as work:
        sight = open_intake(work, signed_in(), reference, "print")
        if sight is not None:
            by = under(signed_in(), [get_intake(reference).person_id])
            record(work, signed_in().actor, "intake_printed", reference, by)
    if sight is None:
        raise NotFound
    account, now = signed_in(), clock().now()
    sheet = read_sheet(account, get_intake(reference), sight, now)
    return render_template(
        "review/print.html",
        sheet=sheet,
        fitted=fit(_pieces(sheet)),
        by=account.name,
        now=now,
        zone=account.therapist.zone if account.therapist is not None else profile().zone,
    )


def _pieces(sheet: Sheet) -> list[Piece]:
    """What was answered, the weightiest first: the reader may see it, and nothing of it is private."""
    return [Piece(one.label, one.words) for one in (*sheet.essence, *sheet.goals)] + [
        Piece(one.field.question, one.said) for one in (*sheet.rest, *sheet.logistics)
    ]
