"""The shape of what therapists say of their own calendars."""

from __future__ import annotations

import hashlib

from wtforms import RadioField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length

from practice.booking.busy.actions import LONGEST_NAME
from practice.calendars.reading.fetching import LONGEST_ADDRESS, read_address
from practice.calendars.reading.outcome import AllDay
from practice.calendars.reading.sources import Unreachable
from practice.forms import PostedForm

ALL_DAY = [
    SelectChoice(AllDay.BLOCK.value, "Keep the whole day from being booked"),
    SelectChoice(AllDay.IGNORE.value, "Leave them out: birthdays, notes, holidays that you work on"),
]


class ReadingForm(PostedForm):
    """A calendar's name and how its all-day events are read."""

    name = StringField(
        "What you call it",
        description="Shown to you and the desk as the reason why a time is busy. Clients never see it.",
        validators=[
            InputRequired("Give it a name, as in “Private”."),
            Length(max=LONGEST_NAME, message=f"A name takes {LONGEST_NAME} characters at most."),
        ],
        render_kw={"maxlength": LONGEST_NAME, "autocomplete": "off"},
    )
    all_day = RadioField("All-day events", choices=ALL_DAY, default=AllDay.BLOCK.value)

    def validate_name(self, field: StringField) -> None:
        field.data = " ".join((field.data or "").split())
        if not field.data:
            raise ValidationError("Give it a name, as in “Private”.")
        if not field.data.isprintable():
            raise ValidationError("Write the name without signs that can’t be seen.")

    @property
    def called(self) -> str:
        """The name; call once the form is valid."""
        return self.name.data or ""

    @property
    def rule(self) -> AllDay:
        """How all-day events are read; call once the form is valid."""
        return AllDay(self.all_day.data)


class SubscribeForm(ReadingForm):
    """A calendar at a secret address."""

    url = StringField(
        "Its secret address",
        validators=[
            InputRequired("Paste the address of the calendar."),
            Length(max=LONGEST_ADDRESS, message="This is longer than any calendar’s address."),
        ],
        render_kw={"inputmode": "url", "autocomplete": "off", "spellcheck": "false", "maxlength": LONGEST_ADDRESS},
    )

    def validate_url(self, field: StringField) -> None:
        try:
            read_address(field.data or "")
        except Unreachable as wrong:
            raise ValidationError(wrong.reason) from None

    @property
    def mark(self) -> str:
        """Says that a yes is to what was looked at: another address or rule has another mark."""
        return hashlib.sha256(f"{self.address}\n{self.all_day.data}".encode()).hexdigest()

    @property
    def address(self) -> str:
        """What was typed, without space around it."""
        return (self.url.data or "").strip()
