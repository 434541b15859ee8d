"""docs/README.md leads to every page there is, and no link of ours leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs" / "README.md"
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", ROOT / "tests" / "README.md"]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"(?<!`)\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
QUESTIONS = 10


def links(page: Path) -> list[str]:
    """Where this page's links and pictures lead, in this repository."""
    found = [link or picture for link, picture in LINK.findall(page.read_text(encoding="utf-8"))]
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """The names that its headings have on a page made of it."""
    headings = re.findall(r"^#{1,6} (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead(page: Path) -> list[str]:
    """The links of this page that lead to no file, or to no heading of it."""
    wrong = []
    for target in links(page):
        path, _, anchor = target.partition("#")
        meant = (page.parent / path).resolve() if path else page
        if not meant.exists() or (anchor and anchor not in anchors(meant)):
            wrong.append(target)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_no_link_leads_nowhere(page):
    assert dead(page) == []


def test_the_index_leads_to_every_page():
    led_to = {(INDEX.parent / target.partition("#")[0]).resolve() for target in links(INDEX)}

    assert set(INDEX.parent.rglob("*.md")) - {INDEX} - led_to == set()


def test_the_index_answers_ten_questions_each_with_somewhere_to_go_on():
    answers = re.findall(r"^\*\*(\d+)\. ([^*]+\?)\*\*(.+?)\n\n", INDEX.read_text(encoding="utf-8"), re.M | re.S)

    assert [int(number) for number, *_ in answers] == list(range(1, QUESTIONS + 1))
    assert [question for _, question, answer in answers if "→" not in answer or "](" not in answer] == []
    assert [question for _, question, answer in answers if len(answer.split()) > 100] == []


def test_the_readme_leads_to_the_index():
    assert "docs/README.md" in links(ROOT / "README.md")


def test_a_dead_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# One thing\n[a](page.md#one-thing) [b](page.md#another) [c](nothing.md) [d](https://e.example/)\n"
    )

    assert dead(page) == ["page.md#another", "nothing.md"]
