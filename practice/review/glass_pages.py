"""A clinician opens with a reason what isn't theirs; whoever answers for it reads that they did. Part of the desk."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.clock import clock
from practice.couples import find_partner
from practice.errors import Conflict, NotFound
from practice.forms import PostedForm
from practice.intake.models import Intake
from practice.intake.queries import get_intake
from practice.people import contact_of
from practice.presenting import listing
from practice.profile import profile
from practice.review import actions, glass_actions
from practice.review.glass_forms import BOTH, ONE, GlassForm
from practice.review.glass_showing import read_opened
from practice.review.seeing import couple_is_closed, roles_of, ties_to
from practice.review.sight import opens_with_reason
from practice.speaking import gettext as _
from practice.staff.fresh import signed_in_lately
from practice.staff.models import CLINICIAN, OWNER, THERAPIST
from practice.staff.queries import find_actor_names, signed_in
from practice.work import begin_work

bp = Blueprint("glass", __name__)


@bp.route("/intakes/<reference>/open", methods=["GET", "POST"])
@staff(CLINICIAN)
@signed_in_lately(back="review.glass.open_up")
def open_up(reference: str) -> ResponseReturnValue:
    """Say why, and read; nothing is shown before the reason and the trace stand."""
    intake, account, form = get_intake(reference), signed_in(), GlassForm()
    if not glass_actions.may_open_something(account, intake):
        return redirect(url_for("review.intake", reference=reference))
    form.offer(_choices(intake))
    if not form.validate_on_submit():
        return _page(intake, form), 422 if form.is_submitted() else 200
    try:
        with begin_work() as work:
            glass_actions.break_glass(work, account, reference, form.what.data, form.reason.data or "")
    except Conflict as lost:
        flash(f"{_(lost.title)}.")
        return redirect(url_for("review.intake", reference=reference), 303)
    flash(_("Open for 24 hours. Each look is noted, and whoever answers for it is told."))
    return redirect(url_for("review.intake", reference=reference), 303)


@bp.get("/opened")
@staff(OWNER, CLINICIAN, THERAPIST)
def opened() -> ResponseReturnValue:
    """What was opened with a reason: all of it for the owner, else one's own and what one answers for."""
    now = clock().now()
    listed = read_opened(signed_in(), now)
    page = render_template("review/opened.html", listed=listed, zone=profile().zone, me=signed_in())
    with begin_work() as work:
        actions.note_list_viewed(work, signed_in(), "opened", len(listed))
    return page


@bp.post("/opened/<reference>/end")
@staff(OWNER, CLINICIAN)
def end(reference: str) -> ResponseReturnValue:
    if not PostedForm().validate_on_submit():
        raise NotFound
    with begin_work() as work:
        glass_actions.close_glass(work, signed_in(), reference)
    flash(_("It is closed again."))
    return redirect(url_for(".opened"), 303)


def _choices(intake: Intake) -> dict[str, str]:
    account, found = signed_in(), dict[str, str]()
    if opens_with_reason(roles_of(account), ties_to(account, intake.person_id)):
        found[ONE] = _("%(name)s alone", name=_name(intake))
    if couple_is_closed(account, intake):
        partner = find_partner(intake.person_id)
        contact = contact_of(partner) if partner is not None else None
        other = contact.first_name if contact is not None else _("whoever comes along")
        found[BOTH] = _("%(names)s, with the page of the two together", names=listing([_name(intake), other]))
    return found


def _page(intake: Intake, form: GlassForm) -> str:
    whose = intake.owner or ""
    return render_template(
        "review/open_up.html",
        intake=intake,
        name=_name(intake),
        whose=find_actor_names({whose}).get(whose, ""),
        form=form,
    )


def _name(intake: Intake) -> str:
    contact = contact_of(intake.person)
    return contact.first_name if contact is not None else ""
