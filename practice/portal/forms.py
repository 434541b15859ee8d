"""The shape of what a client sends from their own page."""

from __future__ import annotations

from typing import Any

from wtforms import (
    EmailField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.widgets import CheckboxInput, ListWidget

from practice.forms import PostedForm
from practice.intake import checks
from practice.intake.forms import LONGEST_CODE, tidy_code
from practice.languages import LANGUAGES
from practice.people import BY_PHONE, CALL_TIMES
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

SAME = "same"
WAYS = [
    SelectChoice("email", _l("Email")),
    SelectChoice("call", _l("Phone call")),
    SelectChoice("voicemail", _l("You may leave a voicemail")),
]
OTHERS = [
    SelectChoice(SAME, _l("Leave it as I said before")),
    SelectChoice("no", _l("No")),
    SelectChoice("maybe", _l("Possibly")),
    SelectChoice("yes", _l("Yes")),
]
TIMES = [
    SelectChoice(code, said)
    for code, said in zip(
        CALL_TIMES,
        (_l("At any time"), _l("In the morning"), _l("In the afternoon"), _l("In the evening")),
        strict=True,
    )
]


def _tidy(typed: str | None) -> str:
    return (typed or "").strip()


class ContactForm(PostedForm):
    """How we reach somebody. Whether others see their messages is asked and never shown: the first choice keeps it."""

    first_name = StringField(
        _l("What we call you"),
        filters=[_tidy],
        validators=[checks.Answered(_l("Write what we should call you.")), checks.AtMost(80), checks.PlainText()],
        render_kw={"autocomplete": "given-name"},
    )
    email = EmailField(
        _l("An email address only you read"),
        filters=[_tidy],
        validators=[checks.Answered(_l("Write an email address.")), checks.AtMost(254), checks.MailAddress()],
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )
    channels: Any = SelectMultipleField(
        _l("How may we contact you?"),
        choices=WAYS,
        validators=[checks.Answered(_l("Choose at least one way to contact you."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    phone = TelField(
        _l("Phone number"),
        description=_l("Only if you chose a phone call or voicemail."),
        filters=[_tidy],
        validators=[checks.MayBeEmpty(), checks.AtMost(40), checks.PhoneNumber()],
        render_kw={"autocomplete": "tel"},
    )
    call_times = SelectField(_l("When a call suits you"), choices=TIMES)
    language = SelectField(
        _l("Language of our letters"),
        description=_l("These pages go by it, too, until you choose another language at the foot of a page."),
        choices=LANGUAGES,
    )
    others = RadioField(
        _l("Could anyone else see your messages or phone?"),
        description=_l(
            "Unless you answer “No”, our mails carry no calendar entry and no document: both wait behind your code. "
            "This page never shows what you answered."
        ),
        choices=OTHERS,
        default=SAME,
    )
    code = PasswordField(
        _l("Your code"),
        description=_l("Only where you change the email address: the code that you chose."),
        filters=[tidy_code],
        validators=[checks.MayBeEmpty(), checks.AtMost(LONGEST_CODE)],
        render_kw={"autocomplete": "current-password"},
    )

    def validate_channels(self, field: SelectMultipleField) -> None:
        if BY_PHONE & set(field.data or ()) and not self.phone.data:
            raise ValidationError(_("Write your phone number, or take back “Phone call” and “voicemail”."))


class TakeBackForm(PostedForm):
    """Nothing to type: the button is all."""
