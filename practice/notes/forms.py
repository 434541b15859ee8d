"""The shape of a note."""

from __future__ import annotations

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, Regexp

from practice.forms import PostedForm
from practice.intake.checks import PlainText
from practice.speaking import lazy_gettext as _l

LONGEST_NOTE = 4000  # characters
KEEP, SIGN = "keep", "sign"


class NoteForm(PostedForm):
    """A note, and what becomes of it: kept as a draft, or signed. `seen` is the version that the writer read."""

    seen = HiddenField(validators=[Optional(), Regexp("[0-9]{1,9}$")])
    text = TextAreaField(
        _l("Note"),
        validators=[
            DataRequired(_l("Write something first.")),
            Length(max=LONGEST_NOTE, message=_l("A note takes %(most)s characters at most.", most=LONGEST_NOTE)),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_NOTE, "rows": 8, "autocomplete": "off"},
    )
    then = StringField(validators=[Optional(), AnyOf([KEEP, SIGN])])  # the button that was pressed

    @property
    def signs(self) -> bool:
        """Whether it is to be signed."""
        return bool(self.then.data == SIGN)


class AddendumForm(PostedForm):
    """What is added to a signed note. `seen` is how many addenda the writer read."""

    seen = HiddenField(validators=[InputRequired(), Regexp("[0-9]{1,9}$")])
    text = TextAreaField(
        _l("Addendum"),
        validators=[
            DataRequired(_l("Write something first.")),
            Length(max=LONGEST_NOTE, message=_l("An addendum takes %(most)s characters at most.", most=LONGEST_NOTE)),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_NOTE, "rows": 5, "autocomplete": "off"},
    )


class DiscardForm(PostedForm):
    """A draft that is thrown away. `seen` is the version that its author read."""

    seen = HiddenField(validators=[InputRequired(), Regexp("[0-9]{1,9}$")])
