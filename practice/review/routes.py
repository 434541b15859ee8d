"""The desk's pages. Whatever shows something of a client is written into the audit log first."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.booking.lifecycle import State
from practice.booking.reviewing import TooLateToAccept
from practice.clock import clock
from practice.consents.actions import WordsChanged
from practice.consents.queries import get_text
from practice.errors import Conflict, NotFound
from practice.forms import PostedForm
from practice.intake.correctable import Reach
from practice.intake.desk import desk_hours
from practice.intake.lanes import LANES
from practice.intake.lines import find_old
from practice.intake.queries import get_intake
from practice.intake.safety import Band
from practice.notify.letters import appointment_declined, request_turned_down
from practice.partners.queries import read_reasons
from practice.presenting import local_datetime
from practice.profile import profile
from practice.review import actions, endings, queries
from practice.review.actions import DecidedMeanwhile
from practice.review.correct_pages import bp as correct_pages
from practice.review.corrections import find_unseen, list_correctable, read_history
from practice.review.forms import DecisionForm, DeclineForm, HandOverForm, NoteForm, OwnerForm, PaperForm
from practice.review.noticing import read_notices
from practice.review.pulse_pages import bp as pulse_pages
from practice.review.queries import Waiting
from practice.review.seeing import roles_of
from practice.review.sight import Sight, clears, decides, reads_private
from practice.staff.duty.queries import find_on_duty
from practice.staff.models import CLINICIAN, COORDINATOR, OWNER, ROLES, THERAPIST
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("review", __name__, url_prefix="/staff")
bp.register_blueprint(pulse_pages)
bp.register_blueprint(correct_pages)

FIRST_SHOWN = 5
ONE_DAY = timedelta(days=1)


@bp.get("/")
@staff(*ROLES)
def today() -> ResponseReturnValue:
    account, now, zone = signed_in(), clock().now(), _zone()
    waiting = queries.list_waiting(account, now)
    midnight = datetime.combine(now.astimezone(ZoneInfo(zone)).date() + ONE_DAY, time(), ZoneInfo(zone))
    sessions = queries.list_sessions(account, now - timedelta(hours=2), midnight)
    taken_back = queries.list_taken_back(account, now)
    page = render_template(
        "review/today.html",
        urgent=[line for line in waiting if _is_first(line)],
        others=[line for line in waiting if not _is_first(line)][:FIRST_SHOWN],
        waiting=len(waiting),
        sessions=sessions,
        zone=zone,
        undelivered=queries.count_undelivered() if account.is_any_of(OWNER) else 0,
        unsettled=queries.list_unsettled() if account.is_any_of(OWNER) else [],
        taken_back=taken_back,
        now=now,
        on_duty=find_on_duty(now),
        old_lines=find_old(now.astimezone(ZoneInfo(zone)).date()) if account.is_any_of(OWNER) else [],
        hours_known=desk_hours(now).known,
        sets_duty=account.is_any_of(OWNER, CLINICIAN),
        me=account,
        hears_of_calls=reads_private(roles_of(account)),
        notices=read_notices(account, now),
    )
    return _noted(page, "today", len(waiting) + len(sessions) + len(taken_back))


@bp.get("/intakes")
@staff(*ROLES)
def intakes() -> ResponseReturnValue:
    account, now = signed_in(), clock().now()
    decided = request.args.get("show") == "decided"
    lines = queries.list_decided(account, now) if decided else queries.list_waiting(account, now)
    clinical = account.is_any_of(OWNER, CLINICIAN, THERAPIST)
    page = render_template(
        "review/intakes.html", lines=lines, decided=decided, clinical=clinical, zone=_zone(), now=now
    )
    return _noted(page, "intakes", len(lines))


@bp.get("/sessions")
@staff(*ROLES)
def sessions() -> ResponseReturnValue:
    now, zone = clock().now(), _zone()
    found = queries.list_sessions(signed_in(), now - timedelta(hours=2), now + queries.COMING)
    days = [
        (day, list(those))
        for day, those in groupby(found, key=lambda one: one[0].starts_at.astimezone(ZoneInfo(zone)).date())
    ]
    return _noted(render_template("review/sessions.html", days=days, zone=zone), "sessions", len(found))


@bp.get("/intakes/<reference>")
@staff(*ROLES)
def intake(reference: str) -> ResponseReturnValue:
    return _intake_page(reference, NoteForm(formdata=None))


@bp.get("/intakes/<reference>/just-for-you")
@staff(*ROLES)
def private(reference: str) -> ResponseReturnValue:
    _open(reference, actions.PRIVATE)
    found = get_intake(reference)
    return render_template(
        "review/private.html",
        intake=found,
        answered=queries.read_private(found),
        scores=queries.read_private_scores(found),
        pauses=read_reasons(found.person),
        history=read_history(found, private=True),
        correctable=list_correctable(found, Reach.PRIVATE),
        lanes=LANES,
        zone=_zone(),
    )


@bp.post("/intakes/<reference>/accept")
@staff(OWNER, CLINICIAN)
def accept(reference: str) -> ResponseReturnValue:
    form = DecisionForm()
    if not form.validate_on_submit():
        return _intake_page(reference, NoteForm(formdata=None)), 422
    try:
        with begin_work() as work:
            actions.accept(work, signed_in(), reference, seen=form.seen.data or "")
    except (DecidedMeanwhile, TooLateToAccept) as lost:
        return _intake_page(reference, NoteForm(formdata=None), lost=lost), 409
    flash("Accepted.")
    return redirect(url_for("review.intake", reference=reference))


@bp.route("/intakes/<reference>/decline", methods=["GET", "POST"])
@staff(OWNER, CLINICIAN)
def decline(reference: str) -> ResponseReturnValue:
    form = DeclineForm()
    if form.validate_on_submit():
        seen, ended = form.seen.data or "", form.ending.data or ""
        paid = endings.refund_for(endings.list_ending(get_intake(reference)))
        try:
            with begin_work() as work:
                actions.decline(work, signed_in(), reference, seen=seen, ending=ended)
        except DecidedMeanwhile as lost:
            return _intake_page(reference, NoteForm(formdata=None), lost=lost), 409
        flash("Declined. What was paid goes back in full." if paid else "Declined.")
        return redirect(url_for("review.intake", reference=reference))
    _open(reference, "decline")
    found = get_intake(reference)
    ending = endings.list_ending(found)
    letters = [
        appointment_declined(
            when=local_datetime(one.starts_at, found.person.zone), paid=bool(one.price), address="", calendar=None
        )
        for one in ending
        if one.confirmed_at is not None
    ] + [
        request_turned_down(when=local_datetime(one.starts_at, found.person.zone), address="")
        for one in ending
        if one.state is State.IN_REVIEW
    ]
    page = render_template(
        "review/decline.html",
        intake=found,
        ending=ending,
        refunds=endings.refund_for(ending),
        letters=letters,
        zone=_zone(),
        form=DeclineForm(formdata=None, seen=found.review_state, ending=endings.as_seen(ending)),
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/intakes/<reference>/notes")
@staff(OWNER, CLINICIAN, THERAPIST)
def note(reference: str) -> ResponseReturnValue:
    form = NoteForm()
    if not form.validate_on_submit():
        return _intake_page(reference, form), 422
    with begin_work() as work:
        note = actions.add_note(work, signed_in(), reference, form.text.data or "")
    if note is None:
        raise NotFound
    flash("Your note is kept.")
    return redirect(url_for("review.intake", reference=reference, _anchor="notes"))


@bp.post("/intakes/<reference>/agreements")
@staff(OWNER, CLINICIAN, COORDINATOR)
def paper(reference: str) -> ResponseReturnValue:
    """Note that this person signed a document on paper."""
    form = PaperForm()
    if not form.validate_on_submit():
        return _intake_page(reference, NoteForm(formdata=None)), 422
    try:
        with begin_work() as work:
            actions.note_paper(work, signed_in(), reference, get_text(int(form.number.data or 0)))
    except WordsChanged as lost:
        return _intake_page(reference, NoteForm(formdata=None), lost=lost), 409
    flash("It is noted.")
    return redirect(url_for("review.intake", reference=reference, _anchor="agreements"))


@bp.post("/intakes/<reference>/read")
@staff(OWNER, CLINICIAN)
def read(reference: str) -> ResponseReturnValue:
    if not PostedForm().validate_on_submit():
        return _intake_page(reference, NoteForm(formdata=None)), 422
    with begin_work() as work:
        actions.mark_read(work, signed_in(), reference)
    flash("Nobody is called about this request any more.")
    return redirect(url_for("review.intake", reference=reference))


@bp.post("/intakes/<reference>/take")
@staff(OWNER, CLINICIAN)
def take(reference: str) -> ResponseReturnValue:
    form = OwnerForm()
    if not form.validate_on_submit():
        return _intake_page(reference, NoteForm(formdata=None)), 422
    try:
        with begin_work() as work:
            actions.take(work, signed_in(), reference, seen=form.seen.data or "")
    except DecidedMeanwhile as lost:
        return _intake_page(reference, NoteForm(formdata=None), lost=lost), 409
    flash("This request is yours now.")
    return redirect(url_for("review.intake", reference=reference))


@bp.post("/intakes/<reference>/hand-over")
@staff(OWNER, CLINICIAN)
def hand_over(reference: str) -> ResponseReturnValue:
    form = hand_over_form()
    if not form.validate_on_submit():
        return _intake_page(reference, NoteForm(formdata=None), handing=form), 422
    try:
        with begin_work() as work:
            actions.hand_over(work, signed_in(), reference, form.to.data, seen=form.seen.data or "")
    except DecidedMeanwhile as lost:
        return _intake_page(reference, NoteForm(formdata=None), lost=lost), 409
    flash("It is handed over.")
    return redirect(url_for("review.intake", reference=reference))


def hand_over_form(**given: str) -> HandOverForm:
    """The form with whoever may own a request."""
    form = HandOverForm(formdata=None, **given) if given else HandOverForm()
    form.to.choices = {str(one.id): one.name for one in queries.find_deciders()}
    return form


def _is_first(line: Waiting) -> bool:
    return line.band is Band.RED or line.unread_since is not None


def _intake_page(
    reference: str, note_form: NoteForm, lost: Conflict | None = None, handing: HandOverForm | None = None
) -> str:
    unseen = find_unseen([get_intake(reference)])  # before it is opened: afterwards somebody has seen it
    sight = _open(reference, "intake")
    account, found = signed_in(), get_intake(reference)
    roles = roles_of(account)
    return render_template(
        "review/intake.html",
        sheet=queries.read_sheet(account, found, sight, clock().now()),
        may_decide=decides(roles),
        may_read_private=reads_private(roles),
        may_clear=clears(roles),
        decision=DecisionForm(formdata=None, seen=found.review_state),
        note_form=note_form,
        owner_form=OwnerForm(formdata=None, seen=found.owner or ""),
        handing=handing or hand_over_form(seen=found.owner or ""),
        me=account,
        now=clock().now(),
        lost=lost,
        lanes=LANES,
        corrected=bool(unseen),
        correctable=list_correctable(found, Reach.OPEN) if account.is_any_of(CLINICIAN, THERAPIST) else [],
        may_note_paper=account.is_any_of(OWNER, CLINICIAN, COORDINATOR),
        prices_of=found.person.reference if account.is_any_of(OWNER, COORDINATOR) else None,
        zone=_zone(),
    )


def _open(reference: str, page: str) -> Sight:
    """Note who opens this, whether they may or not.

    :raises NotFound: when they may not; the note of their try stays.
    """
    with begin_work() as work:
        sight = actions.open_intake(work, signed_in(), reference, page)
    if sight is None:
        raise NotFound
    return sight


def _noted(page: str, which: str, count: int) -> str:
    """The page, once the audit log has that it was read."""
    with begin_work() as work:
        actions.note_list_viewed(work, signed_in(), which, count)
    return page


def _zone() -> str:
    account = signed_in()
    return account.therapist.zone if account.therapist is not None else profile().zone
