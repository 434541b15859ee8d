"""A series as a picture: SVG without scripts, addresses or anything that changes: the same series is the same bytes.

The only file that knows pygal. There is a picture for light paper and one for dark, in the colours of practice.css.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pygal
from pygal.style import Style

from practice.numbers.series import Kind, Series, write

# It finds plug-ins that nobody has, by a way that Python warns of at each import that fails from then on.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder) is not pygal.PluginImportFixer]

WIDTH, HEIGHT = 400, 270  # units; a letter of 13 can be read where the picture is 330 pixels wide
FONT = "Avenir Next, Seravek, Segoe UI, Roboto, Ubuntu, Noto Sans, Liberation Sans, sans-serif"
MOST_MARKS = 5  # under the picture, where each row is a time
MOST_LETTERS = 30  # of marks that have room beside each other
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Paper:
    """Colours on one kind of paper."""

    ground: str
    ink: str
    soft: str
    rule: str
    lines: tuple[str, ...]


PAPERS = {
    "light": Paper("#fdfaf3", "#1f2a2e", "#525c5b", "#d8cbb4", ("#17494d", "#c2724f", "#7a7363", "#8fb3ac")),
    "dark": Paper("#1b2a29", "#ece4d4", "#b3bbb2", "#384946", ("#93d0ca", "#d98a66", "#b3bbb2", "#4f7d78")),
}


def draw(series: Series, paper: str) -> bytes:
    """The picture on this paper (one of PAPERS): an SVG document."""
    drawn = [line for line in series.lines if line.drawn]
    top = _top(max([series.top, *(one for line in drawn for one in line.known)]))
    make = pygal.Line if series.kind is Kind.LINE else pygal.Bar
    chart = make(
        width=WIDTH,
        height=HEIGHT,
        style=_style(PAPERS[paper]),
        js=[],
        title=series.title,
        x_labels=list(series.marks),
        y_labels=top,
        range=(0, float(top[-1])),
        show_legend=len(drawn) > 1,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        legend_box_size=10,
        truncate_legend=-1,
        truncate_label=-1,
        margin=8,
        margin_right=24,
        dots_size=2.5,
        allow_interruptions=True,
        value_formatter=lambda value: f"{value:g}",
    )
    chart.uuid = chart.config.uuid = "number"
    if sum(map(len, series.marks)) > MOST_LETTERS:
        apart = -(-len(series.marks) // MOST_MARKS)
        chart.x_labels_major = list(series.marks[::apart])
        chart.show_minor_x_labels = False
    for line in drawn:
        points = [float(one) if isinstance(one, int | Decimal) else None for one in line.values]
        chart.add(line.heading, points, formatter=lambda value, digits=line.digits: write(Decimal(value), digits))
    chart.add_xml_filter(_clean)
    rendered: bytes = chart.render()
    return rendered


def _top(highest: Any) -> list[int | float]:
    """Where rules run: 0 and a few round steps, the last at or above the highest value."""
    step, scale = 1, 1
    while step * 4 < highest:
        scale = scale if STEPS.index(step // scale) < len(STEPS) - 1 else scale * 10
        step = next(one * scale for one in STEPS if one * scale > step)
    found = [0]
    while found[-1] < max(highest, 1):
        found.append(found[-1] + step)
    return list(found)


def _clean(root: Any) -> Any:
    """Take out what pygal adds for browsers that run scripts, its own name and the day, and what only a mouse reads."""
    for parent in list(root.iter()):
        for child in list(parent):
            said = child.get("class", "") if isinstance(child.tag, str) else ""
            name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else "comment"
            if name in ("comment", "script") or set(said.split()) & {"text-overlay", "tooltip-overlay"}:
                parent.remove(child)
    return root


def _style(paper: Paper) -> Any:
    sizes = {f"{name}_font_size": 13 for name in ("label", "major_label", "legend", "value", "tooltip", "no_data")}
    fonts = {f"{name}_font_family": FONT for name in ("label", "major_label", "legend", "title", "value", "no_data")}
    return Style(
        background=paper.ground,
        plot_background=paper.ground,
        foreground=paper.soft,
        foreground_strong=paper.ink,
        foreground_subtle=paper.rule,
        guide_stroke_color=paper.rule,
        major_guide_stroke_color=paper.rule,
        guide_stroke_dasharray="none",
        major_guide_stroke_dasharray="none",
        opacity="1",
        stroke_opacity="1",
        stroke_width="2",
        transition="0s",
        colors=paper.lines,
        title_font_size=15,
        font_family=FONT,
        **sizes,
        **fonts,
    )
