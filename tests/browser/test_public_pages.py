"""What anybody may read: light over the wire, from one origin, whole without scripts, and sound to Lighthouse.

How fast it is shown is measured by `make bench`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.support import lighthouse

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = {
    "landing": "/",
    "article": "/articles/repairing-trust",
    "fees": "/fees",
    "privacy": "/privacy",
    "therapist": "/therapists/mara-okafor",
    "schedule": "/schedule",
    "times": "/times/june-castellanos?offering=couple-80",
}
MOST = 60_000  # bytes over the wire, headers and all that a page brings along
MEANT = {"times": ["is-crawlable"]}  # what Lighthouse finds and the practice means: docs/adr/0015


@pytest.mark.parametrize("name", PAGES)
def test_a_public_page_is_light_and_asks_nobody_else(demo, open_page, name):
    page = open_page(demo.home, width=360)
    origins, sizes = set[str](), dict[str, float]()
    page.on("request", lambda asked: origins.add("{0.scheme}://{0.netloc}".format(urlsplit(asked.url))))
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda said: sizes.update({said["requestId"]: said["encodedDataLength"]}))

    page.goto(PAGES[name], wait_until="networkidle")

    assert origins == {demo.home}
    assert len(sizes) > 2
    assert sum(sizes.values()) <= MOST


@pytest.mark.parametrize("name", PAGES)
def test_a_public_page_can_be_used_without_scripts(demo, open_page, name):
    page = open_page(demo.home, width=360, scripts=False)
    page.goto(PAGES[name])

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    onward = {"schedule": "Begin", "times": None}.get(name, "Schedule a session")
    if onward is None:
        expect(page.locator("button.slot, main a[href*='/schedule']").first).to_be_visible()
    else:
        expect(page.get_by_role("link", name=onward).first).to_be_visible()


def test_lighthouse_finds_nothing_to_mend(demo):
    urls = [f"{demo.home}{path}" for path in PAGES.values()]
    judged = lighthouse.judge(urls, ["accessibility", "best-practices", "seo"], throttling="provided")

    assert len(judged) == len(PAGES)
    for name, page in zip(PAGES, judged, strict=True):
        meant = MEANT.get(name, [])
        assert page.failing == meant, name
        assert page.scores["accessibility"] == page.scores["best-practices"] == 1, name
        assert (page.scores["seo"] == 1) == (not meant), name
