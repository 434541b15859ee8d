"""The return code: shown to its person in the browser in which it was made, kept by us as a hash alone."""

from __future__ import annotations

from functools import cache

from flask import session

from practice.clock import clock
from practice.intake.queries import find_draft
from practice.intake.session_part import find_session_part
from practice.people import Person, code_fits, find_by_return_code, find_return_code, hash_code, make_return_code
from practice.work import Work

SHOWN = "return_code"  # in the browser's own cookie, until the next page is saved


def first_return_code(work: Work, person: Person) -> str | None:
    """A return code for somebody who has none yet, to be shown to them once the work is done."""
    return make_return_code(work, person) if find_return_code(person) is None else None


def show_return_code(code: str | None) -> None:
    """Show this code on the next pages of this browser, or, with None, no longer the one that was shown."""
    session.pop(SHOWN, None)
    if code is not None:
        session[SHOWN] = code


def shown_return_code() -> str | None:
    """The code that is to be shown in this browser now."""
    code = session.get(SHOWN)
    return code if isinstance(code, str) else None


def who_comes_back(return_code: str, own_code: str) -> Person | None:
    """Whose two codes these are, as long as something of theirs is open to come back to. Slow on purpose, and as slow
    for a code that doesn't exist: call it before a work, never inside.
    """
    person = find_by_return_code(return_code)
    if person is None or (find_draft(person, clock().now()) is None and find_session_part(person) is None):
        code_fits(Person(code_hash=_nobodys_hash()), own_code)
        return None
    if person.code_hash is None:
        code_fits(Person(code_hash=_nobodys_hash()), own_code)
        return None
    return person if code_fits(person, own_code) else None


@cache
def _nobodys_hash() -> str:
    return hash_code("nobody chose this")
