"""Correcting somebody's answers because they asked for it: a clinician, or whoever treats them, page by page."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.errors import Conflict, NotFound
from practice.intake import correcting
from practice.intake.correct_form import SEEN, CorrectionForm, correction_form
from practice.intake.correctable import Reach
from practice.intake.queries import get_intake
from practice.people import contact_of
from practice.review import actions
from practice.review.forms import AskedForm
from practice.review.sight import Sight
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, THERAPIST
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("corrections", __name__)


@bp.route("/intakes/<reference>/correct/<int:number>", methods=["GET", "POST"])
@staff(CLINICIAN, THERAPIST)
def correct(reference: str, number: int) -> ResponseReturnValue:
    """What everybody reads who reads something clinical of this person."""
    return _correct(reference, number, Reach.OPEN, actions.CORRECTING, url_for("review.intake", reference=reference))


@bp.route("/intakes/<reference>/just-for-you/correct/<int:number>", methods=["GET", "POST"])
@staff(CLINICIAN)
def correct_private(reference: str, number: int) -> ResponseReturnValue:
    """What clinicians alone read. Opening it is opening “Just for you”."""
    return _correct(reference, number, Reach.PRIVATE, actions.PRIVATE, url_for("review.private", reference=reference))


def _correct(reference: str, number: int, reach: Reach, page: str, back: str) -> ResponseReturnValue:
    account = signed_in()
    with begin_work() as work:
        sight = actions.open_intake(work, account, reference, actions.CORRECTING)
        if sight is Sight.CLINICAL and page != actions.CORRECTING:
            sight = actions.open_intake(work, account, reference, page)
    if sight is not Sight.CLINICAL:
        raise NotFound
    found, asked = correction_form(get_intake(reference), number, reach), AskedForm()
    if request.method != "POST":
        return _page(found, asked, back)
    valid = [found.validate(), asked.validate()] if not found.asks_more else [False]
    if not all(valid):
        return _page(found, asked, back), 422
    try:
        with begin_work() as work:
            kept = correcting.correct(work, account.actor, reference, found.change(asked.how_asked.data or ""))
    except correcting.CorrectedMeanwhile as lost:
        return _page(correction_form(get_intake(reference), number, reach), asked, back, lost), 409
    flash(_("Corrected. What stood before stays in the history.") if kept is not None else _("Nothing was changed."))
    return redirect(back)


def _page(found: CorrectionForm, asked: AskedForm, back: str, lost: Conflict | None = None) -> str:
    contact = contact_of(found.intake.person)
    if lost is None:  # what was typed answers what they read, and not what stands by now
        found = replace(found, mark=request.form.get(SEEN, found.mark))
    return render_template(
        "review/correct.html",
        found=found,
        asked=asked,
        back=back,
        lost=lost,
        name=contact.first_name if contact else "",
    )
