"""The shape of what the desk sends."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length

from practice.clearing.models import INDIVIDUAL, NOTHING
from practice.clearing.queries import LONGEST_REASON
from practice.forms import PostedForm
from practice.intake.checks import PlainText

LONGEST_NOTE = 4000


class DecisionForm(PostedForm):
    """A decision on a request. `seen` is the state that the reviewer had before their eyes."""

    seen = HiddenField(validators=[InputRequired(), AnyOf(["new", "accepted", "declined"])])


class DeclineForm(DecisionForm):
    """A request that is declined, and which bookings the reviewer was told would end with it."""

    ending = HiddenField(validators=[Length(max=2000)])


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


class NoteForm(PostedForm):
    """A note on a request."""

    text = TextAreaField(
        "A note for colleagues",
        validators=[
            DataRequired("Write something first."),
            Length(max=LONGEST_NOTE, message=f"A note takes {LONGEST_NOTE} characters at most."),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_NOTE, "rows": 4, "autocomplete": "off"},
    )
