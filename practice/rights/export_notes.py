"""Notes as parts of an export, for the whole record alone. As in export_parts.py: nobody gets them without a
clinician's decision (access/), and a note about one person never stands in the other one's record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from practice.notes.models import Note
from practice.notes.queries import list_about_couples_of, list_about_person, read
from practice.people import Person
from practice.rights.scope import Scope

Rows = list[dict[str, Any]]


def notes(person: Person, _scope: Scope) -> Rows:
    """What staff wrote about them alone, as it stands, drafts too. Earlier versions of a draft are no part of it."""
    return _rows(list_about_person(person))


def notes_of_two(person: Person, _scope: Scope) -> Rows:
    """What staff wrote about them and whoever came with them, together: what can still be read of it."""
    return _rows(list_about_couples_of(person))


def _rows(found: Sequence[Note]) -> Rows:
    return [
        {
            "written_at": seen.note.written_at,
            "by": seen.note.author.name,
            "state": "signed" if seen.note.signed_at else "draft",
            "text": seen.text,
            "addenda": [
                {"written_at": one.signed_at, "by": one.author.name, "text": text} for one, text in seen.addenda
            ],
        }
        for seen in read(list(reversed(found)))
        if seen.text is not None
    ]
