"""How a letter looks: the same words as plain text and as HTML, without pictures or anything to fetch.

The HTML has room around its words, lines that aren't too long, and the colours of the reader's own mailbox.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from practice.notify.letters import Letter

COLUMNS = 72


@dataclass(frozen=True, slots=True)
class Rendered:
    """Both bodies of a letter."""

    text: str
    html: str


def render(letter: Letter) -> Rendered:
    """Lay the letter out as text and as HTML."""
    pages = _pages()
    return Rendered(
        text=pages.get_template("letter.txt").render(letter=letter),
        html=pages.get_template("letter.html").render(letter=letter),
    )


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=PackageLoader("practice", "templates/letters"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages.filters["wrapped"] = lambda text: textwrap.fill(text, COLUMNS, break_long_words=False, break_on_hyphens=False)
    return pages
