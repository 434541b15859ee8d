"""Access requests as a part of an export. As in rights/export_parts.py: what staff noted for themselves is left out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from practice.database import db
from practice.people import Person
from practice.rights.access.models import AccessCopy, AccessRequest
from practice.rights.scope import Scope
from practice.sealing import vault


def access_requests(person: Person, _scope: Scope) -> list[dict[str, Any]]:
    """When they asked for their record, how that stands, and until when they can read what was handed over."""
    mine = (
        select(AccessRequest, AccessCopy.until)
        .outerjoin(AccessCopy, AccessCopy.request_id == AccessRequest.id)
        .where(AccessRequest.person_id == person.id)
        .order_by(AccessRequest.id)
    )
    return [
        {
            "arrived_on": one.arrived_on,
            "way": one.way,
            "due_on": one.due_on,
            "longer_because": words_of_extension(one) or None,
            "state": one.state,
            "outcome": one.outcome,
            "ended_at": one.ended_at,
            "until": until,
        }
        for one, until in db.session.execute(mine)
    ]


def words_of_extension(request: AccessRequest) -> str:
    """Why it takes longer, in the words that its person reads; empty where it doesn't."""
    if request.extension_sealed is None or not vault().has_key(request.person_id):
        return ""
    place = {"table": "access_request", "row": request.reference, "column": "extension"}
    return vault().open(request.person_id, request.extension_sealed, **place)
