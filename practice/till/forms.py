"""What staff type about money."""

from __future__ import annotations

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from practice.forms import PostedForm
from practice.money import Money
from practice.setup.fields import read_amount

LONGEST_REASON = 1000


class ReasonForm(PostedForm):
    """Why something is decided so."""

    reason = TextAreaField(
        "Why",
        description="It is sealed, and stands in no letter.",
        validators=[DataRequired("Say why, in a few words."), Length(max=LONGEST_REASON)],
        render_kw={"rows": 3, "maxlength": LONGEST_REASON},
    )


class GiveBackForm(ReasonForm):
    """How much goes back, and why. `kept` is what the page said was left, in minor units."""

    amount = StringField(
        "How much goes back",
        validators=[InputRequired("Write an amount, such as 40 or 40.50."), Length(max=14)],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    kept = HiddenField(validators=[InputRequired(), Regexp(r"\d{1,12}\Z")])

    def __init__(self, currency: str, **values: object) -> None:
        self._currency = currency
        super().__init__(**values)

    def validate_amount(self, field: StringField) -> None:
        try:
            minor = read_amount(field.data or "", self._currency)
        except ValueError as wrong:
            raise ValidationError(str(wrong).replace("the price", "the amount")) from None
        if minor <= 0:
            raise ValidationError("Write an amount above zero.")

    @property
    def money(self) -> Money:
        """The amount; after validation only."""
        return Money(read_amount(self.amount.data or "", self._currency), self._currency)

    @property
    def seen(self) -> Money:
        """What the page said was left; after validation only."""
        return Money(int(self.kept.data or 0), self._currency)
