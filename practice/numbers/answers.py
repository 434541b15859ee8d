"""What people answered, in aggregate: what touched trust, what they hope for, and how trust goes on. Pure.

Periods are whole quarters and months, which never overlap: no two of the published numbers differ by a few people of
whom something would then be known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from string import ascii_uppercase

from practice.numbers.periods import Period, find_period
from practice.numbers.series import HIDDEN, Kind, Line, Series, Value, rounded
from practice.numbers.suppressing import LEAST, suppress

OTHER = "Something that is not asked any more"
KEPT_BACK = f"Of fewer than {LEAST} people nothing is shown, nor what would give it away."


@dataclass(frozen=True, slots=True)
class Said:
    """What one person chose: on which day they sent it, and the codes."""

    day: date
    codes: Collection[str]


@dataclass(frozen=True, slots=True)
class Trust:
    """What one person answered on one short page: who (a number that goes nowhere), its due day, and 0 to 10."""

    who: int
    day: date
    value: int


def count_chosen(
    key: str, title: str, quarters: Sequence[Period], options: Mapping[str, str], said: Iterable[Said]
) -> Series:
    """How many people chose each option, by quarter. `options`: words by code, in the order in which they are asked."""
    known = {**options, "": OTHER}
    counted: list[Counter[str]] = [Counter() for _ in quarters]
    for one in said:
        quarter = find_period(quarters, one.day)
        if quarter is not None:
            counted[quarter].update({code if code in options else "" for code in one.codes})
    codes = [code for code in known if code or any(count[""] for count in counted)]
    columns = [suppress([count[code] for code in codes]) for count in counted]
    marks = [_mark(place) for place in range(len(codes))]
    shown = [(value, place) for place, value in enumerate(columns[-1]) if isinstance(value, int)]
    most = max(shown, key=lambda one: (one[0], -one[1]), default=None)
    if most is None:
        sentence = f"In {quarters[-1].name} too few people chose the same for a number."
    else:
        sentence = f"In {quarters[-1].name} most people, {most[0]}, chose “{known[codes[most[1]]]}”."
    return Series(
        key=key,
        title=title,
        said=sentence,
        kind=Kind.BARS,
        row_heading="Answer",
        labels=tuple(f"{mark}: {known[code]}" for mark, code in zip(marks, codes, strict=True)),
        marks=tuple(marks),
        lines=tuple(Line(one.name, values) for one, values in zip(quarters, columns, strict=True)),
        explained="People whose request became a session, by the quarter in which they sent it, each counted once. "
        f"Whoever was erased is in no number. {KEPT_BACK}",
        nothing=f"Too few people so far: {KEPT_BACK.lower()} A quarter is counted when it is over.",
    )


def average_trust(months: Sequence[Period], answers: Iterable[Trust]) -> Series:
    """Trust on the short pages by month: the mean over people of each one's own mean, of LEAST people or more."""
    by_person: list[dict[int, list[int]]] = [defaultdict(list) for _ in months]
    for one in answers:
        month = find_period(months, one.day)
        if month is not None:
            by_person[month][one.who].append(one.value)
    means = tuple(_mean(people) for people in by_person)
    known = [(mean, month.name) for mean, month in zip(means, months, strict=True) if isinstance(mean, Decimal)]
    if len(known) > 1:
        (first, began), (last, ended) = known[0], known[-1]
        way = "rose" if last > first else "fell" if last < first else "stayed"
        sentence = f"Trust {way} from {first} in {began} to {last} in {ended}, on a scale from 0 to 10."
    elif known:
        sentence = f"Trust was {known[0][0]} in {known[0][1]}, on a scale from 0 to 10."
    else:
        sentence = "Too few people answered for a number."
    return Series(
        key="pulse",
        title="Trust on the short pages",
        said=sentence,
        kind=Kind.LINE,
        row_heading="Month",
        labels=tuple(month.name for month in months),
        marks=tuple(f"{month.first:%b %Y}" for month in months),
        lines=(
            Line("Mean trust, 0 to 10", means, digits=1),
            Line("People", tuple(_how_many(people) for people in by_person), drawn=False),
        ),
        explained="The mean of what people answered every two weeks, each person counted once a month; whole months "
        f"alone. Whoever was erased is in no number. A month with fewer than {LEAST} people is not shown.",
        nothing=f"Too few people so far: a month is shown when it is over, and {LEAST} people answered in it.",
        top=10,
    )


def _how_many(people: Mapping[int, Sequence[int]]) -> Value:
    if not people:
        return None
    return len(people) if len(people) >= LEAST else HIDDEN


def _mean(people: Mapping[int, Sequence[int]]) -> Value:
    if not people:
        return None
    if len(people) < LEAST:
        return HIDDEN
    own = [Decimal(sum(values)) / len(values) for values in people.values()]
    return rounded(sum(own, Decimal(0)) / len(own), 1)


def _mark(place: int) -> str:
    """A, B … Z, AA, AB …"""
    rest, letter = divmod(place, len(ascii_uppercase))
    return (_mark(rest - 1) if rest else "") + ascii_uppercase[letter]
