"""One number of the practice over time, or over what people answered: what its picture, table, file and sentence are
made of, so that all four say the same. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, StrEnum

from practice.languages import N_
from practice.telling.english import English
from practice.telling.tongue import Tongue


def _as_written(message: str, **values: object) -> str:
    return message % values if values else message


@dataclass(frozen=True, slots=True)
class Voice:
    """In which language numbers are said: `say` gives a sentence in it, with its values put in."""

    say: Callable[..., str] = _as_written
    telling: Tongue = field(default_factory=English)

    def day(self, day: date) -> str:
        """`3 May`."""
        return self.telling.short_date(day)

    def month(self, day: date) -> str:
        """`May 2027`."""
        return self.telling.short_month(day)


ENGLISH = Voice()


class Hidden(Enum):
    """A number that is kept back, since it, or another by way of it, would say something of a few people."""

    HIDDEN = "hidden"


HIDDEN = Hidden.HIDDEN
NOT_SHOWN = N_("not shown")
"""What stands in the place of a number that is kept back."""
Value = int | Decimal | Hidden | None
"""A number as it is shown, rounded already; None where there is nothing to count or to divide by."""


class Kind(StrEnum):
    """How a series is drawn."""

    BARS = "bars"
    LINE = "line"


@dataclass(frozen=True)
class Line:
    """One column of the table. `drawn`: it is in the picture too. `digits`: after the point."""

    heading: str
    values: tuple[Value, ...]
    digits: int = 0
    drawn: bool = True

    @property
    def known(self) -> list[int | Decimal]:
        """The numbers that are there and may be shown."""
        return [one for one in self.values if isinstance(one, int | Decimal)]


@dataclass(frozen=True)
class Series:
    """A number of the practice.

    `labels` begin the rows of the table; `marks` stand under the picture in their place. `top`: up to
    where the picture goes at least. All words are said already, as `not_shown` is.
    """

    key: str
    title: str
    said: str
    kind: Kind
    row_heading: str
    labels: tuple[str, ...]
    marks: tuple[str, ...]
    lines: tuple[Line, ...]
    explained: str
    nothing: str
    top: int = 0
    not_shown: str = NOT_SHOWN

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw: nothing was counted, or all of it is kept back."""
        return not any(any(line.known) for line in self.lines)

    @property
    def headings(self) -> list[str]:
        return [self.row_heading, *(line.heading for line in self.lines)]

    def rows(self) -> list[list[str]]:
        """The table, as written: nothing is empty, what is kept back says so."""
        return [
            [label, *(write(line.values[number], line.digits, self.not_shown) for line in self.lines)]
            for number, label in enumerate(self.labels)
        ]


def write(value: Value, digits: int, not_shown: str = NOT_SHOWN) -> str:
    """A number as it stands in the table, in the file and in the picture: no separators, always as many digits."""
    if isinstance(value, Hidden):
        return not_shown
    return "" if value is None else f"{value:.{digits}f}"


def rounded(value: Decimal | float, digits: int) -> Decimal:
    """To so many digits, a half away from zero."""
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def percent(part: int, whole: int) -> int | None:
    """How many of a hundred; None of nothing."""
    return int(rounded(Decimal(part) * 100 / whole, 0)) if whole else None


def trend(values: Sequence[int | Decimal]) -> str:
    """The later half of these numbers against the earlier: more than, fewer than or about as many as.

    The middle one counts for neither. About as many is within a tenth of the earlier half's sum.
    """
    half = len(values) // 2
    earlier, later = (Decimal(sum(of)) for of in (values[:half], values[len(values) - half :]))
    if abs(later - earlier) * 10 <= earlier:
        return "about as many as"
    return "more than" if later > earlier else "fewer than"
