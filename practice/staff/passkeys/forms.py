"""The shape of what passkeys' pages send: a name, and what the browser answered."""

from __future__ import annotations

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from practice.forms import PostedForm
from practice.speaking import lazy_gettext as _l

LONGEST_ANSWER = 20_000  # a browser's is some two thousand characters


class AnswerForm(PostedForm):
    """What the browser answered; its script puts it there."""

    answer = HiddenField(
        validators=[
            InputRequired(_l("Your browser sent no answer. Press the button once more.")),
            Length(max=LONGEST_ANSWER, message=_l("That is no answer of a browser.")),
        ]
    )


class NewPasskeyForm(AnswerForm):
    """A new passkey and what its owner calls it."""

    name = StringField(
        _l("What do you call it?"),
        description=_l("So that you know it again: Phone, or Blue key."),
        filters=[lambda typed: (typed or "").strip()],
        render_kw={"autocomplete": "off"},
        validators=[InputRequired(_l("Give it a name.")), Length(max=60, message=_l("60 characters at most."))],
    )
