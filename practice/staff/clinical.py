"""Who reads what is clinical of somebody, for rooms that don't know the rule: the app names it (review/seeing.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import current_app

from practice.staff.models import StaffAccount

EXTENSION = "practice.clinical"

Rule = Callable[[StaffAccount, int], bool]


def reads_clinically(account: StaffAccount, person_id: int) -> bool:
    """Whether this account reads what is clinical of a person."""
    return cast(Rule, current_app.extensions[EXTENSION])(account, person_id)
