"""A client's own page: what is coming, what is still open, and what they may do."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.consents import actions as consents
from practice.consents.queries import get_own_consent, list_consents
from practice.errors import NotFound
from practice.payments.fees.queries import find_given
from practice.people import Person, current_person
from practice.portal import queries
from practice.portal.discretion import look_ahead, own_calendar_title
from practice.portal.forms import TakeBackForm
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("portal", __name__)
bp.add_app_template_global(look_ahead)
bp.add_app_template_global(own_calendar_title)


@bp.get("/you")
@client
def you() -> ResponseReturnValue:
    person = _person()
    return render_template("portal/you.html", page=queries.read_own_page(person, clock().now()), zone=client_zone())


@bp.get("/you/agreed")
@client
def agreed() -> ResponseReturnValue:
    """Everything that they agreed to, each as it was shown, and the way to take it back."""
    person = _person()
    given = list_consents(person.id)
    agreements = queries.read_agreements(person)
    return render_template(
        "portal/agreed.html",
        stands=[one for one in given if one.stands],
        ended=[one for one in given if not one.stands],
        fees=find_given(person),
        open=agreements is not None and bool(agreements.waits or agreements.optional),
        zone=client_zone(),
    )


@bp.get("/you/agreed/<reference>")
@client
def consent(reference: str) -> ResponseReturnValue:
    given = get_own_consent(reference, current_person())
    return render_template(
        "portal/consent.html", consent=given, document=given.shown.read(), stands=given.stands, zone=client_zone()
    )


@bp.post("/you/agreed/<reference>")
@client
def take_back(reference: str) -> ResponseReturnValue:
    person = _person()
    get_own_consent(reference, person)
    if TakeBackForm().validate_on_submit():
        with begin_work() as work:
            taken = consents.withdraw(work, work.session.get_one(Person, person.id), reference)
        if taken is not None:
            flash(_("You took it back. Your appointments stand as they are."))
    return redirect(url_for("portal.agreed"))


def _person() -> Person:
    person = current_person()
    if person is None:
        raise NotFound
    return person
