"""The desk's pages about one access request: who asks, how much time there is, the review, and what is handed over."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask import request as sent
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.audit import record
from practice.clock import clock
from practice.errors import Conflict, NotFound, PracticeError, Refused
from practice.profile import profile
from practice.rights.access import actions, queries
from practice.rights.access.errors import NoSuchDay
from practice.rights.access.exporting import words_of_extension
from practice.rights.access.forms import (
    HOW,
    OUTCOMES,
    WAYS,
    CheckForm,
    DecideForm,
    EnterForm,
    ExtendForm,
    ReviewForm,
    make_review_form,
)
from practice.rights.access.models import AccessRequest
from practice.rights.access.redacting import Choice, Item, Looked, in_pages
from practice.rights.access.rules import OPEN, How, Outcome, State, Way, is_due_soon, is_overdue, limits_of
from practice.rights.forms import PlainForm
from practice.rights.queries import get_person
from practice.staff.models import CLINICIAN, OWNER
from practice.staff.queries import find_actor_names, signed_in
from practice.work import begin_work

bp = Blueprint("access", __name__)


@bp.get("/<person>/access")
@staff(OWNER, CLINICIAN)
def entering(person: str) -> ResponseReturnValue:
    return _entering_page(person, EnterForm(formdata=None))


@bp.post("/<person>/access")
@staff(OWNER, CLINICIAN)
def enter(person: str) -> ResponseReturnValue:
    form, found = EnterForm(), get_person(person)
    if not form.validate_on_submit():
        return _entering_page(person, form), 422
    try:
        with begin_work() as work:
            reference = actions.enter(work, signed_in().actor, found, Way(form.way.data), form.day)
    except NoSuchDay as wrong:
        form.arrived.errors = [f"{wrong.title}."]
        return _entering_page(person, form), 422
    except Conflict as lost:
        return _entering_page(person, form, lost=lost), 409
    flash("Entered. It says below by when it is due.")
    return redirect(url_for(".request", reference=reference))


@bp.get("/access/<reference>")
@staff(OWNER, CLINICIAN)
def request(reference: str) -> ResponseReturnValue:
    return _request_page(reference)


@bp.post("/access/<reference>/identity")
@staff(OWNER, CLINICIAN)
def check(reference: str) -> ResponseReturnValue:
    form = CheckForm()
    queries.get_request(reference)
    if not form.validate_on_submit():
        return _request_page(reference, checking=form), 422
    try:
        with begin_work() as work:
            actions.check_identity(work, signed_in().actor, reference, How(form.how.data), form.remark.data or "")
    except Conflict as lost:
        return _request_page(reference, checking=form, lost=lost), 409
    flash("Noted. A clinician can look at the record now.")
    return redirect(url_for(".request", reference=reference))


@bp.post("/access/<reference>/extension")
@staff(OWNER, CLINICIAN)
def extend(reference: str) -> ResponseReturnValue:
    form = ExtendForm()
    queries.get_request(reference)
    if not form.validate_on_submit():
        return _request_page(reference, extending=form), 422
    try:
        with begin_work() as work:
            actions.extend(work, signed_in().actor, reference, form.words.data or "")
    except (Conflict, Refused) as lost:
        return _request_page(reference, extending=form, lost=lost), lost.status
    flash("There is more time now. They read why on their page, and get a letter that something there has changed.")
    return redirect(url_for(".request", reference=reference))


@bp.post("/access/<reference>/back")
@staff(OWNER, CLINICIAN)
def take_back(reference: str) -> ResponseReturnValue:
    queries.get_request(reference)
    if not PlainForm().validate_on_submit():
        raise NotFound
    try:
        with begin_work() as work:
            actions.take_back_for(work, signed_in().actor, reference)
    except Conflict as lost:
        return _request_page(reference, lost=lost), 409
    flash("Noted: they don’t ask for it any more.")
    return redirect(url_for(".request", reference=reference))


@bp.get("/access/<reference>/review/<int:number>")
@staff(CLINICIAN)
def review(reference: str, number: int) -> ResponseReturnValue:
    return _review_page(reference, number)


@bp.post("/access/<reference>/review/<int:number>")
@staff(CLINICIAN)
def save(reference: str, number: int) -> ResponseReturnValue:
    found = queries.get_request(reference)
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
    flash("Saved. You can leave it and go on later.")
    if number < len(in_pages(items)):
        return redirect(url_for(".review", reference=reference, number=number + 1))
    return redirect(url_for(".preview", reference=reference))


@bp.get("/access/<reference>/preview")
@staff(CLINICIAN)
def preview(reference: str) -> ResponseReturnValue:
    return _preview_page(reference)


@bp.post("/access/<reference>/decision")
@staff(CLINICIAN)
def decide(reference: str) -> ResponseReturnValue:
    form = DecideForm()
    queries.get_request(reference)
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
        flash("They read on their page that nothing is handed over, and what they can do about it.")
    else:
        flash("It is on their page now, behind their code.")
    return redirect(url_for(".request", reference=reference))


def _entering_page(reference: str, form: EnterForm, lost: PracticeError | None = None) -> str:
    found = get_person(reference)
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
    return _noted(page, "access_viewed", reference)


def _request_page(
    reference: str,
    *,
    checking: CheckForm | None = None,
    extending: ExtendForm | None = None,
    lost: PracticeError | None = None,
) -> str:
    found, now = queries.get_request(reference), clock().now()
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
        reason=queries.read_review(found).reason if _clinical() else "",
        copy=queries.find_copy_of(found, now),
        checking=checking or CheckForm(formdata=None, how=How.CODE.value if found.way == Way.PAGE else None),
        extending=extending or ExtendForm(formdata=None),
        lost=lost,
        clinical=_clinical(),
        people=find_actor_names(set(seen_by)),
        ways=WAYS,
        how=HOW,
        outcomes=OUTCOMES,
        zone=profile().zone,
    )
    return _noted(page, "access_viewed", reference)


def _review_page(reference: str, number: int, form: ReviewForm | None = None, lost: PracticeError | None = None) -> str:
    found = _reviewable(reference)
    before = queries.read_review(found)
    prepared = queries.prepare(found, before, clock().now())
    pages = in_pages(prepared.items)
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
    return _noted(page, "access_record_viewed", reference)


def _preview_page(reference: str, form: DecideForm | None = None, lost: PracticeError | None = None) -> str:
    found, now = queries.get_request(reference), clock().now()
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
        return _noted(page, "access_record_viewed", reference)
    prepared = queries.prepare(_reviewable(reference), queries.read_review(found), now)
    redacted = prepared.redacted
    deciding = form or DecideForm(formdata=None)
    deciding.seen.data = redacted.mark
    page = render_template(
        "rights/access/preview.html",
        request=found,
        name=queries.name_of(found.person),
        form=deciding,
        redacted=redacted,
        found=queries.to_show(redacted.record),
        lost=lost,
    )
    return _noted(page, "access_record_viewed", reference)


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
    return "" if can_be else _request_page(reference, lost=lost)


def _reviewable(reference: str) -> AccessRequest:
    """A request whose person was identified and that nobody has answered.

    :raises NotFound: for any other.
    """
    found = queries.get_request(reference)
    if found.state != State.CHECKED:
        raise NotFound
    return found


def _clinical() -> bool:
    return signed_in().is_any_of(CLINICIAN)


def _noted(page: str, action: str, subject: str) -> str:
    """The page, once it is written down that somebody saw it."""
    with begin_work() as work:
        record(work, signed_in().actor, action, subject)
    return page
