"""The shape of a wish, as a client writes it."""

from __future__ import annotations

from datetime import time

from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from practice.forms import PostedForm

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = [time(hour) for hour in range(6, 24)]
ANYBODY = ""


def _said(hour: time) -> str:
    return f"{hour.hour % 12 or 12} {'am' if hour.hour < 12 else 'pm'}"


CLOCK = [SelectChoice(hour.isoformat("minutes"), _said(hour)) for hour in HOURS]


class WishForm(PostedForm):
    """What somebody waits for: a session, whom with, in which language, on which days, between which hours."""

    offering = SelectField("Which session", validators=[InputRequired("Choose a session.")])
    therapist = SelectField("With whom", default=ANYBODY)
    language = SelectField("In which language", default=ANYBODY)
    weekdays = SelectMultipleField(
        "On which days",
        choices=[SelectChoice(str(number), day) for number, day in enumerate(DAYS)],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired("Choose at least one day.")],
    )
    opens = SelectField("From", choices=CLOCK, default="09:00", validators=[InputRequired("Choose an hour.")])
    closes = SelectField("Until", choices=CLOCK, default="20:00", validators=[InputRequired("Choose an hour.")])

    def validate_closes(self, field: SelectField) -> None:
        if self.opens.data and field.data and field.data <= self.opens.data:
            raise ValidationError("Choose a later hour here than under “From”, or an earlier one there.")
