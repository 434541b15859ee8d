"""Where calendars are kept: the address at which each provider begins, and where its app passwords are made. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from practice.languages import N_


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
    app_password=N_("account.apple.com, Sign-In and Security, App-Specific Passwords."),
)
FASTMAIL = Provider(
    "fastmail",
    "Fastmail",
    url="https://caldav.fastmail.com/dav/",
    app_password=N_("Settings, Privacy & Security, App passwords; choose access to calendars alone."),
)
NEXTCLOUD = Provider(
    "nextcloud",
    "Nextcloud",
    path="/remote.php/dav/",
    app_password=N_("Personal settings, Security, Devices & sessions, Create new app password."),
)
OTHER = Provider("other", N_("Another server"))
PROVIDERS = (ICLOUD, FASTMAIL, NEXTCLOUD, OTHER)
