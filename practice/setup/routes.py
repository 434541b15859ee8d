"""Staff's pages for what is offered.

The owner sets everything. Who coordinates sets everybody's hours, dates, days off and holidays, and the rooms.
Therapists and clinicians set their own; for everybody else's they meet 404. What costs money, who is licensed where
and who offers what stays with the owner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.booking.offers.checks import InvalidOffer
from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import find_all_offerings, find_rooms, find_therapists, get_therapist
from practice.clock import clock
from practice.errors import NotFound
from practice.regions import groups_in
from practice.setup import actions, queries
from practice.setup.actions import ChangedMeanwhile
from practice.setup.forms import (
    EMPTY_ROWS,
    DayForm,
    DetailsForm,
    PreferencesForm,
    SeenForm,
    TimeOffForm,
    WeekForm,
    row_errors,
    show,
)
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.staff.models import COORDINATOR, OWNER, ROLES
from practice.staff.queries import signed_in
from practice.work import Work, begin_work

bp = Blueprint("setup", __name__, url_prefix="/staff/setup")


@bp.get("/")
@staff(*ROLES)
def therapists() -> ResponseReturnValue:
    account = signed_in()
    those = queries.find_settable(account)
    if not those and not queries.sets_for_all(account):
        raise NotFound
    return page_of("setup/therapists.html", therapists=those)


@bp.get("/hours/<slug>")
@staff(*ROLES)
def hours(slug: str) -> ResponseReturnValue:
    return _hours_page(queries.get_settable(signed_in(), slug))


@bp.post("/hours/<slug>/weekly")
@staff(*ROLES)
def weekly(slug: str) -> ResponseReturnValue:
    therapist, form = queries.get_settable(signed_in(), slug), WeekForm()
    if not form.validate_on_submit():
        return _hours_page(therapist, week=form), 422
    kept = form.kept()
    actor, seen = signed_in().actor, form.seen.data
    try:
        with begin_work() as work:
            actions.save_week(work, actor, slug, [row for _, row in kept], seen=seen)
    except InvalidOffer as problems:
        show(form, problems, [line for line, _ in kept])
        return _hours_page(therapist, week=form), 422
    except ChangedMeanwhile as lost:
        return _hours_page(therapist, lost=lost), 409
    return _saved(slug, _("The weekly hours are saved. Clients see them at once."), "weekly")


@bp.post("/hours/<slug>/days")
@staff(*ROLES)
def add_day(slug: str) -> ResponseReturnValue:
    therapist, form = queries.get_settable(signed_in(), slug), DayForm()
    actor = signed_in().actor
    if form.validate_on_submit():
        try:
            with begin_work() as work:
                actions.add_day(work, actor, slug, form.asked())
            return _saved(slug, _("The date is noted."), "days")
        except InvalidOffer as problems:
            show(form, problems)
    return _hours_page(therapist, day=form), 422


@bp.post("/hours/<slug>/days/<int:number>/remove")
@staff(*ROLES)
def remove_day(slug: str, number: int) -> ResponseReturnValue:
    queries.get_settable(signed_in(), slug)
    actor = signed_in().actor
    with begin_work() as work:
        actions.remove_day(work, actor, slug, number)
    return _saved(slug, _("This date is as usual again."), "days")


@bp.post("/hours/<slug>/time-off")
@staff(*ROLES)
def add_time_off(slug: str) -> ResponseReturnValue:
    therapist, form = queries.get_settable(signed_in(), slug), TimeOffForm()
    actor, first, last = signed_in().actor, form.first_day.data, form.last_day.data
    if form.validate_on_submit() and first is not None and last is not None:
        try:
            with begin_work() as work:
                actions.add_time_off(work, actor, slug, first, last)
            return _saved(slug, _("The days off are noted."), "time-off")
        except InvalidOffer as problems:
            show(form, problems)
    return _hours_page(therapist, off=form), 422


@bp.post("/hours/<slug>/time-off/<int:number>/remove")
@staff(*ROLES)
def remove_time_off(slug: str, number: int) -> ResponseReturnValue:
    queries.get_settable(signed_in(), slug)
    actor = signed_in().actor
    with begin_work() as work:
        actions.remove_time_off(work, actor, slug, number)
    return _saved(slug, _("These days are open again."), "time-off")


@bp.post("/hours/<slug>/preferences")
@staff(*ROLES)
def preferences(slug: str) -> ResponseReturnValue:
    therapist = queries.get_settable(signed_in(), slug)
    form = _preferences_form(therapist, bound=True)
    actor, seen = signed_in().actor, form.seen.data
    if not form.validate_on_submit():
        return _hours_page(therapist, chosen=form), 422
    try:
        with begin_work() as work:
            actions.save_preferences(work, actor, slug, form.asked(), seen=seen)
    except InvalidOffer as problems:
        show(form, problems)
        return _hours_page(therapist, chosen=form), 422
    except ChangedMeanwhile as lost:
        return _hours_page(therapist, lost=lost), 409
    return _saved(slug, _("Saved."), "preferences")


@bp.route("/therapists/<slug>", methods=["GET", "POST"])
@staff(OWNER)
def therapist(slug: str) -> ResponseReturnValue:
    found = get_therapist(slug)
    form = _details_form(found)

    def save(work: Work, actor: str) -> None:
        actions.save_therapist(work, actor, slug, form.asked(), seen=form.seen.data)

    def page(lost: ChangedMeanwhile | None) -> str:
        shown = _details_form(found, bound=False) if lost else form
        return page_of(
            "setup/therapist.html", therapist=found, form=shown, lost=lost, place_groups=groups_in(current_language())
        )

    return answer(
        form, save, page, url_for("setup.therapists"), _("What clients read of %(name)s is saved.", name=found.name)
    )


def answer(
    form: SeenForm,
    save: Callable[[Work, str], None],
    page: Callable[[ChangedMeanwhile | None], str],
    then: str,
    words: str,
) -> ResponseReturnValue:
    """The page of one form, or what became of it when it was sent: saved and led on, refused (422), or late (409)."""
    if not form.is_submitted():
        return page(None)
    if not form.validate():
        return page(None), 422
    actor = signed_in().actor
    try:
        with begin_work() as work:
            save(work, actor)
    except InvalidOffer as problems:
        show(form, problems)
        return page(None), 422
    except ChangedMeanwhile as lost:
        return page(lost), 409
    flash(words)
    return redirect(then)


def _saved(slug: str, words: str, where: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for("setup.hours", slug=slug, _anchor=where))


def _hours_page(
    therapist: Therapist,
    *,
    week: WeekForm | None = None,
    day: DayForm | None = None,
    off: TimeOffForm | None = None,
    chosen: PreferencesForm | None = None,
    lost: ChangedMeanwhile | None = None,
) -> str:
    now = clock().now()
    wrong = next((form for form in (week, day, off, chosen) if form is not None), None)
    week = week or _week_form(therapist)
    return page_of(
        "setup/hours.html",
        therapist=therapist,
        today=queries.today_of(therapist, now),
        week=week,
        row_errors=list(row_errors(week)),
        day=day or DayForm(formdata=None),
        off=off or TimeOffForm(formdata=None),
        chosen=chosen or _preferences_form(therapist, bound=False),
        wrong=wrong,
        lost=lost,
        stranded=queries.find_stranded(therapist, now),
        holidays=queries.next_holidays(therapist.holiday_region, now, therapist.zone),
    )


def _week_form(therapist: Therapist) -> WeekForm:
    rows = [
        {
            "weekday": str(row.weekday),
            "opens": row.opens,
            "closes": row.closes,
            "place": row.place or "",
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
        }
        for row in therapist.weekly_hours
    ]
    return WeekForm(formdata=None, seen=queries.mark_of_week(therapist), rows=[*rows, *({} for _ in range(EMPTY_ROWS))])


def _preferences_form(therapist: Therapist, *, bound: bool) -> PreferencesForm:
    given = {
        "seen": queries.mark_of_preferences(therapist),
        "holiday_region": therapist.holiday_region or "",
        "packs": therapist.packs,
    }
    form = PreferencesForm(**given) if bound else PreferencesForm(formdata=None, **given)
    form.holiday_region.choices = queries.holiday_choices(therapist.holiday_region)
    return form


def _details_form(therapist: Therapist, *, bound: bool = True) -> DetailsForm:
    given = {
        "seen": queries.mark_of_details(therapist),
        "zone": therapist.zone,
        "languages": ", ".join(therapist.languages),
        "licence_places": therapist.licence_places,
        "offerings": [one.slug for one in therapist.offerings],
        "rooms": [one.slug for one in therapist.rooms],
    }
    form = DetailsForm(**given) if bound else DetailsForm(formdata=None, **given)
    form.offerings.choices = {
        one.slug: one.name if one.active else _("%(name)s (archived)", name=one.name) for one in find_all_offerings()
    }
    form.rooms.choices = {
        one.slug: one.name if one.active else _("%(name)s (no longer used)", name=one.name) for one in find_rooms()
    }
    return form


def therapist_choices() -> dict[str, str]:
    """Everybody who takes bookings, to choose from."""
    return {one.slug: one.name for one in find_therapists()}


def page_of(template: str, **shown: Any) -> str:
    """A page of setting up, with the tabs that this member of staff may open."""
    account = signed_in()
    return render_template(
        template, owner=account.is_any_of(OWNER), coordinator=account.is_any_of(COORDINATOR), **shown
    )
