"""Small pages for the practice's other sites, in a frame: a button, and the next open times.

They need no cookie and set none, so the language stands in the address. Every link leads out of the frame.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from practice.access import embeddable, public
from practice.booking import timetable
from practice.booking.openings import earliest_times
from practice.clock import clock
from practice.errors import NotFound
from practice.languages import LANGUAGES
from practice.profile import profile
from practice.speaking import ASKED, site_address, speaking

bp = Blueprint("embed", __name__, url_prefix="/embed/<language>")

SHOWN = 5


@bp.get("/button")
@public
@embeddable
def button(language: str) -> ResponseReturnValue:
    return _page("embed/button.html", language)


@bp.get("/times")
@public
@embeddable
def times(language: str) -> ResponseReturnValue:
    try:
        asked = timetable.ask(request.args.get("therapist") or timetable.ANYBODY, request.args.get("offering") or None)
    except NotFound:  # whoever stands in the other site's line has left: its visitors still read how to go on
        return _page("embed/times.html", language, offer=None, times=[], zone=profile().zone)
    found = earliest_times(asked.offers, now=clock().now(), count=SHOWN)
    shown = [(span, f"{timetable.path_of(asked, span.start)}&{ASKED}={language}") for span, _ in found]
    return _page("embed/times.html", language, offer=asked.offer, times=shown, zone=profile().zone)


def _page(template: str, language: str, **shown: object) -> str:
    if language not in LANGUAGES:
        raise NotFound
    with speaking(language):
        return render_template(template, schedule=site_address("/schedule", language), **shown)
