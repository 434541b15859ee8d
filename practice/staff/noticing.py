"""What rooms above this one have to say on the page Today. This room doesn't know what: wiring.py names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from practice.staff.models import StaffAccount

EXTENSION = "practice.today"


@dataclass(frozen=True)
class Notice:
    """One line: what it says, where it leads and what the link says, and whether it presses."""

    words: str
    address: str
    leads_to: str
    presses: bool = False


Noticing = Callable[[StaffAccount, datetime], list[Notice]]


def read_notices(account: StaffAccount, now: datetime) -> list[Notice]:
    """Every line that this account may read now, what presses first."""
    rooms = cast(tuple[Noticing, ...], current_app.extensions[EXTENSION])
    found = [notice for room in rooms for notice in room(account, now)]
    return sorted(found, key=lambda notice: not notice.presses)
