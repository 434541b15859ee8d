"""The page of the design, the page for while the program is away, and what the first page weighs."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from practice import settings as settings_module
from practice.design.commands import maintenance_page
from practice.profile import profile
from tests.support import stylesheets
from tests.support.staff import desk

pytestmark = pytest.mark.databases("sqlite")

DESIGN = "/staff/design"
MOST_BYTES = 60_000  # of the first page with all that it loads, unpacked


class Loaded(HTMLParser):
    """The addresses that a browser fetches with a page, and the ids in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        is_linked = tag == "link" and found.get("rel") in {"stylesheet", "icon"}
        fetched = found.get("href") if is_linked else found.get("src")
        self.addresses += [fetched] if fetched else []
        self.ids += [str(found["id"])] if "id" in found else []


def test_the_page_shows_every_component(practice) -> None:
    page = desk(practice, "clinician").get(DESIGN)
    components = {one for rule in stylesheets.all_rules() if rule.layer == "components" for one in rule.classes}

    assert page.status_code == 200
    assert components - stylesheets.classes_in(page.text) == set()


def test_the_page_names_nothing_twice(practice) -> None:
    ids = Loaded(desk(practice, "clinician").get(DESIGN).text).ids

    assert sorted(ids) == sorted(set(ids))


def test_what_to_mend_takes_the_focus_on_no_page_that_only_shows_it(practice) -> None:
    page = desk(practice, "clinician").get(DESIGN).text

    assert 'class="error-summary"' in page
    assert "autofocus" not in page
    assert "data-error-summary" not in page


def test_a_practice_has_no_such_page(practice) -> None:
    browser = desk(practice, "clinician")
    app = practice.app
    app.extensions[settings_module.EXTENSION] = replace(app.extensions[settings_module.EXTENSION], env="production")

    assert browser.get("/staff/").status_code == 200
    assert browser.get(DESIGN).status_code == 404


def test_the_page_for_while_the_program_is_away_asks_for_nothing(practice, tmp_path: Path) -> None:
    file = tmp_path / "down.html"

    done = CliRunner().invoke(maintenance_page, [str(file)], obj=lambda: practice.app)
    page = file.read_text(encoding="utf-8")

    assert done.exit_code == 0, done.output
    assert Loaded(page).addresses == []
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org)", page)
    with practice.app.app_context():
        assert profile().name in page
        assert f"tel:{profile().phone.replace(' ', '')}" in page
    assert "tel:911" in page


def test_a_practice_that_nobody_has_set_up_has_no_such_page(app, tmp_path: Path) -> None:
    file = tmp_path / "down.html"

    refused = CliRunner().invoke(maintenance_page, [str(file)], obj=lambda: app)

    assert refused.exit_code == 1
    assert not file.exists()


def test_a_file_that_cannot_be_written_is_named_in_words(practice, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "down.html"

    refused = CliRunner().invoke(maintenance_page, [str(file)], obj=lambda: practice.app)

    assert refused.exit_code == 1
    assert refused.output.startswith("Error: Could not open file")
    assert str(file) in refused.output
    assert "Let the proxy" not in refused.output


def test_the_page_before_it_stays_where_the_new_one_is_refused(app, tmp_path: Path) -> None:
    file = tmp_path / "down.html"
    file.write_text("the page before", encoding="utf-8")

    CliRunner().invoke(maintenance_page, [str(file)], obj=lambda: app)

    assert file.read_text(encoding="utf-8") == "the page before"


def test_the_first_page_with_all_that_it_loads_stays_light(practice) -> None:
    browser = practice.app.test_client()
    page = browser.get("/")

    weights = {address: len(browser.get(address).data) for address in Loaded(page.text).addresses}

    assert len(weights) >= 3  # the icon, the stylesheet, a script
    assert len(page.data) + sum(weights.values()) <= MOST_BYTES, weights
