"""One measured figure, and how figures are shown."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, in which unit, and what it is held against.

    With a `limit`, the best that could be had, measured in the same run, the goal bounds measured / limit;
    without one it bounds the measured value itself. Exactly one of `at_most` and `at_least` is given.
    """

    what: str
    unit: str
    measured: float
    limit: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    def __post_init__(self) -> None:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError(f"one goal for one figure: {self.what}")

    @property
    def ratio(self) -> float | None:
        return self.measured / self.limit if self.limit else None

    @property
    def goal(self) -> str:
        """The goal in signs, such as "≤ 1.5 x limit" or "≥ 300"."""
        bound = f"≤ {self.at_most:g}" if self.at_most is not None else f"≥ {self.at_least:g}"
        return f"{bound} x limit" if self.limit else bound

    @property
    def reached(self) -> bool:
        held = self.measured if self.ratio is None else self.ratio
        return held <= self.at_most if self.at_most is not None else held >= (self.at_least or 0)

    def record(self) -> dict[str, str | float | bool | None]:
        """For the JSON file."""
        return {
            "what": self.what,
            "unit": self.unit,
            "measured": round(self.measured, 4),
            "limit": None if self.limit is None else round(self.limit, 4),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "goal": self.goal,
            "reached": self.reached,
        }


COLUMNS = ("what", "measured", "limit", "ratio", "goal", "")


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns, one a line."""
    rows = [COLUMNS]
    for figure in figures:
        rows.append(
            (
                figure.what,
                _number(figure.measured, figure.unit),
                "" if figure.limit is None else _number(figure.limit, figure.unit),
                "" if figure.ratio is None else f"{figure.ratio:.2f}",
                figure.goal,
                "reached" if figure.reached else "MISSED",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in {1, 2, 3} else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _number(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
