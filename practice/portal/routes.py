"""A client's own page: what is coming, what is still open, and what they may do."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.errors import NotFound
from practice.people import current_person
from practice.portal import queries

bp = Blueprint("portal", __name__)


@bp.get("/you")
@client
def you() -> ResponseReturnValue:
    person = current_person()
    if person is None:
        raise NotFound
    return render_template("portal/you.html", page=queries.read_own_page(person, clock().now()), zone=client_zone())
