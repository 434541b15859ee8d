"""A document's Markdown as HTML: headings, paragraphs, lists, emphasis and links, and nothing else."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

LOWEST = 6
NOT_SHOWN = ("html_block", "html_inline", "image", "autolink", "code", "fence", "reference")


def to_html(body: str, top: int) -> Markup:
    """The body as HTML, its `##` as headings of level `top`. Tags in it stay words; nothing is ever fetched."""
    markdown = MarkdownIt("commonmark", {"html": False}).disable(NOT_SHOWN)
    tokens = markdown.parse(body)
    for token in tokens:
        _shift(token, top - 2)
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704 - raw HTML is switched off


def _shift(token: Token, by: int) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(LOWEST, max(1, int(token.tag[1:]) + by))}"
