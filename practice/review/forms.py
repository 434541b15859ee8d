"""The shape of what the desk sends."""

from __future__ import annotations

from wtforms import HiddenField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Regexp

from practice.forms import PostedForm
from practice.intake.checks import PlainText

LONGEST_NOTE = 4000


class DecisionForm(PostedForm):
    """A decision on a request. `seen` is the state that the reviewer had before their eyes."""

    seen = HiddenField(validators=[InputRequired(), AnyOf(["new", "accepted", "declined"])])


class DeclineForm(DecisionForm):
    """A request that is declined, and which bookings the reviewer was told would end with it."""

    ending = HiddenField(validators=[Length(max=2000)])


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


class PaperForm(PostedForm):
    """A document that somebody signed on paper: the number of the version that the page showed."""

    number = HiddenField(validators=[InputRequired(), Regexp("[0-9]{1,9}")])
