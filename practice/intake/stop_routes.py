"""Where the questions end early: too young, not right now, nobody licensed where somebody will be, or left in haste."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from practice.access import csrf, public
from practice.booking.queries import read_eligibility
from practice.booking.visitor import client_zone
from practice.errors import PracticeError, Unavailable
from practice.intake import queries, retention
from practice.intake.documents import ELSEWHERE, country_of, list_countries, shipped_lines
from practice.intake.forms import PlaceWishForm
from practice.intake.lines import lines_for
from practice.intake.running_out import PLACE_WISH_LIFE
from practice.intake.tries import typed_address
from practice.languages import N_
from practice.limits import limiter
from practice.people import Contact, current_visitor, sign_out_client
from practice.presenting import leave_address
from practice.profile import profile
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("stops", __name__)

NAMES = {
    "US": N_("the United States"),
    "CA": N_("Canada"),
    "GB": N_("the United Kingdom"),
    ELSEWHERE: N_("another country"),
}


@bp.get("/intake/later")
@public
def later() -> ResponseReturnValue:
    return render_template("intake/later.html")


@bp.get("/intake/lines")
@public
def youth() -> ResponseReturnValue:
    """Nothing is known here of where somebody is, so they can say it: an address, and no answer that is kept."""
    asked, home = request.args.get("in", ""), country_of(profile().help_region)
    country = asked if asked in list_countries() else home
    others = [(code, _(NAMES.get(code, code))) for code in list_countries() if code != country]
    return render_template("intake/youth.html", lines=lines_for(country), others=others)


@bp.app_context_processor
def whom_to_call_first() -> dict[str, object]:
    """The frame's emergency number is that of where the visitor said they are, once they have sent that."""
    return {"emergency_number": _emergency_number}


def _emergency_number() -> str:
    try:
        eligibility = read_eligibility(current_visitor())
        region = eligibility.region if eligibility is not None else ""
        return shipped_lines(country_of(region or profile().help_region)).emergency
    except (SQLAlchemyError, Unavailable):
        return shipped_lines(ELSEWHERE).emergency  # the page that tells of it must still have a frame


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
            retention.note_place_wish(work, contact, form.region.data, zone, current_language())
        flash(_("We write to you once somebody here is licensed there."))
        return redirect(url_for("stops.places"))
    page = render_template(
        "intake/places.html",
        places=queries.find_licence_names(),
        form=form,
        days_kept=PLACE_WISH_LIFE.days,
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
