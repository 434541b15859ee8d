"""What the desk reads of saved views."""

from __future__ import annotations

from urllib.parse import parse_qsl

from sqlalchemy import select

from practice.database import db
from practice.review.models import SavedView
from practice.review.narrowing import Narrowing, read_narrowing
from practice.staff.models import StaffAccount


def list_views(account: StaffAccount) -> list[SavedView]:
    """This account's views, by name."""
    return list(
        db.session.scalars(select(SavedView).where(SavedView.account_id == account.id).order_by(SavedView.name))
    )


def narrowing_of(view: SavedView, *, clinical: bool) -> Narrowing:
    """What a view shows, as far as its reader may still choose it."""
    return read_narrowing(dict(parse_qsl(view.query)), clinical=clinical)
