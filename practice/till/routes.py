"""The desk's pages for money: what waits for a person, a month's payments, and everything about one booking's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.audit import record
from practice.clock import clock
from practice.errors import Conflict, NotFound, Refused
from practice.languages import N_
from practice.payments import checkout, remedies
from practice.payments.gateway import GatewayError
from practice.payments.remedies import MoneyMoved, NotThatMuch, TakenBack
from practice.profile import profile
from practice.speaking import gettext as _
from practice.speaking import refusal_said
from practice.staff.models import COORDINATOR, OWNER
from practice.staff.queries import signed_in
from practice.till import queries
from practice.till.forms import AmountForm, ReasonForm
from practice.work import Work, begin_work

bp = Blueprint("till", __name__, url_prefix="/staff/money")

Remedy = Callable[[Work, str, str], None]
"""What is done about one thing, by its reference, for a reason."""
EARLIEST_YEAR, LATEST_YEAR = 2000, 2999


def _return(work: Work, reference: str, reason: str) -> None:
    remedies.return_quarantined(work, reference, actor=signed_in().actor, reason=reason)


def _quarantined_by_hand(work: Work, reference: str, reason: str) -> None:
    remedies.settle_quarantined_by_hand(work, reference, actor=signed_in().actor, reason=reason)


def _again(work: Work, reference: str, reason: str) -> None:
    remedies.send_again(work, reference, actor=signed_in().actor, reason=reason)


def _refund_by_hand(work: Work, reference: str, reason: str) -> None:
    remedies.settle_refund_by_hand(work, reference, actor=signed_in().actor, reason=reason)


REMEDIES: dict[tuple[str, str], tuple[Remedy, str]] = {
    ("quarantined", "return"): (_return, N_("All of it goes back.")),
    ("quarantined", "by-hand"): (_quarantined_by_hand, N_("Noted.")),
    ("failed", "again"): (_again, N_("It is tried once more.")),
    ("failed", "by-hand"): (_refund_by_hand, N_("Noted.")),
}


@bp.get("/")
@staff(OWNER, COORDINATOR)
def money() -> ResponseReturnValue:
    zone = profile().zone
    month = _asked_month(clock().now().astimezone(ZoneInfo(zone)).date())
    lines = queries.list_payments(month, zone)
    page = render_template(
        "till/money.html",
        waiting=queries.list_waiting(),
        going_back=queries.list_going_back(),
        lines=lines,
        month=month,
        before=queries.before(month),
        after=queries.after(month),
        zone=zone,
        owner=signed_in().is_any_of(OWNER),
    )
    with begin_work() as work:
        record(work, signed_in().actor, "list_viewed", "payments", {"count": len(lines)})
    return page


@bp.get("/<reference>")
@staff(OWNER, COORDINATOR)
def purse(reference: str) -> ResponseReturnValue:
    return _purse_page(reference)


@bp.post("/<reference>/give-back")
@staff(OWNER, COORDINATOR)
def give_back(reference: str) -> ResponseReturnValue:
    form = AmountForm(queries.read_purse(reference).booking.currency)
    if not form.validate_on_submit():
        return _purse_page(reference, form), 422
    try:
        with begin_work() as work:
            remedies.give_back(
                work, reference, form.money, kept=form.seen, actor=signed_in().actor, reason=form.reason.data or ""
            )
    except NotThatMuch as refused:
        form.amount.errors = [refusal_said(refused)]
        return _purse_page(reference, form), 422
    except (MoneyMoved, TakenBack) as lost:
        return _purse_page(reference, lost=lost), 409
    flash(_("It goes back to the card that paid."))
    return redirect(url_for("till.purse", reference=reference))


@bp.post("/<reference>/look")
@staff(OWNER, COORDINATOR)
def look(reference: str) -> ResponseReturnValue:
    queries.read_purse(reference)
    with begin_work() as work:
        record(work, signed_in().actor, "money_looked_at", reference)
    try:
        checkout.look_again(reference)
        flash(_("The payment service was asked. This is how it stands."))
    except GatewayError:
        flash(_("The payment service doesn’t say how it stands. Nothing was changed; try again in a few minutes."))
    return redirect(url_for("till.purse", reference=reference))


@bp.route("/<kind>/<reference>/<remedy>", methods=["GET", "POST"])
@staff(OWNER, COORDINATOR)
def settle(kind: str, reference: str, remedy: str) -> ResponseReturnValue:
    waiting = next((one for one in queries.list_waiting() if (one.kind, one.reference) == (kind, reference)), None)
    chosen = REMEDIES.get((kind, remedy))
    if waiting is None or chosen is None:
        raise NotFound  # or somebody settled it meanwhile
    form, (act, said) = ReasonForm(), chosen
    if form.validate_on_submit():
        try:
            with begin_work() as work:
                act(work, reference, form.reason.data or "")
            flash(_(said))
        except (MoneyMoved, TakenBack) as lost:
            flash(refusal_said(lost))
        return redirect(url_for("till.money"))
    name = queries.name_of(waiting.booking) if waiting.booking is not None else ""
    page = render_template("till/settle.html", one=waiting, name=name, remedy=remedy, form=form, zone=profile().zone)
    return page, 422 if form.is_submitted() else 200


@bp.post("/stray/<reference>")
@staff(OWNER, COORDINATOR)
def settle_stray(reference: str) -> ResponseReturnValue:
    try:
        with begin_work() as work:
            remedies.settle_stray(work, reference, actor=signed_in().actor)
        flash(_("Noted."))
    except MoneyMoved as lost:
        flash(_(lost.title))
    return redirect(url_for("till.money"))


def _purse_page(reference: str, form: AmountForm | None = None, lost: Conflict | None = None) -> str:
    found = queries.read_purse(reference)
    if form is None:
        form = AmountForm(found.booking.currency, formdata=None, kept=str(found.kept.minor_units))
    page = render_template(
        "till/purse.html", purse=found, form=form, lost=lost, causes=queries.CAUSES, zone=profile().zone
    )
    with begin_work() as work:
        record(work, signed_in().actor, "money_viewed", found.booking.reference)
    return page


def _asked_month(today: date) -> date:
    asked = request.args.get("month")
    if not asked:
        return today.replace(day=1)
    try:
        month = date.fromisoformat(f"{asked}-01")
    except ValueError:
        month = None
    if month is None or not EARLIEST_YEAR <= month.year <= LATEST_YEAR:
        raise Refused(_("That month can’t be read. Write it as 2027-05, or use the links on the page."))
    return month
