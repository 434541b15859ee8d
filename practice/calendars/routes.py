"""The calendars' addresses: open times, a client's download, a therapist's feed and the page that issues it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from practice.access import by_token, client, public, staff
from practice.audit import record
from practice.booking.attending import get_attended_booking
from practice.booking.offers.models import Therapist
from practice.calendars import actions, ics, queries
from practice.calendars.appointments import for_attendee, status_of
from practice.calendars.queries import FeedState
from practice.clock import clock
from practice.errors import Contended, NotFound, Refused, Unavailable
from practice.limits import limiter
from practice.people import current_person
from practice.settings import settings
from practice.work import begin_work

bp = Blueprint("calendars", __name__)

FEED_LIMIT = "120 per minute"  # for each address that asks; calendars ask a few times an hour
OPEN_TIMES_LIMIT = "60 per minute"


@dataclass(frozen=True)
class FeedAddress:
    """The same secret address, as different calendars want it."""

    https: str
    webcal: str
    google: str

    @classmethod
    def of(cls, token: str) -> FeedAddress:
        https = settings().base_url + url_for("calendars.feed", token=token)
        webcal = "webcal://" + https.partition("://")[2]
        return cls(https, webcal, f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}")


@bp.get("/times/<slug>.ics")
@public
@limiter.limit(OPEN_TIMES_LIMIT)
def open_times(slug: str) -> ResponseReturnValue:
    form = request.args.get("format", "events")
    if form not in ("events", "freebusy"):
        raise Refused("The format is either left out or freebusy.")
    found = queries.find_open_times(slug, request.args.get("offering"), now=clock().now(), base_url=settings().base_url)
    content = queries.write_free_busy(found) if form == "freebusy" else queries.write_open_times(found)
    response = Response(content, content_type=ics.CONTENT_TYPE)
    response.headers["Content-Disposition"] = 'inline; filename="open-times.ics"'
    response.headers["Cache-Control"] = "public, max-age=60"
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/bookings/<reference>.ics")
@client
def download(reference: str) -> ResponseReturnValue:
    person = current_person()
    booking = get_attended_booking(reference, person)
    if status_of(booking) is None or person is None:
        raise NotFound  # nothing stands yet that a calendar could hold
    response = Response(ics.download(for_attendee(booking, person, settings().base_url)), content_type=ics.CONTENT_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@bp.get("/calendars/<token>.ics")
@by_token
@limiter.limit(FEED_LIMIT)
def feed(token: str) -> ResponseReturnValue:
    base_url = settings().base_url
    state = queries.get_feed(token, now=clock().now(), base_url=base_url)
    response = Response(content_type=ics.CONTENT_TYPE)
    response.set_etag(state.etag)
    response.last_modified = state.changed_at
    response.headers["Cache-Control"] = "private, max-age=300"
    if request.if_none_match.contains_weak(state.etag):
        response.status_code = 304
    else:
        response.headers["Content-Disposition"] = 'inline; filename="sessions.ics"'
        response.set_data(queries.build_feed(state, base_url=base_url))
    _note_fetch(state)
    return response


@bp.get("/staff/calendar")
@staff("clinician", "owner", "therapist")
def calendar() -> ResponseReturnValue:
    return _calendar_page(_own_therapist(), None)


@bp.post("/staff/calendar")
@staff("clinician", "owner", "therapist")
def issue() -> ResponseReturnValue:
    therapist = _own_therapist()
    with begin_work() as work:
        token = actions.issue_feed(work, therapist)
        record(work, current_user.actor, "feed_issued", therapist.slug)
    # No redirect: the address is shown in this answer and never again, since only its hash is kept.
    return _calendar_page(therapist, FeedAddress.of(token))


def _calendar_page(therapist: Therapist, address: FeedAddress | None) -> str:
    return render_template(
        "calendars/feed.html",
        therapist=therapist,
        feed=queries.find_open_feed(therapist.id),
        address=address,
    )


def _own_therapist() -> Therapist:
    """The therapist whom this account belongs to; an account without one has no sessions to show."""
    therapist = current_user.therapist
    if therapist is None:
        raise NotFound("This account belongs to nobody who sees clients, so there is no calendar to share.")
    return cast(Therapist, therapist)


def _note_fetch(state: FeedState) -> None:
    now = clock().now()
    if state.last_fetched_at is not None and now - state.last_fetched_at < actions.FETCHES_NOTED_EVERY:
        return
    try:
        with begin_work() as work:
            actions.note_fetch(work, state.feed_id)
    except (Contended, Unavailable):
        return  # the calendar gets its answer all the same; the next fetch is noted
