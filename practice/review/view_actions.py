"""Saved views of the list of requests: each account's own. The only writer of their table."""

from __future__ import annotations

from urllib.parse import urlencode

from sqlalchemy import Select, func, select, update

from practice.errors import Conflict, NotFound
from practice.languages import N_
from practice.review.models import SavedView
from practice.review.narrowing import Narrowing
from practice.staff.models import StaffAccount
from practice.tokens import reference
from practice.work import Work

MOST_VIEWS = 20  # as the title of TooManyViews says


class NameTaken(Conflict):
    """The account has a view of this name already."""

    title = N_("You have a view of this name")
    way_out = N_("Choose another name, or rename the one that is there.")


class TooManyViews(Conflict):
    """The account has as many views as a page can show well."""

    title = N_("That would be more than twenty views")
    way_out = N_("Remove one that you don’t use, and save this one then.")


def save_view(work: Work, account: StaffAccount, name: str, narrowing: Narrowing) -> SavedView:
    """Keep a way of looking at the list under a name.

    :raises NameTaken: when the account has one of this name.
    :raises TooManyViews: when it has MOST_VIEWS.
    """
    _lock(work, account)
    _refuse_taken(work, account, name)
    mine = select(func.count()).select_from(SavedView).where(SavedView.account_id == account.id)
    if (work.session.scalar(mine) or 0) >= MOST_VIEWS:
        raise TooManyViews
    query = urlencode(narrowing.as_query())
    view = SavedView(reference=reference("v"), account_id=account.id, name=name, query=query, is_first=False)
    work.session.add(view)
    work.session.flush()
    return view


def rename_view(work: Work, account: StaffAccount, found: str, name: str) -> None:
    """Give a view another name.

    :raises NotFound: when the account has no such view.
    :raises NameTaken: when it has another one of this name.
    """
    _lock(work, account)
    view = _get(work, account, found)
    if view.name != name:
        _refuse_taken(work, account, name)
    view.name = name
    work.session.flush()


def remove_view(work: Work, account: StaffAccount, found: str) -> None:
    """Remove a view. One that is gone already stays gone."""
    _lock(work, account)
    view = work.session.scalars(_own(account, found)).one_or_none()
    if view is not None:
        work.session.delete(view)
        work.session.flush()


def show_first(work: Work, account: StaffAccount, found: str) -> None:
    """Have the list begin with this view; of several that were chosen, the last.

    :raises NotFound: when the account has no such view.
    """
    _lock(work, account)
    view = _get(work, account, found)
    show_usual_first(work, account)
    view.is_first = True
    work.session.flush()


def show_usual_first(work: Work, account: StaffAccount) -> None:
    """Have the list begin with all that wait, as it does where nobody chose."""
    mine = update(SavedView).where(SavedView.account_id == account.id, SavedView.is_first)
    work.session.execute(mine.values(is_first=False))


def _lock(work: Work, account: StaffAccount) -> None:
    """Two tabs of one account take turns."""
    work.session.execute(select(StaffAccount.id).where(StaffAccount.id == account.id).with_for_update())


def _own(account: StaffAccount, found: str) -> Select[SavedView]:
    return select(SavedView).where(SavedView.account_id == account.id, SavedView.reference == found)


def _get(work: Work, account: StaffAccount, found: str) -> SavedView:
    view = work.session.scalars(_own(account, found)).one_or_none()
    if view is None:
        raise NotFound
    return view


def _refuse_taken(work: Work, account: StaffAccount, name: str) -> None:
    same = select(SavedView.id).where(SavedView.account_id == account.id, SavedView.name == name)
    if work.session.scalar(same) is not None:
        raise NameTaken
