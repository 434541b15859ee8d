"""The shape of what a client sends: nothing here knows a rule."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length, ValidationError

EARLIEST_YEAR, LATEST_YEAR = 2000, 2999  # beyond them, arithmetic with dates and zones overflows


class HoldForm(FlaskForm):  # type: ignore[misc]
    """Which time to hold: therapist and offering by slug, the start as ISO 8601 with its offset."""

    therapist = HiddenField(validators=[InputRequired(), Length(max=60)])
    offering = HiddenField(validators=[InputRequired(), Length(max=60)])
    start = HiddenField(validators=[InputRequired("Choose a time."), Length(max=40)])

    def validate_start(self, field: HiddenField) -> None:
        try:
            instant = datetime.fromisoformat(field.data or "")
        except ValueError:
            raise ValidationError("Choose one of the times on the page.") from None
        if instant.tzinfo is None or not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
            raise ValidationError("Choose one of the times on the page.")

    @property
    def starts_at(self) -> datetime:
        """The start, aware UTC; after validation only."""
        return datetime.fromisoformat(self.start.data or "").astimezone(UTC)


class CancelForm(FlaskForm):  # type: ignore[misc]
    """The terms that the client read. What is cancelled stands in the address."""

    shown = HiddenField(validators=[InputRequired(), Length(max=40)])
