"""What the answers to an instrument add up to. Pure; for clinicians, never for clients."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from practice.intake.instruments import Instrument, Item
from practice.intake.questions import Answers, chosen_codes


@dataclass(frozen=True)
class Score:
    """One instrument's result. `value` is None where too much was left empty; `band` is empty where none is known.

    `private`: only whoever reads the private answers reads it.
    """

    title: str
    value: Fraction | None
    band: str
    answered: int
    items: int
    source: str
    private: bool

    @property
    def said(self) -> str:
        """The number as people write it: at most two decimals."""
        if self.value is None:
            return ""
        return f"{round(float(self.value), 2):g}"


def score(instrument: Instrument, answers: Answers) -> Score | None:
    """The score of these answers; None where nothing of the instrument was asked so far.

    An item that was left empty, or answered with what is no point of its scale, counts as missing. Up to `may_miss` of
    them are borne: a mean is that of the answered ones, and a sum is that mean times the number of items.
    """
    names = [instrument.field_name(item) for item in instrument.items]
    if not any(name in answers for name in names):
        return None
    values = [value for item in instrument.items if (value := _value(instrument, item, answers)) is not None]
    missing = len(instrument.items) - len(values)
    total: Fraction | None = None
    if values and missing <= instrument.may_miss:
        mean = Fraction(sum(values), len(values))
        total = mean if instrument.method == "mean" else mean * len(instrument.items)
    return Score(
        title=instrument.title,
        value=total,
        band=band_of(instrument, total),
        answered=len(values),
        items=len(instrument.items),
        source=instrument.source,
        private=instrument.visibility == "clin",
    )


def band_of(instrument: Instrument, value: Fraction | None) -> str:
    """The label of the band that holds this value: the last one that begins at or below it."""
    if value is None:
        return ""
    return next((label for start, label in reversed(instrument.bands) if Fraction(str(start)) <= value), "")


def _value(instrument: Instrument, item: Item, answers: Answers) -> int | None:
    chosen = chosen_codes(answers, instrument.field_name(item))
    points = [value for value, _ in item.points]
    if len(chosen) != 1 or chosen[0] not in {str(value) for value in points}:
        return None
    value = int(chosen[0])
    return min(points) + max(points) - value if item.reverse else value
