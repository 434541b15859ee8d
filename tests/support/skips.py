"""What a test needs beyond pip: found, or skipped with a list of what was missed and how to get it.

On a build server (CI=true) nothing may be skipped: there a missing tool fails the run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

# Their assertions tell what was wrong, as those in test files do.
STORIES = ("lives", "mortal_town", "time_model", "time_staff", "time_story", "time_waiting", "time_world")
pytest.register_assert_rewrite(*(f"tests.support.{name}" for name in STORIES))

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT_LINES = {
    "needs Chromium": "Chromium comes with: sudo apt-get install -y chromium",
    "needs Java": "Without Java no page that was open in a browser was held against the HTML checker either. "
    "Java comes with: sudo apt-get install -y default-jre-headless",
    "needs libical": "libical comes with: sudo apt-get install -y libical3",
    "needs strace": "strace comes with: sudo apt-get install -y strace",
}
SKIPPED_IN_CI = 1


def find_chromium() -> str | None:
    """The path of a Chromium: the one that CHROMIUM names, or the first that is installed."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, CHROMIUM_NAMES) if path), None)


def on_build_server() -> bool:
    return os.environ.get("CI", "").lower() == "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none."""
    if find_chromium():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="needs Chromium"))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if on_build_server() and _skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = SKIPPED_IN_CI


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End with what was skipped, by its reason, and with the line that installs what was missing."""
    missed: dict[str, list[str]] = {}
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        missed.setdefault(reason.removeprefix("Skipped: "), []).append(report.nodeid)
    if not missed:
        return
    terminalreporter.section("not tested on this machine")
    for line in _lines(missed):
        terminalreporter.write_line(line)


def _lines(missed: dict[str, list[str]]) -> Iterator[str]:
    for reason, tests in missed.items():
        yield f"{reason} ({len(tests)} skipped):"
        yield from (f"  {test}" for test in tests)
    yield from (line for reason, line in APT_LINES.items() if reason in missed)
    if on_build_server():
        yield "CI=true: a skipped test is a failure here."


def _skipped(config: pytest.Config) -> bool:
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    return bool(reporter and reporter.getreports("skipped"))
