"""What staff type about prices."""

from __future__ import annotations

from datetime import date
from typing import cast

from wtforms import HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from practice.booking.offers.checks import HIGHEST_PRICE
from practice.booking.prices.actions import LONGEST_NAME
from practice.booking.prices.amounts import read_amount, read_share
from practice.forms import PostedForm
from practice.intake.checks import PlainText
from practice.money import Money
from practice.setup.fields import DayField
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l
from practice.till.forms import ReasonForm

LISTED = "listed"


class StepForm(PostedForm):
    """Another step of the sliding scale."""

    name = StringField(
        _l("What it is called"),
        description=_l("As in Reduced. Clients don’t see it."),
        validators=[InputRequired(_l("Give it a name.")), Length(max=LONGEST_NAME), PlainText()],
        render_kw={"autocomplete": "off", "maxlength": LONGEST_NAME},
    )
    share = StringField(
        _l("Share of the price"),
        description=_l("In percent, as in 80 or 62.5."),
        validators=[InputRequired(_l("Write a share, such as 80.")), Length(max=8)],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )

    def validate_share(self, field: StringField) -> None:
        try:
            read_share(field.data or "")
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None

    @property
    def basis_points(self) -> int:
        """The share; after validation only."""
        return read_share(self.share.data or "")


class AgreeForm(ReasonForm):
    """From which day on something is agreed, until when, and why. `seen` is how much was agreed on the page."""

    seen = HiddenField(validators=[InputRequired(), Regexp(r"\d{1,6}\Z")])
    first_day = DayField(_l("From"), validators=[InputRequired(_l("Choose the first day."))])
    last_day = DayField(_l("Until"), description=_l("The last day. Empty: for good."), validators=[Optional()])

    def validate_last_day(self, field: DayField) -> None:
        if field.data is not None and self.first_day.data is not None and field.data < self.first_day.data:
            raise ValidationError(_("It must not end before it begins."))

    @property
    def begins(self) -> date:
        """The first day; after validation only."""
        return cast(date, self.first_day.data)

    @property
    def shown(self) -> int:
        """How much was agreed when the page was read; after validation only."""
        return int(self.seen.data or 0)


class OnStepForm(AgreeForm):
    """On which step of the scale somebody is."""

    step = SelectField(_l("Step"), validators=[InputRequired(_l("Choose a step."))])

    def name_steps(self, steps: list[tuple[int, str]]) -> None:
        """Which steps there are to choose from, and the list itself."""
        choices = [SelectChoice(str(number), label) for number, label in steps]
        self.step.choices = [
            SelectChoice("", _("Choose a step")),
            *choices,
            SelectChoice(LISTED, _("None, as the list says")),
        ]

    @property
    def step_id(self) -> int | None:
        """The step; None for the list. After validation only."""
        return None if self.step.data == LISTED else int(self.step.data)


class SetPriceForm(AgreeForm):
    """What one offering costs somebody."""

    offering = SelectField(_l("Session"), validators=[InputRequired(_l("Choose a session."))])
    amount = StringField(
        _l("Price"),
        description=_l("0 is without charge. Empty: as their step or the list says."),
        validators=[Length(max=14)],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )

    def __init__(self, currency: str, **values: object) -> None:
        self._currency = currency
        super().__init__(prefix="one-", **values)

    def name_offerings(self, offerings: list[tuple[int, str]]) -> None:
        """Which offerings there are to choose from."""
        choices = [SelectChoice(str(number), label) for number, label in offerings]
        self.offering.choices = [SelectChoice("", _("Choose a session")), *choices]

    def validate_amount(self, field: StringField) -> None:
        try:
            typed = (field.data or "").strip()
            minor = read_amount(typed, self._currency) if typed else 0
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None
        if not 0 <= minor <= HIGHEST_PRICE:
            raise ValidationError(_("Write a price that isn’t below zero, nor a slip of the finger."))

    @property
    def price(self) -> Money | None:
        """The sum, or None; after validation only."""
        typed = (self.amount.data or "").strip()
        return Money(read_amount(typed, self._currency), self._currency) if typed else None
