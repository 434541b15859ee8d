"""A therapist's own calendars on servers: connect, choose, check, and disconnect."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from practice.access import staff
from practice.audit import record
from practice.booking.offers.models import Therapist
from practice.calendars.caldav import actions, queries, words
from practice.calendars.caldav.forms import NONE, ChooseForm, ConnectForm, LeaveForm, PasswordForm, ReadForm
from practice.calendars.caldav.models import AccountCalendar, AccountState, CalendarAccount
from practice.calendars.caldav.providers import PROVIDERS
from practice.calendars.caldav.servers import (
    CalendarTrouble,
    FoundCalendar,
    Login,
    SignInAgain,
    calendar_servers,
)
from practice.calendars.caldav.words import LEAVING
from practice.calendars.reading.polling import poll
from practice.database import db
from practice.errors import Conflict, NotFound
from practice.limits import limiter
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("calendar_accounts", __name__, url_prefix="/staff/calendar/account")

CONNECT_LIMIT = "10 per minute; 60 per hour"  # each asks a server for a password
THERAPISTS = ("clinician", "owner", "therapist")


@bp.get("/")
@staff(*THERAPISTS)
def accounts() -> ResponseReturnValue:
    return _list_page(_own_therapist(), ConnectForm(formdata=None))


@bp.post("/")
@staff(*THERAPISTS)
@limiter.limit(CONNECT_LIMIT)
def connect() -> ResponseReturnValue:
    therapist, form = _own_therapist(), ConnectForm()
    if not form.validate_on_submit() or form.url is None:
        return _list_page(therapist, form), 422
    login = Login(form.url, form.user_name.data or "", form.password.data or "")
    found = _discover(login)
    if isinstance(found, CalendarTrouble):
        return _refused(form, found)
    if not found:
        form.user_name.errors = [_("This account has no calendar for events. Make one there first.")]
        return _list_page(therapist, form), 422
    with begin_work() as work:
        reference = actions.connect(work, work.session.get_one(Therapist, therapist.id), login, found).reference
        record(work, current_user.actor, "calendar_connected", reference)
    flash(_("Connected. Now choose the calendar to write to."))
    return redirect(url_for(".account", reference=reference))


@bp.get("/<reference>")
@staff(*THERAPISTS)
def account(reference: str) -> ResponseReturnValue:
    return _page(_own(reference))


@bp.post("/<reference>/calendar")
@staff(*THERAPISTS)
def choose(reference: str) -> ResponseReturnValue:
    own = _staying(reference)
    form = _choose_form(own)
    if not form.validate_on_submit():
        return _page(own, choosing=form), 422
    with begin_work() as work:
        own = _staying(reference)
        chosen = _calendar_of(own, form.written.data or "")
        elsewhere = queries.find_written(work.session, own.therapist_id)
        if chosen is None and elsewhere is not None and elsewhere.account_id != own.id:
            chosen = elsewhere  # none of this connection's; another's stays
        actions.choose_written(work, own.therapist_id, chosen)
        record(work, current_user.actor, "calendar_chosen", reference)
    flash(_("Chosen. Coming sessions are being written."))
    return redirect(url_for(".account", reference=reference))


@bp.post("/<reference>/read")
@staff(*THERAPISTS)
@limiter.limit(CONNECT_LIMIT)
def read(reference: str) -> ResponseReturnValue:
    own = _staying(reference)
    form = _read_form(own)
    if not form.validate_on_submit():
        return _page(own, reading=form), 422
    with begin_work() as work:
        added = actions.choose_read(work, _staying(reference), form.read.data or [])
        record(work, current_user.actor, "calendar_reading_chosen", reference)
    for calendar in added:
        poll(calendar)
    flash(_("Saved. What they say can’t be booked.") if form.read.data else _("Saved. None of these keeps you busy."))
    return redirect(url_for(".account", reference=reference))


@bp.post("/<reference>/password")
@staff(*THERAPISTS)
@limiter.limit(CONNECT_LIMIT)
def change_password(reference: str) -> ResponseReturnValue:
    own, form = _staying(reference), PasswordForm()
    if not form.validate_on_submit():
        return _page(own, password=form), 422
    login = Login(own.url, own.user_name, form.password.data or "")
    found = _discover(login)
    if isinstance(found, CalendarTrouble):
        form.password.errors = [_(words.REFUSALS[type(found)])]
        return _page(_staying(reference), password=form), 422
    with begin_work() as work:
        own = _staying(reference)
        actions.note_calendars(work, own, found)
        actions.change_password(work, own, login.password)
        record(work, current_user.actor, "calendar_password_changed", reference)
    flash(_("The new password works. Everything is being brought up to date."))
    return redirect(url_for(".account", reference=reference))


@bp.post("/<reference>/check")
@staff(*THERAPISTS)
@limiter.limit(CONNECT_LIMIT)
def check(reference: str) -> ResponseReturnValue:
    try:
        found = _discover(queries.login_of(_staying(reference)))
    except SignInAgain as trouble:
        found = trouble
    with begin_work() as work:
        own = _staying(reference)
        if not isinstance(found, CalendarTrouble):
            actions.note_calendars(work, own, found)
        actions.check_now(work, own)
        record(work, current_user.actor, "calendar_checked", reference)
    if isinstance(found, CalendarTrouble):
        flash(_(words.REFUSALS[type(found)]))
    else:
        flash(_("Your server answers. Everything is being compared; this takes a minute at most."))
    return redirect(url_for(".account", reference=reference))


@bp.route("/<reference>/disconnect", methods=["GET", "POST"])
@staff(*THERAPISTS)
def disconnect(reference: str) -> ResponseReturnValue:
    own, form = _own(reference), LeaveForm()
    if not form.validate_on_submit():
        page = render_template("calendars/disconnect.html", account=own, form=form)
        return page, 422 if form.is_submitted() else 200
    leave = actions.leave_and_remove if form.remove.data == "remove" else actions.leave
    with begin_work() as work:
        leave(work, _own(reference))
        record(work, current_user.actor, "calendar_disconnected", reference, {"sessions": form.remove.data})
    flash(_("Disconnected. The password is no longer kept.") if form.remove.data == "keep" else _(LEAVING))
    return redirect(url_for(".accounts"))


def _discover(login: Login) -> list[FoundCalendar] | CalendarTrouble:
    db.session.rollback()  # nothing is held open while the network takes its time
    try:
        return calendar_servers().reach(login).discover()
    except CalendarTrouble as trouble:
        return trouble


def _refused(form: ConnectForm, trouble: CalendarTrouble) -> ResponseReturnValue:
    """The form again, with the trouble at the field that helps."""
    at: Field = form.address if form.address.data else form.provider
    if isinstance(trouble, SignInAgain):
        at = form.password
    at.errors = [_(words.REFUSALS[type(trouble)])]
    return _list_page(_own_therapist(), form), 422


def _list_page(therapist: Therapist, form: ConnectForm) -> str:
    return render_template(
        "calendars/accounts.html",
        accounts=[(one, words.standing(one)) for one in queries.list_accounts(therapist.id)],
        providers=[one for one in PROVIDERS if one.app_password],
        form=form,
        zone=therapist.zone,
    )


def _page(
    own: CalendarAccount,
    choosing: ChooseForm | None = None,
    password: PasswordForm | None = None,
    reading: ReadForm | None = None,
) -> str:
    return render_template(
        "calendars/account.html",
        account=own,
        standing=words.standing(own),
        not_ours=queries.list_not_ours(own.id),
        written=next((one for one in own.calendars if one.written), None),
        choosing=choosing or _choose_form(own),
        reading=reading or _read_form(own),
        password=password or PasswordForm(formdata=None),
        zone=own.therapist.zone,
    )


def _choose_form(own: CalendarAccount) -> ChooseForm:
    written = next((one.reference for one in own.calendars if one.written), NONE)
    form = ChooseForm(written=written)
    form.written.choices = [
        *(SelectChoice(one.reference, one.name) for one in own.calendars if one.writable or one.written),
        SelectChoice(NONE, _("None of these")),
    ]
    return form


def _read_form(own: CalendarAccount) -> ReadForm:
    form = ReadForm(read=[one.reference for one in own.calendars if one.busy_calendar_id is not None])
    form.read.choices = [SelectChoice(one.reference, one.name) for one in own.calendars]
    return form


def _calendar_of(own: CalendarAccount, reference: str) -> AccountCalendar | None:
    return next((one for one in own.calendars if one.reference == reference), None)


def _own(reference: str) -> CalendarAccount:
    return queries.get_account(reference, _own_therapist().id)


def _staying(reference: str) -> CalendarAccount:
    """A connection that isn't being given up.

    :raises Conflict: when it is.
    """
    own = _own(reference)
    if own.state is AccountState.LEAVING:
        raise Conflict(_(LEAVING))
    return own


def _own_therapist() -> Therapist:
    """The therapist whom this account belongs to; an account without one has no calendar to connect."""
    therapist = current_user.therapist
    if therapist is None:
        raise NotFound(_("This account belongs to nobody who sees clients, so there is no calendar to connect."))
    return cast(Therapist, therapist)
