"""What a request says of its visitor: the zone that they read times in, and a mark of where they come from."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask import request, session

from practice.errors import Refused
from practice.people import current_visitor
from practice.profile import profile
from practice.sealing import blind_index

ZONE_KEY = "zone"


def client_zone() -> str:
    """The zone that this visitor reads times in: asked for, remembered, their own, or the practice's.

    :raises Refused: when the zone asked for doesn't exist.
    """
    asked = request.args.get(ZONE_KEY)
    if asked:
        if asked not in available_timezones():
            raise Refused("That time zone isn’t known. Choose one from the list.")
        session[ZONE_KEY] = asked
        return asked
    remembered = session.get(ZONE_KEY)
    if isinstance(remembered, str):
        return remembered
    visitor = current_visitor()
    return visitor.zone if visitor is not None else profile().zone


def address_mark() -> str:
    """A keyed mark of the visitor's address: it tells two from one, and says nothing of either."""
    return blind_index(f"address {request.remote_addr}").hex()
