"""The desk's pages for prices: the sliding scale, which the owner sets, and what is agreed with one client."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.audit import record
from practice.booking.offers.queries import find_all_offerings
from practice.booking.prices import actions
from practice.booking.prices.actions import AgreedMeanwhile, Agreeing, NotAgreeable, OnStep, SetPrice
from practice.booking.prices.amounts import write_share
from practice.booking.prices.queries import find_steps, today
from practice.clock import clock
from practice.errors import Conflict, PracticeError
from practice.presenting import money
from practice.profile import profile
from practice.speaking import gettext as _
from practice.staff.models import COORDINATOR, OWNER
from practice.staff.queries import signed_in
from practice.till import price_queries
from practice.till.price_forms import AgreeForm, OnStepForm, SetPriceForm, StepForm
from practice.work import begin_work

bp = Blueprint("prices", __name__, url_prefix="/staff/money/prices")


@bp.get("/")
@staff(OWNER, COORDINATOR)
def prices() -> ResponseReturnValue:
    return _prices_page(StepForm(formdata=None))


@bp.post("/steps")
@staff(OWNER)
def add_step() -> ResponseReturnValue:
    form = StepForm()
    if not form.validate_on_submit():
        return _prices_page(form), 422
    with begin_work() as work:
        actions.add_step(work, signed_in().actor, form.name.data or "", form.basis_points)
    flash(_("The step is there."))
    return redirect(url_for("prices.prices"))


@bp.post("/steps/<int:number>/archive")
@staff(OWNER)
def archive_step(number: int) -> ResponseReturnValue:
    with begin_work() as work:
        actions.archive_step(work, signed_in().actor, number)
    flash(_("Archived. Whoever is on it stays there."))
    return redirect(url_for("prices.prices"))


@bp.get("/<reference>")
@staff(OWNER, COORDINATOR)
def client(reference: str) -> ResponseReturnValue:
    return _client_page(reference)


@bp.post("/<reference>/step")
@staff(OWNER, COORDINATOR)
def put_on_step(reference: str) -> ResponseReturnValue:
    form = _step_form(OnStepForm())
    if not form.validate_on_submit():
        return _client_page(reference, on_step=form), 422
    refused = _agree(reference, OnStep(form.step_id), form)
    return _answer(reference, refused, _client_page(reference, on_step=form, refused=refused) if refused else "")


@bp.post("/<reference>/offering")
@staff(OWNER, COORDINATOR)
def set_price(reference: str) -> ResponseReturnValue:
    form = _offering_form(SetPriceForm(profile().currency))
    if not form.validate_on_submit():
        return _client_page(reference, one=form), 422
    refused = _agree(reference, SetPrice(int(form.offering.data), form.price), form)
    return _answer(reference, refused, _client_page(reference, one=form, refused=refused) if refused else "")


def _agree(reference: str, what: OnStep | SetPrice, form: AgreeForm) -> PracticeError | None:
    """Agree on it; what was in the way, or None."""
    person_id = price_queries.read_client(reference, clock().now()).person.id
    asked = Agreeing(what, form.begins, form.last_day.data, form.reason.data or "", form.shown)
    try:
        with begin_work() as work:
            actions.agree(work, signed_in().actor, person_id, asked)
    except (AgreedMeanwhile, NotAgreeable) as refused:
        return refused
    return None


def _answer(reference: str, refused: PracticeError | None, page: str) -> ResponseReturnValue:
    if refused is not None:
        return page, 409 if isinstance(refused, Conflict) else 422
    flash(_("Agreed. What they have booked already stays as it is."))
    return redirect(url_for("prices.client", reference=reference))


def _prices_page(form: StepForm) -> str:
    people = price_queries.list_people(clock().now())
    page = render_template(
        "till/prices.html",
        steps=find_steps(),
        people=people,
        form=form,
        share=write_share,
        owner=signed_in().is_any_of(OWNER),
        zone=profile().zone,
    )
    with begin_work() as work:
        record(work, signed_in().actor, "list_viewed", "prices", {"count": len(people)})
    return page


def _client_page(
    reference: str,
    on_step: OnStepForm | None = None,
    one: SetPriceForm | None = None,
    refused: PracticeError | None = None,
) -> str:
    """After a refusal the forms go by how things stand now, with what was typed still in them."""
    now = clock().now()
    found = price_queries.read_client(reference, now)
    on_step = on_step or _step_form(OnStepForm(formdata=None, first_day=today(now)))
    one = one or _offering_form(SetPriceForm(profile().currency, formdata=None, first_day=today(now)))
    on_step.seen.data = one.seen.data = str(found.seen)
    page = render_template(
        "till/client_prices.html",
        client=found,
        on_step=on_step,
        one=one,
        refused=refused,
        zone=profile().zone,
    )
    with begin_work() as work:
        record(work, signed_in().actor, "prices_viewed", found.person.reference)
    return page


def _step_form(form: OnStepForm) -> OnStepForm:
    steps = [one for one in find_steps() if one.archived_at is None]
    form.name_steps([(one.id, f"{one.name}, {write_share(one.share)}") for one in steps])
    return form


def _offering_form(form: SetPriceForm) -> SetPriceForm:
    offered = [one for one in find_all_offerings() if one.active]
    form.name_offerings(
        [(one.id, _("%(name)s (%(sum)s by the list)", name=one.name, sum=money(one.price))) for one in offered]
    )
    return form
