"""The desk's pages for fees: what may be charged, deciding on one, what follows, and charging nothing for safety."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.audit import record
from practice.errors import Conflict
from practice.languages import N_
from practice.payments.fees import actions
from practice.payments.fees import queries as fee_queries
from practice.payments.fees.actions import FeeMoved, MoreThanAgreed
from practice.payments.fees.queries import Due, Fees
from practice.payments.remedies import MoneyMoved, NotThatMuch, TakenBack
from practice.profile import profile
from practice.speaking import gettext as _
from practice.speaking import refusal_said
from practice.staff.models import COORDINATOR, OWNER
from practice.staff.queries import signed_in
from practice.till import queries
from practice.till.forms import AmountForm, FeeTermsForm, ReasonForm
from practice.work import begin_work

bp = Blueprint("fee_desk", __name__, url_prefix="/staff/money")


@bp.route("/fees", methods=["GET", "POST"])
@staff(OWNER)
def terms() -> ResponseReturnValue:
    currency = profile().currency
    form = FeeTermsForm(currency, fee_queries.terms_now(currency))
    if form.validate_on_submit():
        with begin_work() as work:
            actions.set_terms(work, signed_in().actor, form.terms)
        flash(_("The fees are saved. Whoever pays from now on is asked about these."))
        return redirect(url_for("fee_desk.terms"))
    page = render_template("till/fee_terms.html", form=form, kept=fee_queries.count_standing())
    return page, 422 if request.method == "POST" else 200


@bp.route("/<reference>/fee", methods=["GET", "POST"])
@staff(OWNER, COORDINATOR)
def fee(reference: str) -> ResponseReturnValue:
    if request.method == "GET":
        return _page(reference)
    form = AmountForm(queries.read_purse(reference).booking.currency)
    if not form.validate_on_submit():
        return _page(reference, form), 422
    try:
        with begin_work() as work:
            actions.charge(
                work, reference, form.money, most=form.seen, actor=signed_in().actor, reason=form.reason.data or ""
            )
    except MoreThanAgreed as refused:
        form.amount.errors = [refusal_said(refused)]
        return _page(reference, form), 422
    except FeeMoved as lost:
        return _page(reference, lost=lost), 409
    flash(_("The card is charged in a moment, and the client is told."))
    return redirect(url_for("fee_desk.fee", reference=reference))


@bp.post("/<reference>/fee-ask")
@staff(OWNER, COORDINATOR)
def ask(reference: str) -> ResponseReturnValue:
    return _decide(reference, actions.ask, N_("The client gets a link."))


@bp.post("/<reference>/fee-drop")
@staff(OWNER, COORDINATOR)
def drop(reference: str) -> ResponseReturnValue:
    return _decide(reference, actions.drop, N_("It isn’t asked for any more."))


@bp.post("/<reference>/fee-back")
@staff(OWNER, COORDINATOR)
def give_back(reference: str) -> ResponseReturnValue:
    form = AmountForm(queries.read_purse(reference).booking.currency)
    if not form.validate_on_submit():
        return _page(reference, form), 422
    try:
        with begin_work() as work:
            actions.give_back(
                work, reference, form.money, kept=form.seen, actor=signed_in().actor, reason=form.reason.data or ""
            )
    except NotThatMuch as refused:
        form.amount.errors = [refusal_said(refused)]
        return _page(reference, form), 422
    except (FeeMoved, MoneyMoved, TakenBack) as lost:
        return _page(reference, lost=lost), 409
    flash(_("It goes back to the card that paid."))
    return redirect(url_for("fee_desk.fee", reference=reference))


@bp.route("/<reference>/spare", methods=["GET", "POST"])
@staff(OWNER, COORDINATOR)
def spare(reference: str) -> ResponseReturnValue:
    purse, form = queries.read_purse(reference), ReasonForm()
    if form.validate_on_submit():
        try:
            with begin_work() as work:
                actions.spare(work, reference, actor=signed_in().actor, reason=form.reason.data or "")
            flash(_("Nothing is charged for it, and what was paid goes back."))
        except (FeeMoved, MoneyMoved, TakenBack) as lost:
            flash(refusal_said(lost))
        return redirect(url_for("till.purse", reference=reference))
    page = render_template("till/spare.html", purse=purse, form=form, zone=profile().zone)
    return page, 422 if request.method == "POST" else 200


def _decide(reference: str, act: Callable[..., None], said: str) -> ResponseReturnValue:
    queries.read_purse(reference)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(reference, form), 422
    try:
        with begin_work() as work:
            act(work, reference, actor=signed_in().actor, reason=form.reason.data or "")
    except FeeMoved as lost:
        return _page(reference, lost=lost), 409
    flash(_(said))
    return redirect(url_for("fee_desk.fee", reference=reference))


def _page(reference: str, form: ReasonForm | None = None, lost: Conflict | None = None) -> str:
    purse = queries.read_purse(reference)
    fees = fee_queries.read_fees(purse.booking)
    fresh = _form(fees, purse.booking.currency)
    page = render_template(
        "till/fee.html",
        purse=purse,
        fees=fees,
        form=form if type(form) is type(fresh) else fresh,  # another thing can be done by now than was sent
        lost=lost,
        zone=profile().zone,
    )
    with begin_work() as work:
        record(work, signed_in().actor, "money_viewed", purse.booking.reference)
    return page


def _form(fees: Fees, currency: str) -> ReasonForm:
    """The empty form for what can be done now."""
    if isinstance(fees.due, Due):
        return AmountForm(currency, formdata=None)
    return AmountForm(currency, formdata=None) if fees.paid is not None else ReasonForm(formdata=None)
