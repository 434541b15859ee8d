"""Staff's view of time: the week, blocked time, why a time is or isn't offered, and who waits."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from practice.access import staff
from practice.booking.blocks import NotABlock
from practice.booking.claims import SlotTaken
from practice.booking.explaining import Claimed, explain_day, find_claimed
from practice.booking.offers.queries import Offer
from practice.booking.waiting.queries import find_open_offer
from practice.clock import clock
from practice.errors import Conflict, NotFound, Refused
from practice.schedule import actions, queries, waiting
from practice.schedule.booking_pages import bp as booking_pages
from practice.schedule.calendar_questions import bp as question_pages
from practice.schedule.collision_pages import bp as collision_pages
from practice.schedule.forms import BlockForm, ConfirmForm, read_day
from practice.schedule.session_pages import bp as session_pages
from practice.schedule.week import DAY, WEEK, opening, read_week
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, COORDINATOR, OWNER, ROLES, StaffAccount
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("schedule", __name__, url_prefix="/staff/schedule")
bp.register_blueprint(session_pages)
bp.register_blueprint(booking_pages)
bp.register_blueprint(collision_pages)
bp.register_blueprint(question_pages)

EVERYBODY = "all"


@bp.get("/")
@staff(*ROLES)
def week() -> ResponseReturnValue:
    account, now = signed_in(), clock().now()
    asked = request.args.get("therapist") or _usual(account)
    therapist = None if asked == EVERYBODY else queries.get_visible_therapist(account, asked)
    zone = therapist.zone if therapist is not None else queries.own_zone(account)
    today = now.astimezone(ZoneInfo(zone)).date()
    shown = read_week(account, therapist, _asked_day("from", today))
    page = render_template(
        "schedule/week.html",
        week=shown,
        chosen=asked,
        today=today,
        now=now,
        before=(shown.first - WEEK * DAY).isoformat(),
        after=(shown.first + WEEK * DAY).isoformat(),
        whole=queries.sees_all(account),
        opening=opening,
    )
    with begin_work() as work:
        actions.note_list_viewed(work, signed_in(), "schedule", shown.count)
    return page


@bp.route("/block", methods=["GET", "POST"])
@staff(*ROLES)
def block() -> ResponseReturnValue:
    account = signed_in()
    form = _block_form(account)
    if not form.validate_on_submit():
        return _block_page(form), 422 if form.is_submitted() else 200
    _name, resource_id, zone = queries.resources_for(account)[form.what.data]
    span = form.span_in(zone)
    if span is None:
        return _block_page(form), 422
    try:
        with begin_work() as work:
            actions.block(work, signed_in(), resource_id, span)
    except SlotTaken as lost:
        found = find_claimed([resource_id], span).get(resource_id, [])
        return _block_page(form, lost=lost, in_the_way=found, zone=zone), 409
    except NotABlock as refused:
        return _block_page(form, lost=refused, zone=zone), 422
    flash(_("Blocked. Nothing can be booked over it."))
    shown, _colon, slug = form.what.data.partition(":")
    therapist = slug if shown == "therapist" else EVERYBODY
    return redirect(_week_of(span.start.astimezone(ZoneInfo(zone)).date(), therapist))


@bp.route("/blocks/<reference>", methods=["GET", "POST"])
@staff(*ROLES)
def unblock(reference: str) -> ResponseReturnValue:
    found, name, zone = queries.get_visible_block(signed_in(), reference)
    form = ConfirmForm()
    if form.validate_on_submit():
        day = found.starts_at.astimezone(ZoneInfo(zone)).date()
        with begin_work() as work:
            actions.unblock(work, signed_in(), reference)
        flash(_("Opened. The waiting list was asked first."))
        return redirect(_week_of(day))
    return render_template("schedule/unblock.html", block=found, name=name, zone=zone, form=form)


@bp.get("/explain")
@staff(*ROLES)
def explain() -> ResponseReturnValue:
    account, now = signed_in(), clock().now()
    offers = queries.offers_for(account)
    offer = _asked_offer(offers)
    explained = None
    if offer is not None:
        today = now.astimezone(ZoneInfo(offer.zone)).date()
        explained = explain_day(offer, _asked_day("day", today), now)
    return render_template("schedule/explain.html", offers=offers, explained=explained)


@bp.get("/waiting")
@staff(OWNER, CLINICIAN, COORDINATOR)
def waiting_list() -> ResponseReturnValue:
    account = signed_in()
    wishes, places = waiting.list_waiting(), waiting.list_regions_waited_for()
    page = render_template("schedule/waiting.html", wishes=wishes, places=places, zone=queries.own_zone(account))
    with begin_work() as work:
        actions.note_list_viewed(work, signed_in(), "waiting_list", len(wishes))
    return page


@bp.route("/waiting/<reference>", methods=["GET", "POST"])
@staff(OWNER, CLINICIAN, COORDINATOR)
def withdraw(reference: str) -> ResponseReturnValue:
    wish = waiting.get_wish(reference)
    form = ConfirmForm()
    if form.validate_on_submit():
        with begin_work() as work:
            actions.withdraw(work, signed_in(), reference)
        flash(_("Taken off the waiting list. No letter goes out."))
        return redirect(url_for(".waiting_list"))
    line = waiting.Waiting(wish, queries.first_name(wish.person), find_open_offer(wish))
    page = render_template("schedule/withdraw.html", line=line, form=form, zone=queries.own_zone(signed_in()))
    with begin_work() as work:
        actions.note_list_viewed(work, signed_in(), reference, 1)
    return page


def _week_of(day: date, therapist: str | None = None) -> str:
    asked: dict[str, Any] = {"therapist": therapist, "from": day.isoformat()}
    return url_for(".week", **asked)


def _usual(account: StaffAccount) -> str:
    """Somebody who sees clients begins with their own week, until the last of their sessions is over."""
    own = account.therapist
    return own.slug if own is not None and own in queries.therapists_of(account) else EVERYBODY


def _asked_day(name: str, default: date) -> date:
    asked = request.args.get(name)
    if not asked:
        return default
    day = read_day(asked)
    if day is None:
        raise Refused(_("That date can’t be read. Write it as 2026-03-31, or use the links on the page."))
    return day


def _asked_offer(offers: list[Offer]) -> Offer | None:
    """The offer of an address: by `offer` as the page sends it, or by `therapist` and `offering`; else the first."""
    therapist, _slash, offering = request.args.get("offer", "").partition("/")
    therapist, offering = request.args.get("therapist", therapist), request.args.get("offering", offering)
    if not therapist:
        return offers[0] if offers else None
    for one in offers:
        if one.therapist_slug == therapist and offering in ("", one.offering_slug):
            return one
    raise NotFound


def _block_form(account: StaffAccount) -> BlockForm:
    form = BlockForm()
    known = queries.resources_for(account)
    form.what.choices = [SelectChoice(key, name) for key, (name, *_rest) in known.items()]
    if not form.is_submitted():
        form.what.data = f"therapist:{request.args.get('therapist', '')}"
        form.day.data = read_day(request.args.get("day"))
    return form


def _block_page(
    form: BlockForm, lost: Conflict | Refused | None = None, in_the_way: list[Claimed] | None = None, zone: str = ""
) -> str:
    return render_template("schedule/block.html", form=form, lost=lost, in_the_way=in_the_way or [], zone=zone)
