"""The desk's pages about how it goes over time. Part of the desk; what they show is noted first."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.clock import clock
from practice.errors import NotFound
from practice.intake.queries import get_intake
from practice.profile import profile
from practice.pulse.actions import note_spoken
from practice.pulse.plot import LEAST
from practice.review import actions, pulses
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, OWNER, THERAPIST
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("pulses", __name__)


@bp.get("/intakes/<reference>/pulse")
@staff(OWNER, CLINICIAN, THERAPIST)
def pulse(reference: str) -> ResponseReturnValue:
    with begin_work() as work:
        people = actions.open_pulse(work, signed_in(), reference)
    if not people:
        raise NotFound
    overlay = pulses.read_overlay(people, clock().now(), _zone())
    return render_template(
        "review/pulse.html",
        intake=get_intake(reference),
        overlay=overlay,
        about=pulses.about(overlay),
        least=LEAST,
    )


@bp.get("/calls")
@staff(CLINICIAN)
def calls() -> ResponseReturnValue:
    wishes = pulses.list_call_wishes(signed_in(), clock().now())
    page = render_template("review/calls.html", wishes=wishes, zone=_zone())
    with begin_work() as work:
        actions.note_list_viewed(work, signed_in(), "calls", len(wishes))
    return page


@bp.post("/calls/<reference>")
@staff(CLINICIAN)
def spoken(reference: str) -> ResponseReturnValue:
    if not pulses.hears_of(signed_in(), reference, clock().now()):
        raise NotFound
    with begin_work() as work:
        note_spoken(work, signed_in().actor, reference)
    flash(_("Noted."))
    return redirect(url_for("review.pulses.calls"))


def _zone() -> str:
    account = signed_in()
    return account.therapist.zone if account.therapist is not None else profile().zone
