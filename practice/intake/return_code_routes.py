"""Coming back without mail: the form on Schedule a session, and a person's own page about their return code."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import client, public
from practice.errors import NotFound
from practice.intake.queries import INTAKE_LIFE
from practice.intake.return_codes import show_return_code, shown_return_code, who_comes_back
from practice.intake.return_forms import LinkForm, ReturnCodeForm
from practice.intake.routes import schedule_page
from practice.intake.tries import typed_return_code, wrong_code
from practice.intake.ways import home_of
from practice.languages import N_
from practice.limits import limiter
from practice.people import current_person, drop_return_code, find_return_code, make_return_code, sign_in_client
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("return_code", __name__)

# The same whichever of the two is wrong, or whether there is such a code at all.
DONT_FIT = N_("These two codes don’t open anything together. Check both and try again.")


@bp.post("/intake/return")
@public
@limiter.limit("5 per 15 minutes; 20 per day", key_func=typed_return_code, deduct_when=wrong_code)
@limiter.limit("30 per hour", deduct_when=wrong_code)
def come_back() -> ResponseReturnValue:
    form = ReturnCodeForm()
    person = None
    if form.validate_on_submit():
        person = who_comes_back(form.return_code.data or "", form.own_code.data or "")
        if person is None:
            form.return_code.errors = [*form.return_code.errors, _(DONT_FIT)]
    if person is None:
        return schedule_page(LinkForm(formdata=None), form), 422
    with begin_work() as work:
        sign_in_client(work, person)
    return redirect(home_of(None))


@bp.get("/intake/return-code")
@client
def own() -> ResponseReturnValue:
    person = current_person()
    if person is None:
        raise NotFound
    return render_template(
        "intake/return_code.html",
        code=shown_return_code(),
        known=find_return_code(person) is not None,
        days_kept=INTAKE_LIFE.days,
    )


@bp.post("/intake/return-code")
@client
def renew() -> ResponseReturnValue:
    person = current_person()
    if person is None:
        raise NotFound
    with begin_work() as work:
        code = make_return_code(work, person)
    show_return_code(code)
    return redirect(url_for("return_code.own"))


@bp.post("/intake/return-code/withdraw")
@client
def withdraw() -> ResponseReturnValue:
    person = current_person()
    if person is None:
        raise NotFound
    with begin_work() as work:
        drop_return_code(work, person)
    show_return_code(None)
    flash(_("Your return code opens nothing any more."))
    return redirect(url_for("return_code.own"))
