"""Where calendars are kept: the address at which each provider begins, and where its app passwords are made. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider. `url` is fixed, or the address is asked for and `path` is where CalDAV begins on it."""

    key: str
    name: str
    url: str = ""
    path: str = ""
    app_password: str = ""

    @property
    def asks_address(self) -> bool:
        return not self.url


ICLOUD = Provider(
    "icloud",
    "Apple iCloud",
    url="https://caldav.icloud.com/",
    app_password="account.apple.com, Sign-In and Security, App-Specific Passwords.",  # noqa: S106 - where one is made
)
FASTMAIL = Provider(
    "fastmail",
    "Fastmail",
    url="https://caldav.fastmail.com/dav/",
    app_password="Settings, Privacy & Security, App passwords; choose access to calendars alone.",  # noqa: S106
)
NEXTCLOUD = Provider(
    "nextcloud",
    "Nextcloud",
    path="/remote.php/dav/",
    app_password="Personal settings, Security, Devices & sessions, Create new app password.",  # noqa: S106
)
OTHER = Provider("other", "Another server")
PROVIDERS = (ICLOUD, FASTMAIL, NEXTCLOUD, OTHER)
