"""Two people who come together, for clinicians: side by side, their flags, their joint time, and its decisions."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.booking.models import Booking
from practice.clearing.flags import flags_seen
from practice.clearing.lifecycle import CLEARABLE, State
from practice.clearing.models import INDIVIDUAL
from practice.clearing.queries import get_couple
from practice.clock import clock
from practice.couples import Couple
from practice.errors import Conflict, NotFound, Refused
from practice.intake.queries import get_intake
from practice.notify.letters import appointment_called_off
from practice.notify.readers import reader_of
from practice.people import contact_of
from practice.presenting import listing
from practice.profile import profile
from practice.review import actions, couple_actions
from practice.review.couple_queries import CoupleSheet, list_waiting_couples, read_couple
from practice.review.flags import Shown, explained
from practice.review.forms import CallOffForm, WhyForm
from practice.review.seeing import couple_ties, roles_of
from practice.review.sight import Sight, clears, reads_private_of
from practice.review.timeline import Wanted, read_glance, read_timeline_of_couple
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, OWNER, THERAPIST
from practice.staff.queries import signed_in
from practice.work import Work, begin_work

bp = Blueprint("couples", __name__, url_prefix="/staff")


@bp.get("/couples")
@staff(OWNER, CLINICIAN, THERAPIST)
def couples() -> ResponseReturnValue:
    listed = list_waiting_couples(signed_in(), clock().now())
    page = render_template("review/couples.html", couples=listed, zone=_zone())
    with begin_work() as work:
        actions.note_list_viewed(work, signed_in(), "couples", len(listed))
    return page


@bp.get("/couples/<reference>")
@staff(OWNER, CLINICIAN, THERAPIST)
def couple(reference: str) -> ResponseReturnValue:
    return _page(reference)


@bp.post("/couples/<reference>/clear")
@staff(CLINICIAN)
def clear(reference: str) -> ResponseReturnValue:
    return _decide(reference, couple_actions.clear, _("Cleared. It ends by itself once one of the two answers anew."))


@bp.post("/couples/<reference>/take-back")
@staff(CLINICIAN)
def take_back(reference: str) -> ResponseReturnValue:
    return _decide(reference, couple_actions.take_back, _("Taken back. Neither of the two is told."))


@bp.route("/couples/<reference>/flags/<mark>", methods=["GET", "POST"])
@staff(CLINICIAN)
def flag(reference: str, mark: str) -> ResponseReturnValue:
    found = _opened(reference)
    sheet = read_couple(found, clock().now())
    back = url_for(".couple", reference=reference)

    def act(work: Work, reason: str) -> None:
        couple_actions.clear_flag_of_two(work, signed_in(), reference, seen=mark, reason=reason)

    whose = listing(one.name for one in sheet.partners if one.name)
    return _flag_page(
        _find(sheet.flags, mark),
        mark,
        whose=whose,
        back=back,
        act=act,
        lost_page=lambda lost: _page(reference, lost=lost),
    )


@bp.route("/intakes/<reference>/flags/<mark>", methods=["GET", "POST"])
@staff(CLINICIAN)
def own_flag(reference: str, mark: str) -> ResponseReturnValue:
    with begin_work() as work:
        sight = actions.open_intake(work, signed_in(), reference, "flag")
    if sight is not Sight.CLINICAL:
        raise NotFound
    intake = get_intake(reference)
    shown = _find(explained(intake, flags_seen(intake)), mark)
    contact = contact_of(intake.person)
    whose = contact.first_name if contact else ""
    back = url_for("review.intake", reference=reference)

    def act(work: Work, reason: str) -> None:
        couple_actions.clear_flag(work, signed_in(), get_intake(reference), seen=mark, reason=reason)

    def lost_page(lost: Conflict) -> str:
        return render_template("review/flag.html", shown=None, whose=whose, back=back, form=None, lost=lost)

    return _flag_page(shown, mark, whose=whose, back=back, act=act, lost_page=lost_page)


@bp.route("/couples/<reference>/sessions/<booking>", methods=["GET", "POST"])
@staff(CLINICIAN)
def call_off(reference: str, booking: str) -> ResponseReturnValue:
    found = _opened(reference)
    now = clock().now()
    sheet = read_couple(found, now)
    session = next((one for one in sheet.coming if one.reference == booking), None)
    form = CallOffForm()
    if form.validate_on_submit():
        wanted = {"turned_into": form.turned_into.data or "", "reason": form.reason.data or ""}
        try:
            with begin_work() as work:
                couple_actions.convert(work, signed_in(), reference, booking, seen=form.seen.data or "", **wanted)
        except Conflict as lost:
            return _page(reference, lost=lost), 409
        flash(_told(read_couple(get_couple(reference), now)))
        return redirect(url_for(".couple", reference=reference, _anchor="called-off"))
    if session is None:
        raise NotFound
    if not form.is_submitted():
        form = CallOffForm(formdata=None, seen=sheet.joint.mark, turned_into=INDIVIDUAL)
    return _call_off_page(sheet, session, form), 422 if form.is_submitted() else 200


def _call_off_page(sheet: CoupleSheet, session: Booking, form: CallOffForm) -> str:
    reader = reader_of(session.person)
    return render_template(
        "review/call_off.html",
        sheet=sheet,
        session=session,
        form=form,
        letter=appointment_called_off(
            when=reader.when(session.starts_at), address="", calendar=None, voice=reader.voice
        ),
        zone=_zone(),
    )


def _decide(reference: str, act: Callable[..., None], said: str) -> ResponseReturnValue:
    _opened(reference)
    form = WhyForm()
    if not form.validate_on_submit():
        return _page(reference, form), 422
    try:
        with begin_work() as work:
            act(work, signed_in(), reference, seen=form.seen.data or "", reason=form.reason.data or "")
    except (Conflict, Refused) as lost:
        return _page(reference, form, lost), 409
    flash(said)
    return redirect(url_for(".couple", reference=reference, _anchor="joint-time"))


def _flag_page(
    shown: Shown | None,
    mark: str,
    *,
    whose: str,
    back: str,
    act: Callable[[Work, str], None],
    lost_page: Callable[[Conflict], str],
) -> ResponseReturnValue:
    """Why a flag is cleared. What is not there (any more) as it was read is said on the page that it stood on."""
    form = WhyForm()
    if form.validate_on_submit():
        try:
            with begin_work() as work:
                act(work, form.reason.data or "")
        except Conflict as lost:
            return lost_page(lost), 409
        flash(_("This flag is cleared. It counts again once an answer behind it is another."))
        return redirect(back)
    if shown is None:
        raise NotFound
    if not form.is_submitted():
        form = WhyForm(formdata=None, seen=mark)
    page = render_template("review/flag.html", shown=shown, whose=whose, back=back, form=form, lost=None)
    return page, 422 if form.is_submitted() else 200


def _find(flags: list[Shown], mark: str) -> Shown | None:
    return next((one for one in flags if one.seen.mark == mark and one.seen.decided is None), None)


def _opened(reference: str) -> Couple:
    """The couple, once the audit log has that somebody opens its page, whether they may or not.

    :raises NotFound: when they may not; the note of their try stays.
    """
    with begin_work() as work:
        allowed = couple_actions.open_couple(work, signed_in(), reference)
    if not allowed:
        raise NotFound
    return get_couple(reference)


def _page(reference: str, form: WhyForm | None = None, lost: Conflict | Refused | None = None) -> str:
    found = _opened(reference)
    account = signed_in()
    sheet = read_couple(found, clock().now())
    typed = form.reason.data if form is not None else ""
    if form is None or lost is not None:  # what was typed is kept; what was read is what stands now
        form = WhyForm(formdata=None, seen=sheet.joint.mark, reason=typed)
    roles, ties = roles_of(account), couple_ties(account, found)
    return render_template(
        "review/couple.html",
        sheet=sheet,
        only=request.args.get("show", ""),
        state=sheet.joint.state,
        may_decide=clears(roles, ties),
        may_read_private=reads_private_of(roles, ties),
        clearable=sheet.joint.state in CLEARABLE,
        cleared=sheet.joint.state is State.CLEARED,
        form=form,
        lost=lost,
        glances=read_glance(found, clock().now()),
        timeline=read_timeline_of_couple(account, found, Wanted.read(request.args), _zone()),
        zone=_zone(),
    )


def _told(sheet: CoupleSheet) -> str:
    """Who hears of a session that was just called off, and who must be told by hand."""
    by_hand = [one.name for one in sheet.partners if not one.reach.email]
    if not by_hand:
        return _("Called off. Both are told, each in a letter of their own.")
    names = listing(by_hand)
    return _("Called off. No mail to %(names)s: tell them yourself, in the words of the letter.", names=names)


def _zone() -> str:
    account = signed_in()
    return account.therapist.zone if account.therapist is not None else profile().zone
