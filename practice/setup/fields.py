"""Fields that staff's forms are made of, and how people write lists."""

from __future__ import annotations

import re
from typing import Any

from wtforms import DateField, IntegerField, SelectMultipleField, TimeField
from wtforms.widgets import CheckboxInput, ListWidget

from practice.speaking import gettext as _


class ClockField(TimeField):
    """A wall time, as in 09:00."""

    def process_formdata(self, valuelist: Any) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write the time like 09:00 or 17:30.")) from None


class DayField(DateField):
    """A date of the calendar."""

    def process_formdata(self, valuelist: Any) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write the date like 2027-05-31.")) from None


class WholeField(IntegerField):
    """A whole number, or nothing."""

    def process_formdata(self, valuelist: Any) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            if not re.fullmatch(r"-?[0-9]{1,9}", valuelist[0].strip()):
                raise ValueError(_("Write a whole number."))
            self.data = int(valuelist[0])


class TicksField(SelectMultipleField):
    """Any of several, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def words_of(typed: str) -> tuple[str, ...]:
    """What stands between the commas."""
    return tuple(word.strip() for word in typed.split(",") if word.strip())
