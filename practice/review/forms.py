"""The shape of what the desk sends."""

from __future__ import annotations

from wtforms import DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from practice.clearing.models import INDIVIDUAL, NOTHING
from practice.clearing.queries import LONGEST_REASON
from practice.forms import PostedForm
from practice.intake.checks import PlainText
from practice.speaking import lazy_gettext as _l

WEEKDAYS = (
    *(_l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday")),
    *(_l("Saturday"), _l("Sunday")),
)


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

    to = SelectField(_l("Hand over to"), coerce=int, validators=[InputRequired(_l("Choose somebody."))])


class DutyDatesForm(PostedForm):
    """Who is on duty from one day to another, both included."""

    account = SelectField(_l("Who"), coerce=int, validators=[InputRequired(_l("Choose somebody."))])
    first = DateField(_l("First day"), validators=[InputRequired(_l("Write the date like 2027-05-31."))])
    last = DateField(_l("Last day"), validators=[InputRequired(_l("Write the date like 2027-05-31."))])


class DutyWeekForm(PostedForm):
    """Who is on duty on each weekday; nobody where none is chosen."""

    def week(self) -> dict[int, int | None]:
        """The number of the account by weekday (0 is Monday)."""
        return {day: int(self[f"day_{day}"].data) if self[f"day_{day}"].data else None for day in range(len(WEEKDAYS))}


for _day, _name in enumerate(WEEKDAYS):
    setattr(DutyWeekForm, f"day_{_day}", SelectField(_name))


class WhyForm(PostedForm):
    """A decision about safety with its reason. `seen` is the mark of what was read (clearing/queries.py)."""

    seen = HiddenField(validators=[InputRequired(), Length(max=40)])
    reason = TextAreaField(
        _l("Why"),
        validators=[
            DataRequired(_l("Say why, in a few words.")),
            Length(max=LONGEST_REASON, message=_l("A reason takes %(most)s characters at most.", most=LONGEST_REASON)),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_REASON, "rows": 4, "autocomplete": "off"},
    )


class CallOffForm(WhyForm):
    """A couple's session that is called off, and what comes instead."""

    turned_into = RadioField(
        _l("What comes instead"),
        choices=[
            SelectChoice(INDIVIDUAL, _l("Individual calls instead: I hold a time for each of the two next")),
            SelectChoice(NOTHING, _l("Nothing for now")),
        ],
        validators=[InputRequired(_l("Choose what comes instead."))],
    )


class AskedForm(PostedForm):
    """How somebody asked staff to correct their answers."""

    how_asked = TextAreaField(
        _l("How they asked you"),
        validators=[
            DataRequired(_l("Say how they asked you, in a few words: by phone, in a session, in a letter.")),
            Length(max=LONGEST_REASON, message=_l("This takes %(most)s characters at most.", most=LONGEST_REASON)),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_REASON, "rows": 2, "autocomplete": "off"},
    )


class PaperForm(PostedForm):
    """A document that somebody signed on paper: the number of the version that the page showed."""

    number = HiddenField(validators=[InputRequired(), Regexp(r"[0-9]{1,9}\Z")])
