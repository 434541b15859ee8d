"""Which browser somebody uses, as they would call it."""

from __future__ import annotations

import pytest

from practice.staff.browsers import FAMILIES, SYSTEMS, family_of

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "family"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0 Safari/537.36", "Chrome on Windows"),
        (
            f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} SamsungBrowser/27 Chrome/125 Safari",
            "Samsung Internet on Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on a Mac"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0) AppleWebKit/605 CriOS/140 Mobile Safari/604.1", "Chrome on an iPad"),
        ("curl/8.9", "A browser"),
        ("", "A browser"),
        ("<script>alert(1)</script>", "A browser"),
    ],
)
def test_a_browser_is_called_by_its_family(said: str, family: str) -> None:
    assert family_of(said) == family


def test_whatever_is_said_the_words_are_ours_and_fit_their_column() -> None:
    browsers, systems = {name for _, name in FAMILIES} | {"A browser"}, {name for _, name in SYSTEMS}

    longest = max(map(len, browsers)) + len(" on ") + max(map(len, systems))

    assert longest <= 60
    assert family_of("x" * 100_000 + "Firefox Windows") == "Firefox on Windows"
