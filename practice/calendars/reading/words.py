"""What a look at a calendar ran into, as its therapist reads it.

What is kept of it, and passed on from process to process, are English sentences, since whoever writes them answers
nobody. Here they are said in the language of the answer, with the values that stand in them.
"""

from __future__ import annotations

import re

from practice.calendars.reading.fetching import OTHER_STATUS
from practice.calendars.reading.linting import MANY_EVENTS, MANY_ZONES
from practice.calendars.reading.outcome import MANY_TIMES, NO_TIME, NOT_WORKED_OUT, UNKNOWN_ZONE
from practice.speaking import gettext as _
from practice.speaking import ngettext

VALUE = re.compile(r"%\((\w+)\)s")


def say(sentence: str) -> str:
    """A sentence about a calendar's faults, or what is kept of one, in the language of the answer."""
    for sentences, shape in COUNTED:
        if found := shape.fullmatch(sentence):
            count = found["count"]
            return ngettext(*sentences, int(count.replace(",", "")), count=count)
    for template, shape in WITH_VALUES:
        if found := shape.fullmatch(sentence):
            return _(template, **found.groupdict())
    return _(sentence)


def _shape(template: str, value: str = ".+") -> re.Pattern[str]:
    pieces = VALUE.split(template)  # text and names in turn
    shaped = (f"(?P<{piece}>{value})" if odd % 2 else re.escape(piece) for odd, piece in enumerate(pieces))
    return re.compile("".join(shaped), re.DOTALL)


WITH_VALUES = [
    (template, _shape(template))
    for template in (
        *(MANY_TIMES, UNKNOWN_ZONE),
        *(OTHER_STATUS, MANY_EVENTS, MANY_ZONES),
    )
]
COUNTED = [(both, _shape(one, "[0-9,]+")) for both in (NOT_WORKED_OUT, NO_TIME) for one in both]
