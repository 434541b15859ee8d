"""What people do to pages, tried on pages that stand none of it. The product’s own are tried where they are seen."""

import pytest

from tests.support import strains

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
GOOD = "<p>Words that wrap wherever they have to, and <a href='/'>a link</a>.</p><button>Go on</button>"


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ("<p style='width: 330px'>Words</p>", "scrolls sideways at 320 px"),
        (
            "<p style='width: 315px; white-space: nowrap; font: 16px monospace'>Thirty letters and a few spaces</p>",
            "spaced",
        ),
        ("<p>Words</p><style>@media (min-width: 600px) { p { width: 700px } }</style>", "at 200 %"),
        ("<div style='height: 1.2em; line-height: 1.2; overflow: hidden'>Words</div>", "cuts its text"),
        ("<button style='border: 0'>Go on</button>", "shows no edge"),
        ("<p style='transition: color 1s'>Words</p>", "moves though"),
    ],
)
def test_a_page_that_does_not_stand_it_is_found(open_page, body, finding):
    page = open_page("")
    page.set_content(f"<!doctype html><style>body {{ margin: 0 }}</style>{body}")

    assert any(finding in found for found in strains.findings(page))


def test_a_page_that_stands_it_is_not(open_page):
    page = open_page("")
    page.set_content(f"<!doctype html>{GOOD}")

    assert list(strains.findings(page)) == []
