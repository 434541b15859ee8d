"""The shape of what the desk sends."""

from __future__ import annotations

from wtforms import DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from practice.clearing.models import INDIVIDUAL, NOTHING
from practice.clearing.queries import LONGEST_REASON
from practice.desk_hours import NAMES
from practice.forms import PostedForm
from practice.intake.checks import PlainText


class DecisionForm(PostedForm):
    """A decision on a request. `seen` is what the reviewer had before their eyes (steps.mark_of)."""

    seen = HiddenField(validators=[InputRequired(), Regexp(r"[a-z_]{3,20}:[0-9]{1,9}$")])


class DeclineForm(DecisionForm):
    """A request that is declined, and which bookings the reviewer was told would end with it."""

    ending = HiddenField(validators=[Length(max=2000)])


class OwnerForm(PostedForm):
    """Whose a request is. `seen` is the owner whom the page showed, as the audit log names them."""

    seen = HiddenField(validators=[Length(max=60)])


class HandOverForm(OwnerForm):
    """Whose it becomes: the number of an account."""

    to = SelectField("Hand over to", coerce=int, validators=[InputRequired("Choose somebody.")])


class DutyDatesForm(PostedForm):
    """Who is on duty from one day to another, both included."""

    account = SelectField("Who", coerce=int, validators=[InputRequired("Choose somebody.")])
    first = DateField("First day", validators=[InputRequired("Write the date like 2027-05-31.")])
    last = DateField("Last day", validators=[InputRequired("Write the date like 2027-05-31.")])


class DutyWeekForm(PostedForm):
    """Who is on duty on each weekday; nobody where none is chosen."""

    def week(self) -> dict[int, int | None]:
        """The number of the account by weekday (0 is Monday)."""
        return {day: int(self[f"day_{day}"].data) if self[f"day_{day}"].data else None for day in range(len(NAMES))}


for _day, _name in enumerate(NAMES):
    setattr(DutyWeekForm, f"day_{_day}", SelectField(_name))


class WhyForm(PostedForm):
    """A decision about safety with its reason. `seen` is the mark of what was read (clearing/queries.py)."""

    seen = HiddenField(validators=[InputRequired(), Length(max=40)])
    reason = TextAreaField(
        "Why",
        validators=[
            DataRequired("Say why, in a few words."),
            Length(max=LONGEST_REASON, message=f"A reason takes {LONGEST_REASON} characters at most."),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_REASON, "rows": 4, "autocomplete": "off"},
    )


class CallOffForm(WhyForm):
    """A couple's session that is called off, and what comes instead."""

    turned_into = RadioField(
        "What comes instead",
        choices=[
            SelectChoice(INDIVIDUAL, "Individual calls: I keep a time for each of the two next"),
            SelectChoice(NOTHING, "Nothing for now: all that was paid goes back"),
        ],
        validators=[InputRequired("Choose what comes instead.")],
    )


class AskedForm(PostedForm):
    """How somebody asked staff to correct their answers."""

    how_asked = TextAreaField(
        "How they asked you",
        validators=[
            DataRequired("Say how they asked you, in a few words: by phone, in a session, in a letter."),
            Length(max=LONGEST_REASON, message=f"This takes {LONGEST_REASON} characters at most."),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_REASON, "rows": 2, "autocomplete": "off"},
    )


class PaperForm(PostedForm):
    """A document that somebody signed on paper: the number of the version that the page showed."""

    number = HiddenField(validators=[InputRequired(), Regexp(r"[0-9]{1,9}\Z")])
