"""What a request says of its visitor: the zone and the part of the week of their times, where they come from."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask import request, session

from practice.booking.parts import UNKNOWN_PART, Part
from practice.errors import Refused
from practice.people import current_visitor
from practice.profile import profile
from practice.sealing import blind_index
from practice.speaking import gettext as _

ZONE_KEY = "zone"


def client_zone() -> str:
    """The zone that this visitor reads times in: asked for, remembered, their own, or the practice's.

    :raises Refused: when the zone asked for doesn't exist.
    """
    asked = asked_zone()
    if asked is not None:
        session[ZONE_KEY] = asked
        return asked
    remembered = session.get(ZONE_KEY)
    if isinstance(remembered, str):
        return remembered
    visitor = current_visitor()
    return visitor.zone if visitor is not None else profile().zone


def asked_zone() -> str | None:
    """The zone that the address names, if it names one.

    :raises Refused: when it doesn't exist.
    """
    asked = request.args.get(ZONE_KEY)
    if asked and asked not in available_timezones():
        raise Refused(_("That time zone isn’t known. Choose one from the list."))
    return asked or None


def asked_part() -> Part | None:
    """The part of the week that the address names, if it names one.

    :raises Refused: when there is none of that name.
    """
    asked = request.args.get("when")
    try:
        return Part(asked) if asked else None
    except ValueError:
        raise Refused(_(UNKNOWN_PART)) from None


def address_mark() -> str:
    """A keyed mark of the visitor's address: it tells two from one, and says nothing of either."""
    return blind_index(f"address {request.remote_addr}").hex()
