"""The end of an account, with all that goes along with it, and its being opened again. Part of actions.py."""

from __future__ import annotations

import uuid
from dataclasses import asdict

from practice.audit import record
from practice.calendars.actions import end_feed
from practice.calendars.caldav.actions import leave
from practice.calendars.caldav.queries import list_accounts
from practice.calendars.queries import find_feeds
from practice.errors import NotFound
from practice.staff.actions import end_sessions_of
from practice.staff.duty.actions import end_turns_of
from practice.staff.models import StaffAccount
from practice.staff.people.actions import (
    ChangedMeanwhile,
    keep_an_owner,
    lock_account,
    lock_owners,
)
from practice.staff.people.leaving import end_password_links, let_go
from practice.staff.people.queries import get_successor, mark_of
from practice.work import Work


def end_account(work: Work, actor: str, number: int, *, successor: int | None, seen: str) -> None:
    """End an account at once: sessions, turns of duty, private addresses of calendars and connections with them, and
    the open invitations that it sent.

    Its undecided requests become the `successor`'s (the number of an account), or nobody's. Sessions that clients have
    with the therapist stand. What was written and decided stays under the name.

    :raises ChangedMeanwhile: when the account stands otherwise now; `seen` is how the page showed it.
    :raises LastOwner: when nobody would own the practice any more.
    :raises NotFound: when there is no such account, or nobody of the successor's number decides about requests.
    """
    owners = lock_owners(work)
    account = lock_account(work, number)
    if mark_of(account) != seen:
        raise ChangedMeanwhile
    keep_an_owner(owners, account)
    heir = get_successor(account, successor)
    account.active, account.fs_uniquifier = False, uuid.uuid4().hex
    end_sessions_of(work, account.id)
    end_password_links(work, account)
    turns = end_turns_of(work, actor, account.id)
    left = let_go(work, actor, account, heir)
    feeds, connections = _end_calendars(work, account)
    work.session.flush()
    gone = {"turns": turns, "feeds": feeds, "connections": connections}
    record(work, actor, "account_ended", account.actor, {**gone, **asdict(left)})


def open_again(work: Work, actor: str, number: int) -> None:
    """Let somebody sign in again, with the password, second factor and roles that they had. Twice is as good as once.

    :raises NotFound: when there is no such account.
    """
    account = work.session.get(StaffAccount, number, with_for_update={"of": StaffAccount}, populate_existing=True)
    if account is None:
        raise NotFound
    if not account.active:
        account.active = True
        work.session.flush()
        record(work, actor, "account_opened_again", account.actor)


def _end_calendars(work: Work, account: StaffAccount) -> tuple[int, int]:
    if account.therapist is None:
        return 0, 0
    feeds, connections = find_feeds(account.therapist), list_accounts(account.therapist.id)
    for feed in feeds:
        end_feed(work, feed)
    for one in connections:
        leave(work, one)
    return len(feeds), len(connections)
