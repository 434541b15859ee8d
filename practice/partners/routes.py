"""What a client does about coming with somebody, from their own page. Addresses and titles say nothing of it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.errors import NotFound
from practice.intake.actions import save_moment
from practice.intake.forms import PlainForm, moment_form
from practice.intake.queries import codes_of, find_request
from practice.limits import limiter
from practice.partners import actions, pausing, queries
from practice.partners.forms import MailForm, PauseForm
from practice.people import Person, current_person
from practice.settings import settings
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("partners", __name__, url_prefix="/you")

MOMENT = "invite"
YOU = "/you"


@bp.route("/invite", methods=["GET", "POST"])
@client
def invite() -> ResponseReturnValue:
    person = _person()
    sent = find_request(person)
    if sent is None or not queries.read_own_side(person, clock().now()).may_invite:
        return redirect(YOU)
    form = moment_form(MOMENT, {**codes_of(sent), queries.KNOWS_FIELD: ""})  # asked anew each time
    if not form.validate_on_submit():
        return render_template("partners/invite.html", form=form), 422 if form.is_submitted() else 200
    answers = form.answers()
    with begin_work() as work:
        save_moment(work, person, MOMENT, answers)
    return _ways_page(person, MailForm(formdata=None))


@bp.post("/invite/mail")
@client
@limiter.limit("20 per hour")
def mail() -> ResponseReturnValue:
    form = MailForm()
    person = _person()
    if not queries.said_partner_knows(person):
        raise NotFound
    if not form.validate_on_submit():
        return _ways_page(person, form), 422
    with begin_work() as work:
        invitation = actions.invite_by_mail(work, person, form.email.data or "")
        until = invitation.expires_at
    return render_template("partners/sent.html", until=until, zone=client_zone())


@bp.post("/invite/code")
@client
@limiter.limit("20 per hour")
def code() -> ResponseReturnValue:
    person = _person()
    with begin_work() as work:
        made = actions.invite_by_code(work, person)
        until = work.now + queries.INVITATION_LIFE
    # No redirect: the code is shown in this answer and never again, since only its hash is kept.
    place = settings().base_url.partition("://")[2] + url_for("joining.join")
    return render_template("partners/code.html", code=made, place=place, until=until, zone=client_zone())


@bp.post("/invite/withdraw")
@client
def withdraw() -> ResponseReturnValue:
    with begin_work() as work:
        actions.withdraw(work, _person())
    flash(_("The invitation is taken back."))
    return redirect(YOU)


@bp.post("/alone")
@client
def alone() -> ResponseReturnValue:
    with begin_work() as work:
        actions.come_alone(work, _person())
    flash(_("Noted: you come on your own."))
    return redirect(YOU)


@bp.post("/together")
@client
def together() -> ResponseReturnValue:
    with begin_work() as work:
        actions.come_together(work, _person())
    return redirect(YOU)


@bp.post("/progress")
@client
def share() -> ResponseReturnValue:
    with begin_work() as work:
        actions.share_progress(work, _person())
    return redirect(YOU)


@bp.post("/progress/end")
@client
def keep() -> ResponseReturnValue:
    with begin_work() as work:
        actions.keep_progress(work, _person())
    return redirect(YOU)


@bp.route("/pause", methods=["GET", "POST"])
@client
def pause() -> ResponseReturnValue:
    person, form = _person(), PauseForm()
    side = queries.read_own_side(person, clock().now())
    if not side.coupled or side.paused:
        return redirect(YOU)
    if not form.validate_on_submit():
        return render_template("partners/pause.html", form=form), 422 if form.is_submitted() else 200
    with begin_work() as work:
        pausing.pause(work, person, form.reason.data or "")
    flash(_("Joint sessions rest. Nobody pays for those that were coming."))
    return redirect(YOU)


@bp.post("/resume")
@client
def resume() -> ResponseReturnValue:
    with begin_work() as work:
        pausing.resume(work, _person())
    flash(_("Your pause is over."))
    return redirect(YOU)


@bp.route("/leave", methods=["GET", "POST"])
@client
def leave() -> ResponseReturnValue:
    person, form = _person(), PlainForm()
    if not queries.read_own_side(person, clock().now()).coupled:
        return redirect(YOU)
    if not form.validate_on_submit():
        return render_template("partners/leave.html", form=form)
    with begin_work() as work:
        pausing.leave(work, person)
    flash(_("You come on your own from now on."))
    return redirect(YOU)


def _person() -> Person:
    person = current_person()
    if person is None:
        raise NotFound
    return person


def _ways_page(person: Person, form: MailForm) -> str:
    """What follows from the answer: a letter only where the other knows. Nothing of the page says which it was."""
    return render_template(
        "partners/ways.html",
        by_mail=queries.said_partner_knows(person),
        form=form,
        days=queries.INVITATION_LIFE.days,
    )
