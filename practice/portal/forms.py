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
from wtforms.widgets import CheckboxInput, ListWidget

from practice.forms import PostedForm
from practice.intake import checks
from practice.intake.forms import LONGEST_CODE, tidy_code
from practice.people import CALL_TIMES

BY_PHONE = frozenset({"call", "voicemail"})
SAME = "same"
OTHERS = {SAME: "Leave it as I said before", "no": "No", "maybe": "Possibly", "yes": "Yes"}
TIMES = dict(zip(CALL_TIMES, ("At any time", "In the morning", "In the afternoon", "In the evening"), strict=True))


def _tidy(typed: str | None) -> str:
    return (typed or "").strip()


class ContactForm(PostedForm):
    """How we reach somebody. Whether others see their messages is asked and never shown: the first choice keeps it."""

    first_name = StringField(
        "What we call you",
        filters=[_tidy],
        validators=[checks.Answered("Write what we should call you."), checks.AtMost(80), checks.PlainText()],
        render_kw={"autocomplete": "given-name"},
    )
    email = EmailField(
        "An email address only you read",
        filters=[_tidy],
        validators=[checks.Answered("Write an email address."), checks.AtMost(254), checks.MailAddress()],
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )
    channels: Any = SelectMultipleField(
        "How may we contact you?",
        choices={"email": "Email", "call": "Phone call", "voicemail": "You may leave a voicemail"},
        validators=[checks.Answered("Choose at least one way to contact you.")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    phone = TelField(
        "Phone number",
        description="Only if you chose a phone call or voicemail.",
        filters=[_tidy],
        validators=[checks.MayBeEmpty(), checks.AtMost(40), checks.PhoneNumber()],
        render_kw={"autocomplete": "tel"},
    )
    call_times = SelectField("When a call suits you", choices=TIMES)
    others = RadioField(
        "Could anyone else see your messages or phone?",
        description="Unless you answer “No”, our mails carry no calendar entry and no document: both wait behind your "
        "code. This page never shows what you answered.",
        choices=OTHERS,
        default=SAME,
    )
    code = PasswordField(
        "Your code",
        description="Only where you change the email address: the code that you chose.",
        filters=[tidy_code],
        validators=[checks.MayBeEmpty(), checks.AtMost(LONGEST_CODE)],
        render_kw={"autocomplete": "current-password"},
    )

    def validate_channels(self, field: SelectMultipleField) -> None:
        if BY_PHONE & set(field.data or ()) and not self.phone.data:
            raise ValidationError("Write your phone number, or take back “Phone call” and “voicemail”.")


class TakeBackForm(PostedForm):
    """Nothing to type: the button is all."""
