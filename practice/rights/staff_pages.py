"""The desk's pages about somebody's data: what was asked, what stops it, a hold, an export, the erasure itself."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, get_template_attribute, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.audit import record
from practice.clock import clock
from practice.database import empty_write_ahead_log
from practice.erasing import find_hold, find_holds, lift_hold, place_hold, reason_of
from practice.errors import Conflict, NotFound, PracticeError, Refused
from practice.languages import N_
from practice.people import Person, contact_of
from practice.profile import profile
from practice.rights import actions, queries
from practice.rights.access import queries as access
from practice.rights.access.deciding_pages import bp as deciding_pages
from practice.rights.access.errors import WaitsForReview
from practice.rights.access.rules import is_due_soon, is_overdue
from practice.rights.access.staff_pages import bp as access_pages
from practice.rights.export import name_file, read_export
from practice.rights.forms import JSON, AnswerForm, DeskExportForm, EraseForm, PlainForm, ReasonForm
from practice.rights.routes import as_file
from practice.rights.running_out import list_run_out
from practice.rights.scope import Scope
from practice.rights.whose import check_decides, check_sees, hands_over, noted_under, seen_among
from practice.speaking import gettext as _
from practice.speaking import speaking
from practice.staff.fresh import ask_unless_lately, signed_in_lately
from practice.staff.models import CLINICIAN, OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("rights_desk", __name__, url_prefix="/staff/data")
bp.register_blueprint(access_pages)
bp.register_blueprint(deciding_pages)

SHOWN = timedelta(days=90)
GONE = {
    "diagnosis": N_("diagnosis"),
    "document": N_("document"),
    "draft": N_("draft"),
    "intake": N_("intake"),
    "note": N_("note"),
    "person": N_("person"),
    "unsent_part": N_("unsent part"),
}
"""The kinds of what is erased, as its log has them, in words."""


@bp.get("/")
@staff(OWNER, CLINICIAN)
def requests() -> ResponseReturnValue:
    now = clock().now()
    erasures, asked, today = queries.list_waiting(), access.list_open(), access.today_at(now)
    seen = seen_among(signed_in(), {one.person_id for one in erasures} | {one.person_id for one in asked})
    waiting = [(one, _name_of(one.person.reference)) for one in erasures if one.person_id in seen]
    asked = [one for one in asked if one.person_id in seen]
    _note("data_requests_seen", "requests", len(waiting) + len(asked))
    return render_template(
        "rights/requests.html",
        waiting=waiting,
        access=[(one, access.name_of(one.person)) for one in asked],
        overdue={one.id for one in asked if is_overdue(one.due_on, today)},
        soon={one.id for one in asked if is_due_soon(one.due_on, today)},
        coming=list_run_out(now),
        log=queries.list_erasures(now - SHOWN),
        kinds=GONE,
        terms=queries.read_terms(),
        owner=signed_in().is_any_of(OWNER),
        zone=profile().zone,
    )


@bp.get("/<reference>")
@staff(OWNER, CLINICIAN)
def person(reference: str) -> ResponseReturnValue:
    return _person_page(reference)


@bp.post("/<reference>/export")
@staff(OWNER, CLINICIAN)
@signed_in_lately(back="rights_desk.person")
def export(reference: str) -> ResponseReturnValue:
    form, found = DeskExportForm(), queries.get_person(reference)
    if not form.validate_on_submit():
        raise NotFound
    scope, now = Scope(form.scope.data or ""), clock().now()
    check_sees(signed_in(), found)
    allowed = scope is not Scope.WHOLE or hands_over(signed_in(), found)
    if allowed and scope is Scope.WHOLE and access.find_open(found.id) is not None:
        return _person_page(reference, 409, lost=WaitsForReview())
    with begin_work() as work:
        about = {"scope": scope.value, "kind": form.kind.data or "", **noted_under(signed_in(), found)}
        record(work, signed_in().actor, "data_exported" if allowed else "data_refused", reference, about)
    if not allowed:
        raise NotFound
    with speaking(found.language):  # it is made to be handed over
        said = read_export(found, scope, now)
        if form.kind.data == JSON:
            return as_file(said, name_file(now))
        made = get_template_attribute("rights/handed_over.html", "handed_over")(said)
    return render_template("rights/staff_record.html", found=said, made=made, language=found.language)


@bp.post("/<reference>/hold")
@staff(OWNER, CLINICIAN)
def hold(reference: str) -> ResponseReturnValue:
    form, found = ReasonForm(), _theirs(reference)
    if not form.validate_on_submit():
        return _person_page(reference, 422, reason=form)
    try:
        with begin_work() as work:
            place_hold(work, signed_in().actor, found, form.reason.data or "")
    except Conflict as lost:
        return _person_page(reference, 409, reason=form, lost=lost)
    flash(_("Everything about this person stays until the hold is lifted."))
    return redirect(url_for("rights_desk.person", reference=reference))


@bp.post("/<reference>/lift")
@staff(OWNER, CLINICIAN)
@signed_in_lately(back="rights_desk.person")
def lift(reference: str) -> ResponseReturnValue:
    form, found = PlainForm(), _theirs(reference)
    if not form.validate_on_submit():
        raise NotFound
    with begin_work() as work:
        lift_hold(work, signed_in().actor, found)
    flash(_("The hold is lifted."))
    return redirect(url_for("rights_desk.person", reference=reference))


@bp.post("/<reference>/refuse")
@staff(OWNER, CLINICIAN)
def refuse(reference: str) -> ResponseReturnValue:
    form, found = AnswerForm(), _theirs(reference)
    if not form.validate_on_submit():
        return _person_page(reference, 422, answer=form)
    waiting = queries.find_waiting(found.id)
    if waiting is None or waiting.reference != form.request.data:
        return _person_page(reference, 409, lost=actions.DecidedMeanwhile())
    with begin_work() as work:
        actions.refuse(work, signed_in().actor, waiting.reference, form.answer.data or "")
    flash(_("They read your answer on their own page."))
    return redirect(url_for("rights_desk.person", reference=reference))


@bp.post("/<reference>/erase")
@staff(OWNER, CLINICIAN)
@signed_in_lately(back="rights_desk.person")
def erase(reference: str) -> ResponseReturnValue:
    form, found = EraseForm(), _theirs(reference)
    if not form.validate_on_submit():
        return _person_page(reference, 422, sure=form)
    waiting = queries.find_waiting(found.id)
    if (waiting.reference if waiting is not None else "") != form.request.data:
        return _person_page(reference, 409, lost=actions.DecidedMeanwhile())
    try:
        with begin_work() as work:
            if waiting is not None:
                actions.grant(work, signed_in().actor, waiting.reference)
            else:
                actions.erase_person(work, signed_in().actor, found)
    except actions.DecidedMeanwhile as lost:
        return _person_page(reference, 409, lost=lost)
    except Refused as stopped:
        return _person_page(reference, 422, lost=stopped)
    empty_write_ahead_log()
    flash(_("Erased. What the books need stays until its own time is over."))
    return redirect(url_for("rights_desk.requests"))


def _person_page(
    reference: str,
    status: int = 200,
    *,
    reason: ReasonForm | None = None,
    answer: AnswerForm | None = None,
    sure: EraseForm | None = None,
    lost: PracticeError | None = None,
) -> ResponseReturnValue:
    """The page in this state, for whoever typed their password lately."""
    found, now = queries.get_person(reference), clock().now()
    check_sees(signed_in(), found)
    away = ask_unless_lately(url_for("rights_desk.person", reference=reference))
    if away is not None:
        return away
    _note("data_seen", reference, 1, noted_under(signed_in(), found))
    held, waiting = find_hold(found.id), queries.find_waiting(found.id)
    about = waiting.reference if waiting is not None else ""
    page = render_template(
        "rights/person.html",
        person=found,
        name=_name_of(reference),
        waiting=waiting,
        stops=queries.find_stops(found, now),
        kept=queries.documents_kept(found),
        held=held,
        holds=[(one, reason_of(one)) for one in find_holds(found.id)],
        reason=reason or ReasonForm(formdata=None),
        answer=answer or AnswerForm(formdata=None, request=about),
        sure=sure or EraseForm(formdata=None, request=about),
        lost=lost,
        asked=access.list_of(found.id),
        may_hand_over=hands_over(signed_in(), found),
        zone=profile().zone,
    )
    return page, status


def _theirs(reference: str) -> Person:
    """Somebody about whose data this account decides.

    :raises NotFound: where it doesn't.
    """
    found = queries.get_person(reference)
    check_decides(signed_in(), found)
    return found


def _name_of(reference: str) -> str:
    contact = contact_of(queries.get_person(reference))
    return contact.first_name if contact is not None else reference


def _note(action: str, subject: str, count: int, besides: dict[str, str | int] | None = None) -> None:
    """Write into the audit log what this page is about to show; begin_work ends the read, so look things up after."""
    with begin_work() as work:
        record(work, signed_in().actor, action, subject, {"count": count, **(besides or {})})
