"""Notes on the desk: each step asks whether this account sees whom it is about, and each look is noted.

A note about one person is for those who see what is clinical of that person, one about two for those who see the
couple; seeing one of the two opens nothing of the other. What somebody opened with a reason is read, not written.
"""

from __future__ import annotations

from practice.audit import record
from practice.clearing.queries import get_couple
from practice.couples import Couple
from practice.errors import NotFound
from practice.notes import actions as notes
from practice.notes.models import Note, NoteAddendum
from practice.notes.queries import get_note, list_drafts
from practice.people import Person, find_person
from practice.review.seeing import (
    couple_ties,
    find_couple_sight,
    find_sight_of,
    find_sights_of,
    roles_of,
    ties_to,
    under,
)
from practice.review.sight import Sight, writes_about
from practice.sealing import vault
from practice.staff.models import StaffAccount
from practice.work import Work


def may_read(account: StaffAccount, about: Person | Couple) -> bool:
    """Whether this account reads notes about a person, or about two."""
    if isinstance(about, Couple):
        return find_couple_sight(account, about) is Sight.CLINICAL
    return find_sight_of(account, about.id) is Sight.CLINICAL


def may_write(account: StaffAccount, about: Person | Couple) -> bool:
    """Whether this account writes notes about a person, or about two."""
    ties = couple_ties(account, about) if isinstance(about, Couple) else ties_to(account, about.id)
    return writes_about(roles_of(account), ties)


def open_about_person(work: Work, account: StaffAccount, reference: str) -> bool:
    """Note in the audit log that somebody opens the notes about a person, and say whether they exist for them.

    :raises NotFound: when there is no such person (any more) for anybody.
    """
    return _open(work, account, _person(reference))


def open_about_couple(work: Work, account: StaffAccount, reference: str) -> bool:
    """The same of the notes about two.

    :raises NotFound: when there is no such couple for anybody.
    """
    return _open(work, account, get_couple(reference))


def open_note(work: Work, account: StaffAccount, reference: str) -> bool:
    """The same of one note, with its history.

    :raises NotFound: when there is no such note for anybody.
    """
    note = get_note(reference)
    return _open(work, account, note.about, reference)


def list_own_drafts(account: StaffAccount) -> list[Note]:
    """What this account wrote and didn't sign, the oldest first, about whom they still see."""
    drafts = list_drafts(account.id)
    couples = {one.id: one for one in (draft.couple for draft in drafts) if one is not None}
    of_two = {one.id for one in couples.values() if find_couple_sight(account, one) is Sight.CLINICAL}
    people = {one.person_id for one in drafts if one.person_id is not None}
    seen = find_sights_of(account, people) if people else {}
    return [one for one in drafts if one.couple_id in of_two or seen.get(one.person_id or 0) is Sight.CLINICAL]


def begin_about_person(work: Work, account: StaffAccount, reference: str, text: str) -> Note:
    """Keep a draft about a person. Raises what notes' own action does; NotFound for whoever may not."""
    about = _person(reference)
    _refuse_others(account, about)
    return notes.begin(work, account, about, text)


def begin_about_couple(work: Work, account: StaffAccount, reference: str, text: str) -> Note:
    """Keep a draft about two together. Raises what begin_about_person() does."""
    about = get_couple(reference)
    _refuse_others(account, about)
    return notes.begin(work, account, about, text)


def save(work: Work, account: StaffAccount, reference: str, text: str, *, seen: int) -> Note:
    """Save a draft. Raises what notes' own action does; NotFound for whoever may not."""
    _refuse_others(account, get_note(reference).about)
    return notes.save(work, account, reference, text, seen=seen)


def sign(work: Work, account: StaffAccount, reference: str, text: str, *, seen: int) -> Note:
    """Sign a draft. Raises what save() does."""
    _refuse_others(account, get_note(reference).about)
    return notes.sign(work, account, reference, text, seen=seen)


def add(work: Work, account: StaffAccount, reference: str, text: str, *, seen: int) -> NoteAddendum:
    """Add to a signed note. Raises what notes' own action does; NotFound for whoever may not."""
    _refuse_others(account, get_note(reference).about)
    return notes.add(work, account, reference, text, seen=seen)


def discard(work: Work, account: StaffAccount, reference: str, *, seen: int) -> None:
    """Throw a draft away. Raises what save() does."""
    _refuse_others(account, get_note(reference).about)
    notes.discard(work, account, reference, seen=seen)


def _open(work: Work, account: StaffAccount, about: Person | Couple, note: str = "") -> bool:
    allowed = may_read(account, about)
    people = [member.person_id for member in about.members] if isinstance(about, Couple) else [about.id]
    detail = {**({"note": note} if note else {}), **(under(account, people) if allowed else {})}
    record(work, account.actor, "notes_viewed" if allowed else "notes_refused", about.reference, detail)
    return allowed


def _refuse_others(account: StaffAccount, about: Person | Couple) -> None:
    """
    :raises NotFound: for whoever doesn't write about them.
    """
    if not may_write(account, about):
        raise NotFound


def _person(reference: str) -> Person:
    found = find_person(reference)
    if found is None or not vault().has_key(found.id):
        raise NotFound
    return found
