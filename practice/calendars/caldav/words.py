"""What a therapist reads of their own calendars on servers: how a connection stands, and why one was refused."""

from __future__ import annotations

from dataclasses import dataclass

from practice.calendars.caldav.models import AccountState, CalendarAccount
from practice.calendars.caldav.servers import (
    CalendarTrouble,
    Changed,
    NotAllowed,
    NotCalDAV,
    NothingThere,
    NotReachable,
    ServerAway,
    SignInAgain,
    Taken,
)
from practice.languages import N_

LEAVING = N_(
    "Being disconnected. What we wrote is removed first; this takes some minutes, or two days where the server is away."
)
REFUSALS: dict[type[CalendarTrouble], str] = {
    SignInAgain: N_("The server doesn’t know this user name with this password. Make a new app password."),
    NotAllowed: N_("The server knows you, and shows you no calendars this way. Make an app password for calendars."),
    NothingThere: N_(
        "There is nothing at this address. Look it up in the settings of your calendar, and copy it whole."
    ),
    NotCalDAV: N_(
        "Something answers at this address, and it is no calendar server. Look for “CalDAV” in its settings."
    ),
    NotReachable: N_("We speak only with servers on the open internet, over https, and under the name that you typed."),
    ServerAway: N_("The server doesn’t answer just now. Check the address, or try again in some minutes."),
    Changed: N_("Something changed there at the same time. Try again."),
    Taken: N_("Something changed there at the same time. Try again."),
}


@dataclass(frozen=True)
class Standing:
    """How a connection stands: a word, what helps, and whether its therapist has to do something."""

    word: str
    help: str
    presses: bool


STANDINGS: dict[AccountState, Standing] = {
    AccountState.WORKING: Standing(N_("Works"), "", presses=False),
    AccountState.AWAY: Standing(
        N_("The server is away"),
        N_("We try again by ourselves, for as long as it takes. Nothing is lost."),
        presses=False,
    ),
    AccountState.SIGN_IN_AGAIN: Standing(
        N_("Sign in again"),
        N_("The server refuses the password. Make a new app password there, and type it below."),
        presses=True,
    ),
    AccountState.NOT_ALLOWED: Standing(
        N_("Not allowed to write"),
        N_("The calendar that you chose can’t be written to. Choose another, or allow it there and check now."),
        presses=True,
    ),
    AccountState.CALENDAR_GONE: Standing(
        N_("The calendar is gone"),
        N_("The calendar that you chose isn’t there any more. Choose another one."),
        presses=True,
    ),
    AccountState.NOT_CALDAV: Standing(
        N_("No calendar server"),
        N_("Something else answers at the address by now. Check now, or disconnect and connect again."),
        presses=True,
    ),
    AccountState.LEAVING: Standing(N_("Being disconnected"), LEAVING, presses=False),
}


def standing(account: CalendarAccount) -> Standing:
    """How a connection stands."""
    return STANDINGS[account.state]
