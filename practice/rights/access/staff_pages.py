"""The desk's pages about one access request: who asks, how much time there is, the review, and what is handed over."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.audit import record
from practice.clock import clock
from practice.errors import Conflict, NotFound, PracticeError, Refused
from practice.people import Person
from practice.profile import profile
from practice.review.seeing import may_read_private
from practice.rights.access import actions, queries
from practice.rights.access.errors import NoSuchDay
from practice.rights.access.exporting import words_of_extension
from practice.rights.access.forms import (
    DECIDED,
    HOW,
    WAYS,
    CheckForm,
    EnterForm,
    ExtendForm,
)
from practice.rights.access.rules import OPEN, How, Way, is_due_soon, is_overdue, limits_of
from practice.rights.forms import PlainForm
from practice.rights.queries import get_person
from practice.rights.whose import check_decides, check_sees, noted_under
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, OWNER
from practice.staff.queries import find_actor_names, signed_in
from practice.work import begin_work

bp = Blueprint("access", __name__)


@bp.get("/<reference>/access")
@staff(OWNER, CLINICIAN)
def entering(reference: str) -> ResponseReturnValue:
    return _entering_page(reference, EnterForm(formdata=None))


@bp.post("/<reference>/access")
@staff(OWNER, CLINICIAN)
def enter(reference: str) -> ResponseReturnValue:
    form, found = EnterForm(), get_person(reference)
    check_decides(signed_in(), found)
    if not form.validate_on_submit():
        return _entering_page(reference, form), 422
    try:
        with begin_work() as work:
            made = actions.enter(work, signed_in().actor, found, Way(form.way.data), form.day)
    except NoSuchDay as wrong:
        form.arrived.errors = [f"{_(wrong.title)}."]
        return _entering_page(reference, form), 422
    except Conflict as lost:
        return _entering_page(reference, form, lost=lost), 409
    flash(_("Entered. It says below by when it is due."))
    return redirect(url_for(".request", reference=made))


@bp.get("/access/<reference>")
@staff(OWNER, CLINICIAN)
def request(reference: str) -> ResponseReturnValue:
    return request_page(reference)


@bp.post("/access/<reference>/identity")
@staff(OWNER, CLINICIAN)
def check(reference: str) -> ResponseReturnValue:
    form = CheckForm()
    check_decides(signed_in(), queries.get_request(reference).person)
    if not form.validate_on_submit():
        return request_page(reference, checking=form), 422
    try:
        with begin_work() as work:
            actions.check_identity(work, signed_in().actor, reference, How(form.how.data), form.remark.data or "")
    except Conflict as lost:
        return request_page(reference, checking=form, lost=lost), 409
    flash(_("Noted. A clinician can look at the record now."))
    return redirect(url_for(".request", reference=reference))


@bp.post("/access/<reference>/extension")
@staff(OWNER, CLINICIAN)
def extend(reference: str) -> ResponseReturnValue:
    form = ExtendForm()
    check_decides(signed_in(), queries.get_request(reference).person)
    if not form.validate_on_submit():
        return request_page(reference, extending=form), 422
    try:
        with begin_work() as work:
            actions.extend(work, signed_in().actor, reference, form.words.data or "")
    except (Conflict, Refused) as lost:
        return request_page(reference, extending=form, lost=lost), lost.status
    flash(_("There is more time now. They read why on their page, and get a letter that something there has changed."))
    return redirect(url_for(".request", reference=reference))


@bp.post("/access/<reference>/back")
@staff(OWNER, CLINICIAN)
def take_back(reference: str) -> ResponseReturnValue:
    check_decides(signed_in(), queries.get_request(reference).person)
    if not PlainForm().validate_on_submit():
        raise NotFound
    try:
        with begin_work() as work:
            actions.take_back_for(work, signed_in().actor, reference)
    except Conflict as lost:
        return request_page(reference, lost=lost), 409
    flash(_("Noted: they don’t ask for it any more."))
    return redirect(url_for(".request", reference=reference))


def _entering_page(reference: str, form: EnterForm, lost: PracticeError | None = None) -> str:
    found = get_person(reference)
    check_sees(signed_in(), found)
    limit = limits_of(profile().help_region).first
    page = render_template(
        "rights/access/enter.html",
        person=found,
        name=queries.name_of(found),
        form=form,
        lost=lost,
        limit=limit,
        open=queries.find_open(found.id),
    )
    return noted(page, "access_viewed", reference, found)


def request_page(
    reference: str,
    *,
    checking: CheckForm | None = None,
    extending: ExtendForm | None = None,
    lost: PracticeError | None = None,
) -> str:
    found, now = queries.get_request(reference), clock().now()
    check_sees(signed_in(), found.person)
    clinical = may_read_private(signed_in(), found.person_id)
    today = queries.today_at(now)
    seen_by = (found.entered_by, found.checked_by or "", found.extended_by or "", found.ended_by or "")
    page = render_template(
        "rights/access/request.html",
        request=found,
        name=queries.name_of(found.person),
        today=today,
        is_open=found.state in OPEN,
        overdue=is_overdue(found.due_on, today),
        soon=is_due_soon(found.due_on, today),
        until=limits_of(found.country).extended.after(found.arrived_on),
        longer=words_of_extension(found),
        remark=queries.remark_of(found),
        reason=queries.read_review(found).reason if clinical else "",
        copy=queries.find_copy_of(found, now),
        checking=checking or CheckForm(formdata=None, how=How.CODE.value if found.way == Way.PAGE else None),
        extending=extending or ExtendForm(formdata=None),
        lost=lost,
        clinical=clinical,
        people=find_actor_names(set(seen_by)),
        ways=WAYS,
        how=HOW,
        outcomes=DECIDED,
        zone=profile().zone,
    )
    return noted(page, "access_viewed", reference, found.person)


def noted(page: str, action: str, subject: str, person: Person) -> str:
    """The page about this person, once it is written down that somebody saw it."""
    with begin_work() as work:
        record(work, signed_in().actor, action, subject, noted_under(signed_in(), person))
    return page
