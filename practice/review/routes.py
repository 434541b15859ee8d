"""The desk's pages. Whatever shows something of a client is written into the audit log first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
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
from practice.intake.models import Intake
from practice.intake.queries import get_intake
from practice.intake.questions import BOOKER
from practice.notify.letters import appointment_declined, request_turned_down
from practice.notify.readers import reader_of
from practice.partners.queries import read_reasons
from practice.people import contact_of
from practice.profile import profile
from practice.review import actions, asking, endings, queries
from practice.review.correct_pages import bp as correct_pages
from practice.review.corrections import find_unseen, list_correctable, read_history
from practice.review.decide_pages import bp as decide_pages
from practice.review.deciding import DecidedMeanwhile
from practice.review.forms import DecisionForm, DeclineForm, HandOverForm, OwnerForm, PaperForm
from practice.review.glass_actions import takes_over
from practice.review.glass_pages import bp as glass_pages
from practice.review.own_request import word_of
from practice.review.print_pages import bp as print_pages
from practice.review.pulse_pages import bp as pulse_pages
from practice.review.queue_pages import bp as queue_pages
from practice.review.queue_pages import show_requests
from practice.review.repair_steps import LEGEND
from practice.review.seeing import couple_is_closed, roles_of, ties_to
from practice.review.sight import (
    Sight,
    Tie,
    answers_for,
    clears,
    decides,
    opens_with_reason,
    reads_private,
    reads_private_of,
)
from practice.review.standing import read_standing
from practice.review.steps import mark_of
from practice.review.timeline import Wanted, read_timeline_of_person
from practice.review.today import problems_of_the_owner, read_today
from practice.review.waiting import find_colleagues
from practice.speaking import gettext as _
from practice.staff.duty.queries import find_on_duty
from practice.staff.models import CLINICIAN, COORDINATOR, OWNER, ROLES, THERAPIST
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("review", __name__, url_prefix="/staff")
bp.register_blueprint(pulse_pages)
bp.register_blueprint(correct_pages)
bp.register_blueprint(glass_pages)
bp.register_blueprint(queue_pages)
bp.register_blueprint(print_pages)
bp.register_blueprint(decide_pages)


@bp.get("/")
@staff(*ROLES)
def today() -> ResponseReturnValue:
    account, now, zone = signed_in(), clock().now(), _zone()
    found = read_today(account, now, zone)
    undelivered, stuck = problems_of_the_owner(account)
    page = render_template(
        "review/today.html",
        today=found,
        owners={one.actor: one.name for one in find_colleagues(found.lines)},
        zone=zone,
        undelivered=undelivered,
        stuck=stuck,
        now=now,
        on_duty=find_on_duty(now),
        old_lines=find_old(now.astimezone(ZoneInfo(zone)).date()) if account.is_any_of(OWNER) else [],
        hours_known=desk_hours(now).known,
        sets_duty=account.is_any_of(OWNER, CLINICIAN),
        me=account,
        hears_of_calls=reads_private(roles_of(account)),
    )
    return _noted(page, "today", found.shown)


@bp.route("/intakes", methods=["GET", "POST"])
@staff(*ROLES)
def intakes() -> ResponseReturnValue:
    return show_requests()


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
    return _intake_page(reference)


@bp.get("/intakes/<reference>/just-for-you")
@staff(*ROLES)
def private(reference: str) -> ResponseReturnValue:
    _open(reference, actions.PRIVATE)
    found = get_intake(reference)
    ties = ties_to(signed_in(), found.person_id)
    return render_template(
        "review/private.html",
        intake=found,
        name=_first_name(found),
        answered=queries.read_private(found),
        scores=queries.read_private_scores(found),
        pauses=read_reasons(found.person),
        history=read_history(found, private=True),
        correctable=list_correctable(found, Reach.PRIVATE) if answers_for(ties) else [],
        lanes=LANES,
        zone=_zone(),
    )


@bp.post("/intakes/<reference>/accept")
@staff(OWNER, CLINICIAN)
def accept(reference: str) -> ResponseReturnValue:
    form = DecisionForm()
    if not form.validate_on_submit():
        return _intake_page(reference), 422
    try:
        with begin_work() as work:
            actions.accept(work, signed_in(), reference, seen=form.seen.data or "")
    except (DecidedMeanwhile, TooLateToAccept) as lost:
        return _intake_page(reference, lost=lost, read=form.seen.data or ""), 409
    flash(_("Accepted.") if get_intake(reference).audience == BOOKER else _("Noted: these answers are read."))
    return redirect(url_for("review.intake", reference=reference))


@bp.route("/intakes/<reference>/decline", methods=["GET", "POST"])
@staff(OWNER, CLINICIAN)
def decline(reference: str) -> ResponseReturnValue:
    form = DeclineForm()
    if form.validate_on_submit():
        seen, ended = form.seen.data or "", form.ending.data or ""
        paid = endings.refund_for(endings.list_ending(get_intake(reference), clock().now()))
        try:
            with begin_work() as work:
                actions.decline(work, signed_in(), reference, seen=seen, ending=ended)
        except DecidedMeanwhile as lost:
            return _intake_page(reference, lost=lost, read=seen), 409
        flash(_("Declined. What was paid goes back in full.") if paid else _("Declined."))
        return redirect(url_for("review.intake", reference=reference))
    _open(reference, "decline")
    found = get_intake(reference)
    ending, reader = endings.list_ending(found, clock().now()), reader_of(found.person)
    letters = [
        appointment_declined(
            when=reader.when(one.starts_at), paid=bool(one.price), address="", calendar=None, voice=reader.voice
        )
        for one in ending
        if one.confirmed_at is not None
    ] + [
        request_turned_down(when=reader.when(one.starts_at), address="", voice=reader.voice)
        for one in ending
        if one.state is State.IN_REVIEW
    ]
    page = render_template(
        "review/decline.html",
        intake=found,
        name=_first_name(found),
        ending=ending,
        refunds=endings.refund_for(ending),
        letters=letters,
        zone=_zone(),
        form=DeclineForm(formdata=None, seen=mark_of(found), ending=endings.as_seen(ending)),
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/intakes/<reference>/take-back")
@staff(OWNER, CLINICIAN)
def take_back(reference: str) -> ResponseReturnValue:
    """Ask no longer, or offer the call no longer."""
    return _back_on_desk(reference, asking.take_back, _("Taken back. Their page says nothing of it any more."))


@bp.post("/intakes/<reference>/called")
@staff(OWNER, CLINICIAN)
def called(reference: str) -> ResponseReturnValue:
    """The call took place."""
    return _back_on_desk(reference, asking.note_call, _("Noted. The request is back in review."))


@bp.post("/intakes/<reference>/agreements")
@staff(OWNER, CLINICIAN, COORDINATOR)
def paper(reference: str) -> ResponseReturnValue:
    """Note that this person signed a document on paper."""
    form = PaperForm()
    if not form.validate_on_submit():
        return _intake_page(reference), 422
    try:
        with begin_work() as work:
            actions.note_paper(work, signed_in(), reference, get_text(int(form.number.data or 0)))
    except WordsChanged as lost:
        return _intake_page(reference, lost=lost), 409
    flash(_("It is noted."))
    return redirect(url_for("review.intake", reference=reference, _anchor="agreements"))


@bp.post("/intakes/<reference>/read")
@staff(OWNER, CLINICIAN)
def read(reference: str) -> ResponseReturnValue:
    if not PostedForm().validate_on_submit():
        return _intake_page(reference), 422
    with begin_work() as work:
        actions.mark_read(work, signed_in(), reference)
    flash(_("Nobody is called about this request any more."))
    return redirect(url_for("review.intake", reference=reference))


@bp.post("/intakes/<reference>/take")
@staff(OWNER, CLINICIAN)
def take(reference: str) -> ResponseReturnValue:
    form = OwnerForm()
    if not form.validate_on_submit():
        return _intake_page(reference), 422
    try:
        with begin_work() as work:
            actions.take(work, signed_in(), reference, seen=form.seen.data or "")
    except DecidedMeanwhile as lost:
        return _intake_page(reference, lost=lost), 409
    flash(_("This request is yours now."))
    return redirect(url_for("review.intake", reference=reference))


@bp.post("/intakes/<reference>/hand-over")
@staff(OWNER, CLINICIAN)
def hand_over(reference: str) -> ResponseReturnValue:
    form = hand_over_form()
    if not form.validate_on_submit():
        return _intake_page(reference, handing=form), 422
    try:
        with begin_work() as work:
            actions.hand_over(work, signed_in(), reference, form.to.data, seen=form.seen.data or "")
    except DecidedMeanwhile as lost:
        return _intake_page(reference, lost=lost), 409
    flash(_("It is handed over."))
    return redirect(url_for("review.intake", reference=reference))


def hand_over_form(**given: str) -> HandOverForm:
    """The form with whoever may own a request."""
    form = HandOverForm(formdata=None, **given) if given else HandOverForm()
    form.to.choices = {str(one.id): one.name for one in queries.find_deciders()}
    return form


def _back_on_desk(reference: str, act: Callable[..., None], said: str) -> ResponseReturnValue:
    form = DecisionForm()
    if not form.validate_on_submit():
        return _intake_page(reference), 422
    try:
        with begin_work() as work:
            act(work, signed_in(), reference, seen=form.seen.data or "")
    except DecidedMeanwhile as lost:
        return _intake_page(reference, lost=lost, read=form.seen.data or ""), 409
    flash(said)
    return redirect(url_for("review.intake", reference=reference))


def _intake_page(
    reference: str, lost: Conflict | None = None, handing: HandOverForm | None = None, read: str = ""
) -> str:
    """The request as it stands. `read`: the mark of what was read before somebody else was faster."""
    unseen = find_unseen([get_intake(reference)])  # before it is opened: afterwards somebody has seen it
    sight = _open(reference, "intake")
    account, found = signed_in(), get_intake(reference)
    roles, ties = roles_of(account), ties_to(account, found.person_id)
    standing = read_standing(found) if sight is Sight.CLINICAL else None
    return render_template(
        "review/intake.html",
        sheet=queries.read_sheet(account, found, sight, clock().now()),
        may_decide=decides(roles, ties),
        may_take=takes_over(account, found),
        may_read_private=reads_private_of(roles, ties),
        may_clear=clears(roles, ties),
        opened=Tie.OPENED in ties,
        closed=opens_with_reason(roles, ties),
        closed_for_two=couple_is_closed(account, found),
        decision=DecisionForm(formdata=None, seen=mark_of(found)),
        standing=standing,
        since_read=standing.since(read) if standing is not None else [],
        word=word_of(found),
        owner_form=OwnerForm(formdata=None, seen=found.owner or ""),
        handing=handing or hand_over_form(seen=found.owner or ""),
        me=account,
        now=clock().now(),
        lost=lost,
        lanes=LANES,
        corrected=bool(unseen),
        correctable=list_correctable(found, Reach.OPEN)
        if account.is_any_of(CLINICIAN, THERAPIST) and answers_for(ties)
        else [],
        legend={mark: _(words) for mark, words in LEGEND.items()},
        may_note_paper=account.is_any_of(OWNER, CLINICIAN, COORDINATOR),
        prices_of=found.person.reference if account.is_any_of(OWNER, COORDINATOR) else None,
        timeline=read_timeline_of_person(account, found.person, Wanted.read(request.args), _zone()),
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


def _first_name(found: Intake) -> str:
    contact = contact_of(found.person)
    return contact.first_name if contact else ""


def _zone() -> str:
    account = signed_in()
    return account.therapist.zone if account.therapist is not None else profile().zone
