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

from practice.languages import N_
from practice.numbers.periods import Period, find_period
from practice.numbers.series import ENGLISH, HIDDEN, NOT_SHOWN, Kind, Line, Series, Value, Voice, rounded
from practice.numbers.suppressing import LEAST, suppress

OTHER = N_("Something that is not asked any more")


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
    key: str,
    title: str,
    quarters: Sequence[Period],
    options: Mapping[str, str],
    said: Iterable[Said],
    *,
    voice: Voice = ENGLISH,
) -> Series:
    """How many people chose each option, by quarter. `options`: words by code, in the order in which they are asked;
    they and the title are said already.
    """
    say = voice.say
    known = {**options, "": say(OTHER)}
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
        sentence = say(N_("In %(quarter)s too few people chose the same for a number."), quarter=quarters[-1].name)
    else:
        sentence = say(
            N_("In %(quarter)s most people, %(count)s, chose “%(answer)s”."),
            quarter=quarters[-1].name,
            count=most[0],
            answer=known[codes[most[1]]],
        )
    return Series(
        key=key,
        title=title,
        said=sentence,
        kind=Kind.BARS,
        row_heading=say(N_("Answer")),
        labels=tuple(f"{mark}: {known[code]}" for mark, code in zip(marks, codes, strict=True)),
        marks=tuple(marks),
        lines=tuple(Line(one.name, values) for one, values in zip(quarters, columns, strict=True)),
        explained=say(
            N_(
                "People whose request became a session, by the quarter in which they sent it, each counted once. "
                "Whoever was erased is in no number. Of fewer than %(least)s people nothing is shown, nor what would "
                "give it away."
            ),
            least=LEAST,
        ),
        nothing=say(N_("Too few people so far. A quarter is counted when it is over.")),
        not_shown=say(NOT_SHOWN),
    )


def average_trust(months: Sequence[Period], answers: Iterable[Trust], voice: Voice = ENGLISH) -> Series:
    """Trust on the short pages by month: the mean over people of each one's own mean, of LEAST people or more."""
    say = voice.say
    by_person: list[dict[int, list[int]]] = [defaultdict(list) for _ in months]
    for one in answers:
        month = find_period(months, one.day)
        if month is not None:
            by_person[month][one.who].append(one.value)
    means = tuple(_mean(people) for people in by_person)
    return Series(
        key="pulse",
        title=say(N_("Trust on the short pages")),
        said=_trust_in_words(months, means, voice),
        kind=Kind.LINE,
        row_heading=say(N_("Month")),
        labels=tuple(month.name for month in months),
        marks=tuple(voice.month(month.first) for month in months),
        lines=(
            Line(say(N_("Mean trust, 0 to 10")), means, digits=1),
            Line(say(N_("People who answered")), tuple(_how_many(people) for people in by_person), drawn=False),
        ),
        explained=say(
            N_(
                "The mean of what people answered every two weeks, each person counted once a month; whole "
                "months alone. Whoever was erased is in no number. A month with fewer than %(least)s people is not "
                "shown."
            ),
            least=LEAST,
        ),
        nothing=say(
            N_("Too few people so far: a month is shown when it is over, and %(least)s people answered in it."),
            least=LEAST,
        ),
        top=10,
        not_shown=say(NOT_SHOWN),
    )


def _trust_in_words(months: Sequence[Period], means: Sequence[Value], voice: Voice) -> str:
    known = [(mean, month.name) for mean, month in zip(means, months, strict=True) if isinstance(mean, Decimal)]
    if not known:
        return voice.say(N_("Too few people answered for a number."))
    (first, began), (last, ended) = known[0], known[-1]
    if len(known) == 1:
        return voice.say(N_("Trust was %(mean)s in %(month)s, on a scale from 0 to 10."), mean=first, month=began)
    if last > first:
        way = N_("Trust rose from %(first)s in %(began)s to %(last)s in %(ended)s, on a scale from 0 to 10.")
    elif last < first:
        way = N_("Trust fell from %(first)s in %(began)s to %(last)s in %(ended)s, on a scale from 0 to 10.")
    else:
        way = N_("Trust stayed from %(first)s in %(began)s to %(last)s in %(ended)s, on a scale from 0 to 10.")
    return voice.say(way, first=first, began=began, last=last, ended=ended)


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
