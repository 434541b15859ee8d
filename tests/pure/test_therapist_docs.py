"""docs/for-a-therapist.md names pages, settings and commands that are there, and all that a machine must be told."""

from __future__ import annotations

import re
from pathlib import Path

from practice.cli import main
from practice.settings import EXPLAINED

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "for-a-therapist.md").read_text(encoding="utf-8")
TEMPLATES = ROOT / "practice" / "templates"
ENDS_ELSEWHERE = {"Setting up", "Money"}  # of the way around, above the tabs


def shown() -> str:
    """All words of staff's pages."""
    return " ".join(page.read_text(encoding="utf-8") for page in TEMPLATES.rglob("*.html"))


def test_every_page_of_the_table_is_a_tab_of_setting_up_and_every_tab_is_in_the_table():
    table = set(re.findall(r"^\| [^|]+ \| \*([^*]+)\* \|$", DOC, re.M))
    parts = (TEMPLATES / "setup" / "parts.html").read_text(encoding="utf-8")
    tabs = set(re.findall(r'\("\w+", "[\w.]+", (?:_\(|pgettext\("menu", )"([^"]+)"\)\)', parts))

    assert table >= {"Connections", "Health", "The practice"}
    assert table == tabs


def test_every_page_and_button_that_is_named_is_there():
    named = {re.sub(r"\s+", " ", words) for words in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", DOC)} - {"ok"}
    missing = [words for words in sorted(named - ENDS_ELSEWHERE) if words not in shown()]

    assert not missing


def test_every_setting_is_explained_and_there_is_no_other():
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})`", DOC)) - {"NAME"}

    assert named == set(EXPLAINED)


def test_every_command_is_one_of_ours():
    named = set(re.findall(r"`(?:\.venv/bin/)?practice ([a-z][a-z-]*)", DOC))

    assert named
    assert named <= set(main.commands)
    assert {"first-run", "doctor", "serve", "worker"} <= named


def test_every_page_that_it_leads_to_is_there():
    for target in re.findall(r"\]\(([a-z-]+\.md)\)", DOC):
        assert (ROOT / "docs" / target).is_file(), target
