"""The owner's page for what documents carry: the practice's numbers, each therapist's, and the offerings' codes."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.booking.offers.models import Offering, Therapist
from practice.booking.offers.queries import find_all_offerings, find_therapists, get_therapist
from practice.errors import NotFound
from practice.papers import actions as papers
from practice.papers.queries import Registered, find_registered
from practice.setup import queries
from practice.setup.actions import ChangedMeanwhile, check_seen
from practice.setup.forms import SeenForm
from practice.setup.registration_forms import PracticeNumbersForm, ServiceCodeForm, TherapistNumbersForm
from practice.setup.routes import page_of
from practice.speaking import gettext as _
from practice.staff.models import OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("registrations", __name__, url_prefix="/staff/setup/documents")

PRACTICE = "practice"


@bp.get("")
@staff(OWNER)
def numbers() -> ResponseReturnValue:
    return _page()


@bp.post("/practice")
@staff(OWNER)
def save_practice() -> ResponseReturnValue:
    form = PracticeNumbersForm(prefix="practice-")
    if not form.validate_on_submit():
        return _page(form), 422
    actor = signed_in().actor
    try:
        with begin_work() as work:
            check_seen(form.seen.data, queries.mark_of(find_registered().practice))
            papers.set_practice(work, actor, tin=form.tin.data or "", npi=form.npi.data or "")
            papers.switch_estimates(work, actor, on=bool(form.estimates.data))
    except ChangedMeanwhile as lost:
        return _page(lost=lost), 409
    return _saved("practice")


@bp.post("/therapists/<slug>")
@staff(OWNER)
def save_therapist(slug: str) -> ResponseReturnValue:
    therapist, form = get_therapist(slug), TherapistNumbersForm(prefix=f"{slug}-")
    if not form.validate_on_submit():
        return _page(form), 422
    actor = signed_in().actor
    try:
        with begin_work() as work:
            stands = find_registered().therapist(therapist.id)
            check_seen(form.seen.data, queries.mark_of(stands))
            papers.set_therapist(
                work,
                actor,
                therapist,
                npi=form.npi.data or "",
                licence=form.licence.data or "",
                credentials=form.credentials.data or "",
            )
    except ChangedMeanwhile as lost:
        return _page(lost=lost), 409
    return _saved(slug)


@bp.post("/offerings/<slug>")
@staff(OWNER)
def save_offering(slug: str) -> ResponseReturnValue:
    offering, form = queries.find_offering(slug), ServiceCodeForm(prefix=f"{slug}-")
    if offering is None:
        raise NotFound
    if not form.validate_on_submit():
        return _page(form), 422
    actor = signed_in().actor
    try:
        with begin_work() as work:
            check_seen(form.seen.data, queries.mark_of(find_registered().code(offering.id)))
            papers.set_service_code(work, actor, offering, form.code.data or "")
    except ChangedMeanwhile as lost:
        return _page(lost=lost), 409
    return _saved(slug)


def _saved(where: str) -> ResponseReturnValue:
    flash(_("It is saved. Documents that are made from now on carry it; those that were made stay as they are."))
    return redirect(url_for("registrations.numbers", _anchor=where))


def _page(wrong: SeenForm | None = None, lost: ChangedMeanwhile | None = None) -> str:
    known = find_registered()

    def shown(form: SeenForm) -> SeenForm:
        return wrong if wrong is not None and wrong._prefix == form._prefix else form

    return page_of(
        "setup/documents.html",
        practice_form=shown(_practice_form(known)),
        therapists=[(one, shown(_therapist_form(known, one))) for one in find_therapists()],
        offerings=[(one, shown(_offering_form(known, one))) for one in find_all_offerings()],
        wrong=wrong,
        lost=lost,
    )


def _practice_form(known: Registered) -> PracticeNumbersForm:
    tin, npi, estimates = known.practice
    seen = queries.mark_of(known.practice)
    return PracticeNumbersForm(formdata=None, prefix="practice-", seen=seen, tin=tin, npi=npi, estimates=estimates)


def _therapist_form(known: Registered, therapist: Therapist) -> TherapistNumbersForm:
    npi, licence, credentials = known.therapist(therapist.id)
    return TherapistNumbersForm(
        formdata=None,
        prefix=f"{therapist.slug}-",
        seen=queries.mark_of((npi, licence, credentials)),
        npi=npi,
        licence=licence,
        credentials=credentials,
    )


def _offering_form(known: Registered, offering: Offering) -> ServiceCodeForm:
    code = known.code(offering.id)
    seen = queries.mark_of(code)
    return ServiceCodeForm(formdata=None, prefix=f"{offering.slug}-", seen=seen, code=code)
