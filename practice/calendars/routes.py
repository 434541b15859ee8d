"""The calendars' addresses: open times, a client's download, private feeds and the pages that issue them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from practice.access import by_token, client, public, staff
from practice.audit import record
from practice.booking.attending import get_attended_booking
from practice.booking.offers.models import Therapist
from practice.booking.visitor import asked_part, asked_zone
from practice.calendars import actions, ics, queries
from practice.calendars.appointments import for_attendee, status_of
from practice.calendars.forms import FeedForm
from practice.calendars.models import Feed
from practice.calendars.queries import FeedState
from practice.clock import clock
from practice.errors import Contended, NotFound, Refused, Unavailable
from practice.limits import limiter
from practice.people import current_person
from practice.profile import profile
from practice.settings import settings
from practice.speaking import asked_language, refusal_said, speaking
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("calendars", __name__)

FEED_LIMIT = "120 per minute"  # for each address that asks; calendars ask a few times an hour
OPEN_TIMES_LIMIT = "60 per minute"
WHO_SEES_CLIENTS = ("clinician", "owner", "therapist")


@dataclass(frozen=True)
class FeedAddress:
    """The same secret address, as different calendars want it."""

    https: str
    webcal: str
    google: str
    outlook: str  # of people at home; `microsoft` is that of firms
    microsoft: str

    @classmethod
    def of(cls, token: str, name: str) -> FeedAddress:
        https = settings().base_url + url_for("calendars.feed", token=token)
        webcal = "webcal://" + https.partition("://")[2]
        added = f"calendar/0/addfromweb?url={quote(https, safe='')}&name={quote(name, safe='')}"
        return cls(
            https,
            webcal,
            f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
            f"https://outlook.live.com/{added}",
            f"https://outlook.office.com/{added}",
        )


@bp.get("/times/<slug>.ics")
@public
@limiter.limit(OPEN_TIMES_LIMIT)
def open_times(slug: str) -> ResponseReturnValue:
    form = request.args.get("format", "events")
    if form not in ("events", "freebusy"):
        raise Refused(_("The format is either left out or freebusy."))
    found = queries.find_open_times(
        slug,
        request.args.get("offering") or None,
        request.args.get("language") or None,
        now=clock().now(),
        base_url=settings().base_url,
    )
    if (part := asked_part()) is not None:
        found = queries.within_part(found, part, asked_zone())
    with speaking(asked_language()):
        content = queries.write_free_busy(found) if form == "freebusy" else queries.write_open_times(found)
    response = Response(content, content_type=ics.CONTENT_TYPE)
    response.headers["Content-Disposition"] = 'inline; filename="open-times.ics"'
    response.headers["Cache-Control"] = "public, max-age=60"
    response.vary.add("Accept-Language")
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
    response.headers["Cache-Control"] = "private, max-age=300"
    if request.if_none_match.contains_weak(state.etag):
        response.status_code = 304
    else:
        response.last_modified = state.changed_at
        response.headers["Content-Disposition"] = 'inline; filename="sessions.ics"'
        response.set_data(queries.build_feed(state, base_url=base_url))
    _note_fetch(state)
    return response


@bp.get("/staff/calendar")
@staff(*WHO_SEES_CLIENTS)
def calendar() -> ResponseReturnValue:
    return _feeds_page(_own_therapist(), FeedForm.new(everybodys=False))


@bp.post("/staff/calendar")
@staff(*WHO_SEES_CLIENTS)
def issue() -> ResponseReturnValue:
    return _issue(_own_therapist())


@bp.get("/staff/calendar/practice")
@staff("owner")
def practice_calendar() -> ResponseReturnValue:
    return _feeds_page(None, FeedForm.new(everybodys=True))


@bp.post("/staff/calendar/practice")
@staff("owner")
def issue_for_practice() -> ResponseReturnValue:
    return _issue(None)


@bp.get("/staff/calendar/feeds/<reference>")
@staff(*WHO_SEES_CLIENTS)
def one_feed(reference: str) -> ResponseReturnValue:
    return _feed_page(_own_feed(reference))


@bp.post("/staff/calendar/feeds/<reference>")
@staff(*WHO_SEES_CLIENTS)
def change(reference: str) -> ResponseReturnValue:
    shown = _own_feed(reference)
    form = FeedForm(everybodys=shown.therapist_id is None)
    if not form.validate_on_submit():
        return _feed_page(shown, form=form), 422
    with begin_work() as work:
        one = _own_feed(reference)
        actions.change_feed(work, one, form.name.data or "", form.chosen)
        record(work, current_user.actor, "feed_changed", reference, {"detail": form.chosen.value})
    flash(_("Saved. Calendars show it when they look next."))
    return redirect(url_for("calendars.one_feed", reference=reference))


@bp.post("/staff/calendar/feeds/<reference>/address")
@staff(*WHO_SEES_CLIENTS)
def renew(reference: str) -> ResponseReturnValue:
    with begin_work() as work:
        one = _own_feed(reference)
        token = actions.renew_address(work, one)
        record(work, current_user.actor, "feed_renewed", reference)
    return _feed_page(one, FeedAddress.of(token, queries.calendar_name(one.detail, one.therapist_id)))


@bp.post("/staff/calendar/feeds/<reference>/end")
@staff(*WHO_SEES_CLIENTS)
def end(reference: str) -> ResponseReturnValue:
    with begin_work() as work:
        one = _own_feed(reference)
        of_practice = one.therapist_id is None
        actions.end_feed(work, one)
        record(work, current_user.actor, "feed_ended", reference)
    flash(_("That address has ended. Remove it in the calendar that read it."))
    return redirect(url_for("calendars.practice_calendar" if of_practice else "calendars.calendar"))


def _issue(therapist: Therapist | None) -> ResponseReturnValue:
    form = FeedForm(everybodys=therapist is None)
    if not form.validate_on_submit():
        return _feeds_page(therapist, form), 422
    try:
        with begin_work() as work:
            one, token = actions.add_feed(work, therapist, form.name.data or "", form.chosen)
            whose = therapist.slug if therapist is not None else "practice"
            record(work, current_user.actor, "feed_issued", whose, {"feed": one.reference, "detail": one.detail.value})
    except actions.TooManyFeeds as refused:
        form.form_errors.append(refusal_said(refused))
        return _feeds_page(therapist, form), 422
    # No redirect: the address is shown in this answer and never again, since only its hash is kept.
    return _feed_page(one, FeedAddress.of(token, queries.calendar_name(one.detail, one.therapist_id)))


def _feeds_page(therapist: Therapist | None, form: FeedForm) -> str:
    return render_template(
        "calendars/feeds.html",
        feeds=queries.find_feeds(therapist),
        form=form,
        everybodys=therapist is None,
        has_own=current_user.therapist is not None,
        owner=current_user.is_any_of("owner"),
        zone=therapist.zone if therapist is not None else profile().zone,
    )


def _feed_page(feed: Feed, address: FeedAddress | None = None, form: FeedForm | None = None) -> str:
    return render_template(
        "calendars/feed.html",
        feed=feed,
        form=form or FeedForm.of(feed),
        address=address,
        zone=feed.therapist.zone if feed.therapist is not None else profile().zone,
    )


def _own_feed(reference: str) -> Feed:
    everybodys = current_user.is_any_of("owner")
    return queries.get_own_feed(reference, current_user.therapist, everybodys=everybodys)


def _own_therapist() -> Therapist:
    """The therapist whom this account belongs to; an account without one has no sessions to show."""
    therapist = current_user.therapist
    if therapist is None:
        raise NotFound(_("This account belongs to nobody who sees clients, so there is no calendar to share."))
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
