"""The owner's page for when the desk is open: what clients are promised, and what is overdue, follow from it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, ValidationError
from wtforms.validators import Length, Optional

from practice.access import staff
from practice.clock import clock
from practice.desk_hours import EXAMPLE, read_weekly
from practice.intake.desk import desk_hours
from practice.profile import profile
from practice.regions import countries_in
from practice.setup import actions, queries
from practice.setup.actions import ChangedMeanwhile
from practice.setup.forms import SeenForm
from practice.setup.routes import page_of
from practice.speaking import current_language, spoken
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l
from practice.staff.models import OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("desk", __name__, url_prefix="/staff/setup/desk")


class DeskHoursForm(SeenForm):
    """The hours as a line, and whose public holidays are days off."""

    weekly = StringField(
        _l("Weekly hours"),
        description=_l(
            "In the practice’s zone, as in %(example)s. Leave it empty to promise no time.", example=EXAMPLE
        ),
        filters=[lambda typed: (typed or "").strip()],
        validators=[Optional(), Length(max=300, message=_l("300 characters at most."))],
    )
    holidays = SelectField(_l("Public holidays that are days off"), validators=[Optional()])

    def validate_weekly(self, field: StringField) -> None:
        try:
            read_weekly(field.data or "")
        except ValueError as problem:
            raise ValidationError(spoken(*problem.args)) from None


@bp.route("", methods=["GET", "POST"])
@staff(OWNER)
def hours() -> ResponseReturnValue:
    form = DeskHoursForm()
    form.holidays.choices = _places()
    if not form.is_submitted():
        return _page(_stands())
    if not form.validate_on_submit():
        return _page(form), 422
    actor = signed_in().actor
    try:
        with begin_work() as work:
            actions.check_seen(form.seen.data, _mark())
            actions.set_desk_hours(work, actor, form.weekly.data or "", form.holidays.data or None)
    except ChangedMeanwhile as lost:
        return _page(_stands(), lost), 409
    except actions.NoHolidays:
        form.holidays.errors = [_("No public holidays are known for this place. Choose another, or none.")]
        return _page(form), 422
    flash(_("Saved. Clients read these hours from now on."))
    return redirect(url_for("desk.hours"))


def _page(form: DeskHoursForm, lost: ChangedMeanwhile | None = None) -> str:
    now = clock().now()
    found = desk_hours(now)
    return page_of(
        "setup/desk.html",
        form=form,
        lost=lost,
        hours=found,
        next_opening=found.next_opening(now),
        holidays=queries.next_holidays(profile().desk_holidays, now, profile().zone),
        zone=profile().zone,
    )


def _stands() -> DeskHoursForm:
    found = profile()
    form = DeskHoursForm(formdata=None, seen=_mark(), weekly=found.desk_hours, holidays=found.desk_holidays or "")
    form.holidays.choices = _places()
    return form


def _places() -> dict[str, Any]:
    """The places of a therapist's choice, and whole countries: the desk may keep what all of its country keeps."""
    current = profile().desk_holidays
    countries = countries_in(current_language())
    own = None if current in countries else current
    return {**queries.holiday_choices(own), _("A whole country"): countries}


def _mark() -> str:
    found = profile()
    return queries.mark_of((found.desk_hours, found.desk_holidays))
