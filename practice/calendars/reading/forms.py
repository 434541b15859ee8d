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
from practice.calendars.reading.words import say
from practice.forms import PostedForm
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

ALL_DAY = [
    SelectChoice(AllDay.BLOCK.value, _l("Keep the whole day from being booked")),
    SelectChoice(AllDay.IGNORE.value, _l("Leave them out: birthdays, notes, holidays that you work on")),
]


class ReadingForm(PostedForm):
    """A calendar's name and how its all-day events are read."""

    name = StringField(
        _l("What you call it"),
        description=_l("Shown to you and the desk as the reason why a time is busy. Clients never see it."),
        validators=[
            InputRequired(_l("Give it a name, as in “Private”.")),
            Length(max=LONGEST_NAME, message=_l("A name takes %(most)s characters at most.", most=LONGEST_NAME)),
        ],
        render_kw={"maxlength": LONGEST_NAME, "autocomplete": "off"},
    )
    all_day = RadioField(_l("All-day events"), choices=ALL_DAY, default=AllDay.BLOCK.value)

    def validate_name(self, field: StringField) -> None:
        field.data = " ".join((field.data or "").split())
        if not field.data:
            raise ValidationError(_("Give it a name, as in “Private”."))
        if not field.data.isprintable():
            raise ValidationError(_("Write the name without signs that can’t be seen."))

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
        _l("Its secret address"),
        validators=[
            InputRequired(_l("Paste the address of the calendar.")),
            Length(max=LONGEST_ADDRESS, message=_l("This is longer than any calendar’s address.")),
        ],
        render_kw={"inputmode": "url", "autocomplete": "off", "spellcheck": "false", "maxlength": LONGEST_ADDRESS},
    )

    def validate_url(self, field: StringField) -> None:
        try:
            read_address(field.data or "")
        except Unreachable as wrong:
            raise ValidationError(say(wrong.reason)) from None

    @property
    def mark(self) -> str:
        """Says that a yes is to what was looked at: another address or rule has another mark."""
        return hashlib.sha256(f"{self.address}\n{self.all_day.data}".encode()).hexdigest()

    @property
    def address(self) -> str:
        """What was typed, without space around it."""
        return (self.url.data or "").strip()
