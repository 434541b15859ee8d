"""What staff type about money."""

from __future__ import annotations

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, ValidationError

from practice.booking.offers.checks import HIGHEST_PRICE
from practice.booking.prices.amounts import read_amount, write_amount
from practice.forms import PostedForm
from practice.money import Money, read_percent
from practice.payments.fees.policy import FeeTerms
from practice.setup.fields import DayField
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

LONGEST_REASON = 1000


class ReasonForm(PostedForm):
    """Why something is decided so."""

    reason = TextAreaField(
        _l("Why"),
        description=_l("It is sealed, and stands in no letter."),
        validators=[DataRequired(_l("Say why, in a few words.")), Length(max=LONGEST_REASON)],
        render_kw={"rows": 3, "maxlength": LONGEST_REASON},
    )


class AmountForm(ReasonForm):
    """How much, and why. `kept` is what the page said it could be at most, in minor units."""

    amount = StringField(
        _l("How much"),
        validators=[InputRequired(_l("Write an amount, such as 40 or 40.50.")), Length(max=14)],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    kept = HiddenField(validators=[InputRequired(), Regexp(r"\d{1,12}\Z")])

    def __init__(self, currency: str, **values: object) -> None:
        self._currency = currency
        super().__init__(**values)

    def validate_amount(self, field: StringField) -> None:
        try:
            minor = read_amount(field.data or "", self._currency, what="amount")
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None
        if minor <= 0:
            raise ValidationError(_("Write an amount above zero."))

    @property
    def money(self) -> Money:
        """The amount; after validation only."""
        return Money(read_amount(self.amount.data or "", self._currency), self._currency)

    @property
    def seen(self) -> Money:
        """What the page said was left; after validation only."""
        return Money(int(self.kept.data or 0), self._currency)


class FeeTermsForm(PostedForm):
    """The most that fees can be."""

    late = StringField(
        _l("At most, for cancelling too late"),
        description=_l("As in 80 or 80.50. Empty: nothing."),
        validators=[Length(max=14)],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    missed = StringField(
        _l("At most, for not coming"),
        description=_l("As in 160. Empty: nothing."),
        validators=[Length(max=14)],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )

    def __init__(self, currency: str, stands: FeeTerms) -> None:
        self._currency = currency
        late, missed = (write_amount(one) if one is not None else "" for one in (stands.late, stands.missed))
        super().__init__(late=late, missed=missed)

    def validate_late(self, field: StringField) -> None:
        read_fee(field.data or "", self._currency)

    def validate_missed(self, field: StringField) -> None:
        read_fee(field.data or "", self._currency)

    @property
    def terms(self) -> FeeTerms:
        """What is charged at most; after validation only."""
        late, missed = (read_fee(typed.data or "", self._currency) for typed in (self.late, self.missed))
        return FeeTerms(late, missed)


def read_fee(typed: str, currency: str) -> Money | None:
    """The most that a fee can be, as people write it; None where nothing is written.

    :raises ValidationError: saying how to write it.
    """
    if not typed.strip():
        return None
    try:
        minor = read_amount(typed, currency, what="fee")
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from None
    if not 0 < minor <= HIGHEST_PRICE:
        raise ValidationError(_("Write an amount above zero that isn’t a slip of the finger, or leave it empty."))
    return Money(minor, currency)


class TaxRateForm(PostedForm):
    """The tax that prices include."""

    rate = StringField(
        _l("Percent"),
        description=_l("As in 19 or 8.875. Empty where there is none."),
        validators=[Length(max=12)],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    since = DayField(
        _l("Also for what was paid since"),
        description=_l("Empty: for payments from now on alone."),
        validators=[Optional()],
    )

    def validate_rate(self, field: StringField) -> None:
        try:
            read_percent(field.data or "")
        except ValueError as problem:
            raise ValidationError(_(str(problem))) from None

    @property
    def percent(self) -> str | None:
        """The rate as it is kept; after validation only."""
        return read_percent(self.rate.data or "")
