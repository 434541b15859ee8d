"""The shape of a wish, as a client writes it."""

from __future__ import annotations

from datetime import date, time, timedelta

from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from practice.booking.waiting.models import WISHED_FROM, WISHED_UNTIL
from practice.forms import PostedForm
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l
from practice.speaking import telling

A_MONDAY = date(2026, 1, 5)
HOURS = [time(hour) for hour in range(WISHED_FROM.hour, WISHED_UNTIL.hour + 1)]
ANYBODY = ""


def weekday_choices() -> list[SelectChoice]:
    """The days of the week, in the language of the answer."""
    return [SelectChoice(str(number), name[:1].upper() + name[1:]) for number, name in enumerate(weekday_names())]


def hour_choices() -> list[SelectChoice]:
    """The hours between which somebody may wish, in the language of the answer."""
    return [SelectChoice(hour.isoformat("minutes"), full_hour(hour)) for hour in HOURS]


def weekday_names() -> list[str]:
    """Monday first, as they are said within a sentence."""
    return [telling().weekday(A_MONDAY + timedelta(days=number)) for number in range(7)]


def full_hour(hour: time) -> str:
    """`3 pm`"""
    return telling().full_hour(hour)


class WishForm(PostedForm):
    """What somebody waits for: a session, whom with, in which language, on which days, between which hours."""

    offering = SelectField(_l("Which session"), validators=[InputRequired(_l("Choose a session."))])
    therapist = SelectField(_l("With whom"), default=ANYBODY)
    language = SelectField(_l("In which language"), default=ANYBODY)
    weekdays = SelectMultipleField(
        _l("On which days"),
        choices=weekday_choices,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired(_l("Choose at least one day."))],
    )
    opens = SelectField(
        _l("From"), choices=hour_choices, default="09:00", validators=[InputRequired(_l("Choose an hour."))]
    )
    closes = SelectField(
        _l("Until"), choices=hour_choices, default="20:00", validators=[InputRequired(_l("Choose an hour."))]
    )

    def validate_closes(self, field: SelectField) -> None:
        if self.opens.data and field.data and field.data <= self.opens.data:
            raise ValidationError(_("Choose a later hour here than under “From”, or an earlier one there."))
