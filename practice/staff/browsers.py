"""Which browser somebody uses, as they would call it themselves. Pure; nothing else of it is kept."""

from __future__ import annotations

from practice.languages import N_

# The first word that stands in it counts: most browsers claim to be others too.
FAMILIES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", N_("an iPhone")),
    ("iPad", N_("an iPad")),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", N_("a Mac")),
    ("Linux", "Linux"),
)
ON = " on "


def family_of(user_agent: str) -> str:
    """As in “Firefox on Windows”: one of a few dozen, whatever the browser says of itself."""
    browser = next((name for sign, name in FAMILIES if sign in user_agent), N_("A browser"))
    system = next((name for sign, name in SYSTEMS if sign in user_agent), None)
    return f"{browser}{ON}{system}" if system else browser


def parts_of(family: str) -> tuple[str, str]:
    """The browser and the system of what was named so; no system where none was known."""
    browser, _, system = family.partition(ON)
    return browser, system
