"""A therapist's own calendars: which are read, what they say of the next days, and what is wrong with them."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from practice.access import staff
from practice.audit import record
from practice.booking.offers.models import Therapist
from practice.calendars.reading import actions, queries
from practice.calendars.reading.forms import ReadingForm, SubscribeForm
from practice.calendars.reading.looking import Missed, Plan, Seen, take_look
from practice.calendars.reading.models import Reading
from practice.calendars.reading.polling import ON_A_PAGE, poll
from practice.calendars.reading.subscriptions import KIND, keep_address, look_at
from practice.calendars.reading.words import say
from practice.clock import clock
from practice.database import db
from practice.errors import NotFound, Refused
from practice.forms import PostedForm
from practice.limits import limiter
from practice.spans import merge
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("busy_calendars", __name__, url_prefix="/staff/calendar/busy")

WHO = ("clinician", "owner", "therapist")
LOOKS = "6 per minute; 60 per hour"  # whatever makes us speak to another server on somebody's word
DAYS_AHEAD, DAYS_CHECKED = 7, 28
MOST_SHOWN, FIRST_SHOWN = 12, 6
MOST_CALENDARS = 20


def _whose() -> str:
    """Looks are counted for the account, on whichever page and from wherever it asks."""
    return f"calendars:{current_user.get_id()}"


few_looks = limiter.shared_limit(LOOKS, scope="calendars", key_func=_whose, methods=["POST"])


@bp.get("/")
@staff(*WHO)
def overview() -> ResponseReturnValue:
    therapist, now = _own_therapist(), clock().now()
    stands = [queries.stand_of(reading, now, DAYS_AHEAD) for reading in queries.list_readings([therapist.id])]
    return render_template("calendars/busy.html", therapist=therapist, stands=stands, days=DAYS_AHEAD, most=MOST_SHOWN)


@bp.route("/new", methods=["GET", "POST"])
@staff(*WHO)
@few_looks
def add() -> ResponseReturnValue:
    therapist = _own_therapist()
    if len(queries.list_readings([therapist.id])) >= MOST_CALENDARS:
        raise Refused(_("There are %(most)s calendars already. Take one away first.", most=MOST_CALENDARS))
    form = SubscribeForm()
    if not form.validate_on_submit():
        return render_template("calendars/busy_new.html", form=form), 422 if form.is_submitted() else 200
    therapist_id, zone = therapist.id, therapist.zone
    plan = Plan(zone, form.rule, queries.window_of(therapist_id, clock().now()), "", look_at(form.address))
    look = _look(plan)
    if isinstance(look, Missed):
        form.url.errors = [say(look.reason)]
        return render_template("calendars/busy_new.html", form=form), 422
    if request.form.get("confirm") != form.mark:  # not what was looked at on the page
        return render_template("calendars/busy_new.html", form=form, found=_found(look), zone=zone)
    with begin_work() as work:
        therapist = work.session.get_one(Therapist, therapist_id)
        reading = actions.add_reading(work, therapist, name=form.called, source=KIND, all_day=form.rule)
        keep_address(work, reading.calendar, form.address)
        actions.keep_look(work, reading.calendar_id, plan, look)
        record(work, current_user.actor, "busy_calendar_added", reading.calendar.reference)
    flash(_("Added. From now on nothing can be booked while it says that you are busy."))
    return redirect(url_for(".overview"))


@bp.route("/<reference>", methods=["GET", "POST"])
@staff(*WHO)
@few_looks
def calendar(reference: str) -> ResponseReturnValue:
    therapist = _own_therapist()
    reading = queries.get_own_reading(therapist, reference)
    form = ReadingForm(name=reading.calendar.name, all_day=reading.all_day)
    if not form.validate_on_submit():
        return _calendar_page(therapist, reading, form), 422 if form.is_submitted() else 200
    read_otherwise = form.rule != reading.all_day
    with begin_work() as work:
        actions.change_reading(work, reading.calendar_id, name=form.called, all_day=form.rule)
        record(work, current_user.actor, "busy_calendar_changed", reference)
    if read_otherwise:
        poll(reference, ON_A_PAGE)
    flash(_("Saved."))
    return redirect(url_for(".calendar", reference=reference))


@bp.post("/<reference>/read")
@staff(*WHO)
@few_looks
def read_now(reference: str) -> ResponseReturnValue:
    queries.get_own_reading(_own_therapist(), reference)
    poll(reference, ON_A_PAGE)
    reading = queries.find_reading(reference)
    well = reading is not None and reading.problem is None
    flash(_("Read just now.") if well else _("It can’t be read: see below."))
    return redirect(url_for(".calendar", reference=reference))


@bp.post("/<reference>/empty")
@staff(*WHO)
def accept_empty(reference: str) -> ResponseReturnValue:
    reading = queries.get_own_reading(_own_therapist(), reference)
    with begin_work() as work:
        actions.accept_empty(work, reading.calendar_id)
        record(work, current_user.actor, "busy_calendar_emptied", reference)
    flash(_("It is empty now, and keeps nothing from being booked."))
    return redirect(url_for(".calendar", reference=reference))


@bp.route("/<reference>/take-away", methods=["GET", "POST"])
@staff(*WHO)
def take_away(reference: str) -> ResponseReturnValue:
    reading = queries.get_own_reading(_own_therapist(), reference)
    form = PostedForm()
    if form.validate_on_submit():
        with begin_work() as work:
            actions.take_away(work, reading.calendar_id)
            record(work, current_user.actor, "busy_calendar_taken_away", reference)
        flash(_("Taken away. What it said keeps nothing from being booked any more."))
        return redirect(url_for(".overview"))
    return render_template("calendars/busy_take_away.html", calendar=reading.calendar)


def _calendar_page(therapist: Therapist, reading: Reading, form: ReadingForm) -> str:
    stand = queries.stand_of(reading, clock().now(), DAYS_AHEAD)
    return render_template(
        "calendars/busy_calendar.html",
        therapist=therapist,
        stand=stand,
        form=form,
        days=DAYS_AHEAD,
        most=MOST_SHOWN,
    )


def _look(plan: Plan) -> Seen | Missed:
    db.session.rollback()  # nothing is held open while the network takes its time
    return take_look(plan, clock().now(), *ON_A_PAGE)


def _found(look: Seen) -> dict[str, object]:
    """What a look at a new calendar found, as the page shows it: counts, times and warnings, no titles."""
    now, read = clock().now(), look.reading
    if read is None:
        raise LookupError("a first look knows of nothing before")
    coming = [span for span in merge(one.span for one in read.occurrences) if span.end > now]
    soon = [span for span in coming if (span.start - now).days < DAYS_CHECKED]
    first = (soon or coming)[:FIRST_SHOWN]
    return {"events": read.events, "soon": len(soon), "first": first, "warnings": [say(one) for one in look.warnings]}


def _own_therapist() -> Therapist:
    """The therapist whom this account belongs to; an account without one has no calendar of its own here."""
    therapist = current_user.therapist
    if therapist is None:
        raise NotFound(_("This account belongs to nobody who sees clients, so it has no calendar here."))
    return cast(Therapist, therapist)
