"""Which browser somebody uses, as they would call it themselves. Pure; nothing else of it is kept."""

from __future__ import annotations

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
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("Linux", "Linux"),
)


def family_of(user_agent: str) -> str:
    """As in “Firefox on Windows”: one of a few dozen, whatever the browser says of itself."""
    browser = next((name for sign, name in FAMILIES if sign in user_agent), "A browser")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), None)
    return f"{browser} on {system}" if system else browser
