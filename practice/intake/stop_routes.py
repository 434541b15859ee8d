"""Where the questions end early: too young, not right now, nobody licensed where somebody will be, or left in haste."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from practice.access import csrf, public
from practice.booking.visitor import client_zone
from practice.errors import PracticeError
from practice.intake import queries, retention
from practice.intake.documents import help_lines
from practice.intake.forms import PlaceWishForm
from practice.intake.tries import typed_address
from practice.limits import limiter
from practice.people import Contact, sign_out_client
from practice.presenting import leave_address
from practice.profile import profile
from practice.work import begin_work

bp = Blueprint("stops", __name__)


@bp.get("/intake/later")
@public
def later() -> ResponseReturnValue:
    return render_template("intake/later.html")


@bp.get("/intake/lines")
@public
def youth() -> ResponseReturnValue:
    return render_template("intake/youth.html", lines=help_lines(profile().help_region))


@bp.route("/intake/places", methods=["GET", "POST"])
@public
@limiter.limit("20 per hour", methods=["POST"])
@limiter.limit("4 per hour", key_func=typed_address, methods=["POST"])
def places() -> ResponseReturnValue:
    form = PlaceWishForm()
    if form.validate_on_submit():
        contact = Contact(first_name=form.first_name.data or "", email=form.email.data or "", calendar_by_mail=False)
        zone = client_zone()
        with begin_work() as work:
            retention.note_place_wish(work, contact, form.region.data, zone)
        flash("We write to you once somebody here is licensed there.")
        return redirect(url_for("stops.places"))
    page = render_template(
        "intake/places.html",
        places=queries.find_licence_names(),
        form=form,
        days_kept=retention.PLACE_WISH_LIFE.days,
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/leave")
@public
def about_leaving() -> ResponseReturnValue:
    return render_template("intake/leaving.html")


@bp.post("/leave")
@public
def leave() -> ResponseReturnValue:
    with suppress(PracticeError), begin_work() as work:  # also where the database doesn't answer
        sign_out_client(work)
    session.clear()
    return redirect(leave_address(), 303)


csrf.exempt(leave)  # going must work with an old token too; other sites are refused all the same, and nothing is lost
