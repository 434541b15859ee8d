"""The step between the payment page's questions and the checkout, where the practice writes estimates: read it, pay."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.booking import actions as booking_actions
from practice.booking.lifecycle import UNPAID
from practice.booking.models import Booking
from practice.booking.queries import get_own_booking, is_accepted
from practice.errors import Conflict
from practice.languages import N_
from practice.papers import estimates
from practice.papers.kinds import Kind
from practice.papers.models import Paper
from practice.papers.queries import find_newest, sheet_of, stamp_of
from practice.payments import checkout
from practice.people import current_person, takes_mail
from practice.work import Work, begin_work

bp = Blueprint("estimates", __name__)

ANSWERED = "answered_before_paying"


class OtherEstimate(Conflict):
    """Time or price changed after the estimate was shown."""

    title = N_("The estimate has changed")
    way_out = N_(
        "Something about your appointment is different now. Please read the estimate below; nothing was charged."
    )


def make_estimate(work: Work, reference: str) -> str | None:
    """After the questions: where the estimate of this booking is read, or None where there is none to read."""
    session[ANSWERED] = reference  # so that nobody comes to the checkout past the questions
    shown = estimates.ensure_before_payment(work, booking_actions.lock(work, reference))
    return url_for("payments.estimates.estimate", reference=reference) if shown is not None else None


@bp.get("/bookings/<reference>/estimate")
@client
def estimate(reference: str) -> ResponseReturnValue:
    booking = get_own_booking(reference, current_person())
    paper = find_newest(Kind.ESTIMATE, reference)
    if paper is None or _elsewhere(booking):
        return redirect(url_for("booking.booking", reference=reference))
    return _page(booking, paper)


@bp.post("/bookings/<reference>/estimate")
@client
def go_on(reference: str) -> ResponseReturnValue:
    booking = get_own_booking(reference, current_person())
    if _elsewhere(booking):
        return redirect(url_for("payments.pay", reference=reference))
    with begin_work() as work:
        paper = estimates.ensure_before_payment(work, booking_actions.lock(work, reference))
        changed = paper is not None and paper.reference != request.form.get("seen")
    if paper is not None and changed:
        return _page(get_own_booking(reference, current_person()), paper, OtherEstimate()), 409
    return redirect(checkout.open_checkout(reference), 303)


def _elsewhere(booking: Booking) -> bool:
    return booking.state not in UNPAID or session.get(ANSWERED) != booking.reference


def _page(booking: Booking, paper: Paper, lost: Conflict | None = None) -> str:
    sheet = sheet_of(paper)
    return render_template(
        "payments/estimate.html",
        booking=booking,
        paper=paper,
        sheet=sheet,
        stamp=stamp_of(paper, sheet),
        told=takes_mail(booking.person),
        reviewed=booking.review_first and not is_accepted(booking.person_id),
        lost=lost,
    )
