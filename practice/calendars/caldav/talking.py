"""Speaking with therapists' servers, outside any work: what is meant is noted before, and what became of it after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from practice.calendars.caldav import keeping, standing
from practice.calendars.caldav.deciding import Found, Seen, Step, decide, see
from practice.calendars.caldav.keeping import Remembered, Task
from practice.calendars.caldav.models import AccountState
from practice.calendars.caldav.objects import read_object
from practice.calendars.caldav.servers import (
    CalendarServer,
    CalendarTrouble,
    Changed,
    Changes,
    NotAllowed,
    NothingThere,
    ServerAway,
    SignInAgain,
    Taken,
    calendar_servers,
)
from practice.outbox import Retry
from practice.work import begin_work

MOST_TRIES = 3  # each under a condition of its own
A_MOMENT = timedelta(minutes=1)
STATES: dict[type[CalendarTrouble], AccountState] = {
    SignInAgain: AccountState.SIGN_IN_AGAIN,
    NotAllowed: AccountState.NOT_ALLOWED,
    NothingThere: AccountState.CALENDAR_GONE,
}


def push(booking: str) -> None:
    """Bring a session's objects to what it says. Does nothing where that is so already.

    :raises Retry: when the server is away.
    """
    with begin_work() as work:
        tasks = keeping.plan(work, booking)
    for task in tasks:
        talk(task.account_id, lambda server, task=task: _bring(server, task))  # type: ignore[misc]


def talk(account_id: int, do: Callable[[CalendarServer], None]) -> None:
    """Do something with a connection's server, and note how that went. Nothing, where it waits for its therapist.

    :raises Retry: when the server is away, or somebody else changes the same things at the same time.
    """
    with begin_work() as work:
        login = standing.sign_in(work, account_id)
    if login is None:
        return
    try:
        do(calendar_servers().reach(login))
    except Changed as changed:
        raise Retry(A_MOMENT, "the calendar changes at the same time") from changed
    except ServerAway as away:
        with begin_work() as work:
            pause = standing.note_away(work, account_id)
        raise Retry(pause, "the calendar server is away") from away
    except CalendarTrouble as trouble:
        with begin_work() as work:
            standing.note_stopped(work, account_id, STATES.get(type(trouble), AccountState.NOT_CALDAV))
    else:
        with begin_work() as work:
            standing.note_success(work, account_id)


def find_changes(
    server: CalendarServer, calendar: str, token: str, there: list[Remembered]
) -> tuple[Changes, list[tuple[Remembered, Found | None]]]:
    """Which of our objects aren't as we left them, each as it was found."""
    changes = server.changes(calendar, token)
    etags = {_name(href): etag for href, etag in changes.etags.items()}
    gone = {_name(href) for href in changes.gone}
    found: list[tuple[Remembered, Found | None]] = []
    for one in there:
        name = _name(one.href)
        if name in gone or (changes.whole and name not in etags):
            found.append((one, None))
        elif one.asked or (name in etags and etags[name] != one.etag):
            found.append((one, _look_at(server, one.href)))
    return changes, found


def _bring(server: CalendarServer, task: Task) -> None:
    try:
        if task.content is None:
            _leave_nothing(server, task)
        else:
            _write(server, task)
    except Changed as changed:
        with begin_work() as work:
            pause = keeping.note_refused(work, task)
        if pause is not None:
            raise Retry(pause, "the calendar changes at the same time") from changed


def _write(server: CalendarServer, task: Task) -> None:
    etag, content = task.etag, task.content or b""
    for _ in range(MOST_TRIES):
        try:
            new = server.put_changed(task.href, content, etag) if etag else server.put_new(task.href, content)
        except Taken:
            with begin_work() as work:
                keeping.note_not_ours(work, task)
            return
        except Changed:
            found = _look_at(server, task.href)
        else:
            with begin_work() as work:
                keeping.settle(work, task, new)
            return
        step = decide(task.known, found)
        if found is None or step is Step.OVERWRITE:
            etag = found.etag if found is not None else None
            continue
        with begin_work() as work:
            if step is Step.LEAVE:
                keeping.note_not_ours(work, task)
            else:
                keeping.ask_about(work, task, found)
        return
    raise Changed


def _leave_nothing(server: CalendarServer, task: Task) -> None:
    """Remove it, and know no more of it. What can't be removed from a calendar that was left is its therapist's."""
    try:
        _remove(server, task)
    except (NotAllowed, NothingThere):
        if not task.left:
            raise
    with begin_work() as work:
        keeping.drop(work, task)


def _remove(server: CalendarServer, task: Task) -> None:
    etag = task.etag
    for _ in range(MOST_TRIES):
        if not etag:
            found = _look_at(server, task.href)
            if found is None or see(task.known, found) is Seen.FOREIGN:
                return
            etag = found.etag
        try:
            server.delete(task.href, etag)
            return
        except Changed:
            etag = None
    raise Changed


def _look_at(server: CalendarServer, href: str) -> Found | None:
    stored = server.get(href)
    return read_object(stored.content, stored.etag) if stored is not None else None


def _name(href: str) -> str:
    """The last part of an address: ours are unique by it, however a server writes the rest."""
    return href.rstrip("/").rpartition("/")[2]
