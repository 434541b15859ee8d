"""What changes how a connection stands, as its server answers or doesn't. Runs in its caller's work."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from practice.calendars.caldav.actions import STOPPED, forget_account
from practice.calendars.caldav.messages import AccountStopped
from practice.calendars.caldav.models import AccountState, CalendarAccount
from practice.calendars.caldav.queries import login_of
from practice.calendars.caldav.servers import Login, SignInAgain
from practice.outbox import Retry
from practice.work import Work

SUCCESS_NOTED_EVERY = timedelta(minutes=5)
SHORTEST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
AWAY_IS_TOLD_AFTER = timedelta(days=1)


def sign_in(work: Work, account_id: int) -> Login | None:
    """How the server is reached; None for a connection that is gone, or waits for its therapist.

    :raises Retry: while the server is away.
    """
    account = work.session.get(CalendarAccount, account_id, populate_existing=True)
    if account is None or account.state in STOPPED:
        return None
    if account.retry_at is not None and account.retry_at > work.now:
        raise Retry(account.retry_at - work.now, "the calendar server is away")
    try:
        return login_of(account)
    except SignInAgain:
        note_stopped(work, account_id, AccountState.SIGN_IN_AGAIN)
        return None


def note_success(work: Work, account_id: int) -> None:
    """The server answered."""
    account = _locked(work, account_id)
    if account is None:
        return
    if account.state is AccountState.AWAY:
        account.state = AccountState.WORKING
    account.failing_since = account.retry_at = account.told_at = None
    if account.succeeded_at is None or work.now - account.succeeded_at >= SUCCESS_NOTED_EVERY:
        account.succeeded_at = work.now


def note_away(work: Work, account_id: int) -> timedelta:
    """The server doesn't answer; how long to wait before anybody asks it again."""
    account = _locked(work, account_id)
    if account is None:
        return SHORTEST_PAUSE
    if account.state is AccountState.WORKING:
        account.state = AccountState.AWAY
    account.failing_since = account.failing_since or work.now
    pause = min(max(work.now - account.failing_since, SHORTEST_PAUSE), LONGEST_PAUSE)
    account.retry_at = work.now + pause
    return pause


def note_stopped(work: Work, account_id: int, state: AccountState) -> None:
    """Nothing more goes to this server until its therapist has seen to it; they are told once."""
    account = _locked(work, account_id)
    if account is None or account.state in STOPPED:
        return
    if account.state is AccountState.LEAVING:
        forget_account(work, account)  # what is left there can't be removed any more
        return
    account.state, account.retry_at = state, None
    account.failing_since = account.failing_since or work.now
    tell(work, account)


def tell(work: Work, account: CalendarAccount) -> None:
    """Have its therapist told that a connection stopped: once, until it works again."""
    if account.told_at is None:
        account.told_at = work.now
        work.post(AccountStopped(account.reference, work.now.isoformat()))


def tell_of_days_away(work: Work) -> None:
    """Have whoever's server has been away for a day told of it."""
    away = select(CalendarAccount).where(
        CalendarAccount.state == AccountState.AWAY, CalendarAccount.failing_since <= work.now - AWAY_IS_TOLD_AFTER
    )
    for account in work.session.scalars(away):
        tell(work, account)


def _locked(work: Work, account_id: int) -> CalendarAccount | None:
    return work.session.get(
        CalendarAccount, account_id, with_for_update={"of": CalendarAccount}, populate_existing=True
    )
