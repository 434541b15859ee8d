"""Who is on duty: the owner says it, and clinicians among themselves."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.clock import clock
from practice.forms import PostedForm
from practice.intake.desk import desk_hours
from practice.presenting import local_date
from practice.profile import profile
from practice.review.forms import DutyDatesForm, DutyWeekForm
from practice.speaking import gettext as _
from practice.speaking import refusal_said
from practice.staff.duty import actions
from practice.staff.duty.actions import NoClinician, NoSuchTurn
from practice.staff.duty.queries import find_on_duty, list_bygone_turns, list_turns
from practice.staff.models import CLINICIAN, OWNER
from practice.staff.queries import find_actor_names, find_with_roles, signed_in
from practice.work import begin_work

bp = Blueprint("duty", __name__, url_prefix="/staff/duty")


@bp.get("")
@staff(OWNER, CLINICIAN)
def duty() -> ResponseReturnValue:
    return _page()


@bp.post("/dates")
@staff(OWNER, CLINICIAN)
def dates() -> ResponseReturnValue:
    form = _dates_form()
    if not form.validate_on_submit() or form.first.data is None or form.last.data is None:
        return _page(dates_form=form), 422
    actor = signed_in().actor
    try:
        with begin_work() as work:
            actions.take_dates(work, actor, form.first.data, form.last.data, form.account.data)
    except (NoSuchTurn, NoClinician) as refused:
        form.last.errors = [refusal_said(refused)]
        return _page(dates_form=form), 422
    flash(_("It is noted."))
    return redirect(url_for("duty.duty"))


@bp.post("/week")
@staff(OWNER, CLINICIAN)
def week() -> ResponseReturnValue:
    form = _week_form(DutyWeekForm())
    if not form.validate_on_submit():
        return _page(week_form=form), 422
    actor = signed_in().actor
    with begin_work() as work:
        actions.save_week(work, actor, form.week())
    flash(_("The week is saved."))
    return redirect(url_for("duty.duty"))


@bp.post("/turns/<int:number>/end")
@staff(OWNER, CLINICIAN)
def end(number: int) -> ResponseReturnValue:
    if not PostedForm().validate_on_submit():
        return _page(), 422
    actor = signed_in().actor
    with begin_work() as work:
        actions.end_turn(work, actor, number)
    flash(_("This turn is over."))
    return redirect(url_for("duty.duty"))


def _page(dates_form: DutyDatesForm | None = None, week_form: DutyWeekForm | None = None) -> str:
    now, zone = clock().now(), profile().zone
    turns, bygone = list_turns(now), list_bygone_turns(now)
    if dates_form is None:
        today = desk_hours(now).day_of(now)
        dates_form = _dates_form(account=signed_in().id, first=today, last=today)
    if week_form is None:
        named = {f"day_{turn.weekday}": str(turn.account_id) for turn in turns if turn.weekday is not None}
        week_form = _week_form(DutyWeekForm(formdata=None, data=named))
    return render_template(
        "review/duty.html",
        on_duty=find_on_duty(now),
        clinicians=[one.name for one in find_with_roles(CLINICIAN)],
        dated=[turn for turn in turns if turn.weekday is None],
        bygone=bygone,
        names=find_actor_names({actor for turn in (*turns, *bygone) for actor in (turn.set_by, turn.ended_by or "")}),
        dates_form=dates_form,
        week_form=week_form,
        hours=desk_hours(now),
        today=local_date(now, zone),
        zone=zone,
        now=now,
        owner=signed_in().is_any_of(OWNER),
    )


def _dates_form(**given: object) -> DutyDatesForm:
    form = DutyDatesForm(formdata=None, **given) if given else DutyDatesForm()
    form.account.choices = {str(one.id): one.name for one in find_with_roles(CLINICIAN)}
    return form


def _week_form(form: DutyWeekForm) -> DutyWeekForm:
    choices = {"": _("Nobody named"), **{str(one.id): one.name for one in find_with_roles(CLINICIAN)}}
    for field in form:
        if field.short_name.startswith("day_"):
            field.choices = choices
    return form
