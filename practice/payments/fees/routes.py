"""The client's pages for a card that is kept and for a fee that they are asked to pay."""

from __future__ import annotations

import structlog
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.booking.queries import get_own_booking
from practice.booking.visitor import client_zone
from practice.payments import checkout, opening
from practice.payments.fees import actions, consents, queries
from practice.payments.fees.forms import PlainForm
from practice.payments.gateway import GatewayError
from practice.people import current_person
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("fees", __name__)

log = structlog.get_logger()


@bp.route("/card", methods=["GET", "POST"])
@client
def card() -> ResponseReturnValue:
    """The card that is kept, for what, and the way to take that back."""
    person = current_person()
    form = PlainForm()
    if person is not None and form.validate_on_submit():
        with begin_work() as work:
            withdrawn = consents.withdraw(work, person)
        if withdrawn:
            flash(_("Your card isn’t kept any more, and can’t be charged."))
        return redirect(url_for("fees.card"))
    return render_template("payments/card.html", consent=queries.find_given(person), zone=client_zone())


@bp.route("/bookings/<reference>/fee", methods=["GET", "POST"])
@client
def fee(reference: str) -> ResponseReturnValue:
    booking = get_own_booking(reference, current_person())
    asked = queries.get_fee(booking)
    if PlainForm().validate_on_submit():
        address = checkout.open_with(lambda work: opening.begin_fee_attempt(work, actions.lock_to_pay(work, booking)))
        return redirect(address, 303)
    return render_template(
        "payments/fee.html",
        booking=booking,
        fee=asked,
        stand=queries.stand_of(asked),
        paid=queries.read_fees(booking).paid,
        zone=client_zone(),
    )


@bp.get("/bookings/<reference>/fee/paid")
@client
def paid(reference: str) -> ResponseReturnValue:
    """Where the checkout of a fee leads. Often we are here before the webhook, so we look for ourselves."""
    booking = get_own_booking(reference, current_person())
    found = queries.find_fee(booking)
    if found is not None:
        try:
            for attempt in queries.list_live_sessions(found.reference):
                checkout.settle(attempt)
        except GatewayError as error:
            log.warning("fee_not_looked_at", reference=reference, error=type(error).__name__)
    return redirect(url_for("fees.fee" if found is not None else "booking.booking", reference=reference))
