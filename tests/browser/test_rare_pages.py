"""The pages that come about only in stories, in both languages: as they are when somebody meets them."""

from __future__ import annotations

import pytest

from practice.opening.actions import make_way_in
from practice.work import begin_work
from tests.support.looking import Looker, at_home, new_home
from tests.support.rare_pages import FIRST, RARE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.databases("sqlite")]


@pytest.fixture
def base_url() -> str:
    return new_home()


@pytest.mark.parametrize("stage", RARE, ids=lambda stage: stage.__name__)
def test_what_comes_about_in_a_story_can_be_used_by_everybody(practice, payments, open_page, base_url, stage):
    pages = stage(practice, payments)
    assert pages.keys() == RARE[stage]
    with at_home(practice.app, base_url):
        for language in ("en", "es"):
            looker = Looker(practice.app, open_page, base_url, language)
            gone = [name for name, (who, path) in pages.items() if not looker.look(who, path, name)]

            assert gone == []
            assert looker.judge.findings == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_first_page_of_a_practice_can_be_used_by_everybody(app, open_page, base_url, language):
    with app.app_context(), begin_work() as work:
        token = make_way_in(work)
    with at_home(app, base_url):
        looker = Looker(app, open_page, base_url, language)

        assert looker.look(app.test_client(), f"/staff/first-run/{token}", FIRST)
        assert looker.judge.findings == []
