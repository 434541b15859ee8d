"""The menu of every staff page: which rooms somebody finds in it, and in which of them a page stands."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from practice.languages import N_
from practice.staff.models import CLINICIAN, COORDINATOR, OWNER

Room: TypeAlias = tuple[str, str]  # its name, and the endpoint of its first page

TODAY: Room = (N_("Today"), "review.today")
SCHEDULE: Room = (N_("Schedule"), "schedule.week")
REQUESTS: Room = (N_("Requests"), "review.intakes")
SESSIONS: Room = (N_("Sessions"), "review.sessions")
WAITING_LIST: Room = (N_("Waiting list"), "schedule.waiting_list")  # of whoever sees the whole practice
MONEY: Room = (N_("Money"), "till.money")  # of the desk
NUMBERS: Room = (N_("Numbers"), "numbers.desk")  # of whoever reads what is counted of everybody
DATA: Room = (N_("Data"), "rights_desk.requests")  # of whoever decides on erasures
OWN_CALENDAR: Room = (N_("Calendar"), "calendars.calendar")  # of whoever sees clients
EVERYBODYS_CALENDAR: Room = (N_("Calendar"), "calendars.practice_calendar")  # of owners who see none
QUESTIONS: Room = (N_("Questions"), "questions.questions")  # of clinicians, who read what their clients are asked
SETTING_UP: Room = (N_("Setting up"), "setup.therapists")  # of whoever has hours or rooms to set
ACCOUNT: Room = (N_("Account"), "staff.account")

# Where the pages of a blueprint stand; of several rooms in the first that whoever looks has.
OF_BLUEPRINTS: dict[str, tuple[Room, ...]] = {
    **dict.fromkeys(("review", "notes", "couples", "duty"), (REQUESTS,)),
    **dict.fromkeys(("schedule", "staff_documents"), (SCHEDULE,)),
    **dict.fromkeys(("till", "prices", "fee_desk", "taxes"), (MONEY,)),
    **dict.fromkeys(("rights_desk", "audit"), (DATA,)),
    **dict.fromkeys(("calendars", "calendar_accounts", "busy_calendars"), (OWN_CALENDAR, EVERYBODYS_CALENDAR)),
    **dict.fromkeys(("questions", "editions"), (QUESTIONS, SETTING_UP)),
    **dict.fromkeys(("setup", "therapists", "catalogue", "opening", "practice_pages", "own_site_pages"), (SETTING_UP,)),
    **dict.fromkeys(("registrations", "agreements", "desk", "lines", "referrals", "letters"), (SETTING_UP,)),
    **dict.fromkeys(("people", "records", "connections", "health"), (SETTING_UP,)),
    **dict.fromkeys(("staff", "security", "passkeys"), (ACCOUNT,)),
    "numbers": (NUMBERS, MONEY),
}
OF_PAGES: dict[str, tuple[Room, ...]] = {
    **{room[1]: (room,) for room in (TODAY, SESSIONS, WAITING_LIST)},
    "schedule.withdraw": (WAITING_LIST,),
}


class Colleague(Protocol):
    """Whoever is signed in, as far as the menu goes."""

    @property
    def therapist_id(self) -> int | None: ...

    def is_any_of(self, *roles: str) -> bool: ...


def rooms_of(account: Colleague) -> tuple[Room, ...]:
    """What somebody finds in the menu depends on their roles."""
    has_own = account.therapist_id is not None
    own = (OWN_CALENDAR,) if has_own else (EVERYBODYS_CALENDAR,) if account.is_any_of(OWNER) else ()
    asked = (
        ((WAITING_LIST,), account.is_any_of(OWNER, CLINICIAN, COORDINATOR)),
        ((MONEY,), account.is_any_of(OWNER, COORDINATOR)),
        ((NUMBERS,), account.is_any_of(OWNER, CLINICIAN)),
        ((DATA,), account.is_any_of(OWNER, CLINICIAN)),
        (own, True),
        ((QUESTIONS,), account.is_any_of(CLINICIAN) and not account.is_any_of(OWNER)),
        ((SETTING_UP,), has_own or account.is_any_of(OWNER, COORDINATOR)),
    )
    theirs = [room for rooms, is_theirs in asked if is_theirs for room in rooms]
    return (TODAY, SCHEDULE, REQUESTS, SESSIONS, *theirs, ACCOUNT)


def room_of(endpoint: str, rooms: tuple[Room, ...]) -> Room | None:
    """The one of these rooms in which a page stands: that of the page itself, else that of its blueprint."""
    places = OF_PAGES.get(endpoint) or OF_BLUEPRINTS.get(endpoint.partition(".")[0], ())
    return next((room for room in places if room in rooms), None)
