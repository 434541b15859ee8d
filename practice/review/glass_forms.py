"""The shape of opening with a reason what isn't one's own."""

from __future__ import annotations

from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length

from practice.clearing.queries import LONGEST_REASON
from practice.forms import PostedForm
from practice.intake.checks import PlainText
from practice.speaking import lazy_gettext as _l

ONE, BOTH = "one", "both"
SHORTEST_REASON = 10


class GlassForm(PostedForm):
    """Whom somebody opens, and why. The page sets what can be chosen."""

    what = RadioField(_l("What do you need to read?"), validators=[InputRequired(_l("Choose what you need to read."))])
    reason = TextAreaField(
        _l("Why"),
        validators=[
            DataRequired(_l("Say why you need to read this.")),
            Length(min=SHORTEST_REASON, message=_l("Say it so that a colleague understands it: a few words more.")),
            Length(max=LONGEST_REASON, message=_l("A reason takes %(most)s characters at most.", most=LONGEST_REASON)),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_REASON, "rows": 4, "autocomplete": "off"},
    )

    def offer(self, choices: dict[str, str]) -> None:
        """Offer these, by ONE and BOTH; where there is but one, it is chosen."""
        self.what.choices = [SelectChoice(value, label) for value, label in choices.items()]
        if len(choices) == 1 and self.what.data is None:
            self.what.data = next(iter(choices))
