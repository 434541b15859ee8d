"""A clinician's pages about one access request: the review, what would be handed over, and the decision."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask import request as sent
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.clock import clock
from practice.errors import Conflict, NotFound, PracticeError, Refused
from practice.languages import LANGUAGES
from practice.profile import profile
from practice.rights.access import actions, queries
from practice.rights.access.errors import MovedMeanwhile
from practice.rights.access.forms import DecideForm, ReviewForm, make_review_form
from practice.rights.access.models import AccessRequest
from practice.rights.access.redacting import Choice, Item, Looked, in_pages
from practice.rights.access.rules import Outcome, State
from practice.rights.access.staff_pages import noted, request_page
from practice.rights.whose import check_hands_over, check_reads_all
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.staff.fresh import signed_in_lately
from practice.staff.models import CLINICIAN
from practice.staff.queries import find_actor_names, signed_in
from practice.work import begin_work

bp = Blueprint("deciding", __name__)


@bp.get("/access/<reference>/review/<int:number>")
@staff(CLINICIAN)
def review(reference: str, number: int) -> ResponseReturnValue:
    return _review_page(reference, number)


@bp.post("/access/<reference>/review/<int:number>")
@staff(CLINICIAN)
def save(reference: str, number: int) -> ResponseReturnValue:
    found = queries.get_request(reference)
    check_hands_over(signed_in(), found.person)
    items = queries.prepare(found, queries.read_review(found), clock().now()).items
    # Not those of the page of this number: another note may have moved them to the next.
    form = make_review_form([item for item in items if f"marked_{item.key}" in sent.form])()
    if not form.validate_on_submit():
        return _review_page(reference, number, form), 422
    try:
        with begin_work() as work:
            actions.save_review(work, signed_in().actor, reference, form.looked(), seen=int(form.seen.data or 0))
    except Conflict as lost:
        return _after(reference, lost) or _review_page(reference, number, form, lost=lost), 409
    flash(_("Saved. You can leave it and go on later."))
    if number < len(in_pages(items)):
        return redirect(url_for(".review", reference=reference, number=number + 1))
    return redirect(url_for(".preview", reference=reference))


@bp.get("/access/<reference>/preview")
@staff(CLINICIAN)
@signed_in_lately(back="rights_desk.deciding.preview")
def preview(reference: str) -> ResponseReturnValue:
    return _preview_page(reference)


@bp.post("/access/<reference>/decision")
@staff(CLINICIAN)
def decide(reference: str) -> ResponseReturnValue:
    form = DecideForm()
    check_hands_over(signed_in(), queries.get_request(reference).person)
    if not form.validate_on_submit():
        return _preview_page(reference, form), 422
    outcome, reason, actor = Outcome(form.outcome.data), form.reason.data or "", signed_in().actor
    try:
        with begin_work() as work:
            if outcome is Outcome.NOTHING:
                actions.refuse(work, actor, reference, reason)
            else:
                actions.hand_over(work, actor, reference, outcome, reason, seen=form.seen.data or "")
    except (Conflict, Refused) as lost:
        return _after(reference, lost) or _preview_page(reference, form, lost=lost), lost.status
    if outcome is Outcome.NOTHING:
        flash(_("They read on their page that nothing is handed over, and what they can do about it."))
    else:
        flash(_("It is on their page now, behind their code."))
    return redirect(url_for("rights_desk.access.request", reference=reference))


def _review_page(reference: str, number: int, form: ReviewForm | None = None, lost: PracticeError | None = None) -> str:
    found = _reviewable(reference)
    check_reads_all(signed_in(), found.person)
    before = queries.read_review(found)
    prepared = queries.prepare(found, before, clock().now())
    pages = in_pages(prepared.items)
    if form is not None:
        number = min(max(number, 1), len(pages))  # what was typed isn't lost with a page that is gone meanwhile
        if lost is not None:
            form.seen.data = str(before.revision)  # they are told, and can save what they typed
    if not 1 <= number <= len(pages):
        raise NotFound
    shown = form if form is not None else _filled(pages[number - 1], before)
    page = render_template(
        "rights/access/review.html",
        request=found,
        name=queries.name_of(found.person),
        form=shown,
        items=shown.items,
        number=number,
        pages=len(pages),
        unseen={item.key for item in prepared.redacted.unseen},
        review=before,
        by=find_actor_names({before.saved_by}).get(before.saved_by, ""),
        lost=lost,
        zone=profile().zone,
    )
    return noted(page, "access_record_viewed", reference, found.person)


def _preview_page(reference: str, form: DecideForm | None = None, lost: PracticeError | None = None) -> str:
    found, now = queries.get_request(reference), clock().now()
    check_reads_all(signed_in(), found.person)
    copy = queries.find_copy_of(found, now)
    if copy is not None:
        page = render_template(
            "rights/access/handed_over.html",
            request=found,
            name=queries.name_of(found.person),
            copy=copy,
            found=queries.to_show(queries.open_copy(copy)),
            zone=profile().zone,
        )
        return noted(page, "access_record_viewed", reference, found.person)
    prepared = queries.prepare(_reviewable(reference), queries.read_review(found), now)
    redacted = prepared.redacted
    deciding = form or DecideForm(formdata=None, seen=redacted.mark)
    if form is not None and form.seen.data != redacted.mark:  # what they decided of is not what stands below
        lost, form.seen.data, form.spoken.data = lost or MovedMeanwhile(), redacted.mark, False
    page = render_template(
        "rights/access/preview.html",
        request=found,
        name=queries.name_of(found.person),
        form=deciding,
        redacted=redacted,
        found=queries.to_show(redacted.record),
        language="" if found.person.language == current_language() else LANGUAGES[found.person.language],
        lost=lost,
    )
    return noted(page, "access_record_viewed", reference, found.person)


def _filled(items: tuple[Item, ...], review: queries.Review) -> ReviewForm:
    """The form as it was saved: what staff wrote and nobody looked at has no choice yet."""
    kept = Looked(Choice.KEEP)
    values: dict[str, str] = {"seen": str(review.revision)}
    for item in items:
        one = review.looked.get(item.key, None if item.by_staff else kept)
        values[f"choice_{item.key}"] = one.choice if one is not None else ""
        values[f"marked_{item.key}"] = one.marked if one is not None and one.marked else item.text
    return make_review_form(items)(formdata=None, data=values)


def _after(reference: str, lost: PracticeError) -> str:
    """Where it can't be reviewed any more, its page as it is now; empty where it can."""
    can_be = queries.get_request(reference).state == State.CHECKED
    return "" if can_be else request_page(reference, lost=lost)


def _reviewable(reference: str) -> AccessRequest:
    """A request whose person was identified and that nobody has answered.

    :raises NotFound: for any other.
    """
    found = queries.get_request(reference)
    if found.state != State.CHECKED:
        raise NotFound
    return found
