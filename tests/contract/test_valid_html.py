"""The HTML of letters, as the Nu HTML checker reads it. Pages are checked where the browser looks at them."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.support.html_checker import HtmlChecker, find_java

pytestmark = [pytest.mark.skipif(find_java() is None, reason="needs Java"), pytest.mark.xdist_group("browser")]
GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HtmlChecker]:
    checker = HtmlChecker(tmp_path_factory.mktemp("html"))
    yield checker
    checker.end()


def test_what_is_not_valid_is_found(checker):
    found = checker.errors("<!doctype html><html lang='en'><title>A page</title><p><div></p>")

    assert any("No “p” element in scope" in error for error in found)


def test_every_letter_is_valid(checker):
    letters = {path.name: _html(path) for path in sorted(GOLDEN.glob("letter-*.eml"))}
    wrong = {name: errors for name, html in letters.items() if (errors := checker.errors(html))}

    assert len(letters) > 50
    assert wrong == {}


def _html(path: Path) -> str:
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = letter.get_body(("html",))
    assert body, f"{path.name} has no HTML"
    return body.get_content()
