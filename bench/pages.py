"""How Lighthouse rates the speed of each public page of the demo, on a slow phone that it works out."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure
from tests.browser.test_public_pages import PAGES
from tests.support import lighthouse, town
from tests.support.skips import find_chromium

ROUNDS = 3  # the best counts: what else this machine does only ever slows a page down


def measure() -> Iterator[Figure]:
    """Nothing, and a line about it, where there is no Chromium."""
    if find_chromium() is None:
        sys.stderr.write("the pages are left out: Lighthouse needs Chromium\n")
        return
    with tempfile.TemporaryDirectory() as folder, town.demo(Path(folder)) as demo:
        urls = [f"{demo.home}{path}" for path in PAGES.values()]
        rounds = [lighthouse.judge(urls, ["performance"], throttling="simulate") for _ in range(ROUNDS)]
    for name, judged in zip(PAGES, zip(*rounds, strict=True), strict=True):
        best = max(one.scores["performance"] or 0 for one in judged)
        yield Figure(f"Lighthouse's performance: {name}", "of 100", best * 100, at_least=99)
