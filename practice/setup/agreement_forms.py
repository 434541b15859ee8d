"""The shape of a new version of a document."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from practice.consents.documents import Wording, tidy
from practice.forms import PostedForm
from practice.intake.checks import PlainText

LONGEST_BODY = 40_000


class WordingForm(PostedForm):
    """Title, summary and text. `after`: the version that stood; `previewed`: the fingerprint of what was looked at."""

    after = IntegerField(
        widget=HiddenInput(), validators=[InputRequired("Load the page anew, then change it once more.")]
    )
    previewed = HiddenField()
    title = StringField(
        "Title",
        validators=[
            DataRequired("Give it a title."),
            Length(max=120, message="A title takes 120 characters at most."),
            PlainText(),
        ],
    )
    summary = TextAreaField(
        "In short",
        description="A sentence or two. It stands above the tick, and is part of what people agree to.",
        validators=[
            DataRequired("Say in a sentence or two what it is about."),
            Length(max=400, message="The short version takes 400 characters at most."),
            PlainText(lines=True),
        ],
        render_kw={"rows": 2},
    )
    body = TextAreaField(
        "All of it",
        description="## makes a heading, - a line of a list, **two stars** bold. Tags stay words; no pictures.",
        validators=[
            DataRequired("Write the text."),
            Length(max=LONGEST_BODY, message=f"The text takes {LONGEST_BODY} characters at most."),
            PlainText(lines=True),
        ],
        render_kw={"rows": 26, "autocomplete": "off"},
    )

    def wording(self) -> Wording:
        """What was written, as it would be kept."""
        return tidy(self.title.data or "", self.summary.data or "", self.body.data or "")
