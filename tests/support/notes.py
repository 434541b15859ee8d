"""Notes on people, as the desk writes them."""

from __future__ import annotations

from practice.couples import Couple
from practice.intake.queries import get_intake
from practice.notes import actions
from practice.notes.models import Note
from practice.people import Person
from practice.staff.models import StaffAccount
from practice.work import Work


def write_note(work: Work, account: StaffAccount, about: Person | Couple, text: str) -> Note:
    """A signed note."""
    draft = actions.begin(work, account, about, text)
    return actions.sign(work, account, draft.reference, text, seen=draft.last)


def note_on_request(work: Work, account: StaffAccount, intake: str, text: str) -> Note:
    """A signed note about whoever sent this request."""
    return write_note(work, account, get_intake(intake).person, text)


def grown_note(work: Work, account: StaffAccount, about: Person | Couple, texts: tuple[str, str, str]) -> Note:
    """A note that was saved twice, signed, and added to: its first and second version, and the addendum."""
    first, second, added = texts
    draft = actions.begin(work, account, about, first)
    signed = actions.sign(work, account, draft.reference, second, seen=draft.last)
    actions.add(work, account, signed.reference, added, seen=0)
    return signed
