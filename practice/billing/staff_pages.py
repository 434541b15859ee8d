"""Staff's pages for a booking's documents, and for the diagnosis that insurers ask for.

The desk sees and makes what is about money. A diagnosis, and the one document that holds it, is seen by whoever reads
the intake, and entered by clinicians and by the therapist of that session. Every view, every file and every refusal is
audited.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.audit import record
from practice.billing import actions, queries
from practice.billing.forms import DiagnosisForm, MakeForm
from practice.booking.models import Booking
from practice.clock import clock
from practice.errors import Conflict, NotFound, Refused
from practice.papers import estimates
from practice.papers.actions import EnteredMeanwhile, enter_diagnosis
from practice.papers.kinds import TITLES, Kind
from practice.papers.models import Paper
from practice.papers.queries import (
    find_diagnoses,
    get_paper,
    is_readable,
    open_diagnosis,
    sheet_of,
    stamp_of,
    voice_of,
)
from practice.papers.showing import pdf_answer
from practice.profile import profile
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.staff.models import ROLES
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("staff_documents", __name__, url_prefix="/staff/documents")


@bp.get("/<reference>")
@staff(*ROLES)
def documents(reference: str) -> ResponseReturnValue:
    return _page(queries.get_booking(reference))


@bp.post("/<reference>")
@staff(*ROLES)
def make(reference: str) -> ResponseReturnValue:
    booking, form = queries.get_booking(reference), MakeForm()
    kinds = _kinds(booking)
    if not form.validate_on_submit() or form.kind.data not in kinds:
        raise _refused(reference)
    actor = signed_in().actor
    try:
        with begin_work() as work:
            paper = actions.make(work, actor, reference, Kind(form.kind.data or ""), form.about.data or "").reference
    except Refused as refused:
        return _page(queries.get_booking(reference), refused=refused), 422
    return redirect(url_for("staff_documents.document", reference=reference, paper=paper), 303)


@bp.get("/<reference>/<paper>")
@staff(*ROLES)
def document(reference: str, paper: str) -> ResponseReturnValue:
    found = _paper(reference, paper)
    sheet = sheet_of(found) if is_readable(found) else None
    page = render_template(
        "billing/staff_document.html",
        paper=found,
        booking=found.booking,
        sheet=sheet,
        stamp=stamp_of(found, sheet),
        day=voice_of(current_language()).day(found.issued_on),
        title=TITLES[found.kind],
        doubt=queries.find_doubt(found.booking, found),
    )
    _note("document_viewed", reference, found.reference)
    return page


@bp.get("/<reference>/<paper>.pdf")
@staff(*ROLES)
def pdf(reference: str, paper: str) -> ResponseReturnValue:
    found = _paper(reference, paper)
    if not is_readable(found):
        raise NotFound
    answer = pdf_answer(found)
    _note("document_printed", reference, found.reference)
    return answer


@bp.post("/<reference>/diagnosis")
@staff(*ROLES)
def diagnosis(reference: str) -> ResponseReturnValue:
    booking, form = queries.get_booking(reference), DiagnosisForm()
    account = signed_in()
    if not queries.diagnoses(account, booking):
        raise _refused(reference)
    if not form.validate_on_submit():
        return _page(booking, form), 422
    actor, person_id = account.actor, booking.person_id
    try:
        with begin_work() as work:
            enter_diagnosis(work, actor, person_id, form.said, seen=form.seen.data or "")
    except EnteredMeanwhile as lost:
        return _page(queries.get_booking(reference), lost=lost), 409
    except Refused as refused:
        return _page(queries.get_booking(reference), refused=refused), 422
    flash(_("It is noted.") if form.said else _("It is taken back. What stood before stays in the history."))
    return redirect(url_for("staff_documents.documents", reference=reference))


def _paper(reference: str, paper: str) -> Paper:
    booking = queries.get_booking(reference)
    kinds = _kinds(booking)
    found = get_paper(booking, paper)
    if found.kind not in kinds:
        raise _refused(reference, found.reference)
    return found


def _kinds(booking: Booking) -> frozenset[Kind]:
    """Which documents somebody may see.

    :raises NotFound: where there are none; noted.
    """
    kinds = queries.kinds_for(signed_in(), booking)
    if not kinds:
        raise _refused(booking.reference)
    return kinds


def _refused(booking: str, paper: str = "") -> NotFound:
    """What somebody may not see looks as if it weren't there, and the audit log keeps that they tried."""
    _note("document_refused", booking, paper)
    return NotFound()


def _page(
    booking: Booking,
    form: DiagnosisForm | None = None,
    *,
    refused: Refused | None = None,
    lost: Conflict | None = None,
) -> str:
    account = signed_in()
    kinds = _kinds(booking)
    folder = queries.read_folder(booking, kinds)
    history = find_diagnoses(booking.person) if Kind.SUPERBILL in kinds else []
    if form is None:
        form = DiagnosisForm(formdata=None, seen=history[0].reference if history else "")
    page = render_template(
        "billing/staff_documents.html",
        folder=folder,
        name=queries.name_of(booking),
        titles=TITLES,
        history=[(one, open_diagnosis(one)) for one in history],
        names=queries.staff_names(),
        form=form,
        enters=booking.person.contact_sealed is not None and queries.diagnoses(account, booking),
        clinical=Kind.SUPERBILL in kinds,
        estimates=Kind.ESTIMATE in kinds and estimates.can_be_made(booking, clock().now()),
        refused=refused,
        lost=lost,
        zone=profile().zone,
    )
    _note("documents_listed", booking.reference)
    return page


def _note(action: str, booking: str, paper: str = "") -> None:
    with begin_work() as work:
        record(work, signed_in().actor, action, booking, {"document": paper} if paper else None)
