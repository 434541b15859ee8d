"""The shape of what a client sends: nothing here knows a rule."""

from __future__ import annotations

from datetime import UTC, datetime

from wtforms import HiddenField
from wtforms.validators import AnyOf, InputRequired, Length, Optional, Regexp, ValidationError

from practice.booking.parts import UNKNOWN_PART, Part
from practice.forms import PostedForm
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

EARLIEST_YEAR, LATEST_YEAR = 2000, 2999  # beyond them, arithmetic with dates and zones overflows


def read_start(text: str | None) -> datetime:
    """An instant as a page of times wrote it, in UTC.

    :raises ValidationError: for anything else.
    """
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        raise ValidationError(_("Choose one of the times on the page.")) from None
    if instant.tzinfo is None or not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
        raise ValidationError(_("Choose one of the times on the page."))
    return instant.astimezone(UTC)


class HoldForm(PostedForm):
    """Which time to hold: therapist (or `any`, and in which language) and offering by slug, the start as ISO 8601.

    `when` is the part of the week that the page showed, if not all of it.
    """

    therapist = HiddenField(validators=[InputRequired(), Length(max=60)])
    offering = HiddenField(validators=[InputRequired(), Length(max=60)])
    language = HiddenField(validators=[Length(max=40)])
    when = HiddenField(validators=[Optional(), AnyOf(list(Part), _l(UNKNOWN_PART))])
    start = HiddenField(validators=[InputRequired(_l("Choose a time.")), Length(max=40)])

    def validate_start(self, field: HiddenField) -> None:
        read_start(field.data)

    @property
    def starts_at(self) -> datetime:
        """The start, aware UTC; after validation only."""
        return read_start(self.start.data)

    @property
    def part(self) -> Part | None:
        """The part of the week, where it is one that we know."""
        return next((part for part in Part if part == self.when.data), None)


class MoveForm(PostedForm):
    """Another time for a session, and the sequence of the booking that the client read."""

    start = HiddenField(validators=[InputRequired(_l("Choose a time.")), Length(max=40)])
    seen = HiddenField(validators=[InputRequired(), Regexp(r"\d{1,6}\Z")])

    def validate_start(self, field: HiddenField) -> None:
        read_start(field.data)

    @property
    def starts_at(self) -> datetime:
        """The start, aware UTC; after validation only."""
        return read_start(self.start.data)


class CancelForm(PostedForm):
    """The terms that the client read. What is cancelled stands in the address."""

    shown = HiddenField(validators=[InputRequired(), Length(max=40)])
