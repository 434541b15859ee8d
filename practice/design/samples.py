"""What the page of the design shows: colours and sizes with what they are for, and made-up times and answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from practice.pulse.plot import Event, Plot, Reading, draw

COLOURS: Mapping[str, str] = {
    "paper": "every page",
    "sheet": "what lies on the page: panels, fields, times",
    "shade": "the foot of a page, a band across it",
    "ink": "text",
    "soft": "small print, hints, names of facts",
    "rule": "lines between things; says nothing alone",
    "edge": "the edge of a field",
    "teal": "what can be pressed: links, buttons, times",
    "teal-deep": "the same under a finger",
    "on-teal": "text on teal",
    "clay": "what was mended, what is wrong, what has the focus",
    "clay-wash": "a patch that must be seen",
    "amber-wash": "a tag or a row that waits",
    "calm-wash": "a patch that informs",
}
SIZES: Mapping[str, str] = {
    "text-display": "the front page’s heading",
    "text-1": "a page’s heading",
    "text-2": "a section’s",
    "text-3": "what is in a section",
    "text-lede": "the first paragraph",
    "text": "text",
    "text-fine": "hints, small print",
    "text-small": "names over a field in a row of them",
}
SPACES: Mapping[str, str] = {
    "space-1": "inside of a line",
    "space-2": "between what belongs together",
    "space-3": "between rows of buttons",
    "space-4": "inside of a patch",
    "space-5": "between fields",
    "gap": "between things",
    "far": "between subjects",
}
MARKS: Mapping[str, str] = {
    "full": "mostly, or steady",
    "half": "some of it",
    "none": "not started",
    "unknown": "no answer",
}
ZONE = "America/New_York"
FIRST = datetime(2026, 3, 3, 14, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
TO_CHOOSE = tuple(FIRST + HALF_AN_HOUR * number for number in (0, 1, 3, 4, 8))
TO_READ = tuple(FIRST + timedelta(days=1) + HALF_AN_HOUR * number for number in (0, 2, 5))
HELD_UNTIL = FIRST + timedelta(minutes=20)

_FORTNIGHT = timedelta(days=14)
_BEGUN = date(2026, 1, 6)
_HERS = (3, 4, 3, 5, None, 6, 6, 7)
_HIS = (5, 5, 4, 5, 6, 6, 7, 7)


def trust_of_two() -> Plot:
    """Two people's lines: one with a gap, and what happened meanwhile."""
    people = [[Reading(_BEGUN + _FORTNIGHT * at, value) for at, value in enumerate(line)] for line in (_HERS, _HIS)]
    kinds = ("attended", "attended", "missed", "joined")
    events = [Event(_BEGUN + _FORTNIGHT * (2 * at + 1), kind, kind) for at, kind in enumerate(kinds)]
    drawn = draw(people, events)
    assert drawn is not None
    return drawn
