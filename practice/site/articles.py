"""Articles: Markdown files beside this one, each with a short head of `name: value` lines between two `---`.

English ones stand in the folder itself; each has its Spanish under the same name in `es/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from practice.languages import DEFAULT

FOLDER = Path(__file__).parent / "articles"
HEAD = "---\n"


@dataclass(frozen=True)
class Article:
    """One article, ready for a page. `body` is HTML that was made from our own Markdown, raw HTML switched off."""

    slug: str
    title: str
    summary: str
    minutes: int
    body: Markup


@lru_cache
def articles(language: str = DEFAULT) -> dict[str, Article]:
    """Every article of a language by its slug, which is its file's name.

    :raises ValueError: for a file without a whole head, so that it is found at the first request and in the tests.
    """
    folder = FOLDER if language == DEFAULT else FOLDER / language
    found = (read_article(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.md")))
    return {article.slug: article for article in found}


def read_article(slug: str, source: str) -> Article:
    """Parse one file.

    :raises ValueError: when its head is missing, or lacks the title, the summary or the reading time in minutes.
    """
    before, head, body = [*source.split(HEAD, 2), "", ""][:3]
    fields = dict(line.split(": ", 1) for line in head.strip().splitlines() if ": " in line)
    if before or not {"title", "summary", "minutes"} <= fields.keys():
        raise ValueError(f"{slug}.md needs a head with title, summary and minutes")
    markdown = MarkdownIt("commonmark", {"html": False})
    return Article(slug, fields["title"], fields["summary"], int(fields["minutes"]), Markup(markdown.render(body)))  # noqa: S704
