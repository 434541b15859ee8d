"""The client's pages around paying: what is paid, on to the checkout, and back."""

from __future__ import annotations

import structlog
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.booking.lifecycle import UNPAID, State
from practice.booking.queries import find_withdrawal, get_own_booking, has_waiver_left, is_accepted
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.intake.actions import save_moment
from practice.intake.agreeing import first_for
from practice.intake.forms import moment_form
from practice.intake.queries import codes_of, find_request, questionnaire_of
from practice.papers import estimates
from practice.payments import checkout, queries
from practice.payments.errors import OtherWords
from practice.payments.estimate_routes import bp as estimate_pages
from practice.payments.estimate_routes import make_estimate
from practice.payments.fees import asking
from practice.payments.fees.consents import SumsChanged
from practice.payments.gateway import GatewayError
from practice.payments.settlement import LIVE, AttemptState
from practice.payments.webhook import bp as webhook_pages
from practice.payments.withdrawing import session_asked_form
from practice.people import current_person
from practice.work import begin_work

bp = Blueprint("payments", __name__)
bp.register_blueprint(webhook_pages)
bp.register_blueprint(estimate_pages)

MOMENT = "pay"

log = structlog.get_logger()


@bp.route("/bookings/<reference>/pay", methods=["GET", "POST"])
@client
def pay(reference: str) -> ResponseReturnValue:
    person = current_person()
    booking = get_own_booking(reference, person)
    intake = find_request(person)
    if booking.state not in UNPAID or person is None or not booking.price_minor:
        return redirect(url_for("booking.booking", reference=reference))
    if intake is None:
        return redirect(url_for("intake.schedule"))
    if (first := first_for(person)) is not None:
        return first
    form = moment_form(MOMENT, codes_of(intake), questionnaire_of(intake))
    fees = asking.read_question(booking, person)
    reviewed = booking.review_first and not is_accepted(booking.person_id)
    asked = session_asked_form(booking, reviewed=reviewed)
    answered, agreed = form.validate_on_submit(), asked is None or asked.validate_on_submit()
    lost = None
    if answered and agreed:
        try:
            with begin_work() as work:
                save_moment(work, person, MOMENT, form.answers())
                read_first = make_estimate(work, reference)  # it locks the booking, before anything is audited
                if asked is not None:
                    asked.keep(work, booking)
                fees.note_answer(work)
            return redirect(read_first or checkout.open_checkout(reference), 303)
        except (SumsChanged, OtherWords) as changed:
            lost = changed
    page = render_template(
        "payments/pay.html",
        booking=booking,
        form=form,
        asked=asked,
        withdrawal=find_withdrawal(booking, clock().now()),
        waiver_left=has_waiver_left(booking),
        zone=client_zone(),
        now=clock().now(),
        fees=fees,
        lost=lost,
        reviewed=reviewed,
        estimated=estimates.are_on(),
    )
    return page, 409 if lost else 422 if request.method == "POST" else 200


@bp.get("/bookings/<reference>/paid")
@client
def paid(reference: str) -> ResponseReturnValue:
    """Where the checkout sends its visitor. Often we are here before the webhook, so we look for ourselves."""
    booking = get_own_booking(reference, current_person())
    heard = booking.state in (State.CONFIRMED, State.IN_REVIEW) or _look_at_all(reference)
    booking = get_own_booking(reference, current_person())
    if booking.state in (State.CONFIRMED, State.IN_REVIEW):
        return redirect(url_for("booking.booking", reference=reference))
    attempts = [attempt for attempt in queries.find_attempts(reference) if attempt.fee_id is None]
    return render_template(
        "payments/paid.html",
        booking=booking,
        heard=heard,
        waiting=any(attempt.state in LIVE for attempt in attempts),
        open_at=next((attempt.url for attempt in attempts if attempt.state in LIVE), None),
        returned=any(attempt.refund_due_minor for attempt in attempts),
        released=any(attempt.state in (AttemptState.AUTHORISED, AttemptState.VOIDED) for attempt in attempts),
        questioned=any(attempt.state is AttemptState.QUARANTINED for attempt in attempts),
        zone=client_zone(),
    )


def _look_at_all(reference: str) -> bool:
    """Settle what may have been paid for this booking; False when the payment service doesn't say."""
    try:
        for attempt in queries.list_live(reference):
            checkout.settle(attempt)
    except GatewayError as error:
        log.warning("payment_not_looked_at", reference=reference, error=type(error).__name__)
        return False
    return True
