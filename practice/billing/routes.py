"""The client's pages for their documents: what there is, what can be made, and each as page, print and PDF."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.billing import actions, queries
from practice.billing.forms import MakeForm
from practice.booking.models import Booking
from practice.booking.queries import get_own_booking
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.errors import NotFound, Refused
from practice.papers import estimates
from practice.papers.kinds import TITLES, Kind
from practice.papers.models import Paper
from practice.papers.queries import get_paper, is_readable, sheet_of, stamp_of
from practice.papers.showing import pdf_answer
from practice.people import current_person
from practice.work import begin_work

bp = Blueprint("billing", __name__)

EVERY_KIND = frozenset(Kind)


@bp.get("/bookings/<reference>/documents")
@client
def documents(reference: str) -> ResponseReturnValue:
    return _page(_own(reference))


@bp.post("/bookings/<reference>/documents")
@client
def make(reference: str) -> ResponseReturnValue:
    person, form = current_person(), MakeForm()
    booking = _own(reference)
    if person is None or not form.validate_on_submit():
        raise NotFound
    try:
        with begin_work() as work:
            actor = f"client:{person.reference}"
            paper = actions.make(work, actor, reference, Kind(form.kind.data or ""), form.about.data or "").reference
    except Refused as refused:
        return _page(booking, refused), 422
    return redirect(url_for("billing.document", reference=reference, paper=paper), 303)


@bp.get("/bookings/<reference>/documents/<paper>")
@client
def document(reference: str, paper: str) -> ResponseReturnValue:
    found = _readable(reference, paper)
    sheet = sheet_of(found)
    return render_template(
        "billing/document.html",
        paper=found,
        sheet=sheet,
        stamp=stamp_of(found, sheet),
        doubt=queries.find_doubt(found.booking, found),
    )


@bp.get("/bookings/<reference>/documents/<paper>.pdf")
@client
def pdf(reference: str, paper: str) -> ResponseReturnValue:
    return pdf_answer(_readable(reference, paper))


def _readable(reference: str, paper: str) -> Paper:
    """A document of theirs, as long as it is kept."""
    found = get_paper(_own(reference), paper)
    if not is_readable(found):
        raise NotFound
    return found


def _own(reference: str) -> Booking:
    return get_own_booking(reference, current_person())


def _page(booking: Booking, refused: Refused | None = None) -> str:
    return render_template(
        "billing/documents.html",
        folder=queries.read_folder(booking, EVERY_KIND),
        titles=TITLES,
        estimates=estimates.can_be_made(booking, clock().now()),
        refused=refused,
        zone=client_zone(),
    )
